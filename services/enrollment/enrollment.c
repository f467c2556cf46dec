/* enrollment.c - the service's loop (enrollment.h).
 *
 * One turn: ring the doorbell; wait; take what has come; stage what the day brings; commit once; release the
 * acks; serve followers and tools; keep house. While a commit is at the disk the next batch gathers in the
 * sockets, so there is no timer and no second thread: a lone event waits for nothing but the disk.
 */
#include "enrollment_internal.h"

#include "runtime/clock.h"
#include "runtime/log.h"

#include <stdio.h>
#include <sys/statvfs.h>

#define TURN_MAX_MS   500
#define DISK_CHECK_MS 200
#define AT_REST_MS    2000
/* A snapshot's fork makes the next events pay for the pages they touch: not in a pause between two. */
#define SNAPSHOT_REST_MS 60000
#define ALARM_MS         10000

static struct intake_time time_of_turn(struct enrollment *enrollment) {
    int64_t now_ms = business_clock_turn(&enrollment->clock, clock_now_ms(), clock_steady_ms());
    day_t today = calendar_day_of_time(now_ms);
    if (today < registry_day(enrollment->registry))
        today = registry_day(enrollment->registry);
    enrollment->turn_us = clock_monotonic_us();
    return (struct intake_time){now_ms, today, enrollment->turn_us / 1000};
}

static void batch_committed(void *context, const struct journal_batch *batch) {
    struct enrollment *enrollment = context;
    enrollment->committed_us = clock_monotonic_us();
    latency_add(&enrollment->commit, enrollment->committed_us - enrollment->turn_us, 1);
    feed_server_committed(enrollment->feed_server, batch);
}

enum result enrollment_commit(struct enrollment *enrollment, struct failure *why) {
    if (intake_is_empty(enrollment->intake))
        return RESULT_OK;
    enrollment->acks = 0;
    enum result result =
        intake_commit(enrollment->intake, enrollment_send_ack, batch_committed, enrollment, why);
    if (enrollment->acks > 0)
        latency_add(&enrollment->ack, clock_monotonic_us() - enrollment->turn_us, enrollment->acks);
    return result;
}

/* Rings the bells that are due. Returns how long the next wait may be, in milliseconds. */
static int ring_doorbell(struct enrollment *enrollment) {
    uint64_t head = feed_server_head(enrollment->feed_server);
    int64_t now_us = clock_monotonic_us(), wait_us = INT64_C(1000) * TURN_MAX_MS - 1;
    for (enum doorbell_bell bell = 0; bell < DOORBELLS; bell++)
        if (doorbell_due(&enrollment->bells, bell, head, now_us, &wait_us))
            enrollment_ring(enrollment, bell, head);
    return (int)(wait_us / 1000) + 1;
}

static void check_clock(struct enrollment *enrollment) {
    const struct business_clock *clock = &enrollment->clock;
    if (clock->leapt && !enrollment->clock_leapt)
        log_alarm(
            "the clock leapt forward by %lld days while we ran: no day is begun and events are answered "
            "BUSY until it is set back; if it is right now, start the city anew",
            (long long)((clock_now_ms() - clock->time_ms) / 86400000));
    if (!clock->leapt && enrollment->clock_leapt)
        log_info("the clock is back: events are taken again");
    enrollment->clock_leapt = clock->leapt;
}

/* Says "busy" while there is still room to write what was promised, and for the database to tidy up. */
static void check_disk(struct enrollment *enrollment, int64_t monotonic_ms) {
    if (enrollment->disk_checked_ms != 0 && monotonic_ms - enrollment->disk_checked_ms < DISK_CHECK_MS)
        return;
    enrollment->disk_checked_ms = monotonic_ms;
    struct statvfs disk;
    if (statvfs(enrollment->service->state, &disk) != 0)
        return;
    enrollment->disk_free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    bool low = enrollment->disk_free_bytes < enrollment->config->min_free_bytes;
    if (low && !enrollment->disk_low)
        log_alarm("only %llu MiB of disk are free: events are answered BUSY until there is more",
                  (unsigned long long)(enrollment->disk_free_bytes >> 20));
    if (!low && enrollment->disk_low)
        log_info("disk space is back: events are taken again");
    enrollment->disk_low = low;
}

/* Said with its number, and now and then: a device that goes on must not fill the log. */
static void check_alarms(struct enrollment *enrollment, int64_t monotonic_ms) {
    struct intake_counts counts;
    intake_count(enrollment->intake, &counts);
    bool damaged = counts.unanswerable != enrollment->unanswerable_alarmed;
    bool reused = counts.ids_reused != enrollment->ids_reused_alarmed;
    if ((!damaged && !reused) || monotonic_ms < enrollment->alarm_again_ms)
        return;
    enrollment->alarm_again_ms = monotonic_ms + ALARM_MS;
    if (damaged)
        log_alarm("old answers can't be read from the journal, %llu frames got none: run `cakupan verify`",
                  (unsigned long long)counts.unanswerable);
    enrollment->unanswerable_alarmed = counts.unanswerable;
    if (!reused)
        return;
    log_alarm(
        "an event id came back with another content, %llu times since the start: a device was copied or "
        "restored; pair it anew",
        (unsigned long long)counts.ids_reused);
    enrollment->ids_reused_alarmed = counts.ids_reused;
}

