/* self_audit_state.h - what the self-audit keeps of each member and of the roster. Part of self_audit*.c. */
#ifndef DOMAIN_SELF_AUDIT_STATE_H
#define DOMAIN_SELF_AUDIT_STATE_H

#include "cakupan/self_audit.h"

#include <stddef.h>

/* Of one member, by number: as of the last record taken. 56 bytes. */
struct audit_member {
    identity_t identity;
    uint64_t likeness;      /* hash of family card, birth date, sex and name; 0: one of them is unknown    */
    uint64_t joined_offset; /* of the record that made the member known                                     */
    uint64_t segment_offset; /* of the record that put the member into the segment, with proof and approver */
    uint64_t left_offset; /* of the death or the move out                                                 */
    uint32_t name_hash;   /* 0: unknown                                                                   */
    day_t joined_day, left_day;
    uint8_t segment : 4, status : 4;
    bool approved : 1, unproved : 1, disputed : 1, laid_off : 1, in_roster : 1;
};
_Static_assert(sizeof(struct audit_member) <= 56, "the header promises some 56 bytes a member");

struct self_audit {
    const struct policy *policy;
    uint64_t offset;              /* of the last record taken */
    struct audit_member *members; /* by number, [0] unused */
    uint32_t member_count, member_capacity;
    struct roster_entry *roster;
    uint32_t roster_count, roster_capacity;
    struct audit_finding *findings;
    size_t finding_count, finding_capacity;
};

/* The array with room for one more of `size` bytes. Aborts where memory is out. */
void *audit_room(void *array, size_t count, size_t *capacity, size_t size);

#endif
