/* wire_feed.c - the feed's requests and reply headers (proto/feed.proto): once per reply, by protobuf-c. */
#include "wire_feed.h"

#include "feed.pb-c.h"

#include <string.h>

size_t wire_feed_request_encode(const struct wire_feed_request *request, uint8_t *out, size_t capacity) {
    uint32_t partitions[PARTITIONS_MAX];
    Cakupan__FeedRequest message = CAKUPAN__FEED_REQUEST__INIT;
    message.version = FEED_VERSION;
    message.from_offset = request->from_offset;
    message.max_bytes = request->max_bytes;
    message.partition_count = request->partition_count;
    message.ticket = request->ticket;
    message.partitions = partitions;
    for (uint32_t index = 0; index < request->partition_count && index < PARTITIONS_MAX; index++) {
        if (request->wanted[index])
            partitions[message.n_partitions++] = index;
    }
    return cakupan__feed_request__get_packed_size(&message) <= capacity
               ? cakupan__feed_request__pack(&message, out)
               : 0;
}

static enum result check_request(const Cakupan__FeedRequest *message, struct failure *why) {
    if (message->version != FEED_VERSION)
        return fail(why, RESULT_INVALID, "FEED_VERSION",
                    "The feed request is of version %u and this service speaks version %u; use programs of "
                    "one release.",
                    message->version, FEED_VERSION);
    if (message->from_offset == 0)
        return fail(why, RESULT_INVALID, "FEED_REQUEST",
                    "The feed request asks from offset 0; the first is 1.");
    if (message->max_bytes > FEED_MAX_BYTES)
        return fail(why, RESULT_INVALID, "FEED_REQUEST",
                    "The feed request asks for %u bytes at once; at most %u are sent, so ask for less.",
                    message->max_bytes, FEED_MAX_BYTES);
    if (message->partition_count > PARTITIONS_MAX)
        return fail(why, RESULT_INVALID, "FEED_REQUEST",
                    "The feed request divides members into %u partitions; at most %u are possible.",
                    message->partition_count, PARTITIONS_MAX);
    if ((message->partition_count == 0) != (message->n_partitions == 0))
        return fail(why, RESULT_INVALID, "FEED_REQUEST",
                    "The feed request names %zu of %u partitions; name at least one, or leave out both.",
                    message->n_partitions, message->partition_count);
    return RESULT_OK;
}

enum result wire_feed_request_decode(const uint8_t *data, size_t size, struct arena *arena,
                                     struct wire_feed_request *out, struct failure *why) {
    memset(out, 0, sizeof *out);
    Cakupan__FeedRequest *message =
        size <= FEED_REQUEST_MAX_BYTES ? cakupan__feed_request__unpack(&arena->allocator, size, data) : NULL;
    if (!message || message->base.n_unknown_fields > 0)
        return fail(why, RESULT_INVALID, "FEED_REQUEST",
                    "A message of %zu bytes is no feed request; see proto/feed.proto.", size);
    enum result result = check_request(message, why);
    if (result != RESULT_OK)
        return result;
    for (size_t index = 0; index < message->n_partitions; index++) {
        if (message->partitions[index] >= message->partition_count)
            return fail(why, RESULT_INVALID, "FEED_REQUEST",
                        "The feed request wants partition %u of %u; the last is %u.",
                        message->partitions[index], message->partition_count, message->partition_count - 1);
        out->wanted[message->partitions[index]] = true;
    }
    out->from_offset = message->from_offset;
    out->max_bytes = message->max_bytes;
    out->partition_count = message->partition_count;
    out->ticket = message->ticket;
    return RESULT_OK;
}

static bool fill_reply(const struct wire_feed_reply *reply, struct arena *arena, Cakupan__FeedReply *out) {
    cakupan__feed_reply__init(out);
    out->refusal = reply->refusal;
    out->from_offset = reply->from_offset;
    out->next_offset = reply->next_offset;
    out->head = reply->head;
    out->ticket = reply->ticket;
    if (reply->sentence)
        out->sentence = (char *)reply->sentence;
    out->batches = arena_take(arena, reply->batch_count * sizeof *out->batches);
    Cakupan__FeedBatch *batches = arena_take(arena, reply->batch_count * sizeof *batches);
    if (!out->batches || !batches)
        return false;
    out->n_batches = reply->batch_count;
    for (uint32_t index = 0; index < reply->batch_count; index++) {
        const struct wire_feed_batch *from = &reply->batches[index];
        Cakupan__FeedBatch *to = out->batches[index] = &batches[index];
        cakupan__feed_batch__init(to);
        to->first_offset = from->header.first_offset;
        to->count = from->header.count;
        to->time_ms = from->header.time_ms;
        to->day = from->header.day;
        to->hash = (ProtobufCBinaryData){JOURNAL_HASH_SIZE, (uint8_t *)from->hash};
        to->filtered = from->filtered;
    }
    return true;
}

size_t wire_feed_reply_encode(const struct wire_feed_reply *reply, struct arena *arena, uint8_t *out,
                              size_t capacity) {
    Cakupan__FeedReply message;
    size_t size = 0;
    size_t mark = arena_mark(arena);
    if (reply->batch_count <= FEED_MAX_BATCHES && fill_reply(reply, arena, &message) &&
        cakupan__feed_reply__get_packed_size(&message) <= capacity)
        size = cakupan__feed_reply__pack(&message, out);
    arena_rewind(arena, mark);
    return size;
}

static bool take_batch(const Cakupan__FeedBatch *from, struct wire_feed_batch *to) {
    if (from->first_offset == 0 || from->count == 0 || from->first_offset > UINT64_MAX - from->count ||
        from->day > UINT16_MAX || from->hash.len != JOURNAL_HASH_SIZE)
        return false;
    *to = (struct wire_feed_batch){
        .header = {from->first_offset, from->count, from->time_ms, (day_t)from->day},
        .filtered = from->filtered,
    };
    memcpy(to->hash, from->hash.data, JOURNAL_HASH_SIZE);
    return true;
}

enum result wire_feed_reply_decode(const uint8_t *data, size_t size, struct arena *arena,
                                   struct wire_feed_reply *out) {
    *out = (struct wire_feed_reply){0};
    Cakupan__FeedReply *message = cakupan__feed_reply__unpack(&arena->allocator, size, data);
    if (!message || message->refusal > UINT16_MAX || message->n_batches > FEED_MAX_BATCHES ||
        message->next_offset < message->from_offset)
        return RESULT_INVALID;
    struct wire_feed_batch *batches = arena_take(arena, message->n_batches * sizeof *batches);
    if (!batches)
        return RESULT_INVALID;
    for (size_t index = 0; index < message->n_batches; index++) {
        if (!take_batch(message->batches[index], &batches[index]))
            return RESULT_INVALID;
    }
    *out = (struct wire_feed_reply){
        .refusal = (uint16_t)message->refusal,
        .sentence = message->sentence,
        .from_offset = message->from_offset,
        .next_offset = message->next_offset,
        .head = message->head,
        .ticket = message->ticket,
        .batches = batches,
        .batch_count = (uint32_t)message->n_batches,
    };
    return RESULT_OK;
}
