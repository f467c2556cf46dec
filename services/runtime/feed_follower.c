/* feed_follower.c - what is asked, what is taken and what is dropped by a follower (feed_follower.h,
 * proto/feed.proto).
 *
 * `next` is the first offset not yet counted; only a reply from exactly there is taken. `asked` is where
 * the request on the way begins: at `next`, or, while a reply is being counted, behind that reply.
 * Whatever gets lost, doubled or late, the timer of `asked_at_ms` asks again from `next`. A bound that was
 * reached (`until`) ends the asking, but for the head: that answer is known by its ticket, since one on its
 * way may have been made before the question.
 */
#include "feed_follower.h"

#include "require.h"
#include "wire/wire_feed.h"
#include "wire/wire_record.h"

#include <inttypes.h>
#include <string.h>

#define CREDIT_BYTES        (1u << 20)
#define RETRY_MS            1000
#define HEADER_BUDGET_BYTES (8u << 20)
#define RECORD_BUDGET_BYTES (1u << 20)

struct feed_follower {
    feed_on_record *on_record;
    void *context;
    struct wire_feed_request request;
    uint64_t next, head;
    uint8_t chain[JOURNAL_HASH_SIZE]; /* of the last batch wholly taken */
    bool chain_known;
    bool on_the_way; /* a request that was not answered yet */
    bool caught_up;  /* the last answer said that nothing is new: wait for the doorbell, or for the timer */
    bool rung;       /* a doorbell since the last request: its answer may have been made before that commit */
    uint64_t until;  /* no record above it is taken */
    uint64_t ticket, ticket_sent, ticket_answered; /* of feed_follower_ask_head; ascending */
    uint64_t asked;
    int64_t asked_at_ms, heard_at_ms;
    uint32_t retry_ms;
    bool seldom;
    struct arena header_arena, record_arena;
};

struct feed_follower *feed_follower_new(const struct feed_follower_config *config, feed_on_record *on_record,
                                        void *context) {
    struct feed_follower *follower = calloc(1, sizeof *follower);
    require(follower, "out of memory");
    require(config->next_offset >= 1, "offsets begin with 1");
    require(config->partition_count <= PARTITIONS_MAX, "too many partitions");
    follower->on_record = on_record;
    follower->context = context;
    follower->next = config->next_offset;
    follower->until = UINT64_MAX;
    follower->retry_ms = config->retry_ms ? config->retry_ms : RETRY_MS;
    follower->seldom = config->seldom;
    follower->request.max_bytes = config->max_bytes ? config->max_bytes : CREDIT_BYTES;
    follower->request.partition_count = config->partition_count;
    for (uint32_t i = 0; i < config->partitions_wanted; i++) {
        require(config->partitions[i] < config->partition_count, "a partition beyond the last one is wanted");
        follower->request.wanted[config->partitions[i]] = true;
    }
    if (config->chain)
        memcpy(follower->chain, config->chain, JOURNAL_HASH_SIZE);
    /* Before the first batch the chain is 32 zero bytes (journal.h). */
    follower->chain_known = config->chain || config->next_offset == 1;
    arena_init(&follower->header_arena, HEADER_BUDGET_BYTES);
    arena_init(&follower->record_arena, RECORD_BUDGET_BYTES);
    return follower;
}

void feed_follower_destroy(struct feed_follower **follower) {
    if (!follower || !*follower)
        return;
    arena_free(&(*follower)->header_arena);
    arena_free(&(*follower)->record_arena);
    free(*follower);
    *follower = NULL;
}

uint64_t feed_follower_next(const struct feed_follower *follower) {
    return follower->next;
}
uint64_t feed_follower_head(const struct feed_follower *follower) {
    return follower->head;
}
int64_t feed_follower_heard_ms(const struct feed_follower *follower) {
    return follower->heard_at_ms;
}
void feed_follower_until(struct feed_follower *follower, uint64_t until) {
    follower->until = until;
}
uint64_t feed_follower_ask_head(struct feed_follower *follower) {
    return ++follower->ticket;
}
bool feed_follower_answered(const struct feed_follower *follower, uint64_t ticket) {
    return follower->ticket_answered >= ticket;
}
const uint8_t *feed_follower_chain(const struct feed_follower *follower) {
    return follower->chain_known ? follower->chain : NULL;
}

void feed_follower_doorbell(struct feed_follower *follower, uint64_t head) {
    if (head > follower->head)
        follower->head = head;
    if (head >= follower->next) {
        follower->caught_up = false;
        follower->rung = true;
    }
}

