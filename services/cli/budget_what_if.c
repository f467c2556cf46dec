/* budget_what_if.c - what `cakupan budget show --what-if` thinks of (budget_what_if.h). */
#include "budget_what_if.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHAT_IF_TEXT 600
#define LAYOFFS_MAX  100000000ul

enum result budget_what_if_read(const char *text, struct budget_what_if *out, struct failure *why) {
    char copy[WHAT_IF_TEXT], *rest = NULL;
    *out = (struct budget_what_if){0};
    if (strlen(text) >= sizeof copy)
        return fail(why, RESULT_INVALID, "OPTION_VALUE", "--what-if is too long.");
    memcpy(copy, text, strlen(text) + 1);
    for (char *part = strtok_r(copy, ",", &rest); part; part = strtok_r(NULL, ",", &rest)) {
        char *end = NULL, *value = strchr(part, '=');
        bool tariff = strncmp(part, "tariff=", 7) == 0, layoffs = strncmp(part, "layoffs=", 8) == 0;
        if (tariff && value[1]) {
            snprintf(out->tariff, sizeof out->tariff, "%.500s", value + 1);
            continue;
        }
        errno = 0;
        unsigned long number =
            layoffs && value[1] >= '0' && value[1] <= '9' ? strtoul(value + 1, &end, 10) : 0;
        if (!end || *end || errno || number > LAYOFFS_MAX)
            return fail(why, RESULT_INVALID, "OPTION_VALUE",
                        "--what-if takes tariff=FILE and layoffs=N, with a comma between, not '%.60s'.",
                        part);
        out->layoffs = (uint32_t)number;
    }
    if (!out->tariff[0] && !out->layoffs)
        return fail(why, RESULT_INVALID, "OPTION_VALUE",
                    "--what-if names neither tariff=FILE nor layoffs=N.");
    return RESULT_OK;
}
