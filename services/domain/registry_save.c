/* registry_save.c - the registry as a stream of words, its way back, and its digest.
 *
 * Layout, all 64-bit little-endian words: magic, version, next offset, day, members, aliases, devices; then
 * six words a member in the order of ids, two an alias in the order they came, fifteen a device. The index is
 * built anew. What the index or the hash tables look like has no part in it: equal states are equal bytes.
 */
#include "registry_state.h"

#include <assert.h>
#include <string.h>

#define SAVE_MAGIC     UINT64_C(0x5952545349474552) /* "REGISTRY" */
#define SAVE_VERSION   1u
#define HEAD_WORDS     7u
#define ALIAS_WORDS    2u
#define DEVICE_WORDS   15u
#define PREFETCH_AHEAD 16u
#define BUFFER_WORDS   3072u /* 24 KiB */

/* Words on their way through the callback, gathered so that it is called for large pieces. */
struct words {
    registry_write *write;
    void *context;
    uint64_t at[BUFFER_WORDS];
    size_t count;
    bool failed;
};

static uint64_t little_endian(uint64_t word) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap64(word);
#else
    return word;
#endif
}

static void flush_words(struct words *out) {
    if (out->count && !out->failed)
        out->failed = !out->write(out->context, out->at, out->count * sizeof *out->at);
    out->count = 0;
}

static uint64_t *take_words(struct words *out, size_t count) {
    if (out->count + count > BUFFER_WORDS)
        flush_words(out);
    uint64_t *taken = &out->at[out->count];
    out->count += count;
    return taken;
}

static void swap_words(uint64_t *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        words[i] = little_endian(words[i]);
}

static void pack_device(const struct device *device, uint64_t words[DEVICE_WORDS]) {
    memset(words, 0, DEVICE_WORDS * sizeof *words);
    words[0] = device->id | (uint64_t)device->area << 32;
    words[1] = device->role | (uint64_t)device->revoked << 8;
    words[2] = device->next_sequence;
    memcpy(&words[3], device->public_key, sizeof device->public_key);
    memcpy(&words[7], device->name, strnlen(device->name, DEVICE_NAME_MAX));
    for (size_t i = 3; i < DEVICE_WORDS;
         i++) /* bytes, not numbers: the swap on the way out must not turn them */
        words[i] = little_endian(words[i]);
}
_Static_assert(DEVICE_KEY_SIZE == 4 * 8 && DEVICE_NAME_MAX + 1 == 6 * 8, "the words of a device");

static void unpack_device(uint64_t words[DEVICE_WORDS], struct device *device) {
    for (size_t i = 3; i < DEVICE_WORDS; i++)
        words[i] = little_endian(words[i]);
    *device = (struct device){.id = (uint32_t)words[0],
                              .area = (uint32_t)(words[0] >> 32),
                              .role = (uint8_t)words[1],
                              .revoked = words[1] >> 8 & 1,
                              .next_sequence = words[2]};
    memcpy(device->public_key, &words[3], sizeof device->public_key);
    memcpy(device->name, &words[7], DEVICE_NAME_MAX);
}

enum result registry_save(const struct registry *registry, registry_write *write, void *context) {
    struct words out = {.write = write, .context = context};
    const uint64_t head[HEAD_WORDS] = {SAVE_MAGIC,
                                       SAVE_VERSION,
                                       registry->next_offset,
                                       registry->day,
                                       registry->rows.count,
                                       registry->aliases.count,
                                       registry->devices.count};
    memcpy(take_words(&out, HEAD_WORDS), head, sizeof head);
    swap_words(out.at, HEAD_WORDS);
    for (uint32_t id = 1; id <= registry->rows.count && !out.failed; id++) {
        uint64_t *words = take_words(&out, MEMBER_ROW_WORDS);
        member_row_pack(member_rows_at(&registry->rows, id), words);
        swap_words(words, MEMBER_ROW_WORDS);
    }
    for (uint32_t i = 0; i < registry->aliases.count && !out.failed; i++) {
        uint64_t *words = take_words(&out, ALIAS_WORDS);
        words[0] = registry->aliases.entries[i].key;
        words[1] = registry->aliases.entries[i].row;
        swap_words(words, ALIAS_WORDS);
    }
    for (uint32_t id = 1; id <= registry->devices.count && !out.failed; id++) {
        uint64_t *words = take_words(&out, DEVICE_WORDS);
        pack_device(device_table_at(&registry->devices, id), words);
        swap_words(words, DEVICE_WORDS);
    }
    flush_words(&out);
    return out.failed ? RESULT_IO : RESULT_OK;
}

static bool refuse_item(const char **wrong, const char *sentence) {
    *wrong = sentence;
    return false;
}

