/* verify_report.h - what `cakupan verify` found, as a table and as JSON. */
#ifndef CLI_VERIFY_REPORT_H
#define CLI_VERIFY_REPORT_H

#include "verify_fold.h"

#include <jansson.h>

enum check_state { CHECK_AGREES, CHECK_DIFFERS, CHECK_SKIPPED };

struct verify_check {
    const char *name;
    enum check_state state;
    uint64_t offset;
    char remark[400];
    struct verify_difference differences[VERIFY_DIFFERENCES_MAX];
    size_t difference_count;
};

void verify_report_print(const struct verify_check *checks, size_t count, bool agrees);
json_t *verify_report_json(const struct verify_check *checks, size_t count, bool agrees);

#endif
