/* main.c - the billing program: mode and options in, exit code out.
 *
 *   billing coordinator   leases partitions to workers, closes months, answers tools
 *   billing worker        counts the partitions that the coordinator gives it
 *   billing projector     keeps the tables for auditors beside the journals
 */
#include "billing.h"

#include "cakupan/lease.h"
#include "runtime/log.h"
#include "runtime/service_options.h"
#include "wire/wire_billing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#define WORKER_PREFIX "billing-worker-"

static bool started(struct service *service, const char *name, const char *summary, int argc, char **argv,
                    struct service_option *options) {
    struct failure why;
    if (service_start(service, name, summary, argc, argv, options, &why) == RESULT_OK)
        return true;
    log_alarm("%s: %s", why.code, why.sentence);
    return false;
}

enum coordinator_option {
    COORDINATOR_FEED,
    COORDINATOR_DOORBELL,
    COORDINATOR_LISTEN,
    COORDINATOR_WORKERS,
    COORDINATOR_PARTITIONS,
    COORDINATOR_WORKERS_MIN,
    COORDINATOR_WORKERS_MAX,
    COORDINATOR_LEASE,
    COORDINATOR_REBUILD,
    COORDINATOR_OPTIONS
};

static int run_coordinator(int argc, char **argv) {
    struct service_option options[COORDINATOR_OPTIONS + 1] = {
        [COORDINATOR_FEED] = {"feed", "",
                              "endpoint of enrollment's feed; default: a unix socket in STATE/run"},
        [COORDINATOR_DOORBELL] = {"doorbell", "",
                                  "endpoint of the feed's doorbell; default: a unix socket in STATE/run"},
        [COORDINATOR_LISTEN] = {"listen", "", "endpoint for tools besides the unix socket (tcp: CURVE)"},
        [COORDINATOR_WORKERS] = {"workers", "", "endpoint for workers besides the unix socket (tcp: CURVE)"},
        [COORDINATOR_PARTITIONS] = {"partitions", "16", "of a state that begins now; fixed from then on"},
        [COORDINATOR_WORKERS_MIN] = {"workers-min", "1", "workers that are always started"},
        [COORDINATOR_WORKERS_MAX] = {"workers-max", "4", "workers that are started at most"},
        [COORDINATOR_LEASE] = {"lease-ms", "2000", "a worker that is silent for so long loses its leases"},
        [COORDINATOR_REBUILD] = {"rebuild-partition", "",
                                 "number of one whose journal is lost: it is counted anew first"},
        {NULL, NULL, NULL}};
    struct service service;
    if (!started(&service, "billing", "keeps the bill: leases partitions to workers, closes months", argc,
                 argv, options))
        return SERVICE_EXIT_CANNOT_START;
    uint32_t most = service_option_number(&service, &options[COORDINATOR_WORKERS_MAX], 1, LEASE_WORKERS_MAX);
    const struct service_option *rebuild = &options[COORDINATOR_REBUILD];
    struct coordinator_config config = {
        .feed = options[COORDINATOR_FEED].value,
        .doorbell = options[COORDINATOR_DOORBELL].value,
        .listen = options[COORDINATOR_LISTEN].value,
        .workers = options[COORDINATOR_WORKERS].value,
        .partitions =
            service_option_number(&service, &options[COORDINATOR_PARTITIONS], 1, LEDGER_PARTITIONS_MAX),
        .workers_min = service_option_number(&service, &options[COORDINATOR_WORKERS_MIN], 1, most),
        .workers_max = most,
        .lease_ms = service_option_number(&service, &options[COORDINATOR_LEASE], 200, 60000),
        .rebuild = rebuild->value[0]
                       ? (int)service_option_number(&service, rebuild, 0, LEDGER_PARTITIONS_MAX - 1)
                       : -1,
        .program = "/proc/self/exe",
    };
    int code = coordinator_run(&service, &config);
    service_end(&service);
    return code;
}

