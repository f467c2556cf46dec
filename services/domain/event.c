/* event.c - names of the kinds of change and of an event's fields (event.h), as files, JSON and sentences
 * spell them. */
#include "cakupan/event.h"

#include <string.h>

static const char *const change_names[CHANGE_MAX] = {
    [CHANGE_ENROL] = "ENROL",
    [CHANGE_BIRTH] = "BIRTH",
    [CHANGE_MOVE_IN] = "MOVE_IN",
    [CHANGE_MOVE_OUT] = "MOVE_OUT",
    [CHANGE_MOVE_WITHIN] = "MOVE_WITHIN",
    [CHANGE_DEATH] = "DEATH",
    [CHANGE_LAYOFF] = "LAYOFF",
    [CHANGE_REHIRE] = "REHIRE",
    [CHANGE_SWITCH_SEGMENT] = "SWITCH_SEGMENT",
    [CHANGE_SUSPEND] = "SUSPEND",
    [CHANGE_RESUME] = "RESUME",
    [CHANGE_CORRECT_IDENTITY] = "CORRECT_IDENTITY",
    [CHANGE_MERGE] = "MERGE",
    [CHANGE_ENROL_VULNERABLE] = "ENROL_VULNERABLE",
    [CHANGE_DAY] = "DAY",
    [CHANGE_ACTIVATED] = "ACTIVATED",
    [CHANGE_GRACE_ENDED] = "GRACE_ENDED",
    [CHANGE_DEVICE_ADDED] = "DEVICE_ADDED",
    [CHANGE_DEVICE_REVOKED] = "DEVICE_REVOKED",
};

/* By the bit's number; the names are those of proto/event.proto, which app authors read. */
static const char *const field_names[] = {
    "nik",      "kk",         "name",        "birth_date", "sex",         "kelurahan",
    "segment",  "care_class", "wage_rupiah", "employer",   "date",        "proof",
    "disputed", "other_nik",  "reason",      "approver",   "destination", "local_card",
};

const char *change_name(enum change kind) {
    return (unsigned)kind < CHANGE_MAX ? change_names[kind] : NULL;
}

enum change change_from_name(const char *name) {
    for (int kind = 1; name && kind < CHANGE_MAX; kind++)
        if (change_names[kind] && strcmp(change_names[kind], name) == 0)
            return (enum change)kind;
    return CHANGE_NONE;
}

const char *event_field_name(enum event_field field) {
    for (unsigned bit = 0; bit < sizeof field_names / sizeof field_names[0]; bit++)
        if ((unsigned)field == 1u << bit)
            return field_names[bit];
    return "";
}
