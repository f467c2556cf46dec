/* command_up.c - `cakupan up`: starts a city, keeps it running, stops it on Ctrl-C. */
#include "commands.h"

#include "billing_glance.h"
#include "cakupan/lease.h"
#include "cakupan/ledger_journal.h"
#include "control_client.h"
#include "detach.h"
#include "view/format.h"
#include "local_device.h"
#include "runtime/clock.h"
#include "runtime/socket.h"
#include "terminal.h"
#include "totals_client.h"
#include "totals_print.h"
#include "up.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
    PORT_DEFAULT = 7300,
    HTTP_RATE_DEFAULT = 200,
    DEVICE_RATE_DEFAULT = 20000,
    PORTS_RESERVED = 10,    /* the base port is enrollment's, the next one billing's, others are to come */
    WORKERS_LEAST = 2,      /* of billing, that may be started at most, however small the machine */
    DISK_FREE_MIN_MIB = 300 /* enrollment answers BUSY below 256 */
};

static enum result programs_find(struct up *up, struct failure *why) {
    char path[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    if (size <= 0 || size >= (ssize_t)sizeof up->programs)
        return fail(why, RESULT_IO, "CANNOT_START", "The program's own directory can't be found: %s.",
                    strerror(errno));
    path[size] = '\0';
    snprintf(up->programs, sizeof up->programs, "%.500s", dirname(path));
    return RESULT_OK;
}

static enum result space_check(const char *state, struct failure *why) {
    struct statvfs disk;
    if (statvfs(state, &disk) != 0)
        return fail(why, RESULT_IO, "STATE_UNWRITABLE", "The disk of %s can't be looked at: %s.", state,
                    strerror(errno));
    uint64_t free_mib = (uint64_t)disk.f_bavail * disk.f_frsize >> 20;
    if (free_mib < DISK_FREE_MIN_MIB)
        return fail(why, RESULT_FULL, "DISK_FULL",
                    "Only %llu MiB are free on the disk of %s, and %d are needed; make room or choose "
                    "another --state.",
                    (unsigned long long)free_mib, state, DISK_FREE_MIN_MIB);
    return RESULT_OK;
}

static enum result state_prepare(struct up *up, struct failure *why) {
    enum result result = instance_state_check(up->options.state, why);
    if (result == RESULT_OK)
        result = instance_directories(up->options.state, why);
    if (result != RESULT_OK)
        return result;
    char path[PATH_MAX];
    if (!realpath(up->options.state, path) || strlen(path) >= sizeof up->state)
        return fail(why, RESULT_INVALID, "STATE_TOO_LONG",
                    "The state directory %s can't be used: its path is too long.", up->options.state);
    snprintf(up->state, sizeof up->state, "%.*s", INSTANCE_PATH - 1, path);
    result = instance_state_check(up->state, why);
    if (result == RESULT_OK)
        result = instance_lock(up->state, &up->lock_fd, why);
    return result == RESULT_OK ? space_check(up->state, why) : result;
}

static enum result info_prepare(struct up *up, struct failure *why) {
    bool everywhere = strcmp(up->options.listen, "0.0.0.0") == 0 || strcmp(up->options.listen, "*") == 0;
    snprintf(up->info.version, sizeof up->info.version, "%s", CAKUPAN_VERSION);
    const char *host = everywhere ? "127.0.0.1" : up->options.listen;
    snprintf(up->info.endpoint, sizeof up->info.endpoint, "tcp://%.100s:%d", host, (int)up->options.port);
    snprintf(up->info.billing, sizeof up->info.billing, "tcp://%.100s:%d", host,
             (int)up->options.port + UP_PORT_BILLING);
    bool anywhere = strcmp(up->options.web_listen, "0.0.0.0") == 0;
    snprintf(up->info.gateway, sizeof up->info.gateway, "%s://%.100s:%d",
             up->options.tls_cert ? "https" : "http", anywhere ? "127.0.0.1" : up->options.web_listen,
             (int)up->options.port + UP_PORT_GATEWAY);
    up->info.started_ms = clock_wall_ms();
    up->info.pid = (int32_t)getpid();
    return instance_info_save(up->state, &up->info, why);
}

/* Said where somebody asked for an earlier date than the state's, or where a rehearsal went ahead. */
static void day_note_print(const struct up *up, day_t day) {
    char here[CALENDAR_TEXT], asked[CALENDAR_TEXT];
    day_t wanted = up->options.today != DAY_NONE ? up->options.today : calendar_day_of_time(clock_now_ms());
    if (day <= wanted)
        return;
    calendar_format(day, here);
    calendar_format(wanted, asked);
    printf("This state stands at %s and goes on from there, not from %s: a city's date never goes back.\n",
           here, asked);
}

/* What keeps billing from its work, where something does: the city runs all the same. */
static void billing_note_print(const struct up *up) {
    struct billing_glance glance;
    struct failure why;
    if (billing_glance(up->state, &glance, &why) != RESULT_OK || glance.failures == 0)
        return;
    printf("\nBILLING NEEDS A PERSON: %s\n", glance.failure);
    printf("%u of %u partitions are ready; failures that wait: %u (`cakupan billing status`).\n",
           glance.ready, glance.partitions, glance.failures);
}

static enum result report(const struct up *up, struct failure *why) {
    static struct coverage_view view; /* too big for a stack */
    const struct coverage_region *city;
    enum result result = totals_now(up->state, &view, why);
    if (result == RESULT_OK)
        result = coverage_view_find(&view, NULL, &city, why);
    if (result == RESULT_OK) {
        putchar('\n');
        totals_print(stdout, &view, city, terminal_colours(stdout));
        billing_note_print(up);
        day_note_print(up, view.day);
    }
    return result;
}

static void next_steps_print(const struct up *up) {
    char cwd[PATH_MAX], here[PATH_MAX + 8] = "", state[INSTANCE_PATH + 16] = "";
    char month[CALENDAR_TEXT];
    const char *program = up->programs;
    calendar_format_month(calendar_month(calendar_day_of_time(clock_now_ms())), month);
    if (getcwd(cwd, sizeof cwd)) {
        snprintf(here, sizeof here, "%s/" STATE_DEFAULT, cwd);
        size_t size = strlen(cwd);
        if (strncmp(program, cwd, size) == 0 && program[size] == '/')
            program += size + 1;
    }
    if (strcmp(here, up->state) != 0)
        snprintf(state, sizeof state, " --state %s", up->state);
    printf("\nThe city runs; devices reach it at %s, browsers at %s. Try, in another terminal:\n",
           up->info.endpoint, up->info.gateway);
    printf("  %s/cakupan totals --region Cipondoh%s\n", program, state);
    printf("  %s/cakupan totals --watch%s\n", program, state);
    printf("  %s/cakupan simulate day%s\n", program, state);
    printf("  %s/cakupan bill preview %s%s\n", program, month, state);
    printf("  %s/cakupan status%s\n", program, state);
    printf("  %s/cakupan verify%s\n", program, state);
    if (up->options.detach)
        printf("  %s/cakupan down%s\n", program, state);
    fflush(stdout);
}

static enum result begin(struct up *up, struct failure *why) {
    enum result result = programs_find(up, why);
    if (result == RESULT_OK)
        result = up_port_check(up, why);
    if (result == RESULT_OK)
        result = state_prepare(up, why);
    if (result == RESULT_OK)
        result = up_city_prepare(up, why);
    if (result == RESULT_OK)
        result = supervisor_open(&up->supervisor, up->state, why);
    if (result == RESULT_OK)
        result = up_services_start(up, why);
    if (result == RESULT_OK)
        result = info_prepare(up, why);
    if (result == RESULT_OK)
        result = local_devices_pair(up->state, up->info.endpoint, up->city.regions.city_code, why);
    if (result == RESULT_OK)
        result = up_baseline_load(up, why);
    if (result == RESULT_OK)
        result = up_billing_start(up, why);
    if (result == RESULT_OK)
        result = up_counted_wait(up, why);
    if (result == RESULT_OK)
        result = up_gateway_start(up, why);
    return result == RESULT_OK ? report(up, why) : result;
}

static int supervise(struct up *up, int ready_fd) {
    struct failure why;
    enum result result = begin(up, &why);
    if (result == RESULT_OK && ready_fd >= 0) {
        char log[INSTANCE_PATH];
        instance_path(log, up->state, "log/up.log");
        printf("\nRunning in the background (pid %d).\n", (int)getpid());
        next_steps_print(up);
        detach_ready(ready_fd, log);
    } else if (result == RESULT_OK) {
        next_steps_print(up);
        printf("\nCtrl-C stops it; nothing is lost.\n");
        fflush(stdout);
    }
    while (result == RESULT_OK && supervisor_step(up->supervisor, 1000))
        ;
    if (up->supervisor && result == RESULT_OK) {
        printf("Stopping ...\n");
        fflush(stdout);
    }
    supervisor_close(&up->supervisor);
    if (result == RESULT_OK || result == RESULT_AGAIN) {
        printf("Stopped. The state is kept in %s.\n", up->state);
        return result == RESULT_OK ? EXIT_FINE : EXIT_FAILED;
    }
    return report_failure("up", &why, EXIT_FAILED);
}

/* One a processor: a worker that waits for a processor counts nothing. */
static uint64_t workers_default(void) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (processors < WORKERS_LEAST)
        return WORKERS_LEAST;
    return processors < (long)LEASE_WORKERS_MAX ? (uint64_t)processors : LEASE_WORKERS_MAX;
}

