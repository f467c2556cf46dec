/* jobs.c - lanes of commands (jobs.h): who waits, who runs, and what becomes of an answer. */
#include "jobs_internal.h"

#include "runtime/log.h"
#include "runtime/require.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const unsigned lane_width[LANE_COUNT] = {
    [LANE_QUICK] = 2, [LANE_LONG] = 1, [LANE_FILES] = 1, [LANE_LAYOFFS] = 1, [LANE_FINANCE] = 1};

void waiter_add(struct waiter **list, struct request *request, int64_t deadline_ms) {
    struct waiter *waiter = malloc(sizeof *waiter);
    if (!waiter)
        abort();
    *waiter = (struct waiter){*list, request, deadline_ms};
    *list = waiter;
    request_wait(request);
}

struct jobs *jobs_new(const char *program, struct spool *spool, int64_t now_ms) {
    struct jobs *jobs = calloc(1, sizeof *jobs);
    uint8_t run[8];
    if (!jobs)
        abort();
    snprintf(jobs->program, sizeof jobs->program, "%s", program);
    jobs->spool = spool;
    jobs->now_ms = now_ms;
    randombytes_buf(run, sizeof run);
    sodium_bin2hex(jobs->run, sizeof jobs->run, run, sizeof run);
    return jobs;
}

/* Answers all of them alike, by a problem. */
static void waiters_fail(struct waiter **list, const struct job_failure *failure) {
    while (*list) {
        struct waiter *waiter = *list;
        *list = waiter->next;
        job_failure_answer(failure, waiter->request);
        free(waiter);
    }
}

static void work_free(struct jobs *jobs, struct work *work) {
    require(!work->waiters, "who waits for a work is answered before it goes");
    spool_remove(jobs->spool, work->path);
    child_end(&work->child);
    free(work);
}

void jobs_destroy(struct jobs **jobs) {
    static const struct job_failure stopping = {.code = "STOPPING"};
    if (!*jobs)
        return;
    for (unsigned lane = 0; lane < LANE_COUNT; lane++) {
        while ((*jobs)->works[lane]) {
            struct work *work = (*jobs)->works[lane];
            (*jobs)->works[lane] = work->next;
            waiters_fail(&work->waiters, &stopping);
            work_free(*jobs, work);
        }
    }
    for (unsigned i = 0; i < JOBS_KEPT_MAX; i++)
        waiters_fail(&(*jobs)->kept[i].waiters, &stopping);
    jobs_kept_close(*jobs);
    answers_forget(*jobs);
    free(*jobs);
    *jobs = NULL;
}

static unsigned lane_count(const struct jobs *jobs, enum lane lane, bool running) {
    unsigned count = 0;
    for (const struct work *work = jobs->works[lane]; work; work = work->next)
        count += (work->child != NULL) == running;
    return count;
}

bool lane_has_room(const struct jobs *jobs, enum lane lane) {
    return lane_count(jobs, lane, false) < JOBS_QUEUE_MAX;
}

struct work *work_new(struct jobs *jobs, enum lane lane, const struct child_order *order) {
    struct work *work = calloc(1, sizeof *work), **last = &jobs->works[lane];
    if (!work)
        abort();
    work->lane = lane;
    work->order = *order;
    while (*last)
        last = &(*last)->next;
    *last = work;
    return work;
}

static struct page *page_of(const struct child_outcome *outcome) {
    const struct page_plan plan = {.type = "application/json", .cache = "no-store", .compress = true};
    return page_new(&plan, outcome->output, outcome->size);
}

static void output_answer(struct jobs *jobs, struct work *work, const struct child_outcome *outcome) {
    static const struct job_failure no_answer = {.code = "INTERNAL"};
    if (outcome->size == 0 || outcome->output[0] != '{') {
        log_warning("`cakupan %s` printed no JSON", work->order.bytes);
        waiters_fail(&work->waiters, &no_answer);
        return;
    }
    struct page *page = page_of(outcome);
    if (work->shared)
        answers_keep(jobs, &work->order, page);
    while (work->waiters) {
        struct waiter *waiter = work->waiters;
        work->waiters = waiter->next;
        request_page(waiter->request, page);
        free(waiter);
    }
    page_release(&page);
}

