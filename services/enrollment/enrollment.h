/* enrollment.h - the service: one thread, one loop: receive what waits, step, commit once, answer, ring. */
#ifndef ENROLLMENT_ENROLLMENT_H
#define ENROLLMENT_ENROLLMENT_H

#include "cakupan/result.h"
#include "runtime/service.h"

struct enrollment_config {
    const char *listen;         /* tcp endpoint of the event socket */
    const char *feed;           /* endpoint of the feed, "": ipc in STATE/run    */
    const char *doorbell;       /* "": ipc in STATE/run */
    uint64_t min_free_bytes;    /* below this much free disk events are answered BUSY */
    uint32_t events_per_second; /* allowance of one kader device */
    bool accept_lost_end;       /* recovery.h */
};

/* Recovers, opens the sockets and runs until a stop is asked for. Returns the process's exit code. */
int enrollment_run(struct service *service, const struct enrollment_config *config);

#endif
