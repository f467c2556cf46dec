/* coverage_store.c - tests of coverage's file: state and history go together, damage is found, one owner. */
#include "store/coverage_store.h"

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/cakupan-store-XXXXXX";
static char path[64];
static struct coverage_store *store;
static struct totals_picture picture;

static void open_store(void) {
    struct failure why = {0};
    cr_assert_eq(coverage_store_open(&store, path, &why), RESULT_OK, "%s", why.sentence);
}

static void setup(void) {
    cr_assert_not_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/coverage.db", directory);
    picture = (struct totals_picture){.offset = 10,
                                      .day = 40000,
                                      .count = 3,
                                      .regions = {{.code = 3671}, {.code = 367101}, {.code = 3671011001}}};
    open_store();
}

static void teardown(void) {
    char command[96];
    coverage_store_close(&store);
    snprintf(command, sizeof command, "rm -r %s", directory);
    cr_assert_eq(system(command), 0);
}
TestSuite(coverage_store, .init = setup, .fini = teardown);

static struct coverage_state state_of(uint64_t offset) {
    struct coverage_state state = {.offset = offset, .totals = (const uint8_t *)"packed\0totals", .size = 13};
    memset(state.chain, (int)offset, sizeof state.chain);
    return state;
}

static void save(uint64_t offset) {
    struct coverage_state state = state_of(offset);
    cr_assert_eq(coverage_store_commit(store, &state, NULL), RESULT_OK);
}

struct rows {
    unsigned count;
    day_t day[64];
    uint64_t offset[64];
    uint32_t code[64], registered[64];
};
static void on_row(void *context, day_t day, uint64_t offset, uint32_t code, const struct totals_line *line) {
    struct rows *rows = context;
    cr_assert_lt(rows->count, 64);
    rows->day[rows->count] = day;
    rows->offset[rows->count] = offset;
    rows->code[rows->count] = code;
    rows->registered[rows->count++] = line->registered;
}
static struct rows history(day_t from, day_t to, uint32_t code, unsigned days_max) {
    struct rows rows = {0};
    cr_assert_eq(coverage_store_history(store, from, to, code, days_max, on_row, &rows, NULL), RESULT_OK);
    return rows;
}

static void write_day(day_t day, uint32_t registered) {
    picture.day = day;
    picture.regions[0].line.registered = registered;
    cr_assert_eq(coverage_store_day(store, &picture, NULL), RESULT_OK);
}

Test(coverage_store, a_state_comes_back_after_a_restart) {
    struct coverage_state state;
    cr_assert_eq(coverage_store_load(store, &state, NULL), RESULT_NOT_FOUND);
    save(4);
    save(5);
    coverage_store_close(&store);
    cr_assert_null(store);
    open_store();
    cr_assert_eq(coverage_store_load(store, &state, NULL), RESULT_OK);
    cr_assert_eq(state.offset, 5);
    cr_assert_eq(state.chain[31], 5);
    cr_assert_eq(state.size, 13);
    cr_assert_eq(memcmp(state.totals, "packed\0totals", 13), 0);
    save(6); /* also while the row is still lent */
    struct stat file;
    cr_assert_eq(stat(path, &file), 0);
    cr_assert_eq(file.st_mode & 0777, 0600);
}

Test(coverage_store, days_are_kept_for_city_and_kecamatan_and_written_over) {
    write_day(40000, 1);
    write_day(40001, 2);
    picture.offset = 11;
    write_day(40001, 3);
    save(11);
    struct rows rows = history(DAY_NONE, DAY_NONE, 0, 100);
    cr_assert_eq(rows.count, 4);
    cr_assert_eq(rows.day[0], 40000);
    cr_assert_eq(rows.code[0], 3671);
    cr_assert_eq(rows.code[1], 367101);
    cr_assert_eq(rows.registered[2], 3);
    cr_assert_eq(rows.offset[2], 11);
    cr_assert_eq(rows.offset[0], 10, "a day that is over stays as it was");
}

