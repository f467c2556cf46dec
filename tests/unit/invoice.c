/* invoice.c - tests services/domain/invoice*.c: the bytes, sign by sign; that sums, control totals and people
 * must agree; and that a partition's entry is found again. */
#include "cakupan/invoice.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define PEOPLE 383587

static struct region_table regions;
static struct ledger_sums sums;
static struct invoice_partition partitions[2];
static struct invoice invoice;
static struct failure why;
static uint8_t bytes[INVOICE_MAX_BYTES];

static void put(enum payer payer, enum segment segment, unsigned place, struct ledger_line line) {
    sums.line[payer][segment][3][place] = line;
}

/* The baseline's city-paid people, all in one kecamatan but for one outside; one correction. */
static void start(void) {
    memset(&regions, 0, sizeof regions);
    memset(&sums, 0, sizeof sums);
    memset(partitions, 0, sizeof partitions);
    regions.city_code = 3671;
    cr_assert(region_table_add(&regions, 3671011001, "Sukarasa", "Tangerang", 10));
    cr_assert(region_table_add(&regions, 3671021001, "Jatiuwung", "Jatiuwung", 10));
    put(PAYER_CITY_IURAN, SEGMENT_PBPU_PEMDA, 1,
        (struct ledger_line){PEOPLE - 1, (PEOPLE - 1) * 35000L, 1, -35000});
    put(PAYER_CITY_IURAN, SEGMENT_PBPU_PEMDA, KECAMATAN_MAX, (struct ledger_line){1, 35000, 0, 0});
    put(PAYER_CITY_BANTUAN, SEGMENT_PBPU_PEMDA, 1,
        (struct ledger_line){PEOPLE - 1, (PEOPLE - 1) * 2800L, 1, -2800});
    put(PAYER_CITY_BANTUAN, SEGMENT_PBPU_PEMDA, KECAMATAN_MAX, (struct ledger_line){1, 2800, 0, 0});
    put(PAYER_CITY_BANTUAN, SEGMENT_PBPU, 0, (struct ledger_line){10, 28000, 0, 0});
    sums.vulnerable[PAYER_CITY_IURAN] = (struct ledger_line){2, 70000, 0, 0};
    partitions[0] = (struct invoice_partition){.sequence = 12, .hash = {0xab, 0x01}};
    partitions[0].amount_rupiah[PAYER_CITY_IURAN] = 35000 - 35000;
    partitions[0].people[PAYER_CITY_IURAN] = 1;
    partitions[1] = (struct invoice_partition){.sequence = UINT64_MAX, .hash = {[31] = 0xff}};
    partitions[1].amount_rupiah[PAYER_CITY_IURAN] = (PEOPLE - 1) * 35000L;
    partitions[1].people[PAYER_CITY_IURAN] = PEOPLE - 1;
    partitions[1].amount_rupiah[PAYER_CITY_BANTUAN] = PEOPLE * 2800L - 2800 + 28000;
    partitions[1].people[PAYER_CITY_BANTUAN] = PEOPLE + 10;
    invoice = (struct invoice){.month = calendar_month(calendar_day(2026, 12, 1)),
                               .as_of_offset = 2000001,
                               .frozen = true,
                               .closed_ms = 1798160400123,
                               .due_day = calendar_day(2027, 1, 11),
                               .due_provisional = true,
                               .tariff_digest = 0x0123456789abcdefu,
                               .regions = &regions,
                               .sums = &sums,
                               .partition_count = 2,
                               .partitions = partitions};
}
TestSuite(invoice, .init = start);

static const char *written(void) {
    size_t size = invoice_write(&invoice, bytes, sizeof bytes - 1);
    cr_assert_gt(size, 0);
    bytes[size] = 0;
    return (const char *)bytes;
}

Test(invoice, budget_lines_are_the_citys) {
    for (unsigned payer = 0; payer < PAYER_COUNT + 2; payer++)
        cr_assert_eq(invoice_budget_line((enum payer)payer) != NULL, payer_is_city((enum payer)payer));
    cr_assert_str_eq(invoice_budget_line(PAYER_CITY_IURAN), "iuran");
    cr_assert_str_eq(invoice_budget_line(PAYER_CITY_BANTUAN), "bantuan iuran");
}

