/* jobs.h - the offices' work: commands that a request waits for, and jobs that outlive theirs.
 *
 * Each lane runs so many children at once and has a bounded queue, so that no kind of work holds up
 * another. What many ask at once is asked once. Jobs are kept in memory for an hour after their end, less
 * where more than JOBS_KEPT_MAX of all devices come within it, and lost by a restart; every kind may be asked
 * for again without doubling anything. Loop thread only.
 */
#ifndef GATEWAY_JOBS_H
#define GATEWAY_JOBS_H

#include "child.h"
#include "request.h"
#include "spool.h"

#include <zmq.h>

#define JOBS_QUEUE_MAX       32u /* of each lane */
#define JOBS_KEPT_MAX        64u
#define JOBS_KEPT_MS         3600000
#define JOBS_DEVICE_MAX      4u /* unfinished ones of one device */
#define JOBS_DEVICE_ASKS_MAX 8u /* commands at once that a device's requests wait for */
#define JOBS_READ_MS         30000
#define JOBS_FILE_MS         110000 /* a workbook of a whole city's roster; http ends requests after 120 s */
#define JOBS_WORK_MS         300000
#define JOBS_WAIT_MAX_MS     20000
#define JOBS_DESCRIPTORS_MAX (6 * CHILD_DESCRIPTORS)
#define JOB_ID_TEXT          33

enum lane {
    LANE_QUICK = 0, /* asks billing: some milliseconds; two at once */
    LANE_LONG,      /* reads the journal: seconds */
    LANE_FILES,     /* writes a roster */
    LANE_LAYOFFS,   /* the labour office's outbox is one */
    LANE_FINANCE,   /* closes and reconciliations */
    LANE_COUNT
};

struct jobs;
/* `program`: the command line's. */
struct jobs *jobs_new(const char *program, struct spool *spool, int64_t now_ms);
/* Ends all children; those who wait are told STOPPING. */
void jobs_destroy(struct jobs **jobs);

/* A command whose output answers the request, which waits. */
struct jobs_question {
    struct child_order order;
    enum lane lane;
    bool enrollment; /* asks enrollment, not billing */
    bool changes;    /* what others know is old when it has ended */
    int fresh_ms;    /* an answer no older than this will do; 0: never another one's */
    /* Of a file that the command writes: its option ("--csv"), media type and name; NULL: its output is the
     * answer, JSON. */
    const char *file_option, *file_type;
    char file_name[48];
    uint64_t file_bytes; /* the most that it may be long, which is kept free for it */
};
/* The words of the order are the question's key: the same for all who may have the same answer. */
void jobs_ask(struct jobs *jobs, const struct jobs_question *question, struct request *request);

enum job_kind { JOB_LAYOFFS, JOB_CLOSE, JOB_RECONCILIATION };
struct job_plan {
    struct child_order order; /* its input is the request's spool file, where it has one */
    enum job_kind kind;
    enum lane lane;
    bool enrollment, dry_run;
    char month[8]; /* "" where none */
    /* Of files that it writes: for people; the whole result, where its output has a part. NULL: none. */
    const char *file_option, *whole_option;
    uint64_t file_bytes; /* the longest of these; 0: nobody knows, some times the file that it reads */
};
/* Answers 202 with the job, or a problem. Takes over the request's spool file. */
void jobs_submit(struct jobs *jobs, const struct job_plan *plan, struct request *request);

/* GET /v1/jobs...: a device sees its own. */
void jobs_answer_list(struct jobs *jobs, struct request *request);
void jobs_answer_job(struct jobs *jobs, const char *id, int wait_ms, struct request *request);
void jobs_answer_result(struct jobs *jobs, const char *id, struct request *request);
void jobs_answer_file(struct jobs *jobs, const char *id, struct request *request);
/* The newest reconciliation of the month that is kept, whoever ran it. */
void jobs_answer_differences(struct jobs *jobs, const char *month, struct request *request);

/* For the loop: adds what to poll (returns how many), works. */
unsigned jobs_poll_items(const struct jobs *jobs, zmq_pollitem_t *items, unsigned capacity);
void jobs_work(struct jobs *jobs, int64_t now_ms);
unsigned jobs_queued(const struct jobs *jobs);
unsigned jobs_running(const struct jobs *jobs);

#endif
