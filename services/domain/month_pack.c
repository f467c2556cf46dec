/* month_pack.c - packs what a ledger tells of a month, member by member (month_pack.h). */
#include "month_pack.h"

#include "charge_terms.h"
#include "ledger_month.h"
#include "roster_terms.h"

struct freezing {
    struct charge_packer *charges;
    struct roster_packer *roster;
    const struct month_block *block; /* the present one */
};

static uint32_t payers_of(const struct dues *dues) {
    uint32_t payers = 0;
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++)
        payers |= (uint32_t)(dues->amounts_rupiah[payer] != 0) << payer;
    return payers;
}

static uint32_t name_charges(const struct freezing *freezing, const struct dues *dues, bool *by_wage) {
    const struct region_table *regions = freezing->block->ledger->regions;
    month_t month = freezing->block->month;
    struct charge_term term = {.month = month,
                               .invoice_month = month,
                               .cause = CHARGE_MONTH,
                               .segment = dues->segment,
                               .care_class = dues->care_class,
                               .vulnerable = dues->vulnerable,
                               .payers = payers_of(dues)};
    if (dues->kecamatan < KECAMATAN_MAX)
        term.kecamatan = regions->kecamatan[dues->kecamatan].code;
    *by_wage = charge_term_by_wage(&term);
    for (unsigned payer = 1; payer < PAYER_COUNT && !*by_wage; payer++)
        term.amount_rupiah[payer] = dues->amounts_rupiah[payer];
    return charge_packer_term(freezing->charges, &term);
}

static uint32_t name_entry(const struct freezing *freezing, const struct month_due *due,
                           const struct dues *dues) {
    struct roster_term term = {.segment = dues->segment,
                               .care_class = dues->care_class,
                               .vulnerable = dues->vulnerable,
                               .amount_rupiah = (int64_t)dues->amounts_rupiah[PAYER_CITY_IURAN] +
                                                dues->amounts_rupiah[PAYER_CITY_BANTUAN]};
    if (due->run->kelurahan != REGION_NOWHERE)
        term.kelurahan = freezing->block->ledger->regions->kelurahan[due->run->kelurahan].code;
    return roster_packer_term(freezing->roster, &term);
}

/* Gives the numbers that the charges and the entry of whoever owes this are packed under. */
static void name(const struct freezing *freezing, const struct month_due *due, struct month_kind *kind) {
    struct dues dues = month_dues(freezing->block, due);
    kind->named = true;
    kind->payers = (uint8_t)payers_of(&dues);
    kind->charges = (uint8_t)__builtin_popcount(kind->payers);
    kind->in_roster = dues.amounts_rupiah[PAYER_CITY_IURAN] || dues.amounts_rupiah[PAYER_CITY_BANTUAN];
    if (kind->payers)
        kind->charge_term = name_charges(freezing, &dues, &kind->by_wage);
    if (kind->in_roster)
        kind->roster_term = name_entry(freezing, due, &dues);
}

/* Whether the kind's names are those of a wage, too: always, but for a wage so low that a share of it is no
 * rupiah, and where the centre or the city pays a share of wages. */
static bool fits(const struct month_kind *kind, const struct dues *dues) {
    return kind->by_wage && !kind->in_roster && kind->payers == payers_of(dues);
}

/* The kind whose names hold: the due's, or one of its own in `own`. */
static const struct month_kind *kind_of(const struct freezing *freezing, const struct month_due *due,
                                        struct month_kind *own) {
    struct month_kind *kind = due->kind;
    if (due->dues && kind->named && !fits(kind, due->dues)) {
        *own = (struct month_kind){0};
        kind = own;
    }
    if (!kind->named)
        name(freezing, due, kind);
    return kind;
}

static void pack_charges(const struct freezing *freezing, const struct month_due *due,
                         const struct month_kind *kind) {
    struct charge_group group = {.member_id = freezing->block->ledger->ids[due->index],
                                 .term = kind->charge_term,
                                 .cause_offset = due->run->cause_offset};
    if (kind->by_wage) {
        struct dues dues = month_dues(freezing->block, due);
        charge_packer_group_by_wage(freezing->charges, &group, dues.amounts_rupiah);
    } else {
        charge_packer_group(freezing->charges, &group, kind->charges);
    }
}

static void pack_entry(const struct freezing *freezing, const struct month_due *due, uint32_t term) {
    const struct ledger *ledger = freezing->block->ledger;
    struct roster_member member = {.member_id = ledger->ids[due->index],
                                   .term = term,
                                   .cause_offset = due->run->cause_offset,
                                   .identity = ledger->members[due->index].identity};
    roster_packer_member(freezing->roster, &member);
}

static void pack_block(void *context, const struct month_block *block) {
    struct freezing *freezing = context;
    struct {
        uint32_t due, term;
    } entries[MONTH_BLOCK];
    uint32_t count = 0;
    freezing->block = block;
    for (uint32_t i = 0; i < block->count; i++) {
        struct month_kind own;
        const struct month_kind *kind = kind_of(freezing, &block->due[i], &own);
        if (kind->payers)
            pack_charges(freezing, &block->due[i], kind);
        entries[count].due = i;
        entries[count].term = kind->roster_term;
        count += kind->in_roster;
    }
    for (uint32_t i = 0; i < count; i++)
        pack_entry(freezing, &block->due[entries[i].due], entries[i].term);
}

enum result month_pack_close(struct ledger *ledger, month_t month, struct ledger_sums *sums,
                             struct charge_packer *charges, struct roster_packer *roster,
                             struct failure *why) {
    struct freezing freezing = {.charges = charges, .roster = roster};
    return ledger_close_month(ledger, month, sums, pack_block, &freezing, why);
}
