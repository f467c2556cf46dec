/* roster_terms.h - what many entries of a roster have in common, as packed rosters name it: once, in a table.
 * Part of the files roster_pack.c and month_pack.c. */
#ifndef DOMAIN_ROSTER_TERMS_H
#define DOMAIN_ROSTER_TERMS_H

#include "cakupan/charge_pack.h"

struct roster_term {
    uint32_t kelurahan;
    uint8_t segment, care_class, vulnerable, zero;
    int64_t amount_rupiah;
};
_Static_assert(sizeof(struct roster_term) == 16, "terms are compared as bytes");

struct roster_member {
    uint32_t member_id;
    uint32_t term;
    uint64_t cause_offset;
    identity_t identity;
};

/* roster_packer_add in two steps, for who packs a month and knows what members have in common. */
uint32_t roster_packer_term(struct roster_packer *packer, const struct roster_term *term);
void roster_packer_member(struct roster_packer *packer, const struct roster_member *member);

#endif
