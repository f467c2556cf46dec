/* feed_server.c - gathers the batches of one reply and hands out its frames (feed_server.h,
 * proto/feed.proto).
 *
 * A reply is bounded twice: by the follower's credit in bytes sent, and by SCAN_MAX_BYTES looked at, so
 * that a filter that wants almost nothing can't hold the service's loop while it walks the whole journal.
 */
#include "feed_server.h"

#include "feed_tail.h"
#include "require.h"
#include "wire/wire_feed.h"
#include "wire/wire_record.h"

#include <inttypes.h>
#include <string.h>

#define SCAN_MAX_BYTES     (4u << 20)
#define HEADER_BATCH_BYTES 96u /* a FeedBatch is shorter */
#define HEADER_REST_BYTES  1024u
#define HEADER_MAX_BYTES   (FEED_MAX_BATCHES * HEADER_BATCH_BYTES + HEADER_REST_BYTES)
/* Copies of what is read from the journal: credit and the batch that exceeds it; and the header with its
 * scratch. */
#define REPLY_BUDGET_BYTES (FEED_MAX_BYTES + SCAN_MAX_BYTES + 2 * JOURNAL_BATCH_MAX_BYTES + (8u << 20))

struct feed_server {
    struct journal *journal;
    struct feed_tail *tail;
    uint64_t head;
    bool head_known;
    struct arena arena;
    struct wire_feed_batch batches[FEED_MAX_BATCHES];
    struct frame {
        const uint8_t *data;
        size_t size;
    } frames[FEED_MAX_BATCHES];
};

/* What gathering one reply knows. */
struct gathering {
    const struct wire_feed_request *request;
    uint64_t next_offset;
    uint32_t count;
    size_t sent_bytes, looked_bytes;
};

static uint64_t batch_end(const struct batch_header *header) {
    return header->first_offset + header->count;
}

static enum result learn_head(struct feed_server *server, struct failure *why) {
    struct journal_batch last = {0};
    if (server->head_known)
        return RESULT_OK;
    enum result result = server->journal->operations->head(server->journal, &last, why);
    if (result != RESULT_OK)
        return result;
    server->head = last.header.count ? batch_end(&last.header) - 1 : 0;
    server->head_known = true;
    return RESULT_OK;
}

struct feed_server *feed_server_new(struct journal *journal, size_t tail_bytes) {
    struct feed_server *server = calloc(1, sizeof *server);
    require(server, "out of memory");
    server->journal = journal;
    server->tail = feed_tail_new(tail_bytes);
    arena_init(&server->arena, REPLY_BUDGET_BYTES);
    /* Where the journal can't be read, the first answer tries again and says why. */
    (void)learn_head(server, NULL);
    return server;
}

void feed_server_destroy(struct feed_server **server) {
    if (!server || !*server)
        return;
    feed_tail_destroy(&(*server)->tail);
    arena_free(&(*server)->arena);
    free(*server);
    *server = NULL;
}

void feed_server_committed(struct feed_server *server, const struct journal_batch *batch) {
    require(!server->head_known || batch->header.first_offset == server->head + 1,
            "a batch was committed that does not follow the one before");
    feed_tail_add(server->tail, batch);
    server->head = batch_end(&batch->header) - 1;
    server->head_known = true;
}

uint64_t feed_server_head(const struct feed_server *server) {
    return server->head;
}

