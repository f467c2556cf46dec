/* business_clock.c - time never goes back, nor forward by a leap (business_clock.h). */
#include "business_clock.h"

int64_t business_clock_turn(struct business_clock *clock, int64_t now_ms, int64_t steady_ms) {
    int64_t expected_ms = clock->time_ms + (steady_ms - clock->steady_ms);
    clock->leapt = clock->set && now_ms - expected_ms > BUSINESS_CLOCK_LEAP_MS;
    if (clock->leapt)
        return clock->time_ms;
    /* Behind the journal it is one that forgot the time with its battery: what sets it is no leap. */
    clock->set |= now_ms >= clock->time_ms;
    clock->steady_ms = steady_ms;
    if (now_ms > clock->time_ms)
        clock->time_ms = now_ms;
    return clock->time_ms;
}
