/* simulator.h - thousands of simulated devices at work on a running system, and what they got back.
 *
 *   day    kaders (and, where it is paired, the labour office) report an ordinary day, mistakes included
 *   surge  companies close: the labour office sends layoffs in bulk while the kaders' traffic goes on
 *   flood  one device sends as fast as it can; the others are measured before and during
 *
 * Prints nothing. One thread; the caller has paired the devices.
 */
#ifndef KADER_SIMULATOR_H
#define KADER_SIMULATOR_H

#include "generator.h"
#include "histogram.h"

#include "cakupan/kader.h"

#define SIMULATOR_CODES 256 /* refusals and warnings are below */

struct simulator_device {
    const char *device_file; /* pairing of a device of role kader             */
    uint32_t area;           /* as paired: city, kecamatan or kelurahan       */
};

struct simulator_options {
    const struct generator *generator; /* as the baseline was made */
    const struct simulator_device *devices;
    size_t device_count;
    const char *office_file;    /* day (may be NULL), surge: pairing of role labour-office */
    const char *flooder_file;   /* flood: pairing of role kader; area is the whole city    */
    const char *endpoint;       /* NULL: as paired */
    uint32_t events_per_second; /* of all kaders together; 0: as fast as they are answered */
    uint64_t events;            /* of all kaders; 0: until the seconds are over            */
    uint32_t seconds;           /* 0: until the events are sent. flood: of each half       */
    uint32_t layoffs;           /* surge: workers laid off; 0: 10,000                      */
    uint32_t mistakes_permille; /* of the kaders' events                                   */
    uint32_t patience_ms;       /* without any answer: gives up; 0: 30,000                 */
    uint64_t seed;
};

enum simulator_group {
    SIMULATOR_KADERS = 0, /* flood: while it lasts          */
    SIMULATOR_OTHER,      /* labour office, or who floods   */
    SIMULATOR_BEFORE,     /* flood: the kaders before it    */
    SIMULATOR_GROUPS
};

struct simulator_figures {
    uint32_t devices, refused_devices;
    uint64_t queued, accepted, refused, warned;
    uint64_t sent; /* repeats included */
    uint64_t busy_frames, resent_frames;
    uint64_t by_code[SIMULATOR_CODES]; /* refusals and warnings, by enum refusal */
    struct histogram ack;              /* from sending to the ack                */
    int64_t elapsed_ms;
};

struct simulator_summary {
    struct simulator_figures groups[SIMULATOR_GROUPS];
    int64_t elapsed_ms; /* without opening the devices */
    bool stopped;       /* by the callback */
    uint64_t unanswered;
};

/* Called about ten times a second with the figures so far. False: stop. */
typedef bool simulator_on_progress(void *context, const struct simulator_summary *summary);

MUST_USE enum result simulator_day(const struct simulator_options *options,
                                   simulator_on_progress *on_progress, void *context,
                                   struct simulator_summary *summary, struct failure *why);
MUST_USE enum result simulator_surge(const struct simulator_options *options,
                                     simulator_on_progress *on_progress, void *context,
                                     struct simulator_summary *summary, struct failure *why);
MUST_USE enum result simulator_flood(const struct simulator_options *options,
                                     simulator_on_progress *on_progress, void *context,
                                     struct simulator_summary *summary, struct failure *why);

#endif