/* Whoever changes a sign of this changes every invoice: they could not be compared with older ones. */
Test(invoice, the_bytes_of_a_frozen_one) {
    cr_assert_str_eq(
        written(),
        "{\"month\":\"2026-12\",\"as_of_offset\":2000001,\"frozen\":true,\"currency\":\"IDR\","
        "\"tariff_digest\":\"0123456789abcdef\",\"closed_ms\":1798160400123,\"due_date\":\"2027-01-11\","
        "\"due_date_provisional\":true,\"lines\":["
        "{\"payer\":\"CITY_IURAN\",\"budget_line\":\"iuran\",\"segment\":\"PBPU_PEMDA\",\"class\":3,"
        "\"kecamatan\":0,\"people\":1,\"amount_rupiah\":35000,\"corrections\":0,\"corrections_rupiah\":0},"
        "{\"payer\":\"CITY_IURAN\",\"budget_line\":\"iuran\",\"segment\":\"PBPU_PEMDA\",\"class\":3,"
        "\"kecamatan\":367102,\"people\":383586,\"amount_rupiah\":13425510000,\"corrections\":1,"
        "\"corrections_rupiah\":-35000},"
        "{\"payer\":\"CITY_BANTUAN\",\"budget_line\":\"bantuan iuran\",\"segment\":\"PBPU_PEMDA\","
        "\"class\":3,\"kecamatan\":0,\"people\":1,\"amount_rupiah\":2800,\"corrections\":0,"
        "\"corrections_rupiah\":0},"
        "{\"payer\":\"CITY_BANTUAN\",\"budget_line\":\"bantuan iuran\",\"segment\":\"PBPU_PEMDA\","
        "\"class\":3,\"kecamatan\":367102,\"people\":383586,\"amount_rupiah\":1074040800,\"corrections\":1,"
        "\"corrections_rupiah\":-2800},"
        "{\"payer\":\"CITY_BANTUAN\",\"budget_line\":\"bantuan iuran\",\"segment\":\"PBPU\",\"class\":3,"
        "\"kecamatan\":367101,\"people\":10,\"amount_rupiah\":28000,\"corrections\":0,"
        "\"corrections_rupiah\":0}],"
        "\"totals\":{\"city\":{\"amount_rupiah\":14499616600,\"corrections_rupiah\":-37800,"
        "\"owed_rupiah\":14499578800},"
        "\"city_paid\":{\"amount_rupiah\":14499588600,\"corrections_rupiah\":-37800,"
        "\"owed_rupiah\":14499550800},"
        "\"payers\":[{\"payer\":\"CITY_IURAN\",\"people\":383587,\"amount_rupiah\":13425545000,"
        "\"corrections\":1,\"corrections_rupiah\":-35000,\"owed_rupiah\":13425510000},"
        "{\"payer\":\"CITY_BANTUAN\",\"people\":383597,\"amount_rupiah\":1074071600,\"corrections\":1,"
        "\"corrections_rupiah\":-2800,\"owed_rupiah\":1074068800}],"
        "\"vulnerable\":[{\"payer\":\"CITY_IURAN\",\"people\":2,\"amount_rupiah\":70000,\"corrections\":0,"
        "\"corrections_rupiah\":0,\"owed_rupiah\":70000}]},"
        "\"partitions\":[{\"partition\":0,\"sequence\":12,\"hash\":"
        "\"ab01000000000000000000000000000000000000000000000000000000000000\","
        "\"payers\":[{\"payer\":\"CITY_IURAN\",\"people\":1,\"owed_rupiah\":0}]},"
        "{\"partition\":1,\"sequence\":18446744073709551615,\"hash\":"
        "\"00000000000000000000000000000000000000000000000000000000000000ff\","
        "\"payers\":[{\"payer\":\"CITY_IURAN\",\"people\":383586,\"owed_rupiah\":13425510000},"
        "{\"payer\":\"CITY_BANTUAN\",\"people\":383597,\"owed_rupiah\":1074068800}]}]}");
}

Test(invoice, a_preview_has_the_same_lines_and_totals) {
    char *frozen = strdup(written());
    invoice.frozen = false;
    invoice.partition_count = 0;
    invoice.partitions = NULL;
    const char *preview = written();
    const char *lines = strstr(frozen, "\"lines\""), *end = strstr(frozen, ",\"partitions\"");
    cr_assert_not_null(end);
    const char *same = strstr(preview, "\"lines\"");
    cr_assert_eq(strncmp(same, lines, (size_t)(end - lines)), 0);
    cr_assert_str_eq(same + (end - lines), "}");
    cr_assert_null(strstr(preview, "due_date"));
    cr_assert_null(strstr(preview, "closed_ms"));
    cr_assert_not_null(strstr(preview, "\"frozen\":false"));
    free(frozen);
}

