/* record.h - one line of the journal: what an event changed, before and after.
 *
 * Every event that takes a sequence number gets a record and an offset, accepted or refused, so that the same
 * id gets the same answer for ever. Followers need nothing but records. Texts are borrowed from the decoded
 * buffer (or, when just decided, from the event).
 */
#ifndef CAKUPAN_RECORD_H
#define CAKUPAN_RECORD_H

#include "cakupan/device.h"
#include "cakupan/event.h"

struct record {
    uint64_t offset;          /* 1, 2, 3 ... without gaps; given by the journal's owner                  */
    uint64_t previous_offset; /* of the same member's last accepted record, 0 for the first              */
    uint32_t member_id;       /* 1, 2, 3 ...: order of first enrolment; 0 where none is concerned        */
    uint32_t other_member_id; /* merge: who goes on; birth: the mother                                   */
    uint8_t kind;             /* enum change                                                             */
    uint16_t refusal;         /* enum refusal; REFUSAL_NONE: accepted                                    */
    uint16_t warning;         /* enum refusal >= 200, or 0                                               */
    uint32_t device;          /* 0: the service itself                                                   */
    uint64_t sequence;
    uint64_t content_hash;
    int64_t captured_at_ms;
    day_t effective_day; /* the day the change holds from                                           */
    bool has_before, has_after;
    struct member before, after;
    uint8_t proof;
    bool disputed;
    uint32_t destination;
    identity_t other; /* as in the event: the mother, the duplicate, the corrected identity       */
    struct text author, name, reason, approver;
    struct text
        refused_event; /* refused only: the event's bytes as sent, to be shown and corrected; <= 64 KiB */
    struct text refused_value; /* refused only: the value at fault, masked                                */
    const struct device *new_device; /* CHANGE_DEVICE_*: the device as added or revoked                   */
};

/* What all records of one committed batch share. */
struct batch_header {
    uint64_t first_offset;
    uint32_t count;
    int64_t time_ms; /* Unix time of the commit's beginning, never earlier than the batch before */
    day_t day;       /* business day, never earlier than the batch before                        */
};

/* The partition of a member among `count` (billing's workers; stable for ever). */
static inline uint32_t record_partition(uint32_t member_id, uint32_t count) {
    uint32_t hash = member_id * UINT32_C(2654435769); /* Knuth, TAOCP 6.4: multiplicative hashing */
    return (uint32_t)(((uint64_t)hash * count) >> 32);
}

#endif
