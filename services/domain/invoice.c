/* invoice.c - is an invoice sound: control totals against sums, amounts against people (invoice.h). */
#include "cakupan/invoice.h"

#include <inttypes.h>

const char *invoice_budget_line(enum payer payer) {
    if (payer == PAYER_CITY_IURAN)
        return "iuran";
    return payer == PAYER_CITY_BANTUAN ? "bantuan iuran" : NULL;
}

static const char *line_problem(const struct ledger_line *line) {
    if (line->amount_rupiah < 0 || (uint64_t)line->amount_rupiah < line->people)
        return "costs less than a rupiah a person";
    if (line->people == 0 && line->amount_rupiah != 0)
        return "costs something for nobody";
    if (line->corrections == 0 && line->corrections_rupiah != 0)
        return "has an amount of corrections without a correction";
    return NULL;
}

static enum result check_lines(const struct invoice *invoice, enum payer payer, struct failure *why) {
    const struct ledger_sums *sums = invoice->sums;
    for (unsigned segment = 0; segment < SEGMENT_COUNT; segment++)
        for (unsigned care_class = 0; care_class < CARE_CLASS_COUNT; care_class++)
            for (unsigned place = 0; place <= KECAMATAN_MAX; place++) {
                const char *problem = line_problem(&sums->line[payer][segment][care_class][place]);
                if (problem)
                    return fail(why, RESULT_CORRUPT, "INVOICE_LINE",
                                "The line of %s, %s, class %u, kecamatan %u %s: nothing was frozen.",
                                payer_name(payer), segment_name((enum segment)segment), care_class, place,
                                problem);
            }
    return RESULT_OK;
}

/* Amounts of one invoice are far from 64 bits (ledger_sums_add aborts before); foreign ones may not be. */
static enum result check_partitions(const struct invoice *invoice, enum payer payer,
                                    const struct ledger_line *total, struct failure *why) {
    int64_t amount_rupiah = 0, owed_rupiah = 0;
    uint64_t people = 0;
    bool fits = !__builtin_add_overflow(total->amount_rupiah, total->corrections_rupiah, &owed_rupiah);
    for (uint32_t i = 0; i < invoice->partition_count; i++) {
        const struct invoice_partition *partition = &invoice->partitions[i];
        fits =
            !__builtin_add_overflow(amount_rupiah, partition->amount_rupiah[payer], &amount_rupiah) && fits;
        people += partition->people[payer];
    }
    if (fits && amount_rupiah == owed_rupiah && people == total->people)
        return RESULT_OK;
    return fail(why, RESULT_CORRUPT, "INVOICE_CONTROL",
                "%s owes Rp %" PRId64 " for %" PRIu64 " people by the sums, and Rp %" PRId64 " for %" PRIu64
                " by the partitions' control totals: nothing was frozen.",
                payer_name(payer), owed_rupiah, total->people, amount_rupiah, people);
}

static enum result check_vulnerable(const struct invoice *invoice, enum payer payer,
                                    const struct ledger_line *total, struct failure *why) {
    const struct ledger_line *vulnerable = &invoice->sums->vulnerable[payer];
    const char *problem = line_problem(vulnerable);
    if (!problem && (vulnerable->people > total->people || vulnerable->amount_rupiah > total->amount_rupiah ||
                     vulnerable->corrections > total->corrections))
        problem = "has more vulnerable people than people";
    return problem ? fail(why, RESULT_CORRUPT, "INVOICE_VULNERABLE",
                          "The line of vulnerable people of %s %s: nothing was frozen.", payer_name(payer),
                          problem)
                   : RESULT_OK;
}

enum result invoice_check(const struct invoice *invoice, struct failure *why) {
    enum result result = RESULT_OK;
    for (unsigned payer = 0; payer < PAYER_COUNT && result == RESULT_OK; payer++) {
        struct ledger_line total = ledger_sums_total(invoice->sums, (enum payer)payer);
        result = check_lines(invoice, (enum payer)payer, why);
        if (result == RESULT_OK && invoice->frozen)
            result = check_partitions(invoice, (enum payer)payer, &total, why);
        if (result == RESULT_OK)
            result = check_vulnerable(invoice, (enum payer)payer, &total, why);
    }
    return result;
}
