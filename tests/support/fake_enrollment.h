/* fake_enrollment.h - an enrollment that keeps its promises to devices and nothing else, in its own process.
 *
 * ROUTER with CURVE on a free port of the loopback. It accepts one device's events strictly in sequence,
 * remembers what it was sent, and drops, doubles and delays acks as told. What it saw is in shared memory,
 * so that children that are killed may write there, too. The test's own process may make ZeroMQ sockets
 * after fake_enrollment_start.
 */
#ifndef FAKE_ENROLLMENT_H
#define FAKE_ENROLLMENT_H

#include "cakupan/kader.h"

#include <stdatomic.h>
#include <sys/types.h>

#define FAKE_EVENTS_MAX      20000
#define FAKE_REFUSES(number) ((number) % 10 == 3) /* events whose employer's number ends so are refused */

struct fake_enrollment {
    /* set before the start, may be changed later */
    _Atomic uint32_t loss_percent, double_percent, busy_percent;
    _Atomic bool revoked;
    /* what it saw */
    _Atomic bool ready;
    _Atomic uint64_t expected;
    uint64_t content[FAKE_EVENTS_MAX]; /* by sequence: hash of the bytes */
    uint32_t number[FAKE_EVENTS_MAX];  /* by sequence: the event's employer */
    _Atomic uint32_t reused;           /* same sequence, another content */
    _Atomic uint32_t frames, hellos, dry_runs;
    /* for the test's children */
    uint32_t queued[FAKE_EVENTS_MAX];
    _Atomic uint32_t told[FAKE_EVENTS_MAX];
    _Atomic uint32_t counter;
    /* set by the start */
    struct kader_pairing pairing;
    char secret_key[41];
    pid_t process;
};

/* Makes the shared memory and the keys; the server is not there yet, but its endpoint is known. */
struct fake_enrollment *fake_enrollment_new(void);
void fake_enrollment_start(struct fake_enrollment *fake);
void fake_enrollment_stop(struct fake_enrollment *fake); /* kill -9; it may be started again */
void fake_enrollment_destroy(struct fake_enrollment **fake);

#endif
