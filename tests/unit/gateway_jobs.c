/* gateway_jobs.c - tests of the offices' work, with a shell script as the command line and requests that only
 * remember how they were answered. */
#include "gateway/jobs.h"

#include "gateway/page.h"
#include "runtime/clock.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What request.h promises, in memory. */
struct request {
    struct caller caller;
    char upload[SPOOL_PATH];
    bool waits, answered;
    unsigned status;
    char code[40], name[64], location[64];
    char *body;
};

static char *bodies[300]; /* of all answers, freed at a test's end */
static unsigned bodies_count;

static char *body_keep(char *body) {
    cr_assert(body && bodies_count < sizeof bodies / sizeof *bodies);
    return bodies[bodies_count++] = body;
}

static void answer(struct request *request, unsigned status) {
    cr_assert(!request->answered, "a request is answered once");
    request->answered = true;
    request->status = status;
}
void request_wait(struct request *request) {
    cr_assert(!request->waits && !request->answered);
    request->waits = true;
}
void request_page(struct request *request, struct page *page) {
    cr_assert_not_null(page);
    answer(request, 200);
}
void request_json(struct request *request, unsigned status, json_t *body) {
    request_json_at(request, status, NULL, body);
}
void request_json_at(struct request *request, unsigned status, const char *location, json_t *body) {
    answer(request, status);
    request->body = body_keep(json_dumps(body, JSON_COMPACT));
    snprintf(request->location, sizeof request->location, "%s", location ? location : "");
    json_decref(body);
}
void request_bytes(struct request *request, unsigned status, const char *type, char *bytes, size_t size) {
    answer(request, status);
    cr_assert_str_eq(type, "application/json");
    cr_assert_eq(strlen(bytes), size);
    request->body = body_keep(bytes);
}
void request_file(struct request *request, int fd, uint64_t size, const char *type, const char *name) {
    answer(request, 200);
    cr_assert_not_null(type);
    request->body = body_keep(calloc(1, size + 1));
    cr_assert_eq(read(fd, request->body, size), (ssize_t)size);
    close(fd);
    snprintf(request->name, sizeof request->name, "%s", name);
}
void request_problem(struct request *request, const char *code, const char *value) {
    (void)value;
    answer(request, 400);
    snprintf(request->code, sizeof request->code, "%s", code);
}
void request_problem_said(struct request *request, const char *code, const char *sentence, json_t *members) {
    (void)members;
    cr_assert(sentence[0]);
    request_problem(request, code, NULL);
}
bool request_spool_take(struct request *request, char path[SPOOL_PATH]) {
    memcpy(path, request->upload, SPOOL_PATH);
    request->upload[0] = '\0';
    return path[0] != '\0';
}
void request_spool_give(struct request *request, char path[SPOOL_PATH]) {
    memcpy(request->upload, path, SPOOL_PATH);
    path[0] = '\0';
}
const struct caller *request_caller(const struct request *request) {
    return &request->caller;
}
enum language request_language(const struct request *request) {
    (void)request;
    return LANGUAGE_ENGLISH;
}

static struct jobs *jobs;
static struct spool *spool;
static char state[SCRATCH_PATH], program[SCRATCH_PATH + 16];
static int64_t ahead_ms; /* how far the test's clock is before the real one */

static int64_t now_ms(void) {
    return clock_monotonic_us() / 1000 + ahead_ms;
}

/* "cakupan" runs its first argument as a script, with the others as $1 ... */
static void setup(void) {
    struct failure why;
    scratch_make(state);
    snprintf(program, sizeof program, "%s/cakupan", state);
    FILE *file = fopen(program, "w");
    fputs("#!/bin/sh\nscript=$1\nshift\neval \"$script\"\n", file);
    fclose(file);
    cr_assert_eq(chmod(program, 0700), 0);
    cr_assert_eq(spool_open(&spool, state, &why), RESULT_OK);
    ahead_ms = 0;
    jobs = jobs_new(program, spool, now_ms());
}
static void teardown(void) {
    jobs_destroy(&jobs);
    spool_close(&spool);
    while (bodies_count > 0)
        free(bodies[--bodies_count]);
    scratch_remove(state);
}
TestSuite(gateway_jobs, .init = setup, .fini = teardown);

