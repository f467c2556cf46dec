/* billing.h - the three modes of the billing program: coordinator, worker, projector.
 *
 * One thread and one loop each: receive what waits (bounded) -> step folds -> make durable once -> answer.
 * Each returns the process's exit code (runtime/service.h).
 */
#ifndef BILLING_BILLING_H
#define BILLING_BILLING_H

#include "runtime/service.h"

#include <stdint.h>

struct coordinator_config {
    const char *feed,
        *doorbell;       /* of enrollment, "": ipc in STATE/run; followed for head, days and devices */
    const char *listen;  /* tools over tcp with CURVE, "": the unix socket only */
    const char *workers; /* workers over tcp with CURVE, "": the unix socket only */
    uint32_t partitions; /* of a state that begins now; one that has begun keeps its own */
    uint32_t workers_min, workers_max;
    uint32_t lease_ms;
    int rebuild;         /* a partition to be counted anew before anything else; -1: none */
    const char *program; /* of ourselves, to start workers by: /proc/self/exe */
};
int coordinator_run(struct service *service, const struct coordinator_config *config);

struct worker_config {
    const char *coordinator;     /* endpoint, "": ipc in STATE/run */
    const char *feed, *doorbell; /* "": ipc in STATE/run */
};
int worker_run(struct service *service, const struct worker_config *config);

struct projector_config {
    uint32_t pause_ms; /* between looks when there is nothing new */
    bool anew;         /* drop what audit.db holds first */
    bool once;         /* end when all that was there at the start is projected */
};
int projector_run(struct service *service, const struct projector_config *config);

#endif
