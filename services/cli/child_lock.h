/* child_lock.h - a lock that lasts as long as any process that a supervisor started.
 *
 * A supervisor that is killed leaves its children behind for a moment: they still drain. Redis then removes
 * its socket as its last act, by name, and with it the socket of a successor that was started too early. So
 * the children inherit this lock, and the next supervisor waits for it before it starts anything.
 */
#ifndef CLI_CHILD_LOCK_H
#define CLI_CHILD_LOCK_H

#include "cakupan/result.h"

/* The descriptor passes through exec on purpose: closing it here does not free the lock while a child lives.
 * RESULT_AGAIN while processes of an earlier supervisor of STATE still end. */
MUST_USE enum result child_lock_open(const char *state, int *fd, struct failure *why);

#endif
