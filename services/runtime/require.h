/* require.h - checks that stay on in production: a broken promise of our own code ends the process with a
 * sentence. */
#ifndef RUNTIME_REQUIRE_H
#define RUNTIME_REQUIRE_H

#include "log.h"

#include <stdlib.h>

#define require(condition, sentence)                                                                         \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            log_alarm("%s:%d: %s", __FILE_NAME__, __LINE__, sentence);                                       \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

#endif
