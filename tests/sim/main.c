/* main.c - runs seeds of the simulation and says "ok" or "not ok" per hundred of them.
 *
 * usage: sim_system [--first S] [--seeds N]
 * A failure prints its seed; `sim_system --first SEED --seeds 1` repeats it.
 */
#include "world.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define GROUP 100u

static volatile uint64_t running_seed;

/* Code under test that aborts must not take its seed with it. */
static void on_abort(int number) {
    char text[80];
    int size = snprintf(text, sizeof text, "not ok seed %llu: the process aborted\n",
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

struct tally {
    uint64_t stored, refused, starts, lost, failures;
};

static void run_seed(struct world *world, uint64_t seed, struct tally *tally) {
    running_seed = seed;
    if (!world_run(world, seed, false)) {
        printf("not ok seed %llu: %s\n", (unsigned long long)seed, world->complaint);
        tally->failures++;
    }
    tally->starts += world->enrollment.starts;
    tally->lost += world->network.lost;
    tally->stored += world->stored;
    tally->refused += world->refused;
}

/* A disk that forgets what it said was written: unless the oracle notices, it proves nothing. */
static bool oracle_is_awake(struct world *world) {
    uint32_t lied = 0, noticed = 0;
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

static uint64_t number(const char *text) {
    char *end = NULL;
    uint64_t value = strtoull(text, &end, 10);
    if (end == text || *end) {
        fprintf(stderr, "sim_system: '%s' is no number.\n", text);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv) {
    static const struct option options[] = {
        {"first", required_argument, NULL, 'f'}, {"seeds", required_argument, NULL, 's'}, {NULL, 0, NULL, 0}};
    uint64_t first = 1, seeds = 1000;
    struct tally tally = {0};
    struct world *world = malloc(sizeof *world);
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'f')
            first = number(optarg);
        else if (option == 's')
            seeds = number(optarg);
        else
            return 2;
    }
    if (!world)
        return 1;
    signal(SIGABRT, on_abort);
    bool awake = oracle_is_awake(world);
    for (uint64_t seed = first; seed < first + seeds; seed += GROUP) {
        uint64_t before = tally.failures;
        uint64_t end = seed + GROUP < first + seeds ? seed + GROUP : first + seeds;
        for (uint64_t one = seed; one < end; one++)
            run_seed(world, one, &tally);
        if (tally.failures == before)
            printf("ok seeds %llu to %llu\n", (unsigned long long)seed, (unsigned long long)end - 1);
        fflush(stdout);
    }
    printf("%llu records (%llu refusals), %llu starts of enrollment, %llu messages lost\n",
           (unsigned long long)tally.stored, (unsigned long long)tally.refused,
           (unsigned long long)tally.starts, (unsigned long long)tally.lost);
    free(world);
    return awake && tally.failures == 0 ? 0 : 1;
}