/* The file is its request's from then on: it counts in the spool until all of it is sent. */
static void file_answer(struct jobs *jobs, struct work *work) {
    static const struct job_failure no_file = {.code = "DISK_FULL"};
    struct waiter *waiter = work->waiters;
    struct stat file;
    int fd = open(work->path, O_RDONLY | O_CLOEXEC);
    if (!waiter || fd < 0 || fstat(fd, &file) != 0) {
        if (fd >= 0)
            close(fd);
        waiters_fail(&work->waiters, &no_file);
        return;
    }
    work->waiters = waiter->next;
    spool_measure(jobs->spool, work->path);
    request_spool_give(waiter->request, work->path);
    request_file(waiter->request, fd, (uint64_t)file.st_size, work->type, work->name);
    free(waiter);
}

static void work_ended(struct jobs *jobs, struct work *work) {
    struct child_outcome outcome;
    struct job_failure failure;
    child_outcome(work->child, &outcome);
    if (work->job)
        job_ended(jobs, work->job, work, &outcome);
    else if (!job_outcome_judge(&outcome, &work->order, work->enrollment, true, &failure))
        waiters_fail(&work->waiters, &failure);
    else if (work->type)
        file_answer(jobs, work);
    else
        output_answer(jobs, work, &outcome);
    if (work->job || work->changes)
        answers_forget(jobs);
}

static void not_started(struct jobs *jobs, struct work *work, const struct failure *why) {
    struct job_failure failure = {0};
    log_warning("`cakupan %s` can't be started: %s", work->order.bytes, why->sentence);
    snprintf(failure.code, sizeof failure.code, "%s", why->code);
    if (work->job)
        job_failed(jobs, work->job, &failure);
    else
        waiters_fail(&work->waiters, &failure);
}

void lane_start(struct jobs *jobs, enum lane lane) {
    struct failure why;
    unsigned running = lane_count(jobs, lane, true);
    for (struct work **at = &jobs->works[lane]; *at && running < lane_width[lane];) {
        struct work *work = *at;
        if (work->child) {
            at = &work->next;
        } else if (child_start(&work->child, jobs->program, &work->order, jobs->now_ms, &why) == RESULT_OK) {
            if (work->job)
                work->job->state = JOB_RUNNING;
            running++;
            at = &work->next;
        } else {
            *at = work->next;
            not_started(jobs, work, &why);
            work_free(jobs, work);
        }
    }
}

/* What the device waits for alone, all lanes together: one must not fill the queues of all. */
static bool asks_too_much(const struct jobs *jobs, uint32_t device) {
    unsigned count = 0;
    for (unsigned lane = 0; lane < LANE_COUNT; lane++)
        for (const struct work *work = jobs->works[lane]; work; work = work->next)
            count += !work->job && work->device == device;
    return count >= JOBS_DEVICE_ASKS_MAX;
}

static struct work *shared_find(const struct jobs *jobs, const struct jobs_question *question) {
    for (struct work *work = jobs->works[question->lane]; work; work = work->next)
        if (work->shared && order_same(&work->order, &question->order))
            return work;
    return NULL;
}

static int question_time_ms(const struct jobs_question *question) {
    return question->file_option ? JOBS_FILE_MS : JOBS_READ_MS;
}

