/* totals_redis.c - writes the totals to Redis (see totals_redis.h; the keys: proto/README.md). */
#include "totals_redis.h"
#include "redis_link.h"
#include "totals_redis_billing.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERIFY_MS       1000
#define FULL_WRITE_MS   60000
#define KEY_SIZE        40
#define OFFSET_KEY      "cakupan:offset"
#define SOURCE_KEY      "cakupan:population_source"
#define BILLING_KEY     "cakupan:billing"
#define GRACE_KEY       "cakupan:grace"
#define CHANGES_CHANNEL "cakupan:changes"
/* Of one HSET: key, figures, and at most 16 fields more. */
#define WORDS_MAX (2 + 2 * (TOTALS_FIELDS + 16))

static const char *const PACKED_KEYS[PACKED_COUNT] = {
    [PACKED_ALL] = "cakupan:totals",
    [PACKED_CITY] = "cakupan:packed:city",
    [PACKED_KECAMATAN] = "cakupan:packed:kecamatan",
    [PACKED_KELURAHAN] = "cakupan:packed:kelurahan",
};

enum sending { SENDING_NOTHING, SENDING_CHANGES, SENDING_EVERYTHING, SENDING_QUESTION };

struct totals_redis {
    struct redis_link *link;
    const struct region_table *regions;
    bool known;                     /* Redis holds `written`, as far as we know */
    struct totals_picture written;  /* confirmed last                           */
    struct totals_picture unproven; /* on the way                               */
    enum sending sending;
    int64_t answered_ms; /* of the last answer               */
    int64_t full_ms;     /* of the last write of everything  */
    int64_t repeat_ms;   /* not before: one was answered, but not done */
    struct totals_redis_status status;
    char field_names[TOTALS_FIELDS][TOTALS_FIELD_NAME];
};

/* A command being put together. */
struct command {
    int count;
    const char *words[WORDS_MAX];
    size_t sizes[WORDS_MAX];
};

static void word_of_size(struct command *command, const char *word, size_t size) {
    assert(command->count < WORDS_MAX);
    command->words[command->count] = word;
    command->sizes[command->count++] = size;
}
static void word(struct command *command, const char *text) {
    word_of_size(command, text, strlen(text));
}

static void add(struct totals_redis *redis, const struct command *command) {
    redis_link_add(redis->link, command->count, (const char **)command->words, command->sizes);
}

static void add_words(struct totals_redis *redis, const char *first, const char *second, const char *third) {
    struct command command = {0};
    word(&command, first);
    if (second)
        word(&command, second);
    if (third)
        word(&command, third);
    add(redis, &command);
}

enum result totals_redis_open(struct totals_redis **out, const char *url, const struct region_table *regions,
                              struct failure *why) {
    *out = NULL;
    struct totals_redis *redis = calloc(1, sizeof *redis);
    if (!redis)
        abort();
    enum result result = redis_link_open(&redis->link, url, why);
    if (result != RESULT_OK) {
        free(redis);
        return result;
    }
    redis->regions = regions;
    for (unsigned index = 0; index < TOTALS_FIELDS; index++)
        totals_field_name(index, redis->field_names[index]);
    *out = redis;
    return RESULT_OK;
}

void totals_redis_close(struct totals_redis **redis) {
    if (!redis || !*redis)
        return;
    redis_link_close(&(*redis)->link);
    free(*redis);
    *redis = NULL;
}

int totals_redis_descriptor(const struct totals_redis *redis) {
    return redis_link_descriptor(redis->link);
}
bool totals_redis_wants_write(const struct totals_redis *redis) {
    return redis_link_wants_write(redis->link);
}
int64_t totals_redis_wake_ms(const struct totals_redis *redis) {
    return redis_link_idle(redis->link) ? redis->answered_ms + VERIFY_MS : redis_link_wake_ms(redis->link);
}
void totals_redis_status(const struct totals_redis *redis, struct totals_redis_status *out) {
    *out = redis->status;
    out->current = redis->known && redis->sending != SENDING_CHANGES && redis->sending != SENDING_EVERYTHING;
    out->offset = redis->written.offset;
}

static void region_key(uint32_t code, char out[KEY_SIZE]) {
    const char *level = code > 999999 ? "kelurahan" : code > 9999 ? "kecamatan" : "city";
    snprintf(out, KEY_SIZE, "cakupan:%s:%" PRIu32, level, code);
}

static void format_percent(uint32_t people, uint32_t population, char out[24]) {
    uint32_t hundredths = totals_percent_hundredths(people, population);
    snprintf(out, 24, "%" PRIu32 ".%02" PRIu32, hundredths / 100, hundredths % 100);
}

/* "" before the first record. */
static void format_as_of(const struct totals_picture *picture, char out[40]) {
    out[0] = '\0';
    if (picture->offset > 0)
        format_redis_instant(picture->as_of_ms, out);
}

/* What every hash says beside its figures, and before them. No value is longer than 64 bytes and no hash has
 * more than 128 fields: then Redis keeps the hash small and in this order (hash-max-listpack-value,
 * -entries). */
