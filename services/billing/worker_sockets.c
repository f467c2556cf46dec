/* worker_sockets.c - the conversation with the coordinator: reports out, orders in (proto/billing.proto). */
#include "worker_internal.h"

#include "runtime/log.h"
#include "runtime/router.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ORDERS_A_TURN   64
#define CONNECT_ANEW_MS 3000
#define RESEND_MS       10  /* after a report that found no connection */
#define LEAVE_ANSWER_MS 200 /* for the coordinator's word on the last report */

static uint64_t resident_bytes(void) {
    unsigned long total, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    if (fscanf(file, "%lu %lu", &total, &resident) != 2)
        resident = 0;
    fclose(file);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Where the coordinator did not know this worker's key (its registration may still be on its way there),
 * libzmq gives the connection up for good: a new socket asks again. */
static void connect_anew(struct worker *worker, int64_t now_ms) {
    struct failure why = {0};
    if (worker->unsent_since_ms == 0)
        worker->unsent_since_ms = now_ms;
    if (now_ms - worker->unsent_since_ms < CONNECT_ANEW_MS)
        return;
    worker->unsent_since_ms = now_ms;
    zsock_t *given_up = worker->coordinator;
    if (worker_connect(worker, &why) == RESULT_OK) {
        zsock_destroy(&given_up);
        return;
    }
    log_warning("%s: %s The old connection is kept.", why.code, why.sentence);
    worker->coordinator = given_up;
}

void worker_report(struct worker *worker, int64_t now_ms) {
    struct wire_worker_report report = {.sequence = ++worker->report_sequence,
                                        .pid = (uint32_t)getpid(),
                                        .instance = worker->instance,
                                        .leaving = worker->leaving,
                                        .head = worker->head,
                                        .resident_bytes = resident_bytes(),
                                        .records = portfolio_records(worker->portfolio)};
    snprintf(report.name, sizeof report.name, "%s", worker->service->name);
    report.held = portfolio_report(worker->portfolio, &report.held_count);
    worker->report_sent_ms[report.sequence % WORKER_REPORTS_KEPT] = now_ms;
    worker->report_due_ms = now_ms + worker->heartbeat_ms;
    worker->reported_ms = now_ms;
    worker->reported = worker->settled;
    if (worker->leaving && report.held_count == 0 && !worker->leave_sequence) {
        worker->leave_sequence = report.sequence;
        if (worker->leave_until_ms > now_ms + LEAVE_ANSWER_MS)
            worker->leave_until_ms = now_ms + LEAVE_ANSWER_MS;
    }
    size_t size = wire_worker_report_encode(&report, worker->report, WORKER_REPORT_MAX_BYTES);
    if (size == 0)
        log_alarm("a report of %u partitions does not fit %u bytes", report.held_count,
                  WORKER_REPORT_MAX_BYTES);
    else if (zmq_send(zsock_resolve(worker->coordinator), worker->report, size, ZMQ_DONTWAIT) < 0) {
        worker->report_due_ms = now_ms + RESEND_MS; /* not connected yet, or the coordinator is away */
        connect_anew(worker, now_ms);
    } else
        worker->unsent_since_ms = 0;
}

/* Leases last from the sending of the report that the orders answer; one so old that its time is forgotten
 * proves nothing. */
static void learn_lease(struct worker *worker) {
    const struct wire_worker_orders *orders = &worker->orders;
    uint64_t answered = orders->answers_sequence;
    if (answered == 0 || answered > worker->report_sequence ||
        worker->report_sequence - answered >= WORKER_REPORTS_KEPT)
        return;
    int64_t until_ms = worker->report_sent_ms[answered % WORKER_REPORTS_KEPT] + orders->lease_ms;
    if (until_ms > worker->lease_until_ms)
        worker->lease_until_ms = until_ms;
    if (orders->heartbeat_ms)
        worker->heartbeat_ms = orders->heartbeat_ms;
}

static void read_orders(struct worker *worker, const zmq_msg_t *message) {
    struct failure why = {0};
    arena_reset(&worker->arena);
    worker->ordered = wire_worker_orders_decode(zmq_msg_data((zmq_msg_t *)message), zmq_msg_size(message),
                                                &worker->arena, &worker->orders, &why) == RESULT_OK;
    if (!worker->ordered)
        log_warning("orders can't be read: %s: %s", why.code, why.sentence);
    else if (worker->orders.instance != worker->instance) /* of a process of this name before us */
        worker->ordered = false;
    else
        learn_lease(worker);
}

void worker_take_orders(struct worker *worker) {
    void *socket = zsock_resolve(worker->coordinator);
    for (int count = 0; count < ORDERS_A_TURN; count++) {
        zmq_msg_t message;
        zmq_msg_init(&message);
        bool received = zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) >= 0;
        if (received && zmq_msg_more(&message)) /* not of this protocol */
            router_skip_rest(socket);
        else if (received)
            read_orders(worker, &message);
        zmq_msg_close(&message);
        if (!received)
            return;
    }
}
