/* jobs_kept.c - jobs that outlive the request that began them (jobs_internal.h): kept an hour at most after
 * their end, each for the device that asked. */
#include "jobs_internal.h"

#include "runtime/clock.h"
#include "runtime/log.h"
#include "view/totals_json.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const kind_names[] = {
    [JOB_LAYOFFS] = "layoffs", [JOB_CLOSE] = "close", [JOB_RECONCILIATION] = "reconciliation"};
static const char *const state_names[] = {
    [JOB_QUEUED] = "queued", [JOB_RUNNING] = "running", [JOB_DONE] = "done", [JOB_FAILED] = "failed"};

static bool has_ended(const struct job *job) {
    return job->state == JOB_DONE || job->state == JOB_FAILED;
}

static void job_forget(struct jobs *jobs, struct job *job) {
    spool_remove(jobs->spool, job->input);
    spool_remove(jobs->spool, job->file);
    spool_remove(jobs->spool, job->whole);
    free(job->result);
    *job = (struct job){0};
}

/* A free place, or that of the job that ended first, which is still there. NULL: all are at work. */
static struct job *job_place(struct jobs *jobs) {
    struct job *best = NULL;
    for (unsigned i = 0; i < JOBS_KEPT_MAX; i++) {
        struct job *job = &jobs->kept[i];
        if (job->state == JOB_FREE)
            return job;
        if (has_ended(job) && (!best || job->forget_ms < best->forget_ms))
            best = job;
    }
    return best;
}

static unsigned unfinished(const struct jobs *jobs, uint32_t device) {
    unsigned count = 0;
    for (unsigned i = 0; i < JOBS_KEPT_MAX; i++)
        count +=
            jobs->kept[i].state != JOB_FREE && !has_ended(&jobs->kept[i]) && jobs->kept[i].device == device;
    return count;
}

static void id_make(struct jobs *jobs, char id[JOB_ID_TEXT]) {
    uint8_t rest[8];
    randombytes_buf(rest, sizeof rest);
    memcpy(id, jobs->run, 16);
    sodium_bin2hex(id + 16, JOB_ID_TEXT - 16, rest, sizeof rest);
}

/* How many of its lane are before it. */
static unsigned queue_position(const struct jobs *jobs, const struct job *job) {
    for (unsigned lane = 0; lane < LANE_COUNT; lane++) {
        unsigned before = 0;
        for (const struct work *work = jobs->works[lane]; work; work = work->next) {
            if (work->job == job)
                return before;
            before++;
        }
    }
    return 0;
}

static json_t *progress_json(const struct child_progress *progress) {
    bool known = progress->total > 0;
    uint64_t done = known && progress->done > progress->total ? progress->total : progress->done;
    return json_pack("{s:I, s:o, s:o, s:s}", "done", (json_int_t)done, "total",
                     known ? json_integer((json_int_t)progress->total) : json_null(), "percent",
                     known ? json_integer((json_int_t)(done * 100 / progress->total)) : json_null(), "unit",
                     progress->unit);
}

static json_t *links_json(const struct job *job) {
    json_t *links = json_object();
    json_object_set_new(links, "self", json_sprintf("/v1/jobs/%s", job->id));
    if (job->state == JOB_DONE)
        json_object_set_new(links, "result", json_sprintf("/v1/jobs/%s/result", job->id));
    if (job->state == JOB_DONE && job->file[0])
        json_object_set_new(links, "file", json_sprintf("/v1/jobs/%s/file", job->id));
    return links;
}

