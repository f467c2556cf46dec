/* invoice_write.c - the bytes of an invoice: JSON of one form, the same for the same figures for ever
 * (invoice.h). */
#include "cakupan/invoice.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct paper {
    char *at;
    size_t left;
    bool full;
    bool first; /* of a list: no comma before the next element */
};

__attribute__((format(printf, 2, 3))) static void put(struct paper *paper, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(paper->at, paper->left, format, arguments);
    va_end(arguments);
    if (paper->full || size < 0 || (size_t)size >= paper->left) {
        paper->full = true;
        return;
    }
    paper->at += size;
    paper->left -= (size_t)size;
}

static void begin_list(struct paper *paper, const char *key) {
    put(paper, "\"%s\":[", key);
    paper->first = true;
}

static void begin_element(struct paper *paper) {
    put(paper, paper->first ? "" : ",");
    paper->first = false;
}

static bool is_zero(const struct ledger_line *line) {
    return line->people == 0 && line->amount_rupiah == 0 && line->corrections == 0 &&
           line->corrections_rupiah == 0;
}

static void put_figures(struct paper *paper, const struct ledger_line *line) {
    put(paper,
        "\"people\":%" PRIu64 ",\"amount_rupiah\":%" PRId64 ",\"corrections\":%" PRIu64
        ",\"corrections_rupiah\":%" PRId64,
        line->people, line->amount_rupiah, line->corrections, line->corrections_rupiah);
}

static void put_line(struct paper *paper, const struct invoice *invoice, unsigned payer, unsigned segment,
                     unsigned care_class, unsigned place) {
    const struct ledger_line *line = &invoice->sums->line[payer][segment][care_class][place];
    const char *budget_line = invoice_budget_line((enum payer)payer);
    const char *quote = budget_line ? "\"" : "";
    if (is_zero(line))
        return;
    begin_element(paper);
    put(paper, "{\"payer\":\"%s\",\"budget_line\":%s%s%s,\"segment\":\"%s\",\"class\":%u,\"kecamatan\":%u,",
        payer_name((enum payer)payer), quote, budget_line ? budget_line : "null", quote,
        segment_name((enum segment)segment), care_class,
        place < KECAMATAN_MAX ? invoice->regions->kecamatan[place].code : 0);
    put_figures(paper, line);
    put(paper, "}");
}

/* Kecamatan ascend by code in the table of regions; those outside the city come first, by their 0. */
static void put_lines(struct paper *paper, const struct invoice *invoice) {
    begin_list(paper, "lines");
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++)
        for (unsigned segment = 1; segment < SEGMENT_COUNT; segment++)
            for (unsigned care_class = 0; care_class < CARE_CLASS_COUNT; care_class++) {
                put_line(paper, invoice, payer, segment, care_class, KECAMATAN_MAX);
                for (unsigned place = 0; place < invoice->regions->kecamatan_count; place++)
                    put_line(paper, invoice, payer, segment, care_class, place);
            }
    put(paper, "],");
}

static void add_line(struct ledger_line *into, const struct ledger_line *line) {
    into->people += line->people;
    into->amount_rupiah += line->amount_rupiah;
    into->corrections += line->corrections;
    into->corrections_rupiah += line->corrections_rupiah;
}

static struct ledger_line segment_total(const struct ledger_sums *sums, unsigned payer, unsigned segment) {
    struct ledger_line total = {0};
    for (unsigned care_class = 0; care_class < CARE_CLASS_COUNT; care_class++)
        for (unsigned place = 0; place <= KECAMATAN_MAX; place++)
            add_line(&total, &sums->line[payer][segment][care_class][place]);
    return total;
}

static void put_both(struct paper *paper, const char *key, struct ledger_line iuran,
                     struct ledger_line bantuan) {
    add_line(&iuran, &bantuan);
    put(paper,
        "\"%s\":{\"amount_rupiah\":%" PRId64 ",\"corrections_rupiah\":%" PRId64 ",\"owed_rupiah\":%" PRId64
        "},",
        key, iuran.amount_rupiah, iuran.corrections_rupiah, iuran.amount_rupiah + iuran.corrections_rupiah);
}

