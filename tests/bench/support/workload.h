/* workload.h - the events that every contestant gets: the same people, serialized the same way, and the
 * options. */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include "cakupan/region.h"

#include <stddef.h>
#include <stdint.h>

struct workload_options {
    const char *target; /* socket or directory of the contestant */
    const char *city;   /* data files, for the regions */
    uint64_t first;     /* number of the first person */
    uint64_t events;
    uint32_t clients;
    uint32_t frame;     /* events that travel together */
    uint32_t window;    /* events on the way at most, per client */
    const char *prefix; /* of the names of results */
};
/* --target, --city, --first, --events, --clients, --frame, --window, --prefix; ends the program on others. */
void workload_options(struct workload_options *options, int argc, char **argv);

/* One serialized Event and the cell that it counts in. */
struct workload_event {
    const uint8_t *data;
    uint32_t size;
    uint32_t kelurahan;
    uint32_t segment;
};
struct workload {
    struct workload_event *events;
    uint64_t count;
    uint8_t *bytes;
};
void workload_make(struct workload *workload, const struct workload_options *options);
void workload_free(struct workload *workload);
/* The city's regions; ends the program where the files are wrong. */
void workload_regions(const char *city, struct region_table *out);

#endif