static enum result keep_house(struct enrollment *enrollment, const struct intake_time *time,
                              struct failure *why) {
    int64_t rest_ms = time->monotonic_ms - enrollment->active_ms;
    check_alarms(enrollment, time->monotonic_ms);
    if (!enrollment->busy || enrollment->snapshotter.child)
        snapshotter_work(&enrollment->snapshotter, enrollment->registry, enrollment->journal,
                         rest_ms > SNAPSHOT_REST_MS, time->monotonic_ms);
    if (rest_ms <= AT_REST_MS)
        return RESULT_OK;
    /* A disk that others have filled stops the tidying, not the answers: events get BUSY (check_disk). */
    enum result result = enrollment->journal->operations->idle(enrollment->journal, why);
    return result == RESULT_FULL ? RESULT_OK : result;
}

static enum result turn(struct enrollment *enrollment, bool *more_due, struct failure *why) {
    int wait_ms = ring_doorbell(enrollment);
    uint32_t ready = poller_wait(enrollment->poller, *more_due ? 0 : wait_ms);
    struct intake_time time = time_of_turn(enrollment);
    enum result result = RESULT_OK;
    check_disk(enrollment, time.monotonic_ms); /* before anything is promised, from the first turn on */
    check_clock(enrollment);
    enrollment->busy = enrollment->disk_low || enrollment->clock_leapt;
    *more_due = false;
    if (!enrollment->busy) {
        result = intake_due(enrollment->intake, &time, why);
        *more_due = result == RESULT_AGAIN;
        result = result == RESULT_AGAIN ? RESULT_OK : result;
    }
    if (ready & 1u << POLL_ZAP)
        zap_handle(enrollment->zap);
    if (ready & 1u << POLL_EVENTS)
        enrollment_take_frames(enrollment, &time);
    if (ready & 1u << POLL_DOOR)
        enrollment_take_door(enrollment, &time);
    if (result == RESULT_OK)
        result = enrollment_commit(enrollment, why);
    if (result == RESULT_OK && ready & 1u << POLL_FEED)
        result = enrollment_serve_feed(enrollment, why);
    if (result == RESULT_OK && ready & 1u << POLL_CONTROL)
        result = enrollment_serve_control(enrollment, &time, why);
    if (result == RESULT_OK && enrollment->questions.count > 0)
        result = enrollment_answer_door(enrollment, &time, why);
    if (ready & 1u << POLL_SIGNAL)
        (void)service_stopping(enrollment->service);
    if (result == RESULT_OK)
        result = keep_house(enrollment, &time, why);
    return result;
}

/* What the last acks promised is on the disk; what waits in the sockets was not answered and will be sent
 * again. */
static int stop(struct enrollment *enrollment) {
    struct failure why;
    if (snapshotter_final(&enrollment->snapshotter, enrollment->registry, enrollment->journal, &why) !=
        RESULT_OK)
        log_warning("no snapshot at the stop, the next start replays the journal's tail: %s", why.sentence);
    log_info("stopped at offset %llu", (unsigned long long)registry_next_offset(enrollment->registry) - 1);
    return SERVICE_EXIT_OK;
}

static int run(struct enrollment *enrollment) {
    struct failure why = {0};
    bool more_due = false;
    enum result result = RESULT_OK;
    log_info("ready on %s after %lld ms", enrollment->config->listen, (long long)enrollment->startup_ms);
    while (result == RESULT_OK && !enrollment->service->stopping)
        result = turn(enrollment, &more_due, &why);
    if (result == RESULT_OK)
        return stop(enrollment);
    log_alarm("%s: %s No event is acknowledged any more; a restart recovers from the journal.", why.code,
              why.sentence);
    return SERVICE_EXIT_RECOVER;
}

int enrollment_run(struct service *service, const struct enrollment_config *config) {
    struct enrollment enrollment = {.service = service, .config = config};
    struct failure why = {0};
    int code = SERVICE_EXIT_CANNOT_START;
    enum result result = enrollment_open(&enrollment, &why);
    char details[200];
    snprintf(details, sizeof details, "listen=%s\n", config->listen);
    if (result == RESULT_OK)
        result = service_ready(service, details, &why);
    if (result == RESULT_OK)
        code = run(&enrollment);
    else
        log_alarm("%s: %s", why.code, why.sentence);
    enrollment_close(&enrollment);
    return code;
}
