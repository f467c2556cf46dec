/* feed_fixture.h - a journal in memory full of numbered records, and replies caught as frames: for tests of
 * the feed.
 *
 * What `read` lends is overwritten by the next call, so whoever keeps it too long is found out.
 */
#ifndef SUPPORT_FEED_FIXTURE_H
#define SUPPORT_FEED_FIXTURE_H

#include "cakupan/journal.h"
#include "runtime/feed_follower.h"
#include "runtime/feed_server.h"

struct feed_fixture {
    struct journal journal;
    struct journal_batch *batches;
    size_t batch_count, batch_capacity;
    uint8_t *lent; /* what read gave out last */
    size_t lent_size;
    uint64_t reads;
    enum result read_fails; /* not RESULT_OK: read answers this */
    uint32_t padding;       /* bytes of text in each record, at most TEXT_MAX */
};

void feed_fixture_init(struct feed_fixture *fixture);
void feed_fixture_free(struct feed_fixture *fixture);
/* Appends a batch of `count` records. The record at offset N is of member N % 1000 (0: of nobody). The
 * batch is valid until the next append. */
const struct journal_batch *feed_fixture_append(struct feed_fixture *fixture, uint32_t count);
/* Appends these records, whose offsets follow the last one's, as one batch. */
const struct journal_batch *feed_fixture_append_these(struct feed_fixture *fixture,
                                                      const struct record *records, uint32_t count);

/* A reply as caught from feed_server_answer. */
struct caught {
    uint8_t *bytes;
    size_t size, capacity;
    struct feed_frame frames[4100];
    size_t count;
    bool complete; /* the last frame said that no more follow */
};
/* Lets the server answer; frames are copied. */
enum result caught_answer(struct caught *caught, struct feed_server *server, const uint8_t *request,
                          size_t size, struct failure *why);
void caught_free(struct caught *caught);

#endif
