/* workload.c - the same events and options for every contestant (workload.h). */
#include "workload.h"

#include "measure.h"
#include "people.h"
#include "store/city.h"
#include "wire/wire_event.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_BYTES_MAX 512u
#define CAPTURED_AT_MS  INT64_C(1763600000000) /* 20 November 2025 */

static uint64_t number(const char *name, const char *text) {
    char *end = NULL;
    uint64_t value = strtoull(text, &end, 10);
    if (end == text || *end)
        measure_die("--%s needs a number, not '%s'.", name, text);
    return value;
}

void workload_options(struct workload_options *options, int argc, char **argv) {
    static const struct option known[] = {{"target", required_argument, NULL, 't'},
                                          {"city", required_argument, NULL, 'c'},
                                          {"first", required_argument, NULL, 'f'},
                                          {"events", required_argument, NULL, 'e'},
                                          {"clients", required_argument, NULL, 'n'},
                                          {"frame", required_argument, NULL, 'm'},
                                          {"window", required_argument, NULL, 'w'},
                                          {"prefix", required_argument, NULL, 'p'},
                                          {NULL, 0, NULL, 0}};
    *options = (struct workload_options){.city = "deploy/tangerang",
                                         .events = 10000,
                                         .clients = 1,
                                         .frame = 1,
                                         .window = 1,
                                         .prefix = "result"};
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (option) {
        case 't':
            options->target = optarg;
            break;
        case 'c':
            options->city = optarg;
            break;
        case 'f':
            options->first = number("first", optarg);
            break;
        case 'e':
            options->events = number("events", optarg);
            break;
        case 'n':
            options->clients = (uint32_t)number("clients", optarg);
            break;
        case 'm':
            options->frame = (uint32_t)number("frame", optarg);
            break;
        case 'w':
            options->window = (uint32_t)number("window", optarg);
            break;
        case 'p':
            options->prefix = optarg;
            break;
        default:
            exit(2);
        }
    }
    if (!options->target || !options->clients || !options->frame || options->window < options->frame)
        measure_die("--target is needed; clients and frame are at least 1, the window at least a frame.");
}

void workload_regions(const char *city, struct region_table *out) {
    struct city *loaded = calloc(1, sizeof *loaded);
    struct failure why;
    if (!loaded || city_load(loaded, city, &why) != RESULT_OK)
        measure_die("%s", loaded ? why.sentence : "No memory.");
    *out = loaded->regions;
    free(loaded);
}

void workload_make(struct workload *workload, const struct workload_options *options) {
    struct region_table *regions = malloc(sizeof *regions);
    workload->count = options->events;
    workload->events = calloc(options->events, sizeof *workload->events);
    workload->bytes = malloc(options->events * EVENT_BYTES_MAX);
    if (!regions || !workload->events || !workload->bytes)
        measure_die("No memory for %llu events.", (unsigned long long)options->events);
    workload_regions(options->city, regions);
    uint8_t *at = workload->bytes;
    for (uint64_t i = 0; i < options->events; i++) {
        char name[PERSON_NAME_SIZE];
        struct event event;
        person_enrolment(options->first + i, regions, CAPTURED_AT_MS, name, &event);
        size_t size = wire_event_encode(&event, at, EVENT_BYTES_MAX);
        if (size == 0)
            measure_die("Event %llu is longer than %u bytes.", (unsigned long long)i, EVENT_BYTES_MAX);
        workload->events[i] = (struct workload_event){at, (uint32_t)size, event.kelurahan, event.segment};
        at += size;
    }
    free(regions);
}

void workload_free(struct workload *workload) {
    free(workload->events);
    free(workload->bytes);
    *workload = (struct workload){0};
}