static int run(const struct command *command, int argc, char **argv) {
    static struct up up = {.lock_fd = -1};
    struct up_options *options = &up.options;
    *options = (struct up_options){.state = STATE_DEFAULT,
                                   .listen = "127.0.0.1",
                                   .web_listen = "127.0.0.1",
                                   .requests_per_second = HTTP_RATE_DEFAULT,
                                   .device_rate = DEVICE_RATE_DEFAULT,
                                   .port = PORT_DEFAULT,
                                   .workers_max = workers_default(),
                                   .rebuild = UP_REBUILD_NONE};
    const struct option_row rows[] = {
        OPTION_STATE(&options->state),
        {"port", OPTION_NUMBER, &options->port, "N",
         "base port (default 7300): N devices, N+1 billing's tools, N+2 browsers", 1, 65535 - PORTS_RESERVED},
        {"listen", OPTION_TEXT, &options->listen, "ADDRESS", "where devices connect (default 127.0.0.1)", 0,
         0},
        {"web-listen", OPTION_TEXT, &options->web_listen, "ADDRESS",
         "where browsers connect (default 127.0.0.1)", 0, 0},
        {"tls-cert", OPTION_TEXT, &options->tls_cert, "FILE",
         "browsers connect by HTTPS: PEM file of the certificate and its chain", 0, 0},
        {"tls-key", OPTION_TEXT, &options->tls_key, "FILE", "and of its key, mode 0600", 0, 0},
        {"requests-per-second", OPTION_NUMBER, &options->requests_per_second, "N",
         "HTTP requests that an address may send (default 200; 0: any number, behind a proxy)", 0, 1000000},
        {"device-rate", OPTION_NUMBER, &options->device_rate, "N",
         "events a second that one kader device may send (default 20000)", 1, 10000000},
        {"redis", OPTION_TEXT, &options->redis, "URL",
         "use this Redis instead of a private one: redis://host:6379 or "
         "unix:///path",
         0, 0},
        {"workers-max", OPTION_NUMBER, &options->workers_max, "N",
         "billing starts at most N workers (default: one a processor)", 1, LEASE_WORKERS_MAX},
        {"no-baseline", OPTION_FLAG, &options->no_baseline, NULL, "begin with an empty city", 0, 0},
        {"accept-lost-records", OPTION_FLAG, &options->accept_lost, NULL,
         "go on though the journal lost its end: what was acknowledged there is forgotten", 0, 0},
        {"no-audit-tables", OPTION_FLAG, &options->no_audit_tables, NULL,
         "keep no audit.db (300 MB a month of a whole city); `billing projector --once yes` makes it later",
         0, 0},
        {"rebuild-partition", OPTION_NUMBER, &options->rebuild, "P",
         "billing counts partition P anew first: its journal is lost or damaged", 0,
         LEDGER_PARTITIONS_MAX - 1},
        {"population", OPTION_NUMBER, &options->population, "N",
         "a smaller city for rehearsals, first start only", 1000, 100000000},
        {"today", OPTION_DAY, &options->today, "DATE",
         "a rehearsal on another business date, such as 2026-12-01", 0, 0},
        {"detach", OPTION_FLAG, &options->detach, NULL, "return once it is ready; `cakupan down` stops it", 0,
         0},
        {"city", OPTION_TEXT, &options->city, "DIR",
         "the city's data files (default: deploy/tangerang of the checkout)", 0, 0},
        {0}};
    const char *values[argc];
    options_read(command, rows, argc, argv, values);
    if (options->no_baseline && options->population) {
        struct failure why;
        fail(&why, RESULT_INVALID, "OPTION_VALUE",
             "--no-baseline begins with an empty city, --population with people: leave one of them out.");
        return report_failure(command->name, &why, EXIT_USAGE);
    }
    int ready_fd = options->detach ? detach_begin() : -1;
    socket_setup();
    if (options->today != DAY_NONE)
        clock_set_today(options->today);
    return supervise(&up, ready_fd);
}

const struct command command_up = {
    .name = "up",
    .arguments = "",
    .summary = "start a city and keep it running",
    .details =
        "Starts a private Redis, enrollment, billing, coverage and the gateway as processes of their own, "
        "restarts what "
        "dies, and\n"
        "stops everything on Ctrl-C. The first start loads the city's people; later ones resume from the "
        "state.\n"
        "A city's date never goes back: give --today a --state of its own, never the real city's.\n",
    .examples = "cakupan up\n"
                "cakupan up --detach\n"
                "cakupan up --state /tmp/rehearsal --port 7400 --population 20000 --today 2026-12-01",
    .exit_codes =
        "0  it ran and was stopped (with --detach: it is ready)\n2  the command line is wrong\n"
        "3  it could not start (a port that is taken, a state in use, a full disk, ...) or was stopped "
        "before\n   it was ready; one sentence says why",
    .run = run,
};