static enum result find_batch(struct feed_server *server, uint64_t offset, struct journal_batch *batch,
                              bool *borrowed_from_journal, struct failure *why) {
    const struct journal_batch *in_tail = feed_tail_find(server->tail, offset);
    *borrowed_from_journal = !in_tail;
    if (in_tail) {
        *batch = *in_tail;
        return RESULT_OK;
    }
    enum result result = server->journal->operations->read(server->journal, offset, batch, why);
    if (result == RESULT_NOT_FOUND)
        return fail(why, RESULT_CORRUPT, "FEED_JOURNAL_GAP",
                    "The journal has no batch with offset %" PRIu64 " though its head is %" PRIu64
                    ": restore it from a copy.",
                    offset, server->head);
    if (result == RESULT_OK && (offset < batch->header.first_offset || offset >= batch_end(&batch->header)))
        return fail(why, RESULT_CORRUPT, "FEED_JOURNAL_GAP",
                    "The journal gave a batch without the offset %" PRIu64
                    " asked for: restore it from a copy.",
                    offset);
    return result;
}

/* Copies the entries of the wanted partitions into the arena, side by side. */
static enum result filter(struct feed_server *server, const struct wire_feed_request *request,
                          const struct journal_batch *batch, struct frame *out, struct failure *why) {
    size_t mark = arena_mark(&server->arena);
    uint8_t *kept = arena_take(&server->arena, batch->size);
    require(kept, "a feed reply outgrew its memory");
    struct wire_record_entry entry;
    size_t position = 0, size = 0;
    enum result result;
    while ((result = wire_record_next(batch->records, batch->size, &position, &entry)) == RESULT_OK) {
        if (!request->wanted[record_partition(entry.member_id, request->partition_count)])
            continue;
        memcpy(kept + size, entry.entry, entry.entry_size);
        size += entry.entry_size;
    }
    if (result != RESULT_NOT_FOUND)
        return fail(why, RESULT_CORRUPT, "FEED_BATCH_BROKEN",
                    "The batch at offset %" PRIu64
                    " of the journal holds bytes that are no records: restore it.",
                    batch->header.first_offset);
    arena_rewind(&server->arena, mark); /* give back what was not kept */
    *out = (struct frame){arena_take(&server->arena, size), size};
    return RESULT_OK;
}

/* The whole batch; what the journal only lends until its next call is copied. */
static struct frame whole(struct feed_server *server, const struct journal_batch *batch, bool borrowed) {
    if (!borrowed)
        return (struct frame){batch->records, batch->size};
    uint8_t *copy = arena_take(&server->arena, batch->size);
    require(copy, "a feed reply outgrew its memory");
    memcpy(copy, batch->records, batch->size);
    return (struct frame){copy, batch->size};
}

/* Batches without a wanted record that follow each other are named as one. */
static bool merge(struct feed_server *server, const struct gathering *gathering,
                  const struct journal_batch *batch, const struct frame *frame) {
    if (frame->size || !gathering->count || server->frames[gathering->count - 1].size)
        return false;
    struct wire_feed_batch *run = &server->batches[gathering->count - 1];
    if (!run->filtered || run->header.count > UINT32_MAX - batch->header.count)
        return false;
    run->header.count += batch->header.count;
    run->header.time_ms = batch->header.time_ms;
    run->header.day = batch->header.day;
    memcpy(run->hash, batch->hash, JOURNAL_HASH_SIZE);
    return true;
}

static void add(struct feed_server *server, struct gathering *gathering, const struct journal_batch *batch,
                const struct frame *frame) {
    bool filtered = gathering->request->partition_count > 0;
    if (!filtered || !merge(server, gathering, batch, frame)) {
        struct wire_feed_batch *named = &server->batches[gathering->count];
        *named = (struct wire_feed_batch){.header = batch->header, .filtered = filtered};
        memcpy(named->hash, batch->hash, JOURNAL_HASH_SIZE);
        server->frames[gathering->count++] = *frame;
    }
    gathering->sent_bytes += frame->size;
    gathering->looked_bytes += batch->size;
    gathering->next_offset = batch_end(&batch->header);
}

