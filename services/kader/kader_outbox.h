/* kader_outbox.h - the events of one device that enrollment has not answered yet, on the device's disk.
 *
 * One SQLite file of mode 0600 (WAL, synchronous=FULL, one exclusive connection) holds the events as
 * serialized bytes by sequence, the next sequence and the counter of temporary ids. It belongs to one device
 * key for ever: another pairing needs an outbox of its own. An event is forgotten only after the app was
 * told its outcome; a crash before that asks enrollment again, which gives the same answer. One thread.
 *
 * Results: RESULT_FULL: the disk is full, nothing was changed. RESULT_IO: the outcome of the call is unknown
 * (a failed commit may be on disk or not); every later call fails alike until the outbox is closed and
 * opened again.
 */
#ifndef KADER_OUTBOX_H
#define KADER_OUTBOX_H

#include "cakupan/result.h"
#include "wire/wire_event.h"

struct outbox;

/* Opens or makes `path` for the device with this public key (Z85). RESULT_CONFLICT: another program has it
 * open, or it belongs to another device or version. The caller owns `*out`. */
MUST_USE enum result outbox_open(struct outbox **out, const char *path, const char *public_key,
                                 struct failure *why);
/* What was not committed is lost. */
void outbox_close(struct outbox **outbox);

uint64_t outbox_oldest(const struct outbox *outbox); /* first sequence kept; outbox_end where there is none */
uint64_t outbox_end(const struct outbox *outbox);    /* one past the last sequence that is durable */

/* Durable on return, or at outbox_commit where outbox_begin came before. */
MUST_USE enum result outbox_append(struct outbox *outbox, const uint8_t *event, size_t size,
                                   uint64_t *sequence, struct failure *why);
/* 1, 2, 3, ...: never the same again. */
MUST_USE enum result outbox_temporary(struct outbox *outbox, uint32_t *counter, struct failure *why);
MUST_USE enum result outbox_begin(struct outbox *outbox, struct failure *why);
/* All or nothing: where it fails with RESULT_FULL, nothing since outbox_begin has happened. */
MUST_USE enum result outbox_commit(struct outbox *outbox, struct failure *why);
bool outbox_is_begun(const struct outbox *outbox);

/* Copies durable events from `first` on to `buffer`: at most `count`, as many as fit. `events` point there.
 */
MUST_USE enum result outbox_read(struct outbox *outbox, uint64_t first, uint32_t count, uint8_t *buffer,
                                 size_t capacity, struct text_bytes *events, uint32_t *loaded,
                                 struct failure *why);
/* Events below `sequence` are answered and told. */
MUST_USE enum result outbox_forget(struct outbox *outbox, uint64_t sequence, struct failure *why);

#endif
