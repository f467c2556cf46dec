/* charge_unpack.c - reads packed charges, whoever may have damaged them (charge_pack.h; layout:
 * charge_pack.c). */
#include "charge_terms.h"

#include <assert.h>
#include <stdlib.h>

#define TERM_BYTES_MIN 8u /* eight numbers; by wage there is no amount */

static enum result corrupt(struct failure *why, const char *sentence) {
    return fail(why, RESULT_CORRUPT, "CHARGES_CORRUPT", "Packed charges can't be read: %s.", sentence);
}

static void take_amounts(struct pack_in *in, uint32_t payers, int64_t amount_rupiah[PAYER_COUNT]) {
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        if (payers & 1u << payer)
            amount_rupiah[payer] = (int64_t)unzigzag(pack_take_leb(in));
}

static bool take_term(struct pack_in *in, struct charge_term *term) {
    *term = (struct charge_term){0};
    term->month = (month_t)pack_take_leb_to(in, UINT16_MAX);
    term->invoice_month = (month_t)pack_take_leb_to(in, UINT16_MAX);
    term->cause = (uint8_t)pack_take_leb_to(in, CHARGE_CAUSE_COUNT - 1);
    term->segment = (uint8_t)pack_take_leb_to(in, SEGMENT_COUNT - 1);
    term->care_class = (uint8_t)pack_take_leb_to(in, CARE_CLASS_COUNT - 1);
    term->vulnerable = (uint8_t)pack_take_leb_to(in, 1);
    term->kecamatan = (uint32_t)pack_take_leb_to(in, UINT32_MAX);
    term->payers = (uint32_t)pack_take_leb_to(in, (1u << PAYER_COUNT) - 1);
    if (!charge_term_by_wage(term))
        take_amounts(in, term->payers, term->amount_rupiah);
    return !in->failed && term->cause != 0 && term->payers != 0 && !(term->payers & 1u << PAYER_NONE);
}

static void tell(const struct charge_term *term, const struct charge_group *group,
                 ledger_on_charge *on_charge, void *context) {
    struct charge charge = {.member_id = group->member_id,
                            .month = term->month,
                            .invoice_month = term->invoice_month,
                            .cause = term->cause,
                            .segment = term->segment,
                            .care_class = term->care_class,
                            .vulnerable = term->vulnerable,
                            .kecamatan = term->kecamatan,
                            .cause_offset = group->cause_offset};
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++) {
        if (!(term->payers & 1u << payer))
            continue;
        charge.payer = (uint8_t)payer;
        charge.amount_rupiah = term->amount_rupiah[payer];
        on_charge(context, &charge);
    }
}

static enum result take_groups(struct pack_in *in, struct charge_term *terms, uint32_t term_count,
                               ledger_on_charge *on_charge, void *context, struct failure *why) {
    struct charge_group before = {0};
    uint32_t named = 0; /* terms so far */
    uint64_t count = pack_take_leb(in);
    for (uint64_t i = 0; i < count && !in->failed; i++) {
        uint64_t member_id = before.member_id + unzigzag(pack_take_leb(in));
        struct charge_group group = {.member_id = (uint32_t)member_id,
                                     .term = (uint32_t)pack_take_leb_to(in, named)};
        group.cause_offset = guessed_cause(&before, group.member_id) + unzigzag(pack_take_leb(in));
        if (in->failed)
            break;
        if (member_id > UINT32_MAX || group.term >= term_count)
            return corrupt(why, "a member or a term is out of range");
        struct charge_term *term = &terms[group.term];
        if (charge_term_by_wage(term))
            take_amounts(in, term->payers, term->amount_rupiah);
        if (in->failed)
            break;
        named += group.term == named;
        if (on_charge)
            tell(term, &group, on_charge, context);
        before = group;
    }
    if (in->failed)
        return corrupt(why, "the members end too early, or a number is none");
    if (pack_left(in) != 0 || named != term_count)
        return corrupt(why, "they hold more than they say");
    return RESULT_OK;
}

enum result charges_unpack(const uint8_t *data, size_t size, ledger_on_charge *on_charge, void *context,
                           struct failure *why) {
    struct pack_in in = pack_in_of(data, size);
    if (pack_take_leb(&in) != CHARGES_VERSION)
        return corrupt(why, "they are of no known version");
    uint64_t term_count = pack_take_leb_to(&in, pack_left(&in) / TERM_BYTES_MIN);
    struct charge_term *terms = malloc((term_count + 1) * sizeof *terms);
    assert(terms && "no memory for terms of charges");
    bool sound = !in.failed;
    for (uint64_t i = 0; i < term_count && sound; i++)
        sound = take_term(&in, &terms[i]);
    enum result result = sound ? take_groups(&in, terms, (uint32_t)term_count, on_charge, context, why)
                               : corrupt(why, "a term is none");
    free(terms);
    return result;
}
