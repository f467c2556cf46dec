/* charge_terms.h - what many members' charges have in common, as packed charges name it: once, in a table.
 * Part of the files charge_*pack.c. */
#ifndef DOMAIN_CHARGE_TERMS_H
#define DOMAIN_CHARGE_TERMS_H

#include "cakupan/charge_pack.h"

#include "pack_bytes.h"

#define CHARGES_VERSION 2u

/* Charges of one member for one reason, of all payers that the mask names. */
struct charge_term {
    month_t month, invoice_month;
    uint8_t cause, segment, care_class, vulnerable;
    uint32_t kecamatan;
    uint32_t payers;                    /* bit 1 << enum payer                                    */
    int64_t amount_rupiah[PAYER_COUNT]; /* 0 where the payer is not named, and where by wage: all */
};
_Static_assert(sizeof(struct charge_term) == 16 + 8 * PAYER_COUNT, "terms are compared as bytes");

/* Whether the amounts stand with each group, not in the term: what employers and workers pay follows the
 * wage, and hardly two members would share a term. */
static inline bool charge_term_by_wage(const struct charge_term *term) {
    return term->payers & (1u << PAYER_EMPLOYER | 1u << PAYER_WORKER);
}

/* One member's charges under one term. Differences are to the group before; the record that caused it is
 * guessed to lie as far from that one's as the members do: in a city that was taken over in one piece, it
 * does. */
struct charge_group {
    uint32_t member_id;
    uint32_t term;
    uint64_t cause_offset;
};
static inline uint64_t guessed_cause(const struct charge_group *before, uint32_t member_id) {
    return before->cause_offset + (uint64_t)member_id - before->member_id;
}

/* For who packs a month and knows what members have in common (month_pack.c): the number of a term, a group
 * of `charges` under it, and one under a term that is by wage, all of whose payers have an amount. They give
 * the bytes that charge_packer_add would give for the same charges. */
uint32_t charge_packer_term(struct charge_packer *packer, const struct charge_term *term);
void charge_packer_group(struct charge_packer *packer, const struct charge_group *group, unsigned charges);
void charge_packer_group_by_wage(struct charge_packer *packer, const struct charge_group *group,
                                 const uint32_t amounts_rupiah[PAYER_COUNT]);

#endif
