/* scenario.h - what simulated kaders and the labour office report: events about the generator's people.
 *
 * Pure and without memory: event `number` of a device follows from the seed, so a run can be repeated. It
 * knows the people as the baseline made them, not what happened to them since: like real kaders it reports
 * some things twice or too late, and makes a share of plain mistakes, which enrollment refuses.
 */
#ifndef KADER_SCENARIO_H
#define KADER_SCENARIO_H

#include "generator.h"

struct scenario {
    const struct generator *generator;
    uint64_t seed;
    day_t today;                /* business day */
    uint32_t mistakes_permille; /* of a kader's events */
};

/* One who reports. */
struct scenario_sender {
    uint32_t device; /* number of the device: temporary ids bear it */
    uint32_t area;   /* city, kecamatan or kelurahan */
};

/* An event and the texts that it borrows. */
struct scenario_event {
    struct event event;
    struct generator_person person; /* about whom */
    char author[GENERATOR_NAME_MAX + 1];
};

/* A kader's event `number`: every kind that a kader may send, in the shares of an ordinary day. */
void scenario_kader(const struct scenario *scenario, const struct scenario_sender *sender, uint64_t number,
                    int64_t now_ms, struct scenario_event *out);
/* The labour office's event `number` on an ordinary day: a worker laid off, or hired again elsewhere. */
void scenario_office(const struct scenario *scenario, uint64_t number, int64_t now_ms,
                     struct scenario_event *out);
/* Worker `rank` of company `company` is laid off. */
void scenario_layoff(const struct scenario *scenario, uint32_t company, uint32_t rank, int64_t now_ms,
                     struct scenario_event *out);

#endif
