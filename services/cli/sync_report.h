/* sync_report.h - what `cakupan sync` found and did, with examples, as tables and as JSON. */
#ifndef CLI_SYNC_REPORT_H
#define CLI_SYNC_REPORT_H

#include "sync_compare.h"

#include <jansson.h>

enum { SYNC_EXAMPLES_MAX = 1000, SYNC_REFUSAL_CODES = 32 };

struct sync_example {
    identity_t identity;
    uint64_t line;       /* 0: not in the list */
    uint8_t here, there; /* segments; 0 none */
};

struct sync_report {
    uint64_t list; /* examples of each finding to keep, at most SYNC_EXAMPLES_MAX */
    bool apply;
    uint64_t rows, accepted, refused;
    struct sync_example *examples; /* SYNC_FINDINGS times `list` */
    size_t example_counts[SYNC_FINDINGS];
    struct {
        enum refusal code;
        uint64_t count;
    } refusals[SYNC_REFUSAL_CODES];
};

/* Once `list` is set. Aborts where memory is out. */
void sync_report_begin(struct sync_report *report);
void sync_report_free(struct sync_report *report);
void sync_report_example(struct sync_report *report, enum sync_finding finding, struct sync_example example);
void sync_report_refusal(struct sync_report *report, enum refusal code);
void sync_report_print(const struct sync_report *report, const struct sync_compare *compare);
json_t *sync_report_json(const struct sync_report *report, const struct sync_compare *compare);

#endif
