/* command_status.c - `cakupan status`: which services run, how far each is, and what was counted. */
#include "commands.h"

#include "billing_glance.h"
#include "control_client.h"
#include "gateway_probe.h"
#include "view/format.h"
#include "instance.h"
#include "instance_info.h"
#include "redis_ask.h"
#include "service_view.h"
#include "table.h"
#include "terminal.h"
#include "totals_client.h"
#include "totals_print.h"

#include <stdlib.h>
#include <string.h>

enum row_number {
    ROW_SUPERVISOR,
    ROW_REDIS,
    ROW_ENROLLMENT,
    ROW_BILLING,
    ROW_COVERAGE,
    ROW_GATEWAY,
    ROW_COUNT
};

struct status_row {
    const char *name;
    struct service_view view;
    bool runs;
    bool has_offset;
    uint64_t offset;
    char remark[160];
};

struct status_view {
    const char *state;
    struct instance_info info;
    struct status_row rows[ROW_COUNT];
    Cakupan__ControlReply *enrollment; /* NULL: no answer */
};

/* "process_id:123\r\n" in the answer to INFO. */
static uint64_t info_number(const char *info, const char *name) {
    const char *at = strstr(info, name);
    return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static void redis_look(struct status_view *status) {
    struct status_row *row = &status->rows[ROW_REDIS];
    struct failure why;
    redisReply *info = NULL, *offset = NULL;
    row->runs = redis_ask(status->info.redis, 1, (const char *[]){"INFO"}, &info, &why) == RESULT_OK;
    if (!row->runs) {
        snprintf(row->remark, sizeof row->remark, "%.150s", why.sentence);
    } else if (info->type == REDIS_REPLY_STRING) {
        row->view.pid = (pid_t)info_number(info->str, "process_id:");
        row->view.uptime_ms = (int64_t)info_number(info->str, "uptime_in_seconds:") * 1000;
        row->view.resident_bytes = info_number(info->str, "used_memory_rss:");
    }
    if (row->runs &&
        redis_ask(status->info.redis, 2, (const char *[]){"GET", "cakupan:offset"}, &offset, &why) ==
            RESULT_OK &&
        offset->type == REDIS_REPLY_STRING) {
        row->has_offset = true;
        row->offset = strtoull(offset->str, NULL, 10);
    }
    freeReplyObject(info);
    freeReplyObject(offset);
}

static void billing_look(struct status_view *status) {
    struct status_row *row = &status->rows[ROW_BILLING];
    struct billing_glance glance;
    struct failure why;
    row->view = service_view_ready(status->state, "billing");
    row->runs = billing_glance(status->state, &glance, &why) == RESULT_OK;
    row->has_offset = row->runs;
    if (row->runs) {
        row->offset = glance.offset;
        billing_glance_text(&glance, row->remark, sizeof row->remark);
    } else {
        snprintf(row->remark, sizeof row->remark, "%.150s", why.sentence);
    }
}

static void gateway_look(struct status_view *status) {
    struct status_row *row = &status->rows[ROW_GATEWAY];
    row->view = service_view_ready(status->state, "gateway");
    row->runs = gateway_probe(status->info.gateway, &row->offset, row->remark, sizeof row->remark);
    row->has_offset = row->runs && row->offset > 0;
}

static void services_look(struct status_view *status) {
    struct failure why;
    static struct coverage_view totals; /* too big for a stack */
    struct status_row *enrollment = &status->rows[ROW_ENROLLMENT], *coverage = &status->rows[ROW_COVERAGE];
    status->rows[ROW_SUPERVISOR].view = service_view_pid(instance_supervisor(status->state));
    status->rows[ROW_SUPERVISOR].runs = status->rows[ROW_SUPERVISOR].view.pid != 0;
    enrollment->view = service_view_ready(status->state, "enrollment");
    enrollment->runs = control_status(status->state, &status->enrollment, &why) == RESULT_OK;
    if (enrollment->runs) {
        enrollment->has_offset = true;
        enrollment->offset = status->enrollment->status->head;
    } else {
        snprintf(enrollment->remark, sizeof enrollment->remark, "%.150s", why.sentence);
    }
    coverage->view = service_view_ready(status->state, "coverage");
    coverage->runs = totals_now(status->state, &totals, &why) == RESULT_OK;
    if (coverage->runs) {
        coverage->has_offset = true;
        coverage->offset = totals.offset;
    } else {
        snprintf(coverage->remark, sizeof coverage->remark, "%.150s", why.sentence);
    }
}

/* Records behind the journal's head; the head was asked for first, so a service may be ahead of it. */
static uint64_t row_lag(const struct status_view *status, const struct status_row *row) {
    uint64_t head = status->rows[ROW_ENROLLMENT].offset;
    return head > row->offset ? head - row->offset : 0;
}

static void rows_print(const struct status_view *status) {
    static const struct table_column columns[] = {
        {"Service", TABLE_LEFT}, {"", TABLE_LEFT},        {"Pid", TABLE_RIGHT}, {"Up", TABLE_RIGHT},
        {"Memory", TABLE_RIGHT}, {"Offset", TABLE_RIGHT}, {"Lag", TABLE_RIGHT}, {"", TABLE_LEFT}};
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    for (int i = 0; i < ROW_COUNT; i++) {
        const struct status_row *row = &status->rows[i];
        char uptime[FORMAT_TEXT], memory[FORMAT_TEXT], offset[FORMAT_TEXT], lag[FORMAT_TEXT];
        bool seen = row->view.pid != 0;
        table_text(table, "%s", row->name);
        table_text(table, "%s", row->runs ? "runs" : "DOWN");
        table_text(table, seen ? "%d" : "-", (int)row->view.pid);
        table_text(table, "%s", seen ? format_duration(row->view.uptime_ms, uptime) : "-");
        table_text(table, "%s", seen ? format_bytes(row->view.resident_bytes, memory) : "-");
        table_text(table, "%s", row->has_offset ? format_count(row->offset, offset) : "-");
        table_text(table, "%s", row->has_offset ? format_count(row_lag(status, row), lag) : "-");
        table_text(table, "%s", row->remark);
    }
    table_print(table, stdout, terminal_colours(stdout));
    table_destroy(&table);
}

struct counter {
    const char *name, *title;
    uint64_t number;
};
enum { COUNTERS = 16 };

/* Within how long `permille` of all took, by the bound of their bucket; 0 where nothing was measured,
 * the last bound where it was longer. */
static uint64_t within_us(const Cakupan__LatencyHistogram *histogram, uint64_t permille) {
    uint64_t all = 0, seen = 0;
    if (!histogram || histogram->n_counts != histogram->n_bounds_us + 1)
        return 0;
    for (size_t i = 0; i < histogram->n_counts; i++)
        all += histogram->counts[i];
    for (size_t i = 0; all > 0 && i < histogram->n_bounds_us; i++) {
        seen += histogram->counts[i];
        if (seen * 1000 >= all * permille)
            return histogram->bounds_us[i];
    }
    return all > 0 ? histogram->bounds_us[histogram->n_bounds_us - 1] : 0;
}

static void counters_fill(const Cakupan__StatusReply *status, struct counter out[COUNTERS]) {
    const struct counter counters[COUNTERS] = {
        {"members", "members", status->members},
        {"devices", "devices", status->devices},
        {"accepted", "events accepted", status->events_accepted},
        {"refused", "events refused", status->events_refused},
        {"repeated", "events answered again", status->events_repeated},
        {"batches", "batches committed", status->batches},
        {"frames_malformed", "malformed frames", status->frames_malformed},
        {"frames_busy", "frames answered BUSY", status->frames_busy},
        {"ids_reused", "ids used twice (alarm)", status->ids_reused},
        {"snapshot_offset", "snapshot at offset", status->snapshot_offset},
        {"startup_ms", "start took, ms", status->startup_ms},
        {"disk_free_bytes", "bytes free on disk", status->disk_free_bytes},
        {"commit_p50_us", "half of commits within, us", within_us(status->commit, 500)},
        {"commit_p99_us", "99 % of commits within, us", within_us(status->commit, 990)},
        {"ack_p50_us", "half of acks within, us", within_us(status->ack, 500)},
        {"ack_p99_us", "99 % of acks within, us", within_us(status->ack, 990)},
    };
    memcpy(out, counters, sizeof counters);
}

static void counters_print(const struct status_view *status) {
    struct counter counters[COUNTERS];
    char number[FORMAT_TEXT], day[FORMAT_TEXT];
    if (!status->enrollment)
        return;
    const Cakupan__StatusReply *enrollment = status->enrollment->status;
    counters_fill(enrollment, counters);
    printf("\nEnrollment %s, business day %s%s\n", enrollment->version, format_date(enrollment->day, day),
           enrollment->busy ? "; events are answered BUSY, its log says why" : "");
    for (int i = 0; i < COUNTERS; i++)
        printf("  %-26s %16s\n", counters[i].title, format_count(counters[i].number, number));
    printf("\nDevices connect to %s, browsers to %s; Redis is %s\n", status->info.endpoint,
           status->info.gateway, status->info.redis);
}

static json_t *status_json(const struct status_view *status) {
    json_t *services = json_array(), *enrollment = json_object();
    for (int i = 0; i < ROW_COUNT; i++) {
        const struct status_row *row = &status->rows[i];
        json_t *object = json_pack("{s:s, s:b, s:i, s:I, s:I}", "service", row->name, "runs", row->runs,
                                   "pid", (int)row->view.pid, "uptime_ms", (json_int_t)row->view.uptime_ms,
                                   "resident_bytes", (json_int_t)row->view.resident_bytes);
        if (row->remark[0])
            json_object_set_new(object, "remark", json_string(row->remark));
        if (row->has_offset) {
            json_object_set_new(object, "offset", json_integer((json_int_t)row->offset));
            json_object_set_new(object, "lag", json_integer((json_int_t)row_lag(status, row)));
        }
        json_array_append_new(services, object);
    }
    if (status->enrollment) {
        struct counter counters[COUNTERS];
        char day[FORMAT_TEXT];
        counters_fill(status->enrollment->status, counters);
        for (int i = 0; i < COUNTERS; i++)
            json_object_set_new(enrollment, counters[i].name, json_integer((json_int_t)counters[i].number));
        json_object_set_new(enrollment, "day",
                            json_string(format_date(status->enrollment->status->day, day)));
        json_object_set_new(enrollment, "busy", json_boolean(status->enrollment->status->busy));
    }
    return json_pack("{s:s, s:s, s:s, s:o, s:o}", "endpoint", status->info.endpoint, "gateway",
                     status->info.gateway, "redis", status->info.redis, "services", services, "enrollment",
                     enrollment);
}

static int run(const struct command *command, int argc, char **argv) {
    struct status_view status = {.state = STATE_DEFAULT,
                                 .rows = {[ROW_SUPERVISOR] = {.name = "supervisor"},
                                          [ROW_REDIS] = {.name = "redis"},
                                          [ROW_ENROLLMENT] = {.name = "enrollment"},
                                          [ROW_BILLING] = {.name = "billing"},
                                          [ROW_COVERAGE] = {.name = "coverage"},
                                          [ROW_GATEWAY] = {.name = "gateway"}}};
    bool json = false;
    const struct option_row rows[] = {
        {"json", OPTION_FLAG, &json, NULL, "JSON for programs", 0, 0}, OPTION_STATE(&status.state), {0}};
    const char *values[argc];
    options_read(command, rows, argc, argv, values);
    struct failure why;
    if (instance_info_load(status.state, &status.info, &why) != RESULT_OK)
        return report_failure(command->name, &why, EXIT_FAILED);
    services_look(&status);
    billing_look(&status);
    redis_look(&status);
    gateway_look(&status);
    bool all = true;
    for (int i = 0; i < ROW_COUNT; i++)
        all = all && status.rows[i].runs;
    if (json) {
        json_print(stdout, status_json(&status), false);
    } else {
        rows_print(&status);
        counters_print(&status);
    }
    control_reply_free(&status.enrollment);
    return all ? EXIT_FINE : EXIT_REFUSED;
}

const struct command command_status = {
    .name = "status",
    .arguments = "",
    .summary = "which services run, and how far each is",
    .details = "Lag counts the journal's records that a service has not taken yet. Counters are since "
               "enrollment's start;\n"
               "times are the bounds that as many stayed within, from the moment enrollment took a frame.\n",
    .examples = "cakupan status\ncakupan status --json | jq '.services[] | select(.runs | not)'",
    .exit_codes = "0  everything runs\n1  something does not\n2  the command line is wrong\n3  no city was "
                  "ever started here",
    .run = run,
};
