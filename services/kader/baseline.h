/* baseline.h - brings the generator's people into enrollment, by the way that every event takes.
 *
 * The device is used for nothing else, so event `index` of the stream has sequence `index` + 1, and the
 * sequence that enrollment expects says where a load that was interrupted goes on: no file on disk, no
 * event twice. One thread.
 */
#ifndef KADER_BASELINE_H
#define KADER_BASELINE_H

#include "generator.h"

#include "cakupan/kader.h"

struct baseline_options {
    const char *device_file; /* pairing of a device of role bpjs, for the whole city */
    const char *endpoint;    /* NULL: as paired */
    int64_t captured_at_ms;  /* of all events */
    uint32_t frame_events;   /* 0: 1,000 */
    uint32_t window_events;  /* 0: 20 frames */
    uint32_t patience_ms;    /* without any answer: gives up; 0: 30,000 */
};

struct baseline_progress {
    uint64_t done, total;       /* events answered, of the whole stream */
    uint64_t resumed_from;      /* events answered before this load began */
    uint64_t accepted, refused; /* by this load */
    uint64_t resent_frames;
    uint32_t events_per_second; /* over this load */
    int64_t elapsed_ms;
    enum refusal first_refusal; /* REFUSAL_NONE: nothing was refused */
    char first_sentence[256];
};

/* Called about ten times a second, and once at the end. False: stop; a later load goes on from there. */
typedef bool baseline_on_progress(void *context, const struct baseline_progress *progress);

/* RESULT_OK: the whole stream is answered (see `refused`). RESULT_AGAIN: stopped by the callback, or
 * enrollment gave no answer for the time of patience. RESULT_CONFLICT: the device has sent more than this
 * stream. `progress` holds the last figures in every case. */
MUST_USE enum result baseline_load(const struct generator *generator, const struct baseline_options *options,
                                   baseline_on_progress *on_progress, void *context,
                                   struct baseline_progress *progress, struct failure *why);

#endif
