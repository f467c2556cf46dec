/* jobs_internal.h - what the files jobs*.c share: works (commands in lanes), jobs that are kept, and answers
 * that many may have. */
#ifndef GATEWAY_JOBS_INTERNAL_H
#define GATEWAY_JOBS_INTERNAL_H

#include "child_failure.h"
#include "jobs.h"
#include "page.h"

#define ANSWERS_MAX 16u

/* A request that waits for a work or a job; each list's owner answers it once. */
struct waiter {
    struct waiter *next;
    struct request *request;
    int64_t deadline_ms;
};
void waiter_add(struct waiter **list, struct request *request, int64_t deadline_ms);

/* Why a command failed, for whoever asks in either language. */
struct job_failure {
    char code[CHILD_CODE_MAX];
    char sentence[CHILD_SENTENCE_MAX]; /* the command's own, English; "": the problem's */
    char value[CHILD_VALUE_MAX];       /* for the problem's own */
};
/* True where the command answered; else `failure` says why not. `read`: a request waits for it. */
bool job_outcome_judge(const struct child_outcome *outcome, const struct child_order *order, bool enrollment,
                       bool read, struct job_failure *failure);
void job_failure_answer(const struct job_failure *failure, struct request *request);
json_t *job_failure_json(const struct job_failure *failure, enum language language, const char *instance);

/* From asked to ended: queued (`child` NULL), running. */
struct work {
    struct work *next;
    enum lane lane;
    struct child_order order;
    struct child *child;
    bool enrollment, changes;
    struct job *job; /* NULL: requests wait for it */
    /* of requests */
    struct waiter *waiters;
    uint32_t device; /* who asked first */
    bool shared;     /* others with the same order may join, and have its answer later */
    char path[SPOOL_PATH];
    const char *type;
    char name[48];
};

enum job_state { JOB_FREE = 0, JOB_QUEUED, JOB_RUNNING, JOB_DONE, JOB_FAILED };
struct job {
    enum job_state state;
    char id[JOB_ID_TEXT];
    uint64_t number; /* newest last */
    enum job_kind kind;
    uint32_t device;
    bool dry_run;
    char month[8];
    int64_t created_ms, ended_ms; /* Unix */
    int64_t forget_ms;            /* monotonic, once it has ended */
    char input[SPOOL_PATH], file[SPOOL_PATH], whole[SPOOL_PATH];
    char *result; /* JSON, once it is done */
    struct job_failure failure;
    struct child_progress progress;
    struct waiter *waiters;
};

/* An answer to be given again. */
struct kept_answer {
    struct child_order order;
    struct page *page; /* NULL: free */
    int64_t at_ms;
};

struct jobs {
    char program[CHILD_PATH];
    struct spool *spool; /* borrowed */
    int64_t now_ms;
    struct work *works[LANE_COUNT]; /* in the order in which they were asked */
    struct kept_answer answers[ANSWERS_MAX];
    struct job kept[JOBS_KEPT_MAX];
    uint64_t numbers;
    char run[17]; /* first half of all ids: who asks for one of an earlier run is told so */
};

/* jobs.c */
struct work *work_new(struct jobs *jobs, enum lane lane,
                      const struct child_order *order); /* at the end of its lane */
bool lane_has_room(const struct jobs *jobs, enum lane lane);
void lane_start(struct jobs *jobs, enum lane lane);
/* jobs_answers.c */
bool order_same(const struct child_order *one, const struct child_order *other);
struct page *answers_find(struct jobs *jobs, const struct child_order *order, int fresh_ms);
void answers_keep(struct jobs *jobs, const struct child_order *order, struct page *page);
/* Something has changed: what is known or on its way is no answer any more. */
void answers_forget(struct jobs *jobs);
/* jobs_kept.c */
void job_ended(struct jobs *jobs, struct job *job, const struct work *work,
               const struct child_outcome *outcome);
void job_failed(struct jobs *jobs, struct job *job, const struct job_failure *failure);
void jobs_kept_work(struct jobs *jobs);
void jobs_kept_close(struct jobs *jobs);

#endif
