/* simulate_fleet.c - the simulated devices of an instance (simulate_fleet.h). */
#include "simulate_fleet.h"

#include "local_device.h"
#include "progress.h"
#include "runtime/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct pairing {
    struct control_client *client;
    const char *state, *endpoint;
    char path[INSTANCE_PATH];
};

static enum result pair(struct pairing *pairing, const char *name, enum role role, uint32_t area,
                        struct failure *why) {
    uint32_t id;
    instance_path(pairing->path, pairing->state, "keys/devices/%s.device", name);
    if (access(pairing->path, F_OK) == 0)
        return RESULT_OK;
    return device_pair(pairing->client, pairing->state, pairing->endpoint, name, role, area, pairing->path,
                       &id, why);
}

static enum result kaders_pair(struct simulate_fleet *fleet, struct pairing *pairing,
                               const struct region_table *regions, struct failure *why) {
    struct progress progress;
    enum result result = RESULT_OK;
    progress_begin(&progress, stderr, "Pairing devices", "devices", 0, fleet->count, clock_monotonic_us());
    for (size_t i = 0; i < fleet->count && result == RESULT_OK; i++) {
        char name[DEVICE_NAME_MAX + 1];
        uint32_t area = regions->kelurahan[i % regions->kelurahan_count].code;
        snprintf(name, sizeof name, "sim-kader-%05zu", i + 1);
        result = pair(pairing, name, ROLE_KADER, area, why);
        snprintf(fleet->paths[i], INSTANCE_PATH, "%s", pairing->path);
        fleet->devices[i] = (struct simulator_device){fleet->paths[i], area};
        progress_show(&progress, i + 1, clock_monotonic_us());
    }
    if (progress.shown && result == RESULT_OK)
        progress_end(&progress, fleet->count, clock_monotonic_us());
    return result;
}

enum result simulate_fleet_prepare(struct simulate_fleet *fleet, const char *state, const char *endpoint,
                                   const struct region_table *regions, size_t count, struct failure *why) {
    struct pairing pairing = {.state = state, .endpoint = endpoint};
    *fleet = (struct simulate_fleet){.devices = calloc(count, sizeof *fleet->devices),
                                     .paths = calloc(count, sizeof *fleet->paths),
                                     .count = count};
    if (!fleet->devices || !fleet->paths)
        abort();
    enum result result = control_open(&pairing.client, state, why);
    if (result == RESULT_OK)
        result = pair(&pairing, "sim-office", ROLE_LABOUR_OFFICE, regions->city_code, why);
    snprintf(fleet->office, sizeof fleet->office, "%s", pairing.path);
    if (result == RESULT_OK)
        result = pair(&pairing, "sim-flooder", ROLE_KADER, regions->city_code, why);
    snprintf(fleet->flooder, sizeof fleet->flooder, "%s", pairing.path);
    if (result == RESULT_OK)
        result = kaders_pair(fleet, &pairing, regions, why);
    control_close(&pairing.client);
    return result;
}

void simulate_fleet_free(struct simulate_fleet *fleet) {
    free(fleet->devices);
    free(fleet->paths);
    *fleet = (struct simulate_fleet){0};
}
