/* feed_server.h - answers followers from a journal and its tail in memory. No socket in here: bytes in,
 * frames out.
 *
 * The last batches committed stay in memory (a ring with a bound), so followers at the head cost no disk
 * read.
 */
#ifndef RUNTIME_FEED_SERVER_H
#define RUNTIME_FEED_SERVER_H

#include "cakupan/journal.h"

struct feed_server;

/* `journal` is borrowed; `tail_bytes` bounds the memory of the tail. */
struct feed_server *feed_server_new(struct journal *journal, size_t tail_bytes);
void feed_server_destroy(struct feed_server **server);
/* Tells of a batch just committed (copied into the tail). */
void feed_server_committed(struct feed_server *server, const struct journal_batch *batch);

/* Answers one request: calls `emit` for each frame of the reply (header first), `more` true for all but
 * the last. `data` is valid during the call. Bad requests get a reply with a refusal. RESULT_IO:
 * stop. RESULT_CORRUPT: the journal's bytes are damaged there, and the asker was told by a refusal. */
typedef void feed_emit(void *context, const uint8_t *data, size_t size, bool more);
MUST_USE enum result feed_server_answer(struct feed_server *server, const uint8_t *request, size_t size,
                                        feed_emit *emit, void *context, struct failure *why);
uint64_t feed_server_head(const struct feed_server *server);

#endif
