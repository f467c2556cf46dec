/* clock.h - the only place where a service reads the time. */
#ifndef RUNTIME_CLOCK_H
#define RUNTIME_CLOCK_H

#include "cakupan/calendar.h"

/* Rehearsal: shifts the business clock by whole days so that it is `today` now. DAY_NONE: no shift. */
void clock_set_today(day_t today);
/* Business time, Unix milliseconds, shifted by clock_set_today. */
int64_t clock_now_ms(void);
/* The real Unix time in milliseconds, never shifted: for log lines. */
int64_t clock_wall_ms(void);
/* For durations only. */
int64_t clock_monotonic_us(void);
/* Nobody sets it, and it counts the time that the machine slept: to judge the others by. */
int64_t clock_steady_ms(void);

#endif
