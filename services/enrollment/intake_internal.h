/* intake_internal.h - what the files of the intake share: the stage between a frame and its ack. */
#ifndef ENROLLMENT_INTAKE_INTERNAL_H
#define ENROLLMENT_INTAKE_INTERNAL_H

#include "intake.h"
#include "wire/wire_event.h"

#define INTAKE_FRAMES_MAX 8192u
#define INTAKE_VALUE_SIZE 64

/* An event's outcome that is more than "accepted". */
struct staged_outcome {
    uint64_t sequence;
    uint16_t refusal, warning;
    char value[INTAKE_VALUE_SIZE];
};

/* A frame whose ack waits for the commit. A frame's events are, in order: those stored before (answered from
 * the journal), then new ones with consecutive offsets. */
struct staged_frame {
    struct intake_peer peer;
    uint32_t device;
    enum language language;
    bool check_only;
    enum refusal refusal; /* of the whole frame */
    uint32_t retry_after_ms;
    uint64_t first_sequence;
    uint32_t count;
    uint32_t repeated;      /* events stored before ...               */
    uint32_t hash_index;    /* ... and the hashes they came with now  */
    uint32_t fresh;         /* events staged in this batch            */
    uint64_t fresh_offset;  /* offset of the first of them            */
    uint32_t outcome_index; /* outcomes of fresh (or checked) events  */
    uint32_t outcome_count;
};

/* Growing arrays; what they hold is bounded by the batch. */
#define POOL(type)                                                                                           \
    struct {                                                                                                 \
        type *at;                                                                                            \
        uint32_t count, capacity;                                                                            \
    }

/* What is remembered of a device between its frames: its run in the batch being staged, and where the walk
 * for an old answer ended, since who repeats one event mostly repeats the next one, too. */
struct device_note {
    uint64_t batch;         /* number of the batch in which `index` holds */
    uint32_t index;         /* into runs */
    uint64_t walk_batch;    /* first offset of the stored batch that was walked last */
    uint64_t walk_sequence; /* sequence that comes next in it ... */
    size_t walk_position;   /* ... and from where on to look */
};

struct intake {
    struct journal *journal;
    struct registry *registry;
    struct doors *doors;
    struct arena arena; /* one frame's decoding, then one ack's encoding */
    struct intake_counts counts;
    uint64_t refused_by[INTAKE_REFUSALS]; /* events, by enum refusal */

    struct batch_header header; /* of the batch being staged; count 0: none yet */
    uint8_t *records;
    size_t records_size, records_capacity;
    POOL(struct journal_run) runs;
    POOL(struct journal_refusal) refusals;
    POOL(struct device_note) devices; /* by device number */
    struct journal_batch stored;      /* read last for an old answer, a copy; count 0: none in this commit */
    uint8_t *stored_records;
    uint64_t batch_number;

    POOL(struct staged_frame) frames;
    POOL(struct staged_outcome) outcomes;
    POOL(uint64_t) hashes;
    uint32_t looked_at; /* events of this batch's frames: new, repeated, or of a dry run */
    uint32_t due_cursor;
    day_t due_day; /* day whose due work is being staged */
    bool due_done;
    uint8_t *ack;
    size_t ack_capacity;
};

/* Makes room for one more and returns it, zeroed. */
void *intake_pool_add(void **at, uint32_t *count, uint32_t *capacity, size_t size);
#define POOL_ADD(pool)                                                                                       \
    intake_pool_add((void **)&(pool).at, &(pool).count, &(pool).capacity, sizeof *(pool).at)

/* Forgets the stored batch. */
void intake_forget_stored(struct intake *intake);
struct device_note *intake_note(struct intake *intake, uint32_t device);

/* Encodes the ack of a frame into intake->ack; returns its size. intake_answer.c */
MUST_USE enum result intake_answer(struct intake *intake, const struct staged_frame *frame, size_t *size,
                                   struct failure *why);

#endif