struct hash_texts {
    char offset[24], as_of[40], day[CALENDAR_TEXT], population_as_of[16];
    char registered_percent[24], active_percent[24];
};

static void add_shared_fields(const struct totals_redis *redis, const struct totals_picture *picture,
                              const struct totals_region *region, struct hash_texts *texts,
                              struct command *command) {
    static const char *const UHC_NAMES[] = {
        [UHC_NO] = "NO", [UHC_REGISTERED_ONLY] = "REGISTERED_ONLY", [UHC_YES] = "YES"};
    const struct totals_line *line = &region->line;
    format_percent(line->registered, line->population, texts->registered_percent);
    format_percent(line->active, line->population, texts->active_percent);
    snprintf(texts->offset, sizeof texts->offset, "%" PRIu64, picture->offset);
    snprintf(texts->population_as_of, sizeof texts->population_as_of, "%" PRIu32,
             redis->regions->population_as_of);
    format_as_of(picture, texts->as_of);
    texts->day[0] = '\0';
    if (picture->day != DAY_NONE)
        calendar_format(picture->day, texts->day);
    const char *fields[][2] = {
        {"name", region->name},
        {"registered_percent", texts->registered_percent},
        {"active_percent", texts->active_percent},
        {"offset", texts->offset},
        {"as_of", texts->as_of},
        {"day", texts->day},
        {"population_as_of", texts->population_as_of},
        {"uhc", UHC_NAMES[picture->uhc]}, /* last: of the city only */
    };
    size_t count = sizeof fields / sizeof *fields - (region->code != redis->regions->city_code);
    for (size_t index = 0; index < count; index++) {
        word(command, fields[index][0]);
        word(command, fields[index][1]);
    }
}

/* Writes a region's hash: all of it, or the figures that differ from `before`. */
static void add_hash(struct totals_redis *redis, const struct totals_picture *picture, unsigned index,
                     struct totals_line *before) {
    struct totals_region region = picture->regions[index];
    struct command command = {0};
    struct hash_texts texts;
    char key[KEY_SIZE], numbers[TOTALS_FIELDS][12];
    region_key(region.code, key);
    if (!before)
        add_words(redis, "DEL", key, NULL); /* also what is no hash, and fields of another version */
    word(&command, "HSET");
    word(&command, key);
    add_shared_fields(redis, picture, &region, &texts, &command);
    for (unsigned field = 0; field < TOTALS_FIELDS; field++) {
        uint32_t number = *totals_field(&region.line, field);
        if (before && number == *totals_field(before, field))
            continue;
        snprintf(numbers[field], sizeof numbers[field], "%" PRIu32, number);
        word(&command, redis->field_names[field]);
        word(&command, numbers[field]);
    }
    add(redis, &command);
}

static void add_hashes(struct totals_redis *redis, const struct totals_picture *picture, bool everything) {
    bool new_day = picture->day != redis->written.day || picture->uhc != redis->written.uhc;
    for (unsigned index = 0; index < picture->count; index++) {
        struct totals_line *before = everything ? NULL : &redis->written.regions[index].line;
        if (!before || new_day || memcmp(before, &picture->regions[index].line, sizeof *before) != 0)
            add_hash(redis, picture, index, before);
    }
}

/* Each is small, and seldom changes alone: written whole. */
static void add_billing(struct totals_redis *redis, const struct billing_heard *billing) {
    struct billing_field fields[BILLING_FIELDS];
    struct command command = {0};
    add_words(redis, "DEL", BILLING_KEY, NULL);
    if (!billing->known)
        return;
    billing_fields(billing, fields);
    word(&command, "HSET");
    word(&command, BILLING_KEY);
    for (unsigned index = 0; index < BILLING_FIELDS; index++) {
        word(&command, fields[index].name);
        word(&command, fields[index].value);
    }
    add(redis, &command);
}

static void add_grace(struct totals_redis *redis, const struct totals_grace grace[TOTALS_GRACE_MONTHS]) {
    char months[TOTALS_GRACE_MONTHS][CALENDAR_TEXT], people[TOTALS_GRACE_MONTHS][12];
    struct command command = {0};
    add_words(redis, "DEL", GRACE_KEY, NULL);
    word(&command, "HSET");
    word(&command, GRACE_KEY);
    for (unsigned index = 0; index < TOTALS_GRACE_MONTHS && grace[index].month != MONTH_NONE; index++) {
        calendar_format_month(grace[index].month, months[index]);
        snprintf(people[index], sizeof people[index], "%" PRIu32, grace[index].people);
        word(&command, months[index]);
        word(&command, people[index]);
    }
    if (command.count > 2)
        add(redis, &command);
}

bool totals_redis_wants(const struct totals_redis *redis, const struct totals_picture *picture,
                        int64_t now_ms) {
    if (!redis_link_idle(redis->link))
        return false;
    if (!redis->known)
        return now_ms >= redis->repeat_ms;
    return picture->offset != redis->written.offset ||
           !billing_heard_same(&picture->billing, &redis->written.billing) ||
           now_ms - redis->full_ms >= FULL_WRITE_MS;
}

