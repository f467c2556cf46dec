/* event_rules.h - per kind of event: who may send it, about whom, with which fields. One table, one screen.
 */
#ifndef DOMAIN_EVENT_RULES_H
#define DOMAIN_EVENT_RULES_H

#include "cakupan/device.h"

/* Whom an event may be about: bits for the state of its subject. */
enum event_subject {
    SUBJECT_NOBODY = 1,     /* somebody not known yet */
    SUBJECT_REGISTERED = 2, /* active, pending, in grace or suspended */
    SUBJECT_DECEASED = 4,
    SUBJECT_MOVED_OUT = 8
};

struct event_rule {
    uint16_t roles;   /* 1 << enum role, or-ed */
    uint16_t subject; /* enum event_subject, or-ed */
    uint32_t needed;  /* enum event_field, or-ed */
    uint32_t allowed; /* besides those needed */
    /* Roles, or-ed, whose event changes nothing but is kept, refused with a code of its own, for those that
     * may send it. */
    uint16_t reporters;
};

/* NULL where devices send no such kind. */
const struct event_rule *event_rule(unsigned kind);

#endif
