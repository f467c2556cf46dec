/* backoff.h - how long to wait before a process that died is started again. Pure. */
#ifndef CLI_BACKOFF_H
#define CLI_BACKOFF_H

#include <stdint.h>

#define BACKOFF_FIRST_MS 100
#define BACKOFF_MOST_MS  10000
/* One that lived as long as this counts as healthy: its next restart begins with the first delay again. */
#define BACKOFF_HEALTHY_MS 30000

/* The next delay: 100 ms, then doubled up to 10 s. `previous_ms` 0: it never died before. */
static inline int64_t backoff_next(int64_t previous_ms, int64_t lived_ms) {
    if (previous_ms == 0 || lived_ms >= BACKOFF_HEALTHY_MS)
        return BACKOFF_FIRST_MS;
    return previous_ms * 2 < BACKOFF_MOST_MS ? previous_ms * 2 : BACKOFF_MOST_MS;
}

#endif
