/* simulate_fleet.h - the simulated devices of an instance, paired with enrollment when they are first
 * needed. */
#ifndef CLI_SIMULATE_FLEET_H
#define CLI_SIMULATE_FLEET_H

#include "cakupan/region.h"
#include "instance.h"
#include "kader/simulator.h"

struct simulate_fleet {
    struct simulator_device *devices; /* kaders, spread over the kelurahan */
    char (*paths)[INSTANCE_PATH];
    size_t count;
    char office[INSTANCE_PATH];
    char flooder[INSTANCE_PATH];
};

/* STATE/keys/devices/sim-*.device: makes and registers those that are missing. */
MUST_USE enum result simulate_fleet_prepare(struct simulate_fleet *fleet, const char *state,
                                            const char *endpoint, const struct region_table *regions,
                                            size_t count, struct failure *why);
void simulate_fleet_free(struct simulate_fleet *fleet);

#endif