/* A worker's name is that of its lock in STATE/run, so it is needed before its options are read. */
static const char *worker_name(int argc, char **argv, const char *otherwise) {
    const char *name = otherwise;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--name=", 7) == 0)
            name = argv[i] + 7;
        else if (strcmp(argv[i], "--name") == 0 && i + 1 < argc)
            name = argv[i + 1];
    }
    size_t size = strlen(name), prefix = strlen(WORKER_PREFIX);
    bool fine = strncmp(name, WORKER_PREFIX, prefix) == 0 && size > prefix && size <= WORKER_NAME_MAX &&
                strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
    if (fine)
        return name;
    fprintf(stderr,
            "billing: --name is '%.64s', but must be %s and then lower-case letters, digits and -, at most "
            "%d characters in all.\n",
            name, WORKER_PREFIX, WORKER_NAME_MAX);
    exit(SERVICE_EXIT_USAGE);
}

enum worker_option { WORKER_NAME, WORKER_COORDINATOR, WORKER_FEED, WORKER_DOORBELL, WORKER_OPTIONS };

static int run_worker(int argc, char **argv) {
    struct service_option options[WORKER_OPTIONS + 1] = {
        [WORKER_NAME] = {"name", WORKER_PREFIX "by-hand", "one of its own; its lock lies in STATE/run"},
        [WORKER_COORDINATOR] = {"coordinator", "",
                                "endpoint of the coordinator; default: a unix socket in STATE/run"},
        [WORKER_FEED] = {"feed", "", "endpoint of enrollment's feed; default: a unix socket in STATE/run"},
        [WORKER_DOORBELL] = {"doorbell", "",
                             "endpoint of the feed's doorbell; default: a unix socket in STATE/run"},
        {NULL, NULL, NULL}};
    const char *name = worker_name(argc, argv, options[WORKER_NAME].value);
    struct service service;
    if (!started(&service, name, "counts the partitions that billing's coordinator gives it", argc, argv,
                 options))
        return SERVICE_EXIT_CANNOT_START;
    struct worker_config config = {
        .coordinator = options[WORKER_COORDINATOR].value,
        .feed = options[WORKER_FEED].value,
        .doorbell = options[WORKER_DOORBELL].value,
    };
    prctl(PR_SET_NAME, "billing-worker"); /* started by /proc/self/exe it would be called "exe" */
    int code = worker_run(&service, &config);
    service_end(&service);
    return code;
}

enum projector_option { PROJECTOR_PAUSE, PROJECTOR_ONCE, PROJECTOR_ANEW, PROJECTOR_OPTIONS };

static int run_projector(int argc, char **argv) {
    struct service_option options[PROJECTOR_OPTIONS + 1] = {
        [PROJECTOR_PAUSE] = {"pause-ms", "1000", "between looks while there is nothing new"},
        [PROJECTOR_ONCE] = {"once", "no", "yes: end when everything that is there now is projected"},
        [PROJECTOR_ANEW] = {"anew", "no", "yes: drop what audit.db holds first, and make it anew"},
        {NULL, NULL, NULL}};
    struct service service;
    if (!started(&service, "billing-projector", "keeps the tables for auditors beside billing's journals",
                 argc, argv, options))
        return SERVICE_EXIT_CANNOT_START;
    struct projector_config config = {
        .pause_ms = service_option_number(&service, &options[PROJECTOR_PAUSE], 10, 600000),
        .once = service_option_yes(&service, &options[PROJECTOR_ONCE]),
        .anew = service_option_yes(&service, &options[PROJECTOR_ANEW]),
    };
    int code = projector_run(&service, &config);
    service_end(&service);
    return code;
}

int main(int argc, char **argv) {
    static const struct {
        const char *name, *command;
        int (*run)(int argc, char **argv);
    } modes[] = {{"coordinator", "billing coordinator", run_coordinator},
                 {"worker", "billing worker", run_worker},
                 {"projector", "billing projector", run_projector}};
    for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(argv[1], modes[i].name) != 0)
            continue;
        argv[1] = (char *)modes[i].command;
        return modes[i].run(argc - 1, argv + 1);
    }
    bool asked = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    fputs("Usage: billing coordinator|worker|projector [--option value] ...\n"
          "       billing coordinator --help   tells the options of a mode\n",
          asked ? stdout : stderr);
    return asked ? SERVICE_EXIT_OK : SERVICE_EXIT_USAGE;
}
