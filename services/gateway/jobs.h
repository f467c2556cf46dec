/* jobs.h - the offices' work: commands that run for a request that waits, and jobs that outlive theirs.
 *
 * At most JOBS_RUNNING children at once, layoffs one at a time; a bounded queue; results are kept for an
 * hour. */
#ifndef GATEWAY_JOBS_H
#define GATEWAY_JOBS_H

#include "child.h"
#include "request.h"
#include "spool.h"

#include <zmq.h>

#define JOBS_RUNNING    2u
#define JOBS_QUEUE_MAX  32u
#define JOBS_KEPT_MAX   64u
#define JOBS_KEPT_MS    3600000
#define JOBS_DEVICE_MAX 4u
#define JOBS_READ_MS    30000
#define JOBS_WORK_MS    300000
#define JOB_ID_TEXT     33

enum job_kind { JOB_LAYOFFS, JOB_CLOSE, JOB_RECONCILIATION };
struct job_plan {
    struct child_order order;
    enum job_kind kind;
    char month[8]; /* "" where none */
    bool dry_run;
    const char *file_type; /* of the file that the child makes besides, NULL: none */
};

struct jobs;
MUST_USE enum result jobs_open(struct jobs **out, const char *program, const char *state, struct spool *spool,
                               struct failure *why);
/* Ends all children; those who wait are told STOPPING. */
void jobs_close(struct jobs **jobs);
/* Answers the request, which waits, by what the command prints: JSON, or with `type` the file it wrote. */
void jobs_read(struct jobs *jobs, const struct child_order *order, const char *type, const char *name,
               struct request *request);
/* The same for many: asked again only where the answer is older than `fresh_ms`. */
void jobs_read_shared(struct jobs *jobs, const struct child_order *order, int fresh_ms,
                      struct request *request);
/* Answers 202 with the job, or a problem. Takes over the request's spool file. */
void jobs_submit(struct jobs *jobs, const struct job_plan *plan, struct request *request);
void jobs_answer_list(struct jobs *jobs, struct request *request);
void jobs_answer_job(struct jobs *jobs, const char *id, int wait_ms, struct request *request);
void jobs_answer_result(struct jobs *jobs, const char *id, struct request *request);
void jobs_answer_file(struct jobs *jobs, const char *id, struct request *request);
void jobs_answer_differences(struct jobs *jobs, const char *month, struct request *request);
/* For the loop: adds what to poll (returns how many), works, says when it is due again. */
unsigned jobs_poll_items(struct jobs *jobs, zmq_pollitem_t *items, unsigned capacity);
void jobs_work(struct jobs *jobs, int64_t now_ms);
int64_t jobs_wake_ms(const struct jobs *jobs);

#endif
