/* main.c - runs seeds of the simulated city and of the simulated billing, and says "ok" or "not ok" per
 * hundred of them.
 *
 * usage: sim_system [--only city|billing] [--first S] [--seeds N]
 * A failure prints its seed; `sim_system --only billing --first SEED --seeds 1` repeats it.
 */
#include "billing_world.h"
#include "world.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define GROUP 100u

static volatile uint64_t running_seed;
static const char *volatile running_group = "";

/* Code under test that aborts must not take its seed with it. */
static void on_abort(int number) {
    char text[96];
    int size = snprintf(text, sizeof text, "not ok %s seed %llu: the process aborted\n", running_group,
                        (unsigned long long)running_seed);
    (void)!write(STDOUT_FILENO, text, (size_t)size);
    signal(number, SIG_DFL);
    raise(number);
}

/* Called by AddressSanitizer, where it is there, before it ends the process. */
void __asan_on_error(void);
void __asan_on_error(void) {
    on_abort(SIGABRT);
}

struct range {
    uint64_t first, seeds;
};

/* A group of seeds: runs one, and says what was seen at the end. */
struct group {
    const char *name;
    void *world;
    bool (*run)(void *world, uint64_t seed, char complaint[400]);
    void (*tell)(void);
};

static struct { uint64_t stored, refused, starts, lost; } city_tally;

static bool run_city(void *context, uint64_t seed, char complaint[400]) {
    struct world *world = context;
    bool fine = world_run(world, seed, false);
    snprintf(complaint, 400, "%s", world->complaint);
    city_tally.starts += world->enrollment.starts;
    city_tally.lost += world->network.lost;
    city_tally.stored += world->stored;
    city_tally.refused += world->refused;
    return fine;
}

static void tell_city(void) {
    printf("%llu records (%llu refusals), %llu starts of enrollment, %llu messages lost\n",
           (unsigned long long)city_tally.stored, (unsigned long long)city_tally.refused,
           (unsigned long long)city_tally.starts, (unsigned long long)city_tally.lost);
}

static struct { uint64_t closes, previews, kills, freezes, fenced, starts; } billing_tally;

static bool run_billing(void *context, uint64_t seed, char complaint[400]) {
    struct billing_world *world = context;
    bool fine = billing_world_run(world, seed, false);
    snprintf(complaint, 400, "%s", world->complaint);
    billing_tally.closes += world->closes;
    billing_tally.previews += world->preview_count;
    billing_tally.kills += world->kills;
    billing_tally.freezes += world->freezes;
    billing_tally.fenced += world->fenced;
    billing_tally.starts += world->coordinator.starts;
    return fine;
}

static void tell_billing(void) {
    printf("%llu closes, %llu previews, %llu workers killed, %llu stopped, %llu appends fenced off, %llu "
           "starts of the coordinator\n",
           (unsigned long long)billing_tally.closes, (unsigned long long)billing_tally.previews,
           (unsigned long long)billing_tally.kills, (unsigned long long)billing_tally.freezes,
           (unsigned long long)billing_tally.fenced, (unsigned long long)billing_tally.starts);
}

static uint64_t run_group(const struct group *group, const struct range *range) {
    uint64_t failures = 0, last = range->first + range->seeds - 1;
    running_group = group->name;
    for (uint64_t seed = range->first; seed <= last; seed++) {
        char complaint[400];
        static uint64_t before;
        if ((seed - range->first) % GROUP == 0)
            before = failures;
        running_seed = seed;
        if (!group->run(group->world, seed, complaint)) {
            printf("not ok %s seed %llu: %s\n", group->name, (unsigned long long)seed, complaint);
            failures++;
        }
        if (((seed - range->first) % GROUP == GROUP - 1 || seed == last) && failures == before)
            printf("ok %s seeds to %llu\n", group->name, (unsigned long long)seed);
        fflush(stdout);
    }
    group->tell();
    return failures;
}

/* A disk that forgets what it said was written: unless the oracle notices, it proves nothing. */
static bool city_oracle_is_awake(struct world *world) {
    uint32_t lied = 0, noticed = 0;
    running_group = "city";
    for (uint64_t seed = 1; seed <= 30; seed++) {
        running_seed = seed;
        bool fine = world_run(world, seed, true);
        lied += world->lies > 0;
        noticed += !fine;
    }
    bool awake = lied > 0 && noticed * 2 > lied;
    printf("%s oracle notices a disk that lies (%u of %u)\n", awake ? "ok" : "not ok", noticed, lied);
    return awake;
}

