/* business_clock.h - the time that the loop's turns go by: never backward, and no leap forward.
 *
 * A business day that was begun stays begun, for ever. A clock that is set wrong by months while the service
 * runs would begin such a day within a turn, and with it end cover and grace: so a leap is not believed. The
 * clock at the start is: a service may rest for months, and a person who looked starts it anew.
 */
#ifndef ENROLLMENT_BUSINESS_CLOCK_H
#define ENROLLMENT_BUSINESS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define BUSINESS_CLOCK_LEAP_MS INT64_C(604800000) /* 7 days */

struct business_clock {
    int64_t time_ms;   /* of the last turn, at first of the journal's last batch */
    int64_t steady_ms; /* when that was, by a clock that nobody sets */
    bool set;          /* once it has caught up with the journal */
    bool leapt;        /* time stands still until the clock is right again */
};

/* The time of this turn: `now_ms`, unless the clock went back or leapt. */
int64_t business_clock_turn(struct business_clock *clock, int64_t now_ms, int64_t steady_ms);

#endif