Test(invoice, nothing_owed_is_an_invoice_too) {
    memset(&sums, 0, sizeof sums);
    invoice.partition_count = 0;
    cr_assert_not_null(strstr(written(), "\"lines\":[],\"totals\":{\"city\":{\"amount_rupiah\":0,"));
    cr_assert_not_null(strstr(written(), "\"payers\":[],\"vulnerable\":[]},\"partitions\":[]}"));
}

Test(invoice, any_json_reader_reads_it) {
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++)
        for (unsigned segment = 1; segment < SEGMENT_COUNT; segment++)
            for (unsigned care_class = 0; care_class < CARE_CLASS_COUNT; care_class++)
                for (unsigned place = 0; place <= KECAMATAN_MAX; place++)
                    sums.line[payer][segment][care_class][place] = (struct ledger_line){
                        UINT32_MAX, INT64_C(100000000000000), 1, INT64_C(-99999999999999)};
    for (unsigned code = 3; code <= KECAMATAN_MAX; code++)
        cr_assert(region_table_add(&regions, 3671000001u + code * 10000u, "k", "kecamatan", 1));
    partitions[1].sequence = INT64_MAX; /* a sequence beyond a signed number is never given */
    size_t size = invoice_write(&invoice, bytes, sizeof bytes);
    cr_assert_gt(size, 0, "the fullest invoice has room");
    json_error_t error;
    json_t *root = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, &error);
    cr_assert_not_null(root, "%s at %d", error.text, error.position);
    cr_assert_eq(json_array_size(json_object_get(root, "lines")), 6 * 6 * 4 * 33);
    json_decref(root);
}

Test(invoice, what_does_not_fit_is_not_written) {
    size_t size = strlen(written());
    uint8_t *exact = malloc(size + 1);
    cr_assert_eq(invoice_write(&invoice, exact, size + 1), size);
    for (size_t capacity = 0; capacity <= size; capacity++) {
        uint8_t *small = malloc(capacity ? capacity : 1); /* the sanitizer watches its end */
        cr_assert_eq(invoice_write(&invoice, small, capacity), 0, "%zu", capacity);
        free(small);
    }
    free(exact);
}

Test(invoice, sums_and_control_totals_agree) {
    cr_assert_eq(invoice_check(&invoice, &why), RESULT_OK, "%s", why.sentence);
    partitions[1].amount_rupiah[PAYER_CITY_IURAN]--;
    cr_assert_eq(invoice_check(&invoice, &why), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "INVOICE_CONTROL");
    partitions[0].amount_rupiah[PAYER_CITY_IURAN]++;
    cr_assert_eq(invoice_check(&invoice, &why), RESULT_OK, "the sum counts");
    partitions[0].people[PAYER_CITY_IURAN]++;
    cr_assert_eq(invoice_check(&invoice, &why), RESULT_CORRUPT);
    partitions[0].people[PAYER_CITY_IURAN]--;
    partitions[0].amount_rupiah[PAYER_MEMBER] = 1;
    cr_assert_eq(invoice_check(&invoice, &why), RESULT_CORRUPT, "a payer of whom the sums know nothing");
    partitions[0].amount_rupiah[PAYER_MEMBER] = INT64_MAX;
    partitions[1].amount_rupiah[PAYER_MEMBER] = INT64_MAX;
    cr_assert_eq(invoice_check(&invoice, &why), RESULT_CORRUPT, "an overflow is no agreement");
    invoice.frozen = false;
    cr_assert_eq(invoice_check(&invoice, &why), RESULT_OK, "a preview has no control totals");
}

Test(invoice, amounts_and_people_agree) {
    static const struct ledger_line bad[] = {
        {0, 35000, 0, 0}, {1, 0, 0, 0}, {1, -1, 0, 0}, {35001, 35000, 0, 0}, {1, 35000, 0, 1}, {0, 0, 0, -1},
    };
    invoice.frozen = false;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put(PAYER_CENTRE, SEGMENT_PBI_JK, 0, bad[i]);
        cr_assert_eq(invoice_check(&invoice, &why), RESULT_CORRUPT, "case %zu", i);
        cr_assert_str_eq(why.code, "INVOICE_LINE");
    }
    put(PAYER_CENTRE, SEGMENT_PBI_JK, 0, (struct ledger_line){0, 0, 2, 0});
    cr_assert_eq(invoice_check(&invoice, &why), RESULT_OK, "corrections may cancel out");
}