void totals_redis_publish(struct totals_redis *redis, const struct totals_picture *picture,
                          const struct totals_packed packed[PACKED_COUNT], int64_t now_ms) {
    bool everything =
        !redis->known || now_ms - redis->full_ms >= FULL_WRITE_MS || picture->count != redis->written.count;
    char offset[24];
    snprintf(offset, sizeof offset, "%" PRIu64, picture->offset);
    add_words(redis, "MULTI", NULL, NULL);
    add_words(redis, "GET", OFFSET_KEY, NULL);
    add_hashes(redis, picture, everything);
    if (everything || !billing_heard_same(&picture->billing, &redis->written.billing))
        add_billing(redis, &picture->billing);
    if (everything || !totals_grace_same(picture->grace, redis->written.grace))
        add_grace(redis, picture->grace);
    for (unsigned level = 0; level < PACKED_COUNT; level++) {
        struct command command = {0};
        word(&command, "SET");
        word(&command, PACKED_KEYS[level]);
        word_of_size(&command, (const char *)packed[level].data, packed[level].size);
        add(redis, &command);
    }
    if (everything)
        add_words(redis, "SET", SOURCE_KEY, redis->regions->population_source);
    add_words(redis, "SET", OFFSET_KEY, offset);
    add_words(redis, "PUBLISH", CHANGES_CHANNEL, offset);
    add_words(redis, "EXEC", NULL, NULL);
    redis_link_send(redis->link, now_ms);
    redis->unproven = *picture;
    redis->sending = everything ? SENDING_EVERYTHING : SENDING_CHANGES;
    if (everything)
        redis->full_ms = now_ms;
}

/* Asks whether Redis still holds what we wrote: the offset, and that no key is missing. */
static void send_question(struct totals_redis *redis, int64_t now_ms) {
    char key[KEY_SIZE];
    add_words(redis, "MULTI", NULL, NULL);
    add_words(redis, "GET", OFFSET_KEY, NULL);
    add_words(redis, "EXISTS", SOURCE_KEY, NULL);
    if (redis->written.billing.known)
        add_words(redis, "EXISTS", BILLING_KEY, NULL);
    if (redis->written.grace[0].month != MONTH_NONE)
        add_words(redis, "EXISTS", GRACE_KEY, NULL);
    for (unsigned level = 0; level < PACKED_COUNT; level++)
        add_words(redis, "EXISTS", PACKED_KEYS[level], NULL);
    for (unsigned index = 0; index < redis->written.count; index++) {
        region_key(redis->written.regions[index].code, key);
        add_words(redis, "EXISTS", key, NULL);
    }
    add_words(redis, "EXEC", NULL, NULL);
    redis_link_send(redis->link, now_ms);
    redis->sending = SENDING_QUESTION;
}

static bool holds_offset(const redisReply *reply, uint64_t offset) {
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, offset);
    return reply->type == REDIS_REPLY_STRING && strcmp(reply->str, text) == 0;
}

/* Whether EXEC did all: no command failed, and in a question no key was missing. */
static bool all_done(const redisReply *reply, bool question) {
    for (size_t index = 1; index < reply->elements; index++) {
        const redisReply *element = reply->element[index];
        if (element->type == REDIS_REPLY_ERROR || (question && element->integer != 1))
            return false;
    }
    return true;
}

/* Takes the answer to what was sent. After a full write any offset may have been there before. */
static void take_answer(struct totals_redis *redis, const redisReply *reply, int64_t now_ms) {
    enum sending sent = redis->sending;
    redis->sending = SENDING_NOTHING;
    redis->answered_ms = now_ms;
    bool is_array = reply->type == REDIS_REPLY_ARRAY && reply->elements > 0;
    bool as_written = is_array && holds_offset(reply->element[0], redis->written.offset);
    bool done = is_array && all_done(reply, sent == SENDING_QUESTION);
    if (sent == SENDING_QUESTION) {
        redis->known = as_written && done;
    } else {
        redis->known = done && (sent == SENDING_EVERYTHING || as_written);
        redis->written = redis->unproven;
        redis->status.transactions++;
        redis->status.full_writes += sent == SENDING_EVERYTHING;
        /* What keeps Redis from a whole write will keep it from the next one as well. */
        if (sent == SENDING_EVERYTHING && !redis->known)
            redis->repeat_ms = now_ms + VERIFY_MS;
    }
    redis->status.found_other += !redis->known;
}

enum result totals_redis_work(struct totals_redis *redis, int64_t now_ms, struct failure *why) {
    redisReply *reply;
    enum result result = redis_link_work(redis->link, now_ms, &reply, why);
    if (result == RESULT_IO) {
        redis->known = false;
        redis->sending = SENDING_NOTHING;
        return result;
    }
    if (result == RESULT_OK) {
        take_answer(redis, reply, now_ms);
        freeReplyObject(reply);
    }
    if (redis->known && redis_link_idle(redis->link) && now_ms - redis->answered_ms >= VERIFY_MS)
        send_question(redis, now_ms);
    return result;
}