static struct work *question_work(struct jobs *jobs, const struct jobs_question *question, const char *path,
                                  uint32_t device) {
    struct work *work = work_new(jobs, question->lane, &question->order);
    work->device = device;
    work->order.time_ms = question_time_ms(question);
    work->order.file_bytes = question->file_bytes;
    work->enrollment = question->enrollment;
    work->shared = question->fresh_ms > 0;
    work->changes = question->changes;
    if (question->file_option) {
        child_argument(&work->order, "%s=%s", question->file_option, path);
        snprintf(work->path, sizeof work->path, "%s", path);
        snprintf(work->name, sizeof work->name, "%s", question->file_name);
        work->type = question->file_type;
    }
    return work;
}

void jobs_ask(struct jobs *jobs, const struct jobs_question *question, struct request *request) {
    struct failure why;
    uint32_t device = request_caller(request)->device;
    char path[SPOOL_PATH] = "";
    struct page *known = answers_find(jobs, &question->order, question->fresh_ms);
    struct work *work = question->fresh_ms > 0 ? shared_find(jobs, question) : NULL;
    if (known) {
        request_page(request, known);
        return;
    }
    if (!work && (asks_too_much(jobs, device) || !lane_has_room(jobs, question->lane))) {
        request_problem(request, "BUSY", NULL);
        return;
    }
    if (question->file_option && spool_name(jobs->spool, question->file_bytes, path, &why) != RESULT_OK) {
        request_problem(request, why.code, NULL);
        return;
    }
    if (!work)
        work = question_work(jobs, question, path, device);
    waiter_add(&work->waiters, request, jobs->now_ms + question_time_ms(question));
    lane_start(jobs, question->lane);
}

/* Those who waited long enough; what nobody waits for any more is not begun. */
static void work_expire(struct jobs *jobs, struct work *work) {
    static const struct job_failure slow = {.code = "ANSWER_SLOW"};
    for (struct waiter **at = &work->waiters; *at;) {
        struct waiter *waiter = *at;
        if (jobs->now_ms < waiter->deadline_ms) {
            at = &waiter->next;
            continue;
        }
        *at = waiter->next;
        job_failure_answer(&slow, waiter->request);
        free(waiter);
    }
}

static bool work_abandoned(const struct work *work) {
    return !work->job && !work->child && !work->waiters;
}

static void lane_work(struct jobs *jobs, enum lane lane) {
    for (struct work **at = &jobs->works[lane]; *at;) {
        struct work *work = *at;
        bool ended = work->child && child_work(work->child, jobs->now_ms);
        if (ended)
            work_ended(jobs, work);
        else
            work_expire(jobs, work);
        if (!ended && !work_abandoned(work)) {
            at = &work->next;
            continue;
        }
        *at = work->next;
        work_free(jobs, work);
    }
    lane_start(jobs, lane);
}

void jobs_work(struct jobs *jobs, int64_t now_ms) {
    jobs->now_ms = now_ms;
    for (unsigned lane = 0; lane < LANE_COUNT; lane++)
        lane_work(jobs, (enum lane)lane);
    jobs_kept_work(jobs);
}

unsigned jobs_poll_items(const struct jobs *jobs, zmq_pollitem_t *items, unsigned capacity) {
    unsigned count = 0;
    int fds[CHILD_DESCRIPTORS];
    for (unsigned lane = 0; lane < LANE_COUNT; lane++)
        for (const struct work *work = jobs->works[lane]; work; work = work->next) {
            unsigned open = work->child ? child_descriptors(work->child, fds) : 0;
            for (unsigned i = 0; i < open && count < capacity; i++)
                items[count++] = (zmq_pollitem_t){.fd = fds[i], .events = ZMQ_POLLIN};
        }
    return count;
}

static unsigned all_lanes(const struct jobs *jobs, bool running) {
    unsigned count = 0;
    for (unsigned lane = 0; lane < LANE_COUNT; lane++)
        count += lane_count(jobs, (enum lane)lane, running);
    return count;
}

unsigned jobs_queued(const struct jobs *jobs) {
    return all_lanes(jobs, false);
}

unsigned jobs_running(const struct jobs *jobs) {
    return all_lanes(jobs, true);
}
