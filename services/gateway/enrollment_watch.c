/* enrollment_watch.c - asks enrollment once a second how it is (enrollment_watch.h). */
#include "enrollment_watch.h"

#include <stdlib.h>

struct enrollment_watch {
    struct door_link *door;
    struct metrics *metrics;
    int64_t due_ms;
    bool asking, up;
};

struct enrollment_watch *enrollment_watch_new(struct door_link *door, struct metrics *metrics) {
    struct enrollment_watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        abort();
    watch->door = door;
    watch->metrics = metrics;
    return watch;
}

void enrollment_watch_destroy(struct enrollment_watch **watch) {
    free(*watch);
    *watch = NULL;
}

static void answered(void *context, const Cakupan__DoorReply *reply, const struct failure *why) {
    struct enrollment_watch *watch = context;
    (void)why;
    watch->asking = false;
    watch->up = reply && reply->status;
    if (watch->up)
        metrics_enrollment(watch->metrics, reply->status);
    metrics_gauge(watch->metrics, GAUGE_ENROLLMENT_UP, watch->up);
}

void enrollment_watch_work(struct enrollment_watch *watch, int64_t now_ms) {
    Cakupan__DoorRequest ask = CAKUPAN__DOOR_REQUEST__INIT;
    Cakupan__StatusRequest status = CAKUPAN__STATUS_REQUEST__INIT;
    struct failure why;
    if (watch->asking || now_ms < watch->due_ms)
        return;
    watch->due_ms = now_ms + ENROLLMENT_ASK_MS;
    ask.ask_case = CAKUPAN__DOOR_REQUEST__ASK_STATUS;
    ask.status = &status;
    watch->asking = door_ask(watch->door, &ask, now_ms, answered, watch, &why) == RESULT_OK;
    if (!watch->asking)
        answered(watch, NULL, &why);
}

bool enrollment_watch_up(const struct enrollment_watch *watch) {
    return watch->up;
}
