/* event.h - what a device reports: one change to one person's membership.
 *
 * One flat structure for every kind; the table in services/domain/event_rules.c says which fields a kind
 * needs, may have, and who may send it. Texts are borrowed: they live as long as the buffer that was decoded.
 */
#ifndef CAKUPAN_EVENT_H
#define CAKUPAN_EVENT_H

#include "cakupan/member.h"
#include "cakupan/refusal.h"

#include <stddef.h>

/* What happened. 1..31 come from devices, 40.. from the service itself; numbers are on the wire: only add. */
enum change {
    CHANGE_NONE = 0,
    CHANGE_ENROL = 1,   /* registered in a segment                                               */
    CHANGE_BIRTH = 2,   /* a newborn of a member, with or without a NIK (Perpres 82/2018 art. 16) */
    CHANGE_MOVE_IN = 3, /* came to live in the city, keeps the segment                           */
    CHANGE_MOVE_OUT = 4,
    CHANGE_MOVE_WITHIN = 5,
    CHANGE_DEATH = 6,
    CHANGE_LAYOFF = 7, /* PHK */
    CHANGE_REHIRE = 8, /* a wage worker again */
    CHANGE_SWITCH_SEGMENT = 9,
    CHANGE_SUSPEND = 10,
    CHANGE_RESUME = 11,
    CHANGE_CORRECT_IDENTITY = 12, /* NIK, KK, birth date, sex or name; gives a newborn its NIK */
    CHANGE_MERGE = 13,            /* `other` is a duplicate of this member */
    CHANGE_ENROL_VULNERABLE = 14, /* city-paid without the local card: reason and approver */
    CHANGE_DEVICE_COUNT,          /* one past the kinds that devices send */

    CHANGE_DAY = 40,         /* a business day began: what falls due on it follows */
    CHANGE_ACTIVATED = 41,   /* a pending member's cover began */
    CHANGE_GRACE_ENDED = 42, /* the months after a layoff are over: the policy says who pays */
    CHANGE_DEVICE_ADDED = 43,
    CHANGE_DEVICE_REVOKED = 44
};
#define CHANGE_MAX 64 /* arrays by kind have this length */

/* A text in somebody else's memory, no NUL. */
struct text {
    const char *data;
    uint16_t size;
};
#define TEXT_MAX 120 /* bytes; every text field */

/* Fields of an event, as bits: what is present, what a kind needs or may have. */
enum event_field {
    FIELD_IDENTITY = 1 << 0,
    FIELD_FAMILY = 1 << 1,
    FIELD_NAME = 1 << 2,
    FIELD_BIRTH_DAY = 1 << 3,
    FIELD_SEX = 1 << 4,
    FIELD_KELURAHAN = 1 << 5,
    FIELD_SEGMENT = 1 << 6,
    FIELD_CARE_CLASS = 1 << 7,
    FIELD_WAGE = 1 << 8,
    FIELD_EMPLOYER = 1 << 9,
    FIELD_DAY = 1 << 10,
    FIELD_PROOF = 1 << 11,
    FIELD_DISPUTED = 1 << 12,
    FIELD_OTHER = 1 << 13, /* the mother, the duplicate, or the corrected identity */
    FIELD_REASON = 1 << 14,
    FIELD_APPROVER = 1 << 15,
    FIELD_DESTINATION = 1 << 16,
    FIELD_LOCAL_CARD = 1 << 17
};

struct event {
    uint64_t sequence;      /* 1, 2, 3 ... per device, without gaps: with the device, the event's id       */
    uint64_t content_hash;  /* of the event's bytes as sent: the same id must bring the same content        */
    int64_t captured_at_ms; /* Unix time at which the author captured it, the device's clock                */
    uint8_t kind;           /* enum change */
    uint32_t present;       /* enum event_field, or-ed */
    identity_t identity;    /* whom it is about: NIK or temporary id */
    identity_t other;
    uint64_t family;
    uint32_t wage_rupiah;
    uint32_t employer;
    uint32_t kelurahan;
    uint32_t destination; /* first four digits of the region moved to, 0 abroad or unknown */
    day_t birth_day;
    day_t day; /* the day it happened: death, layoff, move, ... ; DAY_NONE: the day of capture */
    uint8_t sex;
    uint8_t segment;
    uint8_t care_class;
    uint8_t proof;
    bool disputed;
    bool local_card;
    uint16_t malformed; /* enum refusal found by the decoder, 0 where the form is fine */
    struct text author; /* who captured it, not who sent it */
    struct text name;
    struct text reason;
    struct text approver;
    struct text malformed_field; /* static text: the field `malformed` speaks of */
};

/* "ENROL", "MOVE_WITHIN", ...; NULL where it is none. */
const char *change_name(enum change kind);
enum change change_from_name(const char *name);
const char *event_field_name(enum event_field field);

#endif
