/* budget_what_if.h - what `cakupan budget show --what-if` thinks of. Pure. */
#ifndef CLI_BUDGET_WHAT_IF_H
#define CLI_BUDGET_WHAT_IF_H

#include "cakupan/result.h"

#include <stdint.h>

struct budget_what_if {
    char tariff[512]; /* path of a tariff's file, "" for none */
    uint32_t layoffs; /* further people whom the city pays for */
};

/* "tariff=FILE,layoffs=N", either or both. */
MUST_USE enum result budget_what_if_read(const char *text, struct budget_what_if *out, struct failure *why);

#endif
