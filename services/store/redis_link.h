/* redis_link.h - one connection to Redis that never blocks its thread and heals by itself (hiredis 0.14.1).
 *
 * The owner polls the descriptor, calls redis_link_work, and sends one pipeline of commands at a time. A
 * pipeline that is not answered in time, an error from Redis or a lost connection ends the connection; it is
 * made again with back-off: at once, then after 50 ms, doubling up to 1 s. A new connection is first greeted
 * with a PING, so a Redis that hangs holds nothing of ours but that. SIGPIPE must be ignored by the process.
 * One thread.
 */
#ifndef STORE_REDIS_LINK_H
#define STORE_REDIS_LINK_H

#include "cakupan/result.h"

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdint.h>

#define REDIS_LINK_ANSWER_MS 2000 /* longest wait for the answer to a pipeline */

struct redis_link;

/* `url`: unix:///path or redis://host[:port]; a host name is looked up here, once. Connects at the first
 * work. */
MUST_USE enum result redis_link_open(struct redis_link **out, const char *url, struct failure *why);
void redis_link_close(struct redis_link **link);

/* To poll; -1 while there is no connection. */
int redis_link_descriptor(const struct redis_link *link);
bool redis_link_wants_write(const struct redis_link *link);
/* When redis_link_work is due even if nothing happens on the descriptor; INT64_MAX: never. */
int64_t redis_link_wake_ms(const struct redis_link *link);

/* Connected, greeted and nothing on the way: a pipeline may be sent. */
bool redis_link_idle(const struct redis_link *link);
/* Adds a command to the pipeline; copies it. Only while idle. */
void redis_link_add(struct redis_link *link, int count, const char **words, const size_t *sizes);
/* Sends what was added. */
void redis_link_send(struct redis_link *link, int64_t now_ms);

/* Reads and writes what is possible at once. RESULT_OK: the pipeline is answered without an error, `*last` is
 * the reply to its last command, the caller's to free (freeReplyObject). RESULT_AGAIN: nothing new.
 * RESULT_IO: the connection could not be made or was lost, `why` says how; the pipeline's fate is unknown. */
MUST_USE enum result redis_link_work(struct redis_link *link, int64_t now_ms, redisReply **last,
                                     struct failure *why);

#endif
