/* clock.c - the clocks of a service (clock.h). */
#include "clock.h"

#include <time.h>

/* Set once at start, before anything reads the clock. */
static int64_t shift_ms;

int64_t clock_wall_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_now_ms(void) {
    return clock_wall_ms() + shift_ms;
}

int64_t clock_monotonic_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_steady_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void clock_set_today(day_t today) {
    shift_ms = 0;
    if (today != DAY_NONE)
        shift_ms = calendar_time_of_day(today) - calendar_time_of_day(calendar_day_of_time(clock_wall_ms()));
}
