/* journal_bench.c - what the journal's store takes: appends by size of batch, and reading all back.
 *
 * usage: journal_bench FILE [SECONDS-PER-SIZE]. FILE must not exist; it is removed at the end. Records are
 * 120 bytes, one run a batch; `idle` comes only at the end, so that the log's bound is at work.
 */
#include "measure.h"
#include "store/journal_sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define RECORD_BYTES 120

static uint8_t records[10000 * RECORD_BYTES];

static void check(enum result result, const struct failure *why) {
    if (result != RESULT_OK)
        measure_die("%s", why->sentence);
}

static void report(const char *what, uint32_t count, double value) {
    char name[64];
    snprintf(name, sizeof name, "journal_%s_batch_%u", what, count);
    measure_report(name, value);
}

static void measure_appends(struct journal *journal, uint32_t count, double seconds) {
    struct failure why;
    struct journal_batch head;
    struct samples samples = {0};
    check(journal->operations->head(journal, &head, &why), &why);
    uint64_t next = head.header.first_offset + head.header.count + (head.header.count == 0);
    int64_t start = measure_now_us(), end = start;
    while ((double)(end - start) < seconds * 1e6) {
        struct journal_batch batch = {
            {next, count, (int64_t)next, 46000}, {0}, records, (size_t)count * RECORD_BYTES};
        struct journal_run run = {(uint32_t)(next % 64), next, count};
        check(journal->operations->append(journal, &batch, &run, 1, NULL, 0, &why), &why);
        int64_t time = measure_now_us();
        samples_add(&samples, (double)(time - end));
        end = time;
        next += count;
    }
    double batches_per_second = (double)samples.count * 1e6 / (double)(end - start);
    report("batches_per_second", count, batches_per_second);
    report("events_per_second", count, batches_per_second * count);
    report("p50_us", count, samples_percentile(&samples, 50));
    report("p99_us", count, samples_percentile(&samples, 99));
    report("max_us", count, samples_percentile(&samples, 100));
    samples_free(&samples);
}

static void measure_reading(struct journal *journal) {
    struct failure why;
    struct journal_batch batch;
    uint64_t next = 1, bytes = 0;
    enum result result;
    int64_t start = measure_now_us();
    while ((result = journal->operations->read(journal, next, &batch, &why)) == RESULT_OK) {
        next += batch.header.count;
        bytes += batch.size;
    }
    double seconds = (double)(measure_now_us() - start) / 1e6;
    if (result != RESULT_NOT_FOUND)
        check(result, &why);
    measure_report("journal_read_seconds", seconds);
    measure_report("journal_read_events_per_second", (double)(next - 1) / seconds);
    measure_report("journal_read_megabytes_per_second", (double)bytes / 1e6 / seconds);
}

int main(int argc, char **argv) {
    static const uint32_t counts[] = {1, 100, 1000, 10000};
    struct journal *journal;
    struct failure why;
    if (argc < 2 || access(argv[1], F_OK) == 0)
        measure_die("usage: journal_bench FILE-THAT-DOES-NOT-EXIST [SECONDS-PER-SIZE]");
    for (size_t at = 0; at < sizeof records; at++)
        records[at] = (uint8_t)(at * 2654435761u >> 13);
    check(journal_sqlite_open(&journal, argv[1], &why), &why);
    for (size_t index = 0; index < sizeof counts / sizeof *counts; index++)
        measure_appends(journal, counts[index], argc > 2 ? atof(argv[2]) : 2);
    int64_t start = measure_now_us();
    check(journal->operations->idle(journal, &why), &why);
    measure_report("journal_idle_us", (double)(measure_now_us() - start));
    measure_reading(journal);
    journal->operations->close(&journal);
    unlink(argv[1]);
    return 0;
}