Test(coverage_store, history_is_bounded_by_days_region_and_count) {
    for (day_t day = 40000; day < 40010; day++)
        write_day(day, day);
    cr_assert_eq(history(40003, 40005, 3671, 100).count, 3);
    cr_assert_eq(history(40003, 40005, 367101, 100).count, 3);
    cr_assert_eq(history(40003, 40005, 367199, 100).count, 0);
    cr_assert_eq(history(40005, 40003, 0, 100).count, 0);
    struct rows last = history(DAY_NONE, 40007, 3671, 2);
    cr_assert_eq(last.count, 2);
    cr_assert_eq(last.day[0], 40006);
    cr_assert_eq(last.day[1], 40007);
}

Test(coverage_store, every_figure_comes_back) {
    for (unsigned field = 0; field < TOTALS_FIELDS; field++)
        *totals_field(&picture.regions[0].line, field) = UINT32_MAX - field;
    picture.regions[0].line.registered = 7;
    write_day(40000, 7);
    struct totals_line line = picture.regions[0].line;
    struct rows rows = history(DAY_NONE, DAY_NONE, 3671, 1);
    cr_assert_eq(rows.registered[0], 7);
    sqlite3 *database;
    save(10);
    coverage_store_close(&store);
    cr_assert_eq(sqlite3_open(path, &database), SQLITE_OK);
    sqlite3_stmt *row;
    cr_assert_eq(sqlite3_prepare_v2(database,
                                    "SELECT flow_laid_off, registered_PBI_JK FROM history"
                                    " WHERE day = '2009-07-07' AND code = 3671",
                                    -1, &row, NULL),
                 SQLITE_OK);
    char day[CALENDAR_TEXT];
    calendar_format(40000, day);
    cr_assert_str_eq(day, "2009-07-07");
    cr_assert_eq(sqlite3_step(row), SQLITE_ROW);
    cr_assert_eq((uint32_t)sqlite3_column_int64(row, 0), line.flows[FLOW_LAID_OFF]);
    cr_assert_eq((uint32_t)sqlite3_column_int64(row, 1), line.registered_by_segment[SEGMENT_PBI_JK]);
    sqlite3_finalize(row);
    sqlite3_close(database);
}

Test(coverage_store, a_day_without_its_commit_is_not_there) {
    save(9);
    write_day(40000, 1);
    coverage_store_close(&store); /* as after a crash: rolled back */
    open_store();
    cr_assert_eq(history(DAY_NONE, DAY_NONE, 0, 100).count, 0);
    struct coverage_state state;
    cr_assert_eq(coverage_store_load(store, &state, NULL), RESULT_OK);
    cr_assert_eq(state.offset, 9);
}

static void tamper(const char *sql) {
    sqlite3 *database;
    coverage_store_close(&store);
    cr_assert_eq(sqlite3_open(path, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

Test(coverage_store, an_edited_state_fails_its_check) {
    static const char *const EDITS[] = {
        "UPDATE state SET record_offset = record_offset + 1", "UPDATE state SET totals = x'00'",
        "UPDATE state SET chain = zeroblob(32)", "UPDATE state SET chain = x'01'"};
    for (size_t index = 0; index < sizeof EDITS / sizeof *EDITS; index++) {
        struct coverage_state state;
        save(7);
        tamper(EDITS[index]);
        open_store();
        cr_assert_eq(coverage_store_load(store, &state, NULL), RESULT_CORRUPT, "%s", EDITS[index]);
    }
}

Test(coverage_store, other_files_are_refused_with_a_sentence) {
    struct coverage_store *second;
    struct failure why;
    save(1);
    cr_assert_eq(coverage_store_open(&second, path, &why), RESULT_CONFLICT, "one owner");
    cr_assert_str_eq(why.code, "COVERAGE_IN_USE");
    cr_assert_null(second);
    tamper("PRAGMA user_version=99");
    cr_assert_eq(coverage_store_open(&store, path, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "COVERAGE_VERSION");
    unlink(path);
    FILE *file = fopen(path, "w");
    for (int line = 0; line < 100; line++)
        fputs("this is no database at all\n", file);
    fclose(file);
    cr_assert_eq(coverage_store_open(&store, path, &why), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "COVERAGE_DAMAGED");
    cr_assert_eq(coverage_store_open(&store, "/nowhere/coverage.db", &why), RESULT_IO);
}
