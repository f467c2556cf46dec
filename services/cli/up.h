/* up.h - what the parts of `cakupan up` share: its options and the instance that is being started. */
#ifndef CLI_UP_H
#define CLI_UP_H

#include "instance_info.h"
#include "store/city.h"
#include "supervisor.h"

enum { UP_PORT_BILLING = 1, UP_PORT_GATEWAY = 2 }; /* above the base port, which is enrollment's */

#define UP_REBUILD_NONE UINT64_MAX

struct up_options {
    const char *state, *listen, *redis, *city;
    const char *web_listen;         /* address of the gateway */
    const char *tls_cert, *tls_key; /* its PEM files; NULL: plain HTTP */
    uint64_t requests_per_second;   /* of an address to it */
    uint64_t device_rate;           /* events a second that one kader device may send */
    uint64_t port, population, workers_max;
    uint64_t rebuild; /* a partition of billing; UP_REBUILD_NONE: none */
    bool no_baseline, no_audit_tables, accept_lost, detach;
    day_t today; /* DAY_NONE: the real one */
};

struct up {
    struct up_options options;
    char state[INSTANCE_PATH]; /* absolute */
    char programs[512];        /* directory of the services: our own */
    struct instance_info info;
    struct city city;
    struct supervisor *supervisor;
    int lock_fd;
};

/* up_port.c: RESULT_CONFLICT (PORT_TAKEN) where another program listens at the devices' or the browsers'
 * port, before anything is made that would have to be taken back. */
MUST_USE enum result up_port_check(const struct up *up, struct failure *why);
/* up_services.c: starts Redis (unless one was named), enrollment and coverage, each ready before the next. */
MUST_USE enum result up_services_start(struct up *up, struct failure *why);
/* Billing comes when the people are there: its workers would take processors from their first load. */
MUST_USE enum result up_billing_start(struct up *up, struct failure *why);
/* The gateway comes last: from then on browsers see figures that are whole. */
MUST_USE enum result up_gateway_start(struct up *up, struct failure *why);
/* up_counted.c: waits until coverage has counted all there is, and for billing to do so 30 s at most. */
MUST_USE enum result up_counted_wait(struct up *up, struct failure *why);
/* up_baseline.c: the first time, brings the city's people through the whole path; later says that they are
 * there. */
MUST_USE enum result up_baseline_load(struct up *up, struct failure *why);
/* up_city.c: the city's data files: as shipped, or a copy scaled to --population people below STATE. */
MUST_USE enum result up_city_prepare(struct up *up, struct failure *why);

#endif