static size_t ask(struct feed_follower *follower, uint64_t from_offset, int64_t now_ms, uint8_t *out,
                  size_t capacity) {
    bool head_wanted = follower->ticket > follower->ticket_answered;
    follower->request.from_offset = from_offset;
    follower->request.ticket = head_wanted ? follower->ticket : 0;
    size_t size = wire_feed_request_encode(&follower->request, out, capacity);
    require(size, "a feed request did not fit the room for it");
    follower->on_the_way = true;
    follower->rung = false;
    follower->ticket_sent = follower->ticket;
    follower->asked = from_offset;
    follower->asked_at_ms = now_ms;
    return size;
}

enum doorbell_bell feed_follower_bell(const struct feed_follower *follower) {
    return follower->seldom ? DOORBELL_SELDOM : DOORBELL_PROMPT;
}

/* Whether what is new from `next` on can wait for the pace. */
static bool can_wait(const struct feed_follower *follower, uint64_t next, int64_t now_ms) {
    return follower->seldom && now_ms - follower->asked_at_ms < DOORBELL_SELDOM_MS &&
           follower->until == UINT64_MAX && follower->ticket == follower->ticket_answered &&
           follower->asked > 0 && follower->head + 1 < next + DOORBELL_MANY_RECORDS;
}

size_t feed_follower_request(struct feed_follower *follower, int64_t now_ms, uint8_t *out, size_t capacity) {
    bool head_wanted = follower->ticket > follower->ticket_answered;
    bool waiting = (follower->on_the_way || follower->caught_up) && follower->ticket_sent == follower->ticket;
    if (follower->next > follower->until && !head_wanted)
        return 0;
    if (waiting && now_ms - follower->asked_at_ms < (int64_t)follower->retry_ms)
        return 0;
    if (can_wait(follower, follower->next, now_ms))
        return 0;
    return ask(follower, follower->next, now_ms, out, capacity);
}

void feed_follower_unsent(struct feed_follower *follower) {
    follower->on_the_way = false;
    follower->caught_up = false;
    follower->ticket_sent = follower->ticket_answered;
}

size_t feed_follower_ahead(struct feed_follower *follower, const struct feed_frame *header, int64_t now_ms,
                           uint8_t *out, size_t capacity) {
    struct wire_feed_reply reply;
    arena_reset(&follower->header_arena);
    if (wire_feed_reply_decode(header->data, header->size, &follower->header_arena, &reply) != RESULT_OK ||
        reply.refusal || reply.from_offset != follower->next || reply.next_offset == reply.from_offset)
        return 0;
    uint64_t head = reply.head > follower->head ? reply.head : follower->head;
    bool wanted = reply.next_offset <= head && reply.next_offset <= follower->until &&
                  !can_wait(follower, reply.next_offset, now_ms);
    return wanted ? ask(follower, reply.next_offset, now_ms, out, capacity) : 0;
}

static enum result corrupt(const struct feed_follower *follower, const char *code, const char *what,
                           struct failure *why) {
    return fail(why, RESULT_CORRUPT, code,
                "The feed is broken at offset %" PRIu64 ": %s. Nothing after it was taken.", follower->next,
                what);
}

/* Refusals that pass by themselves are asked again by the timer; others need a person. Who has counted
 * beyond the owner's head counted another journal; everything else is wrong with the owner's side. */
static enum result refused(const struct wire_feed_reply *reply, struct failure *why) {
    if (reply->refusal == REFUSAL_BUSY || reply->refusal == REFUSAL_DOOR_CLOSED)
        return RESULT_OK;
    bool foreign = reply->from_offset > reply->head + 1;
    return fail(why, RESULT_CONFLICT, foreign ? "FEED_FOREIGN" : "FEED_REFUSED",
                "The feed was refused: %.250s", reply->sentence);
}

/* The batches of a reply must follow each other without gap, from the one that holds `next` to the reply's
 * end. */
static bool batches_fit(const struct feed_follower *follower, const struct wire_feed_reply *reply,
                        size_t frames) {
    if (frames != (size_t)reply->batch_count + 1)
        return false;
    const bool may_filter = follower->request.partition_count > 0;
    uint64_t expected = follower->next;
    for (uint32_t i = 0; i < reply->batch_count; i++) {
        const struct batch_header *batch = &reply->batches[i].header;
        if (i == 0 ? batch->first_offset > expected : batch->first_offset != expected)
            return false;
        if (reply->batches[i].filtered && !may_filter)
            return false;
        if (batch->first_offset + batch->count <= expected)
            return false;
        expected = batch->first_offset + batch->count;
    }
    return expected == reply->next_offset;
}

