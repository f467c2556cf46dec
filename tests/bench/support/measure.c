/* measure.c - time, samples and results of benchmarks (measure.h). */
#include "measure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int64_t measure_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void samples_add(struct samples *samples, double value) {
    if (samples->count == samples->capacity) {
        samples->capacity = samples->capacity ? samples->capacity * 2 : 1024;
        double *values = realloc(samples->values, samples->capacity * sizeof *values);
        if (!values)
            measure_die("No memory for %zu samples.", samples->capacity);
        samples->values = values;
    }
    samples->values[samples->count++] = value;
}

static int compare(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

double samples_percentile(struct samples *samples, double percent) {
    if (samples->count == 0)
        return 0;
    qsort(samples->values, samples->count, sizeof *samples->values, compare);
    size_t index = (size_t)((double)(samples->count - 1) * percent / 100 + 0.5);
    return samples->values[index];
}

void samples_free(struct samples *samples) {
    free(samples->values);
    *samples = (struct samples){0};
}

void measure_report(const char *name, double value) {
    printf("%s %.6g\n", name, value);
    fflush(stdout);
}

void measure_die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}