enum lie { LIE_NONE = 0, LIE_MISSED, LIE_NOTICED };

/* In a child: services that find out themselves end the process. */
static enum lie run_lie(struct billing_world *world, uint64_t seed) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        int quiet = open("/dev/null", O_WRONLY);
        dup2(quiet, STDOUT_FILENO);
        bool fine = billing_world_run(world, seed, true);
        _exit(!fine ? LIE_NOTICED : world->lied > 0 ? LIE_MISSED : LIE_NONE);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    return WIFEXITED(status) && WEXITSTATUS(status) <= LIE_NOTICED ? (enum lie)WEXITSTATUS(status)
                                                                   : LIE_NOTICED;
}

/* The same for billing's journals. Some lies heal: a worker that dies before its answer is heard leaves its
 * successor to do it again. */
static bool billing_oracle_is_awake(struct billing_world *world) {
    uint32_t seen[LIE_NOTICED + 1] = {0};
    for (uint64_t seed = 1; seed <= 20; seed++)
        seen[run_lie(world, seed)]++;
    bool awake = seen[LIE_NOTICED] > 2 * seen[LIE_MISSED];
    printf("%s oracle notices a journal that lies (%u of %u)\n", awake ? "ok" : "not ok", seen[LIE_NOTICED],
           seen[LIE_NOTICED] + seen[LIE_MISSED]);
    return awake;
}

static uint64_t number(const char *text) {
    char *end = NULL;
    uint64_t value = strtoull(text, &end, 10);
    if (end == text || *end) {
        fprintf(stderr, "sim_system: '%s' is no number.\n", text);
        exit(2);
    }
    return value;
}

static uint64_t simulate_city(const struct range *range) {
    struct world *world = malloc(sizeof *world);
    if (!world)
        abort();
    struct group group = {"city", world, run_city, tell_city};
    uint64_t failures = range->first == 1 && !city_oracle_is_awake(world);
    failures += run_group(&group, range);
    free(world);
    return failures;
}

/* What the services log of a thousand worlds is of no use: one seed alone shows it. */
static uint64_t simulate_billing(const struct range *range) {
    struct billing_world *world = malloc(sizeof *world);
    if (!world || (range->seeds > 1 && !freopen("/dev/null", "w", stderr)))
        abort();
    billing_world_open(world);
    struct group group = {"billing", world, run_billing, tell_billing};
    uint64_t failures = range->first == 1 && range->seeds > 1 && !billing_oracle_is_awake(world);
    failures += run_group(&group, range);
    billing_world_close(world);
    free(world);
    return failures;
}

/* Worlds know nothing of each other: many are shared between two processes. */
static uint64_t share(uint64_t (*simulate)(const struct range *), const struct range *range) {
    uint64_t half = range->seeds / 2, failures = 0;
    if (half < GROUP)
        return simulate(range);
    struct range halves[2] = {{range->first, half}, {range->first + half, range->seeds - half}};
    pid_t children[2];
    fflush(stdout);
    for (int i = 0; i < 2; i++) {
        children[i] = fork();
        if (children[i] == 0)
            exit(simulate(&halves[i]) ? 1 : 0);
    }
    for (int i = 0; i < 2; i++) {
        int status = 1;
        bool ended = children[i] > 0 && waitpid(children[i], &status, 0) == children[i];
        failures += !ended || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    }
    return failures;
}

int main(int argc, char **argv) {
    static const struct option options[] = {{"only", required_argument, NULL, 'o'},
                                            {"first", required_argument, NULL, 'f'},
                                            {"seeds", required_argument, NULL, 's'},
                                            {NULL, 0, NULL, 0}};
    struct range range = {1, 1000};
    const char *only = "";
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'f')
            range.first = number(optarg);
        else if (option == 's')
            range.seeds = number(optarg);
        else if (option == 'o')
            only = optarg;
        else
            return 2;
    }
    uint64_t failures = 0;
    signal(SIGABRT, on_abort);
    if (strcmp(only, "billing") != 0)
        failures += share(simulate_city, &range);
    if (strcmp(only, "city") != 0)
        failures += share(simulate_billing, &range);
    return failures ? 1 : 0;
}
