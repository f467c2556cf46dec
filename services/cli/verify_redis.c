/* verify_redis.c - the totals that Redis holds (verify_redis.h; keys: proto/README.md). */
#include "verify_redis.h"

#include "redis_ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One script, so that everything is of one instant: offset, packed picture, the hash of each key in turn, and
 * the months of grace. */
static const char script[] =
    "local answer = {redis.call('GET', 'cakupan:offset'), redis.call('GET', 'cakupan:totals')} "
    "for _, key in ipairs(KEYS) do answer[#answer + 1] = redis.call('HGETALL', key) end "
    "answer[#answer + 1] = redis.call('HGETALL', 'cakupan:grace') "
    "return answer";

enum { PACKED_ARENA_BYTES = 16 << 20, KEY_BYTES = 40, ANSWERS_BEFORE_HASHES = 2 };

struct keys {
    char texts[TOTALS_LINES_MAX][KEY_BYTES];
    uint32_t codes[TOTALS_LINES_MAX];
    size_t count;
};

static void key_add(struct keys *keys, const char *level, uint32_t code) {
    snprintf(keys->texts[keys->count], KEY_BYTES, "cakupan:%s:%u", level, code);
    keys->codes[keys->count++] = code;
}

static void keys_list(struct keys *keys, const struct region_table *regions) {
    keys->count = 0;
    key_add(keys, "city", regions->city_code);
    for (size_t i = 0; i < regions->kecamatan_count; i++)
        key_add(keys, "kecamatan", regions->kecamatan[i].code);
    for (size_t i = 0; i < regions->kelurahan_count; i++)
        key_add(keys, "kelurahan", regions->kelurahan[i].code);
}

/* A month comes as "2027-05", its people as a number; what is neither is left out and so found to differ. */
static void grace_take(const redisReply *hash, struct coverage_view *claim) {
    if (hash->type != REDIS_REPLY_ARRAY)
        return;
    for (size_t i = 0; i + 1 < hash->elements && i / 2 < TOTALS_GRACE_MONTHS; i += 2) {
        struct totals_grace *grace = &claim->grace[i / 2];
        const redisReply *month = hash->element[i];
        if (calendar_parse_month(month->str, month->len, &grace->month))
            grace->people = (uint32_t)strtoul(hash->element[i + 1]->str, NULL, 10);
    }
}

static enum result ask(const char *url, const struct keys *keys, redisReply **reply, struct failure *why) {
    const char *words[TOTALS_LINES_MAX + 3];
    char count[16];
    snprintf(count, sizeof count, "%zu", keys->count);
    words[0] = "EVAL";
    words[1] = script;
    words[2] = count;
    for (size_t i = 0; i < keys->count; i++)
        words[3 + i] = keys->texts[i];
    return redis_ask(url, (int)(keys->count + 3), words, reply, why);
}

static uint32_t *field_find(struct totals_line *line, const char *name) {
    for (unsigned field = 0; field < TOTALS_FIELDS; field++) {
        char known[TOTALS_FIELD_NAME];
        totals_field_name(field, known);
        if (strcmp(known, name) == 0)
            return totals_field(line, field);
    }
    return NULL; /* a name, a percentage, a date: not counted */
}

/* A hash comes as field, value, field, value ...; an empty one is a region that is missing. */
static void hash_take(const redisReply *hash, uint32_t code, struct coverage_view *claim) {
    if (hash->type != REDIS_REPLY_ARRAY || hash->elements == 0)
        return;
    struct coverage_region *region = &claim->regions[claim->count++];
    region->code = code;
    for (size_t i = 0; i + 1 < hash->elements; i += 2) {
        uint32_t *figure = field_find(&region->line, hash->element[i]->str);
        if (figure)
            *figure = (uint32_t)strtoul(hash->element[i + 1]->str, NULL, 10);
    }
}

static enum result packed_take(const redisReply *packed, struct verify_redis *out, struct failure *why) {
    struct arena arena;
    struct wire_totals_reply reply;
    arena_init(&arena, PACKED_ARENA_BYTES);
    enum result result = wire_totals_reply_decode((const uint8_t *)packed->str, packed->len, &arena, &reply);
    if (result == RESULT_OK)
        coverage_view_take(&out->packed, &reply);
    else
        result = fail(why, RESULT_CORRUPT, "REDIS_CORRUPT", "Redis: cakupan:totals is no TotalsReply.");
    arena_free(&arena);
    return result;
}

static enum result answer_take(const redisReply *reply, const struct keys *keys, struct verify_redis *out,
                               struct failure *why) {
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 1 ||
        reply->element[0]->type != REDIS_REPLY_STRING)
        return fail(why, RESULT_NOT_FOUND, "REDIS_EMPTY",
                    "Redis holds no totals; wait a second and see `cakupan status`.");
    if (reply->elements != ANSWERS_BEFORE_HASHES + keys->count + 1 ||
        reply->element[1]->type != REDIS_REPLY_STRING)
        return fail(why, RESULT_CORRUPT, "REDIS_CORRUPT",
                    "Redis lacks cakupan:totals beside cakupan:offset.");
    out->offset = strtoull(reply->element[0]->str, NULL, 10);
    for (size_t i = 0; i < keys->count; i++)
        hash_take(reply->element[ANSWERS_BEFORE_HASHES + i], keys->codes[i], &out->hashes);
    grace_take(reply->element[ANSWERS_BEFORE_HASHES + keys->count], &out->hashes);
    return packed_take(reply->element[1], out, why);
}

enum result verify_redis_read(const char *url, const struct region_table *regions, struct verify_redis *out,
                              struct failure *why) {
    static struct keys keys; /* too big for a stack */
    redisReply *reply;
    memset(out, 0, sizeof *out);
    keys_list(&keys, regions);
    enum result result = ask(url, &keys, &reply, why);
    if (result == RESULT_OK)
        result = answer_take(reply, &keys, out, why);
    freeReplyObject(reply);
    return result;
}
