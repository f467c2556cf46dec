/* ledger_save.c - tests services/domain/ledger_save.c and words.c: what a snapshot refuses, and that it
 * refuses all damage. */
#include "ledger_history.h"

#include "cakupan/ledger.h"
#include "store/city_tariff.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX (1u << 20)

struct bytes {
    size_t size, at, limit;
    uint8_t data[BYTES_MAX];
};

static struct bytes saved, again;
static struct tariff tariff;
static struct history *history;
static struct ledger *ledger;
static struct ledger_sums sums;
static struct failure why;
static month_t november;

static bool write_bytes(void *context, const void *data, size_t size) {
    struct bytes *bytes = context;
    if (bytes->size + size > bytes->limit)
        return false;
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
    return true;
}

static bool read_bytes(void *context, void *data, size_t size) {
    struct bytes *bytes = context;
    if (bytes->at + size > bytes->size)
        return false;
    memcpy(data, bytes->data + bytes->at, size);
    bytes->at += size;
    return true;
}

/* A ledger with closed months, older runs and corrections, and its snapshot. */
static void start(void) {
    cr_assert_eq(tariff_load(&tariff, CITY_DIRECTORY, &why), RESULT_OK, "%s", why.sentence);
    history = history_begin(2026);
    november = calendar_month(history->today);
    ledger = ledger_new(&history->regions, &tariff, november);
    uint32_t done = 0;
    for (unsigned i = 0; i < 120 && history_go(history); i++) {
        for (; done < history->count; done++)
            cr_assert_eq(ledger_step(ledger, &history->records[done], NULL, NULL, &why), RESULT_OK);
        if (i % 20 == 10)
            cr_assert_eq(ledger_close(ledger, ledger_open_month(ledger), &sums, NULL, NULL, &why), RESULT_OK);
    }
    saved.limit = again.limit = BYTES_MAX;
    cr_assert_eq(ledger_save(ledger, write_bytes, &saved), RESULT_OK);
}

static void stop(void) {
    ledger_destroy(&ledger);
    history_end(&history);
}

TestSuite(ledger_save, .init = start, .fini = stop);

static enum result load(const struct tariff *with, month_t first_month, struct ledger **out) {
    *out = ledger_new(&history->regions, with, first_month);
    saved.at = 0;
    return ledger_load(*out, read_bytes, &saved, &why);
}

static void refused(const struct tariff *with, month_t first_month, enum result result, const char *code) {
    struct ledger *loaded;
    cr_assert_eq(load(with, first_month, &loaded), result);
    cr_assert_str_eq(why.code, code, "%s", why.sentence);
    ledger_destroy(&loaded);
}

Test(ledger_save, a_loaded_ledger_is_the_same) {
    struct ledger *loaded;
    cr_assert_eq(load(&tariff, november, &loaded), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(ledger_digest(loaded), ledger_digest(ledger));
    cr_assert_eq(ledger_open_month(loaded), ledger_open_month(ledger));
    cr_assert_eq(ledger_last_offset(loaded), ledger_last_offset(ledger));
    cr_assert_eq(ledger_member_count(loaded), ledger_member_count(ledger));
    cr_assert_eq(memcmp(ledger_projected(loaded), ledger_projected(ledger), sizeof sums), 0);
    cr_assert_eq(ledger_save(loaded, write_bytes, &again), RESULT_OK);
    cr_assert(again.size == saved.size && memcmp(again.data, saved.data, saved.size) == 0);
    ledger_destroy(&loaded);
}

Test(ledger_save, an_empty_ledger_is_saved_and_loaded) {
    struct ledger *empty = ledger_new(&history->regions, &tariff, november), *loaded;
    saved.size = 0;
    cr_assert_eq(ledger_save(empty, write_bytes, &saved), RESULT_OK);
    cr_assert_eq(load(&tariff, november, &loaded), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(ledger_digest(loaded), ledger_digest(empty));
    cr_assert_neq(ledger_digest(empty), ledger_digest(ledger));
    ledger_destroy(&loaded);
    ledger_destroy(&empty);
}

Test(ledger_save, another_tariff_first_month_or_version_is_refused) {
    struct tariff other = tariff;
    other.rows[0].share[PAYER_CENTRE]++;
    refused(&other, november, RESULT_CONFLICT, "SNAPSHOT_OTHER");
    refused(&tariff, (month_t)(november + 1), RESULT_CONFLICT, "SNAPSHOT_OTHER");
    saved.data[8]++;
    refused(&tariff, november, RESULT_CONFLICT, "SNAPSHOT_VERSION");
    saved.data[8]--;
    saved.data[0]++;
    refused(&tariff, november, RESULT_CONFLICT, "SNAPSHOT_VERSION");
}

Test(ledger_save, other_regions_are_refused) {
    history->regions.kelurahan[1].code++;
    refused(&tariff, november, RESULT_CONFLICT, "SNAPSHOT_OTHER");
    history->regions.kelurahan[1].code--;
}

Test(ledger_save, a_snapshot_cut_anywhere_is_refused) {
    size_t whole = saved.size;
    for (size_t size = 0; size < whole; size += 8) {
        saved.size = size;
        struct ledger *loaded;
        cr_assert_eq(load(&tariff, november, &loaded), RESULT_CORRUPT, "cut at %zu", size);
        ledger_destroy(&loaded);
    }
}

/* Integrity is the store's business; a load of damaged bytes must still end, with a result, in a ledger
 * without harm. */
Test(ledger_save, damaged_bytes_never_crash_a_load) {
    for (size_t at = 96; at < saved.size; at++) {
        uint8_t was = saved.data[at];
        saved.data[at] = (uint8_t)(was ^ (1u << at % 8));
        struct ledger *loaded;
        enum result result = load(&tariff, november, &loaded);
        cr_assert(result == RESULT_OK || result == RESULT_CORRUPT, "byte %zu", at);
        ledger_destroy(&loaded);
        saved.data[at] = was;
    }
}

Test(ledger_save, a_disk_that_is_full_is_an_error) {
    for (size_t limit = 0; limit < saved.size; limit += saved.size / 7) {
        again.size = 0;
        again.limit = limit;
        cr_assert_eq(ledger_save(ledger, write_bytes, &again), RESULT_IO);
    }
}