/* Without its result, which is text already. */
static json_t *job_json(const struct jobs *jobs, const struct job *job, enum language language) {
    char self[64];
    snprintf(self, sizeof self, "/v1/jobs/%s", job->id);
    bool failed = job->state == JOB_FAILED, progress = job->state == JOB_RUNNING && job->progress.unit[0];
    return json_pack(
        "{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id", job->id, "kind",
        kind_names[job->kind], "state", state_names[job->state], "created", json_instant(job->created_ms),
        "ended", has_ended(job) ? json_instant(job->ended_ms) : json_null(), "month",
        job->month[0] ? json_string(job->month) : json_null(), "dry_run",
        job->kind == JOB_LAYOFFS ? json_boolean(job->dry_run) : json_null(), "queue_position",
        job->state == JOB_QUEUED ? json_integer(queue_position(jobs, job)) : json_null(), "progress",
        progress ? progress_json(&job->progress) : json_null(), "problem",
        failed ? job_failure_json(&job->failure, language, self) : json_null(), "links", links_json(job));
}

static void job_answer(const struct jobs *jobs, const struct job *job, struct request *request) {
    json_t *body = job_json(jobs, job, request_language(request));
    char *head = json_dumps(body, JSON_COMPACT), *text;
    json_decref(body);
    if (!head)
        abort();
    head[strlen(head) - 1] = '\0'; /* the brace: the result comes before it */
    int size = asprintf(&text, "%s,\"result\":%s}", head, job->result ? job->result : "null");
    if (size < 0)
        abort();
    free(head);
    request_bytes(request, 200, "application/json", text, (size_t)size);
}

static void waiters_answer(const struct jobs *jobs, struct job *job, bool all) {
    for (struct waiter **at = &job->waiters; *at;) {
        struct waiter *waiter = *at;
        if (!all && jobs->now_ms < waiter->deadline_ms) {
            at = &waiter->next;
            continue;
        }
        *at = waiter->next;
        job_answer(jobs, job, waiter->request);
        free(waiter);
    }
}

static void job_end(struct jobs *jobs, struct job *job, enum job_state state) {
    job->state = state;
    job->ended_ms = clock_now_ms();
    job->forget_ms = jobs->now_ms + JOBS_KEPT_MS;
    spool_remove(jobs->spool, job->input);
    job->input[0] = '\0';
    log_info("job %.8s (%s, device %u) %s%s%s after %lld ms", job->id + 16, kind_names[job->kind],
             job->device, state_names[state], state == JOB_FAILED ? ": " : "", job->failure.code,
             (long long)(job->ended_ms - job->created_ms));
    waiters_answer(jobs, job, true);
}

void job_failed(struct jobs *jobs, struct job *job, const struct job_failure *failure) {
    job->failure = *failure;
    spool_remove(jobs->spool, job->file);
    spool_remove(jobs->spool, job->whole);
    job->file[0] = job->whole[0] = '\0';
    job_end(jobs, job, JOB_FAILED);
}

void job_ended(struct jobs *jobs, struct job *job, const struct work *work,
               const struct child_outcome *outcome) {
    struct job_failure failure;
    bool answered = job_outcome_judge(outcome, &work->order, work->enrollment, false, &failure);
    json_t *result = answered ? json_loadb(outcome->output, outcome->size, 0, NULL) : NULL;
    bool object = json_is_object(result);
    json_decref(result);
    if (answered && !object) {
        log_warning("`cakupan %s` printed no JSON", work->order.bytes);
        failure = (struct job_failure){.code = "JOB_CRASHED"};
    }
    if (!object) {
        job_failed(jobs, job, &failure);
        return;
    }
    job->result = strndup(outcome->output, outcome->size);
    if (!job->result)
        abort();
    spool_measure(jobs->spool, job->file);
    spool_measure(jobs->spool, job->whole);
    job_end(jobs, job, JOB_DONE);
}

/* Names for what it will write. On a failure nothing is left. */
static bool files_prepare(struct jobs *jobs, struct job *job, const struct job_plan *plan,
                          struct child_order *order, struct failure *why) {
    const struct {
        const char *option;
        char *path;
    } files[] = {{plan->file_option, job->file}, {plan->whole_option, job->whole}};
    *order = plan->order;
    order->time_ms = JOBS_WORK_MS;
    snprintf(order->input, sizeof order->input, "%s", job->input);
    order->file_bytes = plan->file_bytes;
    uint64_t expected = spool_measure(jobs->spool, job->input) * 3; /* rows come back with their reasons */
    if (plan->file_bytes)
        expected = plan->file_bytes;
    for (unsigned i = 0; i < 2; i++) {
        if (!files[i].option)
            continue;
        if (spool_name(jobs->spool, expected, files[i].path, why) != RESULT_OK)
            return false;
        child_argument(order, "%s=%s", files[i].option, files[i].path);
    }
    return true;
}

