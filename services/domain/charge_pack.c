/* charge_pack.c - packs charges (charge_pack.h).
 *
 * Layout: version 2; the number of terms and the terms; the number of groups and the groups. A term:
 * month, invoice month, cause, segment, class, vulnerable, kecamatan, mask of payers, and, where it is not by
 * wage, an amount for each payer of the mask. A group: difference of the member, number of the term,
 * difference of the cause's offset, and, where the term is by wage, those amounts (charge_terms.h). Terms
 * are numbered as groups first name them.
 */
#include "charge_terms.h"

#include "term_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct charge_packer {
    struct term_table terms;
    struct charge_term open; /* of the group that still grows; no payer: there is none */
    struct charge_group group, before;
    uint64_t charges, group_count;
    struct pack_out groups, bytes;
    bool sealed; /* the bytes were handed out */
};

struct charge_packer *charge_packer_new(void) {
    struct charge_packer *packer = calloc(1, sizeof *packer);
    assert(packer && "no memory for a packer of charges");
    term_table_init(&packer->terms, sizeof(struct charge_term));
    return packer;
}

void charge_packer_destroy(struct charge_packer **packer) {
    if (!*packer)
        return;
    term_table_free(&(*packer)->terms);
    pack_free(&(*packer)->groups);
    pack_free(&(*packer)->bytes);
    free(*packer);
    *packer = NULL;
}

void charge_packer_clear(struct charge_packer *packer) {
    term_table_clear(&packer->terms);
    packer->open.payers = 0;
    packer->group = packer->before = (struct charge_group){0};
    packer->charges = packer->group_count = 0;
    packer->groups.size = packer->bytes.size = 0;
    packer->sealed = false;
}

uint64_t charge_packer_count(const struct charge_packer *packer) {
    return packer->charges;
}

uint32_t charge_packer_term(struct charge_packer *packer, const struct charge_term *term) {
    return term_table_number(&packer->terms, term);
}

#define GROUP_BYTES_MAX ((3 + PAYER_COUNT) * LEB_MAX)

static uint8_t *put_group(struct charge_packer *packer, const struct charge_group *group) {
    uint8_t *next = pack_room(&packer->groups, GROUP_BYTES_MAX);
    next = leb_put(next, zigzag((uint64_t)group->member_id - packer->before.member_id));
    next = leb_put(next, group->term);
    next = leb_put(next, zigzag(group->cause_offset - guessed_cause(&packer->before, group->member_id)));
    packer->group_count++;
    packer->before = *group;
    return next;
}

static void close_group(struct charge_packer *packer) {
    struct charge_term term = packer->open;
    if (term.payers == 0)
        return;
    bool by_wage = charge_term_by_wage(&term);
    if (by_wage)
        memset(term.amount_rupiah, 0, sizeof term.amount_rupiah);
    packer->group.term = charge_packer_term(packer, &term);
    uint8_t *next = put_group(packer, &packer->group);
    for (unsigned payer = 0; payer < PAYER_COUNT && by_wage; payer++)
        if (term.payers & 1u << payer)
            next = leb_put(next, zigzag((uint64_t)packer->open.amount_rupiah[payer]));
    pack_end(&packer->groups, next);
    packer->open.payers = 0;
}

void charge_packer_group(struct charge_packer *packer, const struct charge_group *group, unsigned charges) {
    assert(!packer->sealed && !packer->open.payers && "groups are not mixed with charges told one by one");
    pack_end(&packer->groups, put_group(packer, group));
    packer->charges += charges;
}

void charge_packer_group_by_wage(struct charge_packer *packer, const struct charge_group *group,
                                 const uint32_t amounts_rupiah[PAYER_COUNT]) {
    assert(!packer->sealed && !packer->open.payers && "groups are not mixed with charges told one by one");
    uint8_t *next = put_group(packer, group);
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++) {
        if (amounts_rupiah[payer] == 0)
            continue;
        next = leb_put(next, zigzag(amounts_rupiah[payer]));
        packer->charges++;
    }
    pack_end(&packer->groups, next);
}

/* Whether the charge is another payer's of the same group; within one, payers ascend. */
static bool belongs(const struct charge_packer *packer, const struct charge *charge) {
    const struct charge_term *open = &packer->open;
    return open->payers != 0 && packer->group.member_id == charge->member_id &&
           open->payers < 1u << charge->payer && open->month == charge->month &&
           open->cause == charge->cause && packer->group.cause_offset == charge->cause_offset &&
           open->invoice_month == charge->invoice_month && open->segment == charge->segment &&
           open->care_class == charge->care_class && open->vulnerable == charge->vulnerable &&
           open->kecamatan == charge->kecamatan;
}

void charge_packer_add(void *context, const struct charge *charge) {
    struct charge_packer *packer = context;
    assert(!packer->sealed && "charges were added behind those handed out as bytes");
    assert(charge->payer > PAYER_NONE && charge->payer < PAYER_COUNT && charge->cause > 0 &&
           charge->cause < CHARGE_CAUSE_COUNT && charge->segment < SEGMENT_COUNT &&
           charge->care_class < CARE_CLASS_COUNT && "a charge is of a payer, a cause, a segment and a class");
    if (!belongs(packer, charge)) {
        close_group(packer);
        packer->group = (struct charge_group){charge->member_id, 0, charge->cause_offset};
        packer->open = (struct charge_term){.month = charge->month,
                                            .invoice_month = charge->invoice_month,
                                            .cause = charge->cause,
                                            .segment = charge->segment,
                                            .care_class = charge->care_class,
                                            .vulnerable = charge->vulnerable,
                                            .kecamatan = charge->kecamatan};
    }
    packer->open.payers |= 1u << charge->payer;
    packer->open.amount_rupiah[charge->payer] = charge->amount_rupiah;
    packer->charges++;
}

static void put_term(struct pack_out *out, const struct charge_term *term) {
    pack_leb(out, term->month);
    pack_leb(out, term->invoice_month);
    pack_leb(out, term->cause);
    pack_leb(out, term->segment);
    pack_leb(out, term->care_class);
    pack_leb(out, term->vulnerable);
    pack_leb(out, term->kecamatan);
    pack_leb(out, term->payers);
    for (unsigned payer = 0; payer < PAYER_COUNT && !charge_term_by_wage(term); payer++)
        if (term->payers & 1u << payer)
            pack_leb(out, zigzag((uint64_t)term->amount_rupiah[payer]));
}

const uint8_t *charge_packer_bytes(struct charge_packer *packer, size_t *size) {
    struct pack_out *bytes = &packer->bytes;
    if (!packer->sealed) {
        close_group(packer);
        pack_leb(bytes, CHARGES_VERSION);
        pack_leb(bytes, packer->terms.count);
        for (uint32_t i = 0; i < packer->terms.count; i++)
            put_term(bytes, term_table_at(&packer->terms, i));
        pack_leb(bytes, packer->group_count);
        pack_bytes(bytes, packer->groups.data, packer->groups.size);
        packer->sealed = true;
    }
    *size = bytes->size;
    return bytes->data;
}