static void put_payer(struct paper *paper, unsigned payer, const struct ledger_line *line) {
    if (is_zero(line))
        return;
    begin_element(paper);
    put(paper, "{\"payer\":\"%s\",", payer_name((enum payer)payer));
    put_figures(paper, line);
    put(paper, ",\"owed_rupiah\":%" PRId64 "}", line->amount_rupiah + line->corrections_rupiah);
}

static void put_totals(struct paper *paper, const struct ledger_sums *sums) {
    put(paper, "\"totals\":{");
    put_both(paper, "city", ledger_sums_total(sums, PAYER_CITY_IURAN),
             ledger_sums_total(sums, PAYER_CITY_BANTUAN));
    put_both(paper, "city_paid", segment_total(sums, PAYER_CITY_IURAN, SEGMENT_PBPU_PEMDA),
             segment_total(sums, PAYER_CITY_BANTUAN, SEGMENT_PBPU_PEMDA));
    begin_list(paper, "payers");
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++) {
        struct ledger_line total = ledger_sums_total(sums, (enum payer)payer);
        put_payer(paper, payer, &total);
    }
    put(paper, "],");
    begin_list(paper, "vulnerable");
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++)
        put_payer(paper, payer, &sums->vulnerable[payer]);
    put(paper, "]}");
}

static void put_partition(struct paper *paper, uint32_t number, const struct invoice_partition *partition) {
    begin_element(paper);
    put(paper, "{\"partition\":%u,\"sequence\":%" PRIu64 ",\"hash\":\"", number, partition->sequence);
    for (unsigned i = 0; i < JOURNAL_HASH_SIZE; i++)
        put(paper, "%02x", partition->hash[i]);
    put(paper, "\",");
    begin_list(paper, "payers");
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++) {
        if (partition->amount_rupiah[payer] == 0 && partition->people[payer] == 0)
            continue;
        begin_element(paper);
        put(paper, "{\"payer\":\"%s\",\"people\":%" PRIu64 ",\"owed_rupiah\":%" PRId64 "}",
            payer_name((enum payer)payer), partition->people[payer], partition->amount_rupiah[payer]);
    }
    put(paper, "]}");
    paper->first = false;
}

static void put_head(struct paper *paper, const struct invoice *invoice) {
    char month[CALENDAR_TEXT], due[CALENDAR_TEXT];
    calendar_format_month(invoice->month, month);
    calendar_format(invoice->due_day, due);
    put(paper,
        "{\"month\":\"%s\",\"as_of_offset\":%" PRIu64
        ",\"frozen\":%s,\"currency\":\"IDR\",\"tariff_digest\":\"%016" PRIx64 "\",",
        month, invoice->as_of_offset, invoice->frozen ? "true" : "false", invoice->tariff_digest);
    if (invoice->frozen)
        put(paper, "\"closed_ms\":%" PRId64 ",\"due_date\":\"%s\",\"due_date_provisional\":%s,",
            invoice->closed_ms, due, invoice->due_provisional ? "true" : "false");
}

size_t invoice_write(const struct invoice *invoice, uint8_t *out, size_t capacity) {
    struct paper paper = {.at = (char *)out, .left = capacity};
    put_head(&paper, invoice);
    put_lines(&paper, invoice);
    put_totals(&paper, invoice->sums);
    if (invoice->frozen) {
        put(&paper, ",");
        begin_list(&paper, "partitions");
        for (uint32_t i = 0; i < invoice->partition_count; i++)
            put_partition(&paper, i, &invoice->partitions[i]);
        put(&paper, "]");
    }
    put(&paper, "}");
    return paper.full ? 0 : capacity - paper.left;
}