static void job_begin(struct jobs *jobs, struct job *job, const struct job_plan *plan,
                      const struct child_order *order, struct request *request) {
    char self[64];
    struct work *work = work_new(jobs, plan->lane, order);
    work->job = job;
    work->enrollment = plan->enrollment;
    snprintf(self, sizeof self, "/v1/jobs/%s", job->id);
    log_info("job %.8s (%s%s%s%s) of device %u", job->id + 16, kind_names[job->kind],
             plan->dry_run ? ", dry run" : "", job->month[0] ? ", " : "", job->month, job->device);
    json_t *body = job_json(jobs, job, request_language(request));
    json_object_set_new(body, "result", json_null());
    request_json_at(request, 202, self, body);
    lane_start(jobs, plan->lane);
}

/* With its files, but without a place yet. */
static struct job job_make(struct jobs *jobs, const struct job_plan *plan, struct request *request) {
    struct job job = {.state = JOB_QUEUED,
                      .number = ++jobs->numbers,
                      .kind = plan->kind,
                      .device = request_caller(request)->device,
                      .dry_run = plan->dry_run,
                      .created_ms = clock_now_ms()};
    memcpy(job.month, plan->month, sizeof job.month);
    id_make(jobs, job.id);
    request_spool_take(request, job.input);
    return job;
}

void jobs_submit(struct jobs *jobs, const struct job_plan *plan, struct request *request) {
    uint32_t device = request_caller(request)->device;
    bool room = unfinished(jobs, device) < JOBS_DEVICE_MAX && lane_has_room(jobs, plan->lane);
    struct job *place = room ? job_place(jobs) : NULL;
    struct child_order order;
    struct failure why;
    if (!place) {
        request_problem(request, "JOBS_FULL", NULL);
        return;
    }
    struct job job = job_make(jobs, plan, request);
    if (!files_prepare(jobs, &job, plan, &order, &why)) {
        job_forget(jobs, &job);
        request_problem(request, why.code, NULL);
        return;
    }
    job_forget(jobs, place);
    *place = job;
    job_begin(jobs, place, plan, &order, request);
}

/* The caller's job of that id. NULL: the request was told why not. */
static struct job *job_find(struct jobs *jobs, const char *id, struct request *request) {
    for (unsigned i = 0; i < JOBS_KEPT_MAX; i++) {
        struct job *job = &jobs->kept[i];
        if (job->state != JOB_FREE && job->device == request_caller(request)->device &&
            strcmp(job->id, id) == 0)
            return job;
    }
    bool an_id = strlen(id) == JOB_ID_TEXT - 1 && strspn(id, "0123456789abcdef") == JOB_ID_TEXT - 1;
    bool of_this_run = an_id && memcmp(id, jobs->run, 16) == 0;
    request_problem(request, an_id && !of_this_run ? "JOB_LOST" : "JOB_UNKNOWN", NULL);
    return NULL;
}

static int newest_first(const void *one, const void *other) {
    const struct job *const *a = one, *const *b = other;
    return (*a)->number < (*b)->number ? 1 : -1;
}

void jobs_answer_list(struct jobs *jobs, struct request *request) {
    const struct job *own[JOBS_KEPT_MAX] = {0};
    size_t count = 0;
    json_t *list = json_array();
    for (unsigned i = 0; i < JOBS_KEPT_MAX; i++)
        if (jobs->kept[i].state != JOB_FREE && jobs->kept[i].device == request_caller(request)->device)
            own[count++] = &jobs->kept[i];
    qsort(own, count, sizeof *own, newest_first);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, job_json(jobs, own[i], request_language(request)));
    request_json(request, 200, json_pack("{s:o}", "jobs", list));
}

