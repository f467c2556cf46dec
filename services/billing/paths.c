/* paths.c - where billing keeps things below STATE/billing (paths.h). */
#include "paths.h"

#include "runtime/file.h"
#include "runtime/require.h"

#include <stdio.h>

/* STATE has 127 characters at most (runtime/service.h), so whatever lies below fits. */
static void below(char out[BILLING_PATH], const char *state, const char *name) {
    int size = snprintf(out, BILLING_PATH, "%s/billing%s", state, name);
    require(size > 0 && size < BILLING_PATH, "a path of billing fits its buffer");
}

enum result billing_directory(char out[BILLING_PATH], const char *state, struct failure *why) {
    below(out, state, "");
    return file_make_directory(out, why);
}

void billing_books_path(char out[BILLING_PATH], const char *state) {
    below(out, state, "/books.db");
}

void billing_audit_path(char out[BILLING_PATH], const char *state) {
    below(out, state, "/audit.db");
}

void billing_partition_path(char out[BILLING_PATH], const char *state, uint32_t partition) {
    char name[32];
    snprintf(name, sizeof name, "/partition-%02u", partition);
    below(out, state, name);
}