static enum result gather(struct feed_server *server, struct gathering *gathering, struct failure *why) {
    const struct wire_feed_request *request = gathering->request;
    size_t look_max = request->max_bytes > SCAN_MAX_BYTES ? request->max_bytes : SCAN_MAX_BYTES;
    while (gathering->next_offset <= server->head && gathering->count < FEED_MAX_BATCHES &&
           gathering->looked_bytes < look_max) {
        struct journal_batch batch;
        bool borrowed;
        enum result result = find_batch(server, gathering->next_offset, &batch, &borrowed, why);
        if (result != RESULT_OK)
            return result;
        if (!request->partition_count && gathering->count &&
            gathering->sent_bytes + batch.size > request->max_bytes)
            break;
        struct frame frame;
        size_t mark = arena_mark(&server->arena);
        if (request->partition_count)
            result = filter(server, request, &batch, &frame, why);
        else
            frame = whole(server, &batch, borrowed);
        if (result != RESULT_OK)
            return result;
        if (gathering->count && gathering->sent_bytes + frame.size > request->max_bytes) {
            arena_rewind(&server->arena, mark);
            break;
        }
        add(server, gathering, &batch, &frame);
    }
    return RESULT_OK;
}

static void emit_reply(struct feed_server *server, const struct wire_feed_reply *reply, feed_emit *emit,
                       void *context) {
    uint8_t *header = arena_take(&server->arena, HEADER_MAX_BYTES);
    require(header, "a feed reply outgrew its memory");
    size_t size = wire_feed_reply_encode(reply, &server->arena, header, HEADER_MAX_BYTES);
    require(size, "a feed reply's header outgrew its bound");
    emit(context, header, size, reply->batch_count > 0);
    for (uint32_t i = 0; i < reply->batch_count; i++)
        emit(context, server->frames[i].data, server->frames[i].size, i + 1 < reply->batch_count);
}

static void refuse(struct feed_server *server, enum refusal refusal, uint64_t from_offset,
                   const struct failure *cause, feed_emit *emit, void *context) {
    struct wire_feed_reply reply = {
        .refusal = (uint16_t)refusal,
        .sentence = cause->sentence,
        .from_offset = from_offset,
        .next_offset = from_offset,
        .head = server->head,
    };
    emit_reply(server, &reply, emit, context);
}

enum result feed_server_answer(struct feed_server *server, const uint8_t *request_data, size_t size,
                               feed_emit *emit, void *context, struct failure *why) {
    struct wire_feed_request request;
    struct failure cause;
    enum result result = learn_head(server, why);
    if (result != RESULT_OK)
        return result;
    arena_reset(&server->arena);
    if (wire_feed_request_decode(request_data, size, &server->arena, &request, &cause) != RESULT_OK) {
        refuse(server, REFUSAL_FRAME_MALFORMED, 0, &cause, emit, context);
        return RESULT_OK;
    }
    if (request.from_offset > server->head + 1) {
        (void)fail(&cause, RESULT_CONFLICT, "FEED_BEYOND_HEAD",
                   "Offset %" PRIu64 " was asked for, but the journal ends at %" PRIu64
                   ": the follower's state belongs to another journal, or to a later copy of this one.",
                   request.from_offset, server->head);
        refuse(server, REFUSAL_SEQUENCE_GAP, request.from_offset, &cause, emit, context);
        return RESULT_OK;
    }
    struct gathering gathering = {.request = &request, .next_offset = request.from_offset};
    result = gather(server, &gathering, &cause);
    if (result == RESULT_CORRUPT) { /* no later question gets another answer: the follower must know */
        arena_reset(&server->arena);
        refuse(server, REFUSAL_SEQUENCE_GAP, request.from_offset, &cause, emit, context);
    }
    if (result != RESULT_OK)
        return fail(why, result, cause.code, "%s", cause.sentence);
    struct wire_feed_reply reply = {
        .from_offset = request.from_offset,
        .next_offset = gathering.next_offset,
        .head = server->head,
        .ticket = request.ticket,
        .batches = server->batches,
        .batch_count = gathering.count,
    };
    emit_reply(server, &reply, emit, context);
    return RESULT_OK;
}