static void forget(struct request *request) {
    *request = (struct request){.caller = request->caller};
}

static struct jobs_question question_of(const char *script, int fresh_ms) {
    struct jobs_question question = {.lane = LANE_QUICK, .fresh_ms = fresh_ms};
    child_argument(&question.order, "%s", script);
    return question;
}

static void until_answered(const struct request *request) {
    for (int turns = 0; !request->answered; turns++) {
        zmq_pollitem_t items[JOBS_DESCRIPTORS_MAX];
        unsigned count = jobs_poll_items(jobs, items, JOBS_DESCRIPTORS_MAX);
        cr_assert_lt(turns, 2000, "it is answered");
        zmq_poll(items, (int)count, 20);
        jobs_work(jobs, now_ms());
    }
}

static void upload(struct request *request, const char *content) {
    struct failure why;
    int fd;
    cr_assert_eq(spool_file(spool, strlen(content), request->upload, &fd, &why), RESULT_OK);
    cr_assert_eq(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    close(fd);
}

static struct job_plan plan_of(const char *script) {
    struct job_plan plan = {.kind = JOB_LAYOFFS, .lane = LANE_LAYOFFS};
    child_argument(&plan.order, "%s", script);
    return plan;
}

/* The job's id; the request may be used again. */
static void submitted(const struct job_plan *plan, struct request *request, char id[JOB_ID_TEXT]) {
    jobs_submit(jobs, plan, request);
    cr_assert_eq(request->status, 202, "%s", request->code);
    snprintf(id, JOB_ID_TEXT, "%s", request->location + strlen("/v1/jobs/"));
    forget(request);
}

static json_t *job_seen(const char *id, int wait_ms, struct request *request) {
    jobs_answer_job(jobs, id, wait_ms, request);
    until_answered(request);
    cr_assert_eq(request->status, 200, "%s", request->code);
    json_t *body = json_loads(request->body, 0, NULL);
    cr_assert_not_null(body, "%s", request->body);
    forget(request);
    return body;
}

static const char *text_of(const json_t *body, const char *name) {
    return json_string_value(json_object_get(body, name));
}

static unsigned lines_of(const char *name) {
    char path[SCRATCH_PATH + 16];
    snprintf(path, sizeof path, "%s/%s", state, name);
    FILE *file = fopen(path, "r");
    unsigned count = 0;
    for (int c; file && (c = fgetc(file)) != EOF;)
        count += c == '\n';
    if (file)
        fclose(file);
    return count;
}

Test(gateway_jobs, what_many_ask_at_once_is_asked_once) {
    static struct request requests[50];
    char script[200];
    snprintf(script, sizeof script, "echo x >>%s/runs; sleep 0.1; echo '{}'", state);
    struct jobs_question question = question_of(script, 1000);
    for (int i = 0; i < 50; i++)
        jobs_ask(jobs, &question, &requests[i]);
    cr_assert_eq(jobs_running(jobs), 1);
    until_answered(&requests[0]);
    for (int i = 0; i < 50; i++)
        cr_assert_eq(requests[i].status, 200);
    cr_assert_eq(lines_of("runs"), 1);
    struct request later = {0};
    jobs_ask(jobs, &question, &later);
    cr_assert(later.answered && !later.waits, "it is fresh still");
    forget(&later);
    ahead_ms += 1000;
    jobs_work(jobs, now_ms());
    jobs_ask(jobs, &question, &later);
    until_answered(&later);
    cr_assert_eq(lines_of("runs"), 2, "it was old");
}

Test(gateway_jobs, another_question_gets_another_answer) {
    struct request one = {0}, other = {0};
    struct jobs_question first = question_of("echo '{}'; exit 1", 1000),
                         second = question_of("echo no", 1000);
    jobs_ask(jobs, &first, &one);
    jobs_ask(jobs, &second, &other);
    until_answered(&one);
    until_answered(&other);
    cr_assert_eq(one.status, 200, "exit code 1 with an answer is an answer");
    cr_assert_str_eq(other.code, "INTERNAL", "what is no JSON is none");
}

Test(gateway_jobs, what_changes_something_makes_the_rest_old) {
    struct request request = {0};
    char script[200];
    snprintf(script, sizeof script, "echo x >>%s/runs; echo '{}'", state);
    struct jobs_question question = question_of(script, 100000), change = question_of("echo '{}'", 0);
    change.changes = true;
    jobs_ask(jobs, &question, &request);
    until_answered(&request);
    forget(&request);
    jobs_ask(jobs, &change, &request);
    until_answered(&request);
    forget(&request);
    jobs_ask(jobs, &question, &request);
    until_answered(&request);
    cr_assert_eq(lines_of("runs"), 2);
}

Test(gateway_jobs, failures_are_problems) {
    static const char *const known[][2] = {
        {"echo 'cakupan pay: x 2026-12-01. [BILL_TOO_EARLY]' >&2; exit 1", "BILL_TOO_EARLY"},
        {"echo 'cakupan pay: x. [NOT_RUNNING]' >&2; exit 3", "BILLING_AWAY"},
        {"echo 'cakupan pay: x. [OPTION_VALUE]' >&2; exit 2", "INTERNAL"},
        {"echo '{}'; exit 3", "INTERNAL"},
        {"kill -9 $$", "INTERNAL"},
        {"exit 0", "INTERNAL"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct request request = {0};
        struct jobs_question question = question_of(known[i][0], 0);
        jobs_ask(jobs, &question, &request);
        until_answered(&request);
        cr_assert_str_eq(request.code, known[i][1], "%s: %s", known[i][0], request.code);
    }
}

Test(gateway_jobs, an_answer_that_takes_too_long) {
    struct request request = {0};
    struct jobs_question question = question_of("sleep 1000", 0);
    jobs_ask(jobs, &question, &request);
    ahead_ms += JOBS_READ_MS;
    jobs_work(jobs, now_ms());
    cr_assert_str_eq(request.code, "ANSWER_SLOW");
    jobs_work(jobs, now_ms());
    cr_assert_eq(jobs_running(jobs), 0, "nobody waits: it was ended");
}

Test(gateway_jobs, a_lane_has_a_width_and_an_end) {
    static struct request requests[2 + JOBS_QUEUE_MAX + 1];
    struct jobs_question question = question_of("sleep 1000", 0);
    for (unsigned i = 0; i < 2 + JOBS_QUEUE_MAX + 1; i++) {
        requests[i] = (struct request){.caller = {.device = i}};
        jobs_ask(jobs, &question, &requests[i]);
    }
    cr_assert_eq(jobs_running(jobs), 2);
    cr_assert_eq(jobs_queued(jobs), JOBS_QUEUE_MAX);
    cr_assert_str_eq(requests[2 + JOBS_QUEUE_MAX].code, "BUSY");
    struct request other = {0};
    question = question_of("echo '{}'", 0);
    question.lane = LANE_LONG;
    jobs_ask(jobs, &question, &other);
    until_answered(&other);
    cr_assert_eq(other.status, 200, "a full lane holds up no other");
    jobs_destroy(&jobs);
    for (unsigned i = 0; i < 2 + JOBS_QUEUE_MAX; i++)
        cr_assert_str_eq(requests[i].code, "STOPPING");
}

Test(gateway_jobs, one_device_leaves_room_for_others) {
    static struct request requests[JOBS_DEVICE_ASKS_MAX + 1];
    struct request other = {.caller = {.device = 8}};
    struct jobs_question question = question_of("sleep 1000", 0);
    for (unsigned i = 0; i < JOBS_DEVICE_ASKS_MAX + 1; i++) {
        requests[i] = (struct request){.caller = {.device = 7}};
        jobs_ask(jobs, &question, &requests[i]);
    }
    cr_assert_str_eq(requests[JOBS_DEVICE_ASKS_MAX].code, "BUSY");
    jobs_ask(jobs, &question, &other);
    cr_assert(other.waits, "another device waits for its turn");
    jobs_destroy(&jobs);
    cr_assert_str_eq(other.code, "STOPPING");
}

Test(gateway_jobs, a_file_that_the_command_writes) {
    struct request request = {0};
    struct jobs_question question = question_of("echo hello >${1#--csv=}; echo done", 0);
    question.file_option = "--csv";
    question.file_type = "text/csv";
    question.file_bytes = 1000;
    snprintf(question.file_name, sizeof question.file_name, "roster.csv");
    jobs_ask(jobs, &question, &request);
    cr_assert_eq(spool_bytes(spool), 1000, "room is kept for it");
    until_answered(&request);
    cr_assert_str_eq(request.body, "hello\n");
    cr_assert_str_eq(request.name, "roster.csv");
    cr_assert_eq(spool_bytes(spool), 6, "it counts while it is sent");
    spool_remove(spool, request.upload);
    cr_assert_eq(spool_bytes(spool), 0);
    forget(&request);
    question = question_of(":", 0); /* writes nothing */
    question.file_option = "--csv";
    question.file_type = "text/csv";
    jobs_ask(jobs, &question, &request);
    until_answered(&request);
    cr_assert_str_eq(request.code, "DISK_FULL");
    forget(&request);
    question.file_bytes = SPOOL_BYTES + 1;
    jobs_ask(jobs, &question, &request);
    cr_assert_str_eq(request.code, "JOBS_FULL");
    cr_assert_eq(spool_bytes(spool), 0);
}

Test(gateway_jobs, a_file_is_no_longer_than_was_kept_free_for_it) {
    struct request request = {0};
    struct jobs_question question = question_of("head -c 5000 /dev/zero >${1#--csv=} || exit 3", 0);
    question.file_option = "--csv";
    question.file_type = "text/csv";
    question.file_bytes = 4096;
    jobs_ask(jobs, &question, &request);
    until_answered(&request);
    cr_assert_str_eq(request.code, "INTERNAL");
    cr_assert_eq(spool_bytes(spool), 0);
}

Test(gateway_jobs, a_job_from_upload_to_file) {
    struct request request = {.caller = {.device = 7}};
    char id[JOB_ID_TEXT];
    upload(&request, "nik\n1\n");
    struct job_plan plan =
        plan_of("cat >${1#--refused=}; echo '{\"whole\":1}' >${2#--out=}; echo '{\"rows\":[]}'; "
                "exit 1");
    plan.dry_run = true;
    plan.file_option = "--refused";
    plan.whole_option = "--out";
    submitted(&plan, &request, id);
    json_t *body = job_seen(id, 5000, &request);
    cr_assert_str_eq(text_of(body, "state"), "done");
    cr_assert_str_eq(text_of(body, "kind"), "layoffs");
    cr_assert(json_is_true(json_object_get(body, "dry_run")));
    cr_assert(json_is_array(json_object_get(json_object_get(body, "result"), "rows")));
    cr_assert_not_null(json_object_get(json_object_get(body, "links"), "file"));
    json_decref(body);
    jobs_answer_file(jobs, id, &request);
    cr_assert_str_eq(request.body, "nik\n1\n");
    forget(&request);
    jobs_answer_result(jobs, id, &request);
    cr_assert_str_eq(request.body, "{\"whole\":1}\n");
    forget(&request);
    jobs_answer_list(jobs, &request);
    cr_assert_not_null(strstr(request.body, id));
    forget(&request);
    ahead_ms += JOBS_KEPT_MS;
    jobs_work(jobs, now_ms());
    cr_assert_eq(spool_bytes(spool), 0, "NIKs don't outlive their job");
    jobs_answer_job(jobs, id, 0, &request);
    cr_assert_str_eq(request.code, "JOB_UNKNOWN");
}

Test(gateway_jobs, progress_of_a_running_job) {
    struct request request = {.caller = {.device = 7}};
    char id[JOB_ID_TEXT];
    struct job_plan plan = plan_of("echo 'progress 30 120 sent' >&2; sleep 1000");
    submitted(&plan, &request, id);
    for (int i = 0; i < 200; i++) {
        usleep(5000);
        jobs_work(jobs, now_ms());
    }
    json_t *body = job_seen(id, 0, &request);
    const json_t *progress = json_object_get(body, "progress");
    cr_assert_str_eq(text_of(body, "state"), "running");
    cr_assert_eq(json_integer_value(json_object_get(progress, "percent")), 25);
    cr_assert_str_eq(text_of(progress, "unit"), "sent");
    json_decref(body);
    jobs_answer_result(jobs, id, &request);
    cr_assert_str_eq(request.code, "JOB_UNFINISHED");
    forget(&request);
    jobs_answer_job(jobs, id, 50, &request);
    cr_assert(request.waits && !request.answered);
    ahead_ms += 50;
    jobs_work(jobs, now_ms());
    cr_assert_eq(request.status, 200, "the wait is over, the job is not");
}

Test(gateway_jobs, jobs_are_their_devices_alone) {
    struct request request = {.caller = {.device = 7}}, foreign = {.caller = {.device = 8}};
    char id[JOB_ID_TEXT];
    struct job_plan plan = plan_of("echo '{}'");
    submitted(&plan, &request, id);
    jobs_answer_job(jobs, id, 0, &foreign);
    cr_assert_str_eq(foreign.code, "JOB_UNKNOWN");
    forget(&foreign);
    jobs_answer_file(jobs, id, &foreign);
    cr_assert_str_eq(foreign.code, "JOB_UNKNOWN");
    forget(&foreign);
    jobs_answer_list(jobs, &foreign);
    cr_assert_str_eq(foreign.body, "{\"jobs\":[]}");
}

Test(gateway_jobs, a_job_of_an_earlier_run_is_lost) {
    struct request request = {.caller = {.device = 7}};
    char id[JOB_ID_TEXT];
    struct job_plan plan = plan_of("sleep 1000");
    submitted(&plan, &request, id);
    jobs_destroy(&jobs);
    jobs = jobs_new(program, spool, now_ms());
    jobs_answer_job(jobs, id, 0, &request);
    cr_assert_str_eq(request.code, "JOB_LOST");
    static const char *const none[] = {"", "x", "0123456789abcdef0123456789abcde",
                                       "0123456789ABCDEF0123456789ABCDEF",
                                       "0123456789abcdef0123456789abcdef0"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        forget(&request);
        jobs_answer_job(jobs, none[i], 0, &request);
        cr_assert_str_eq(request.code, "JOB_UNKNOWN", "%s", none[i]);
    }
}

Test(gateway_jobs, a_job_that_fails) {
    static const char *const known[][2] = {
        {"echo 'cakupan layoff: standard input, line 3: a NUL byte. [CSV_BINARY]' >&2; exit 3",
         "CSV_INVALID"},
        {"kill -9 $$", "JOB_CRASHED"},
        {"echo no", "JOB_CRASHED"},
        {"echo '{\"cut'", "JOB_CRASHED"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct request request = {.caller = {.device = 7}};
        char id[JOB_ID_TEXT];
        upload(&request, "x");
        struct job_plan plan = plan_of(known[i][0]);
        plan.file_option = "--refused";
        submitted(&plan, &request, id);
        json_t *body = job_seen(id, 5000, &request), *problem = json_object_get(body, "problem");
        cr_assert_str_eq(text_of(body, "state"), "failed");
        cr_assert_str_eq(text_of(problem, "code"), known[i][1]);
        cr_assert(i > 0 || strcmp(text_of(problem, "detail"), "The file, line 3: a NUL byte.") == 0, "%s",
                  text_of(problem, "detail"));
        json_decref(body);
        jobs_answer_file(jobs, id, &request);
        cr_assert_str_eq(request.code, known[i][1]);
        cr_assert_eq(spool_bytes(spool), 0);
    }
}

Test(gateway_jobs, a_job_that_takes_too_long) {
    struct request request = {.caller = {.device = 7}};
    char id[JOB_ID_TEXT];
    struct job_plan plan = plan_of("sleep 1000");
    submitted(&plan, &request, id);
    ahead_ms += JOBS_WORK_MS;
    json_t *body = job_seen(id, 1000, &request);
    cr_assert_str_eq(text_of(json_object_get(body, "problem"), "code"), "JOB_SLOW");
    json_decref(body);
}

Test(gateway_jobs, sixty_four_uploads_at_once) {
    struct request requests[64];
    unsigned accepted = 0;
    struct job_plan plan = plan_of("sleep 1000");
    for (unsigned i = 0; i < 64; i++) {
        requests[i] = (struct request){.caller = {.device = 1 + i}};
        upload(&requests[i], "nik\n");
        jobs_submit(jobs, &plan, &requests[i]);
        accepted += requests[i].status == 202;
        cr_assert(requests[i].status == 202 || strcmp(requests[i].code, "JOBS_FULL") == 0);
    }
    cr_assert_eq(accepted, 1 + JOBS_QUEUE_MAX);
    json_t *body = json_loads(requests[5].body, 0, NULL);
    cr_assert_eq(json_integer_value(json_object_get(body, "queue_position")), 5);
    json_decref(body);
    cr_assert_neq(requests[63].upload[0], '\0', "what was not taken is the request's still");
}

Test(gateway_jobs, one_device_has_four) {
    struct request request = {.caller = {.device = 7}}, other = {.caller = {.device = 8}};
    char id[JOB_ID_TEXT];
    struct job_plan plan = plan_of("sleep 1000");
    for (unsigned i = 0; i < JOBS_DEVICE_MAX; i++)
        submitted(&plan, &request, id);
    jobs_submit(jobs, &plan, &request);
    cr_assert_str_eq(request.code, "JOBS_FULL");
    submitted(&plan, &other, id);
}

Test(gateway_jobs, the_newest_reconciliation_of_the_month) {
    struct request request = {.caller = {.device = 7}};
    char id[JOB_ID_TEXT];
    struct job_plan plan = plan_of("echo '{\"n\":1}'");
    plan.kind = JOB_RECONCILIATION;
    snprintf(plan.month, sizeof plan.month, "2026-11");
    submitted(&plan, &request, id);
    json_decref(job_seen(id, 5000, &request));
    plan.order = (struct child_order){0};
    child_argument(&plan.order, "echo '{\"n\":2}'");
    submitted(&plan, &request, id);
    json_decref(job_seen(id, 5000, &request));
    jobs_answer_differences(jobs, "2026-11", &request);
    cr_assert_str_eq(request.body, "{\"n\":2}\n");
    forget(&request);
    jobs_answer_differences(jobs, "2026-12", &request);
    cr_assert_str_eq(request.code, "RECONCILIATION_NONE");
}

Test(gateway_jobs, old_jobs_make_room_for_new_ones) {
    struct request request = {.caller = {.device = 7}};
    char first[JOB_ID_TEXT], id[JOB_ID_TEXT];
    struct job_plan plan = plan_of("echo '{}'");
    for (unsigned i = 0; i < JOBS_KEPT_MAX; i++) {
        ahead_ms += 2; /* ends differ */
        submitted(&plan, &request, i == 0 ? first : id);
        json_decref(job_seen(i == 0 ? first : id, 5000, &request));
    }
    plan.file_option = "--out";
    plan.file_bytes = SPOOL_BYTES + 1;
    jobs_submit(jobs, &plan, &request);
    cr_assert_str_eq(request.code, "JOBS_FULL");
    forget(&request);
    json_decref(job_seen(first, 0, &request)); /* what is not taken makes no room */
    plan.file_option = NULL;
    submitted(&plan, &request, id);
    jobs_answer_job(jobs, first, 0, &request);
    cr_assert_str_eq(request.code, "JOB_UNKNOWN");
    forget(&request);
    json_decref(job_seen(id, 0, &request));
}
