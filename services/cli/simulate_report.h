/* simulate_report.h - what a simulation got back, as tables and as JSON. */
#ifndef CLI_SIMULATE_REPORT_H
#define CLI_SIMULATE_REPORT_H

#include "kader/simulator.h"

#include <jansson.h>

/* `names`: what each group is in this scenario, NULL where it has none. */
void simulate_report_print(const struct simulator_summary *summary,
                           const char *const names[SIMULATOR_GROUPS]);
json_t *simulate_report_json(const struct simulator_summary *summary,
                             const char *const names[SIMULATOR_GROUPS]);

#endif
