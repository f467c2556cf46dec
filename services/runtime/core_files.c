/* core_files.c - the limit that forbids core files (core_files.h). */
#include "core_files.h"

#include "require.h"

#include <sys/resource.h>

void core_files_forbid(void) {
    const struct rlimit none = {0, 0};
    require(setrlimit(RLIMIT_CORE, &none) == 0, "core files could not be forbidden");
}