static bool chain_holds(const struct feed_follower *follower, const struct wire_feed_batch *batch,
                        const struct feed_frame *frame) {
    if (batch->filtered || !follower->chain_known)
        return true;
    uint8_t hash[JOURNAL_HASH_SIZE];
    journal_hash(follower->chain, &batch->header, frame->data, frame->size, hash);
    return memcmp(hash, batch->hash, JOURNAL_HASH_SIZE) == 0;
}

static enum result count_record(struct feed_follower *follower, const struct batch_header *batch,
                                const struct wire_record_entry *entry, struct failure *why) {
    struct record record;
    arena_reset(&follower->record_arena);
    if (wire_record_decode(entry->data, entry->size, &follower->record_arena, &record) != RESULT_OK)
        return corrupt(follower, "FEED_RECORD", "bytes that are no record", why);
    enum result result = follower->on_record(follower->context, batch, &record, why);
    if (result == RESULT_OK)
        follower->next = record.offset + 1;
    return result;
}

/* Counts the records of one batch from `next` on; those before it were counted already. */
static enum result count_batch(struct feed_follower *follower, const struct wire_feed_batch *batch,
                               const struct feed_frame *frame, struct failure *why) {
    const uint64_t end = batch->header.first_offset + batch->header.count;
    const uint64_t until = follower->until;
    uint64_t expected = batch->header.first_offset;
    struct wire_record_entry entry;
    size_t position = 0;
    enum result result;
    if (!chain_holds(follower, batch, frame))
        return corrupt(follower, "FEED_CHAIN",
                       "the hash of the batch does not follow from its bytes and the batch before", why);
    while ((result = wire_record_next(frame->data, frame->size, &position, &entry)) == RESULT_OK) {
        bool in_place =
            batch->filtered ? entry.offset >= expected && entry.offset < end : entry.offset == expected;
        if (!in_place || entry.offset >= end)
            return corrupt(follower, "FEED_ORDER", "a record stands at a place that is not its own", why);
        expected = entry.offset + 1;
        if (entry.offset < follower->next)
            continue;
        if (entry.offset > until)
            break;
        result = count_record(follower, &batch->header, &entry, why);
        if (result != RESULT_OK)
            return result;
    }
    if (result != RESULT_NOT_FOUND && result != RESULT_OK)
        return corrupt(follower, "FEED_RECORD", "bytes that are no records", why);
    if (until < end - 1) { /* the batch comes again, whole: the chain stays before it */
        follower->next = until + 1;
        return RESULT_OK;
    }
    if (!batch->filtered && expected != end)
        return corrupt(follower, "FEED_ORDER", "a batch has fewer records than it says", why);
    follower->next = end;
    memcpy(follower->chain, batch->hash, JOURNAL_HASH_SIZE);
    follower->chain_known = true;
    return RESULT_OK;
}

enum result feed_follower_reply(struct feed_follower *follower, const struct feed_frame *frames, size_t count,
                                int64_t now_ms, struct failure *why) {
    struct wire_feed_reply reply;
    arena_reset(&follower->header_arena);
    if (!count ||
        wire_feed_reply_decode(frames[0].data, frames[0].size, &follower->header_arena, &reply) != RESULT_OK)
        return corrupt(follower, "FEED_REPLY", "the owner's answer can't be decoded", why);
    follower->heard_at_ms = now_ms;
    /* A request that the owner could not read is answered from offset 0. */
    bool ours = reply.from_offset == follower->next || (reply.refusal && reply.from_offset == 0);
    if (follower->asked == reply.from_offset)
        follower->on_the_way = false;
    if (!reply.refusal && reply.ticket > follower->ticket_answered && reply.ticket <= follower->ticket) {
        follower->ticket_answered = reply.ticket;
        follower->head = reply.head > follower->head ? reply.head : follower->head;
    }
    if (!ours)
        return RESULT_OK;
    if (reply.refusal) {
        follower->caught_up = true;
        follower->asked_at_ms = now_ms;
        return refused(&reply, why);
    }
    if (!batches_fit(follower, &reply, count))
        return corrupt(follower, "FEED_REPLY", "the owner's answer does not fit together", why);
    bool rung_beyond = follower->rung && follower->head > reply.head;
    if (!rung_beyond)
        follower->head = reply.head;
    for (uint32_t i = 0; i < reply.batch_count && follower->next <= follower->until; i++) {
        enum result result = count_batch(follower, &reply.batches[i], &frames[i + 1], why);
        if (result != RESULT_OK)
            return result;
    }
    follower->caught_up = follower->next > reply.head && !rung_beyond;
    return RESULT_OK;
}
