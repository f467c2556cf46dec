/* registry.h - the fold of enrollment: who is in which segment, where, and since when.
 *
 * Pure. `registry_decide` says what an event would change (it changes nothing, so it serves dry runs, too);
 * `registry_apply` takes a record into the state, when it is decided as when it is replayed. Same records,
 * same state, same bytes of `registry_save`, on any machine. One thread.
 */
#ifndef CAKUPAN_REGISTRY_H
#define CAKUPAN_REGISTRY_H

#include "cakupan/policy.h"
#include "cakupan/record.h"
#include "cakupan/region.h"
#include "cakupan/result.h"

struct registry;

/* `regions` and `policy` are borrowed and must outlive the registry. Aborts where memory is out. */
struct registry *registry_new(const struct region_table *regions, const struct policy *policy);
void registry_destroy(struct registry **registry);

/* What `event` from `device` would change on business day `today`, at `now_ms`: fills `record` but for its
 * offset. Never fails: what can't be accepted becomes a record with a refusal, and the value at fault,
 * masked, is written to `value` (at least 64 bytes), which `record->refused_value` then borrows. Texts of
 * `record` borrow from `event`. */
void registry_decide(const struct registry *registry, const struct device *device, const struct event *event,
                     day_t today, int64_t now_ms, struct record *record, char value[64]);

/* Takes a decided or replayed record into the state. RESULT_CORRUPT where the record contradicts the state
 * (its offset is not the next one, `before` differs from what is known, a sequence is out of order): stop. */
MUST_USE enum result registry_apply(struct registry *registry, const struct record *record,
                                    struct failure *why);

/* Work that falls due by itself. Looks at members from `*cursor` (start with 0) on and fills the record
 * (ACTIVATED or GRACE_ENDED) of the first whose due day is not after `today`. RESULT_NOT_FOUND at the end.
 * Looks at no more than 65,536 members a call: RESULT_AGAIN asks to call on. Apply the record before the next
 * call. */
MUST_USE enum result registry_due(const struct registry *registry, day_t today, uint32_t *cursor,
                                  struct record *record);

/* The member now known by `identity` (a NIK, a temporary id, or one that was corrected or merged): NULL if
 * nobody. Valid until the next apply. `id` may be NULL. */
const struct member *registry_find(const struct registry *registry, identity_t identity, uint32_t *id);
const struct member *registry_member(const struct registry *registry,
                                     uint32_t id);                           /* NULL outside 1..count */
uint64_t registry_last_offset(const struct registry *registry, uint32_t id); /* of the member's last record */
/* Hints the processor that `identity` will be looked up soon; does nothing else. */
void registry_prefetch(const struct registry *registry, identity_t identity);

/* Devices. Pointers are valid until the next device is added. */
const struct device *registry_device(const struct registry *registry, uint32_t id);
const struct device *registry_device_by_key(const struct registry *registry,
                                            const uint8_t key[DEVICE_KEY_SIZE]);
uint32_t registry_device_count(const struct registry *registry);

uint64_t
registry_next_offset(const struct registry *registry); /* offset the next record must have; first 1 */
uint32_t registry_member_count(const struct registry *registry);
day_t registry_day(
    const struct registry *registry); /* the last business day begun, DAY_NONE before the first */
/* 64 bits over all members and devices; equal states have equal digests. Takes some tens of milliseconds for
 * two million members. */
uint64_t registry_digest(const struct registry *registry);

/* Snapshot: streams the state through `write`; the same function reads it back. The callbacks return false on
 * an I/O error. Fixed little-endian layout with its own version; integrity is the caller's (the store's)
 * business. */
typedef bool registry_write(void *context, const void *data, size_t size);
typedef bool registry_read(void *context, void *data, size_t size);
MUST_USE enum result registry_save(const struct registry *registry, registry_write *write, void *context);
MUST_USE enum result registry_load(struct registry *registry, registry_read *read, void *context,
                                   struct failure *why);

#endif