Test(invoice, the_vulnerable_are_among_all) {
    invoice.frozen = false;
    sums.vulnerable[PAYER_CITY_IURAN].people = PEOPLE + 1;
    sums.vulnerable[PAYER_CITY_IURAN].amount_rupiah = PEOPLE + 1;
    cr_assert_eq(invoice_check(&invoice, &why), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "INVOICE_VULNERABLE");
    sums.vulnerable[PAYER_CITY_IURAN] = (struct ledger_line){0, 0, 0, 0};
    sums.vulnerable[PAYER_MEMBER] = (struct ledger_line){1, 1, 0, 0};
    cr_assert_eq(invoice_check(&invoice, &why), RESULT_CORRUPT, "a payer who has none");
}

Test(invoice, a_partitions_entry_is_found_again) {
    uint64_t sequence;
    uint8_t hash[JOURNAL_HASH_SIZE];
    size_t size = strlen(written());
    cr_assert(invoice_find_partition(bytes, size, 0, &sequence, hash));
    cr_assert_eq(sequence, 12);
    cr_assert_eq(memcmp(hash, partitions[0].hash, sizeof hash), 0);
    cr_assert(invoice_find_partition(bytes, size, 1, &sequence, hash));
    cr_assert_eq(sequence, UINT64_MAX);
    cr_assert_eq(memcmp(hash, partitions[1].hash, sizeof hash), 0);
    cr_assert_not(invoice_find_partition(bytes, size, 2, &sequence, hash));
    cr_assert_not(invoice_find_partition(bytes, size, UINT32_MAX, &sequence, hash));
    cr_assert_not(invoice_find_partition(NULL, 0, 0, &sequence, hash));
}

Test(invoice, a_partitions_totals_are_read_as_they_were_written) {
    struct invoice_partition read;
    size_t size = strlen(written());
    for (uint32_t i = 0; i < 2; i++) {
        cr_assert(invoice_read_partition(bytes, size, i, &read), "partition %u", i);
        cr_assert_eq(read.sequence, partitions[i].sequence);
        cr_assert_arr_eq(read.hash, partitions[i].hash, sizeof read.hash);
        cr_assert_arr_eq(read.amount_rupiah, partitions[i].amount_rupiah, sizeof read.amount_rupiah);
        cr_assert_arr_eq(read.people, partitions[i].people, sizeof read.people);
    }
    cr_assert_not(invoice_read_partition(bytes, size, 2, &read));
    const char *second = strstr((char *)bytes, "{\"partition\":1,");
    size_t whole = (size_t)(strstr(second, "]}") + 2 - (char *)bytes);
    for (size_t cut = 0; cut <= size; cut++) {
        uint8_t *part = malloc(cut ? cut : 1);
        memcpy(part, bytes, cut);
        cr_assert_eq(invoice_read_partition(part, cut, 1, &read), cut >= whole, "%zu", cut);
        free(part);
    }
}

Test(invoice, cut_or_strange_bytes_have_no_partition) {
    uint64_t sequence;
    uint8_t hash[JOURNAL_HASH_SIZE];
    size_t size = strlen(written());
    const char *second = strstr((char *)bytes, "{\"partition\":1,");
    size_t whole = (size_t)(strstr(second, "ff\"") + 2 - (char *)bytes);
    for (size_t cut = 0; cut <= size; cut++) {
        uint8_t *part = malloc(cut ? cut : 1);
        memcpy(part, bytes, cut);
        cr_assert_eq(invoice_find_partition(part, cut, 1, &sequence, hash), cut >= whole, "%zu", cut);
        free(part);
    }
    static const char *const strange[] = {
        "\"partitions\":[{\"partition\":0,\"sequence\":x",
        "\"partitions\":[{\"partition\":0,\"sequence\":,",
        "\"partitions\":[{\"partition\":0,\"sequence\":18446744073709551616,\"hash\":\"",
        "\"partitions\":[{\"partition\":0,\"sequence\":1,\"hash\":"
        "\"zz01000000000000000000000000000000000000000000"
        "000000000000000000\"",
    };
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++)
        cr_assert_not(
            invoice_find_partition((const uint8_t *)strange[i], strlen(strange[i]), 0, &sequence, hash),
            "%zu", i);
}
