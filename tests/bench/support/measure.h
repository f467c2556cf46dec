/* measure.h - what every benchmark program does the same way: time, samples, percentiles, one line per
 * result. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

/* Monotonic, microseconds. */
int64_t measure_now_us(void);

/* Samples of one quantity; grows as needed. */
struct samples {
    double *values;
    size_t count, capacity;
};
void samples_add(struct samples *samples, double value);
/* The value below which `percent` per cent lie (50: median). Sorts. 0 where there is none. */
double samples_percentile(struct samples *samples, double percent);
void samples_free(struct samples *samples);

/* "NAME VALUE" on standard output, which tests/bench/run collects. */
void measure_report(const char *name, double value);
/* Ends the program with a sentence. */
void measure_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