void jobs_answer_job(struct jobs *jobs, const char *id, int wait_ms, struct request *request) {
    struct job *job = job_find(jobs, id, request);
    if (job && !has_ended(job) && wait_ms > 0)
        waiter_add(&job->waiters, request, jobs->now_ms + wait_ms);
    else if (job)
        job_answer(jobs, job, request);
}

/* The file under its name; it stays until the job is forgotten, and longer for who reads it already. */
static void file_send(const char *path, const char *type, const char *name, struct request *request) {
    struct stat file;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &file) == 0) {
        request_file(request, fd, (uint64_t)file.st_size, type, name);
        return;
    }
    if (fd >= 0)
        close(fd);
    request_problem(request, "JOB_NO_FILE", NULL);
}

static bool job_done(const struct job *job, struct request *request) {
    if (job->state == JOB_FAILED)
        job_failure_answer(&job->failure, request);
    else if (job->state != JOB_DONE)
        request_problem(request, "JOB_UNFINISHED", NULL);
    return job->state == JOB_DONE;
}

static void result_send(const struct job *job, struct request *request) {
    char name[64];
    snprintf(name, sizeof name, "%s-%.8s.json", kind_names[job->kind], job->id + 16);
    if (job->whole[0]) {
        file_send(job->whole, "application/json", name, request);
        return;
    }
    char *copy = strdup(job->result);
    if (!copy)
        abort();
    request_bytes(request, 200, "application/json", copy, strlen(copy));
}

void jobs_answer_result(struct jobs *jobs, const char *id, struct request *request) {
    const struct job *job = job_find(jobs, id, request);
    if (job && job_done(job, request))
        result_send(job, request);
}

void jobs_answer_file(struct jobs *jobs, const char *id, struct request *request) {
    char name[64];
    const struct job *job = job_find(jobs, id, request);
    if (!job || !job_done(job, request))
        return;
    snprintf(name, sizeof name, "%s-%.8s.csv", job->kind == JOB_LAYOFFS ? "refused" : "differences",
             job->id + 16);
    if (job->file[0])
        file_send(job->file, "text/csv; charset=utf-8", name, request);
    else
        request_problem(request, "JOB_NO_FILE", NULL);
}

void jobs_answer_differences(struct jobs *jobs, const char *month, struct request *request) {
    const struct job *newest = NULL;
    for (unsigned i = 0; i < JOBS_KEPT_MAX; i++) {
        const struct job *job = &jobs->kept[i];
        if (job->state == JOB_DONE && job->kind == JOB_RECONCILIATION && strcmp(job->month, month) == 0 &&
            (!newest || job->number > newest->number))
            newest = job;
    }
    if (newest)
        result_send(newest, request);
    else
        request_problem(request, "RECONCILIATION_NONE", NULL);
}

static void progress_take(struct jobs *jobs) {
    struct child_outcome outcome;
    for (unsigned lane = 0; lane < LANE_COUNT; lane++)
        for (struct work *work = jobs->works[lane]; work; work = work->next) {
            if (!work->job || !work->child)
                continue;
            child_outcome(work->child, &outcome);
            child_progress_decode(outcome.errors, outcome.errors_size, &work->job->progress);
        }
}

void jobs_kept_work(struct jobs *jobs) {
    progress_take(jobs);
    for (unsigned i = 0; i < JOBS_KEPT_MAX; i++) {
        struct job *job = &jobs->kept[i];
        waiters_answer(jobs, job, false);
        if (has_ended(job) && jobs->now_ms >= job->forget_ms)
            job_forget(jobs, job);
    }
}

void jobs_kept_close(struct jobs *jobs) {
    for (unsigned i = 0; i < JOBS_KEPT_MAX; i++)
        job_forget(jobs, &jobs->kept[i]);
}
