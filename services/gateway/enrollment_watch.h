/* enrollment_watch.h - asks enrollment once a second how it is, for /readyz and /metrics. */
#ifndef GATEWAY_ENROLLMENT_WATCH_H
#define GATEWAY_ENROLLMENT_WATCH_H

#include "door_link.h"
#include "metrics.h"

#define ENROLLMENT_ASK_MS 1000

struct enrollment_watch;
/* Both are borrowed. */
struct enrollment_watch *enrollment_watch_new(struct door_link *door, struct metrics *metrics);
/* The door is closed already: no answer comes any more. */
void enrollment_watch_destroy(struct enrollment_watch **watch);
void enrollment_watch_work(struct enrollment_watch *watch, int64_t now_ms);
/* Whether it answered the last question. */
bool enrollment_watch_up(const struct enrollment_watch *watch);

#endif