static bool take_member(struct registry *registry, uint64_t *words, const char **wrong) {
    struct member_row row;
    member_row_unpack(words, &row);
    const struct member *member = &row.member;
    if (member->identity == 0 || member->segment >= SEGMENT_COUNT || member->status == STATUS_NONE ||
        member->status >= STATUS_COUNT)
        return refuse_item(wrong, "a member is none");
    bool merged = member->status == STATUS_MERGED;
    if (!merged && member_index_find(registry->index, &registry->rows, member->identity) != 0)
        return refuse_item(wrong, "two members have one identity");
    uint32_t id = member_rows_add(&registry->rows);
    *member_rows_at(&registry->rows, id) = row;
    if (!merged)
        member_index_add(registry->index, &registry->rows, member->identity, id);
    return true;
}

static bool take_alias(struct registry *registry, uint64_t *words, const char **wrong) {
    if (words[1] > registry->rows.count)
        return refuse_item(wrong, "an alias leads to no member");
    alias_map_put(&registry->aliases, words[0], (uint32_t)words[1]);
    return true;
}

static bool take_device(struct registry *registry, uint64_t *words, const char **wrong) {
    struct device device;
    unpack_device(words, &device);
    if (device.id != registry->devices.count + 1 || device.role >= ROLE_COUNT || device.next_sequence == 0)
        return refuse_item(wrong, "a device is none");
    if (device_table_by_key(&registry->devices, device.public_key))
        return refuse_item(wrong, "two devices have one key");
    device_table_add(&registry->devices, &device);
    return true;
}

/* Takes one item that was read. False where it is none: `wrong` becomes a sentence. */
typedef bool take_item(struct registry *registry, uint64_t *words, const char **wrong);

/* Reads `count` items of `width` words in large pieces and gives them to `take`. */
static const char *read_items(struct registry *registry, registry_read *read, void *context, uint64_t count,
                              size_t width, take_item *take) {
    uint64_t words[BUFFER_WORDS];
    while (count > 0) {
        size_t items = count < BUFFER_WORDS / width ? count : BUFFER_WORDS / width;
        if (!read(context, words, items * width * sizeof *words))
            return "it ends too early";
        swap_words(words, items * width);
        for (size_t i = 0; i < items; i++) {
            if (take == take_member && i + PREFETCH_AHEAD < items) /* word 0 of a row is its identity */
                member_index_prefetch(registry->index, words[(i + PREFETCH_AHEAD) * width]);
            const char *wrong = NULL;
            if (!take(registry, &words[i * width], &wrong))
                return wrong;
        }
        count -= items;
    }
    return NULL;
}

enum result registry_load(struct registry *registry, registry_read *read, void *context,
                          struct failure *why) {
    assert(registry->next_offset == 1 && registry->rows.count == 0 && registry->devices.count == 0 &&
           "a snapshot is loaded into a new registry");
    uint64_t head[HEAD_WORDS];
    if (!read(context, head, sizeof head))
        return fail(why, RESULT_CORRUPT, "SNAPSHOT_SHORT",
                    "The registry's snapshot has no head: it is not used.");
    swap_words(head, HEAD_WORDS);
    if (head[0] != SAVE_MAGIC || head[1] != SAVE_VERSION)
        return fail(why, RESULT_CONFLICT, "SNAPSHOT_VERSION",
                    "The registry's snapshot is not of version %u: it is not used.", SAVE_VERSION);
    /* Every member and device came by a record of its own. */
    bool possible =
        head[3] <= UINT16_MAX && head[4] < head[2] && head[6] < head[2] && head[4] <= MEMBER_ROWS_MAX;
    const char *wrong = possible ? NULL : "its head is impossible";
    if (!wrong) {
        member_index_reserve(registry->index, &registry->rows, (uint32_t)head[4]);
        wrong = read_items(registry, read, context, head[4], MEMBER_ROW_WORDS, take_member);
    }
    if (!wrong)
        wrong = read_items(registry, read, context, head[5], ALIAS_WORDS, take_alias);
    if (!wrong)
        wrong = read_items(registry, read, context, head[6], DEVICE_WORDS, take_device);
    if (wrong)
        return fail(why, RESULT_CORRUPT, "SNAPSHOT_CORRUPT", "The registry's snapshot is not used: %s.",
                    wrong);
    registry->next_offset = head[2];
    registry->day = (day_t)head[3];
    return RESULT_OK;
}

static bool digest_words(void *context, const void *data, size_t size) {
    uint64_t *digest = context;
    const uint64_t *words = data;
    for (size_t i = 0; i < size / sizeof *words; i++)
        *digest = *digest * UINT64_C(0x9e3779b97f4a7c15) + mix64(little_endian(words[i]));
    return true;
}

/* The digest is one of the bytes saved: what a snapshot keeps and what a digest compares can't drift apart.
 */
uint64_t registry_digest(const struct registry *registry) {
    uint64_t digest = 0;
    enum result saved = registry_save(registry, digest_words, &digest);
    assert(saved == RESULT_OK && "a digest has no disk to fail");
    return digest;
}
