/* ledger_segment.c - reads and begins segment files (ledger_segment.h). What it reads may be damaged: no
 * length is believed before the file was seen to be that long. */
#include "ledger_segment.h"

#include "journal_hash.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEGMENT_VERSION 1u
#define ENTRY_MAGIC     UINT32_C(0x4c4b4143) /* "CAKL" */
#define HASHED_BYTES    (SEGMENT_HEAD_BYTES - JOURNAL_HASH_SIZE)
#define SEARCH_BYTES    65536u

static const uint8_t head_magic[8] = {'C', 'A', 'K', 'U', 'L', 'E', 'D', 'G'};
static const uint8_t zeros[JOURNAL_HASH_SIZE];

struct disk_head {
    uint8_t magic[8];
    uint32_t version, partition, count;
    uint16_t first_month, zero;
    uint64_t epoch, older_epoch, sequence;
    uint8_t hash[JOURNAL_HASH_SIZE];
    uint8_t check[JOURNAL_HASH_SIZE];
};
_Static_assert(sizeof(struct disk_head) == SEGMENT_HEAD_BYTES, "the head's layout is the file's");

struct disk_entry {
    uint32_t magic;
    uint8_t kind, zero;
    uint16_t month;
    uint64_t sequence, epoch, offset, time_ms, size;
    uint8_t hash[JOURNAL_HASH_SIZE];
};
_Static_assert(sizeof(struct disk_entry) == SEGMENT_ENTRY_BYTES, "an entry's layout is the file's");

bool ledger_segment_write(int descriptor, struct iovec parts[2], uint64_t at) {
    while (parts[0].iov_len + parts[1].iov_len > 0) {
        ssize_t written = pwritev(descriptor, parts, 2, (off_t)at);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        at += (uint64_t)written;
        for (unsigned i = 0; i < 2; i++) {
            size_t part = (size_t)written < parts[i].iov_len ? (size_t)written : parts[i].iov_len;
            if (part == 0)
                continue;
            parts[i].iov_base = (uint8_t *)parts[i].iov_base + part;
            parts[i].iov_len -= part;
            written -= (ssize_t)part;
        }
    }
    return true;
}

bool ledger_segment_is_full(int error) {
    return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

enum result ledger_segment_sync(int descriptor, const char *where, struct failure *why) {
    if (fdatasync(descriptor) == 0)
        return RESULT_OK;
    return fail(why, RESULT_IO, LEDGER_JOURNAL_SYNC, "Can't sync %s: %s; check the disk.", where,
                strerror(errno));
}

enum result ledger_segment_begin(int descriptor, const struct ledger_journal_place *place,
                                 const struct ledger_segment_head *head, struct failure *why) {
    struct disk_head disk = {.version = htole32(SEGMENT_VERSION),
                             .partition = htole32(place->partition),
                             .count = htole32(place->count),
                             .first_month = htole16(place->first_month),
                             .epoch = htole64(head->epoch),
                             .older_epoch = htole64(head->older_epoch),
                             .sequence = htole64(head->sequence)};
    memcpy(disk.magic, head_magic, sizeof disk.magic);
    memcpy(disk.hash, head->hash, sizeof disk.hash);
    journal_hash_chain(zeros, (const uint8_t *)&disk, HASHED_BYTES, NULL, 0, disk.check);
    struct iovec parts[2] = {{&disk, sizeof disk}, {NULL, 0}};
    if (ledger_segment_write(descriptor, parts, 0) && fsync(descriptor) == 0)
        return RESULT_OK;
    bool full = ledger_segment_is_full(errno);
    return fail(why, full ? RESULT_FULL : RESULT_IO, full ? "DISK_FULL" : "JOURNAL_IO",
                "Can't begin the segment of epoch %" PRIu64 " of partition %u: %s.", head->epoch,
                place->partition, strerror(errno));
}

void ledger_segment_entry(const struct ledger_entry *entry, uint8_t out[SEGMENT_ENTRY_BYTES]) {
    struct disk_entry disk = {.magic = htole32(ENTRY_MAGIC),
                              .kind = entry->kind,
                              .month = htole16(entry->month),
                              .sequence = htole64(entry->sequence),
                              .epoch = htole64(entry->epoch),
                              .offset = htole64(entry->offset),
                              .time_ms = htole64((uint64_t)entry->time_ms),
                              .size = htole64(entry->size)};
    memcpy(disk.hash, entry->hash, sizeof disk.hash);
    memcpy(out, &disk, sizeof disk);
}

static enum result fail_io(struct failure *why, const struct ledger_segment *segment) {
    return fail(why, RESULT_IO, "JOURNAL_IO", "Can't read the segment of epoch %" PRIu64 ": %s.",
                segment->head.epoch, strerror(errno));
}

static enum result corrupt(struct failure *why, uint64_t epoch, const char *sentence) {
    return fail(why, RESULT_CORRUPT, "JOURNAL_CORRUPT",
                "The segment of epoch %" PRIu64
                " of a partition's journal is damaged (%s): restore it from a copy.",
                epoch, sentence);
}

/* Reads up to `size` bytes; how many there are is in `got`. */
static bool read_at(int descriptor, void *out, size_t size, uint64_t at, size_t *got) {
    for (*got = 0; *got < size;) {
        ssize_t part = pread(descriptor, (uint8_t *)out + *got, size - *got, (off_t)(at + *got));
        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0)
            return false;
        if (part == 0)
            break;
        *got += (size_t)part;
    }
    return true;
}

static uint64_t file_size(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 && status.st_size > 0 ? (uint64_t)status.st_size : 0;
}

static enum result check_head(const struct disk_head *disk, uint64_t epoch,
                              const struct ledger_journal_place *place, struct failure *why) {
    bool beginning = disk->older_epoch == 0;
    if (le32toh(disk->version) != SEGMENT_VERSION || le32toh(disk->partition) != place->partition ||
        le32toh(disk->count) != place->count || le16toh(disk->first_month) != place->first_month)
        return fail(why, RESULT_CONFLICT, "JOURNAL_FOREIGN",
                    "%s has a segment of another state (partition %u of %u): move it away, or use another "
                    "state directory.",
                    place->directory, le32toh(disk->partition), le32toh(disk->count));
    if (le64toh(disk->epoch) != epoch || le64toh(disk->older_epoch) >= epoch ||
        beginning != (disk->sequence == 0) || (beginning && memcmp(disk->hash, zeros, sizeof zeros) != 0))
        return corrupt(why, epoch, "its head can't be");
    return RESULT_OK;
}

/* A head that was never finished is followed by nothing: entries come after it was synced. */
static enum result read_head(struct ledger_segment *segment, uint64_t epoch,
                             const struct ledger_journal_place *place, struct failure *why) {
    struct disk_head disk;
    uint8_t check[JOURNAL_HASH_SIZE] = {0};
    size_t got;
    if (!read_at(segment->descriptor, &disk, sizeof disk, 0, &got))
        return fail_io(why, segment);
    if (got == sizeof disk)
        journal_hash_chain(zeros, (const uint8_t *)&disk, HASHED_BYTES, NULL, 0, check);
    if (got < sizeof disk || memcmp(disk.magic, head_magic, sizeof disk.magic) != 0 ||
        memcmp(disk.check, check, sizeof check) != 0)
        return file_size(segment->descriptor) > SEGMENT_HEAD_BYTES
                   ? corrupt(why, epoch, "its head fails its check")
                   : fail(why, RESULT_NOT_FOUND, "SEGMENT_UNFINISHED",
                          "The segment of epoch %" PRIu64 " was never begun.", epoch);
    enum result result = check_head(&disk, epoch, place, why);
    if (result != RESULT_OK)
        return result;
    segment->head = (struct ledger_segment_head){
        .epoch = epoch, .older_epoch = le64toh(disk.older_epoch), .sequence = le64toh(disk.sequence)};
    memcpy(segment->head.hash, disk.hash, sizeof disk.hash);
    return RESULT_OK;
}

enum result ledger_segment_open(struct ledger_segment *segment, const char *path, uint64_t epoch,
                                const struct ledger_journal_place *place, struct failure *why) {
    *segment =
        (struct ledger_segment){.descriptor = open(path, O_RDONLY | O_CLOEXEC), .head = {.epoch = epoch}};
    if (segment->descriptor < 0)
        return fail(why, errno == ENOENT ? RESULT_NOT_FOUND : RESULT_IO, "SEGMENT_UNREADABLE",
                    "Can't open %s: %s.", path, strerror(errno));
    enum result result = read_head(segment, epoch, place, why);
    if (result == RESULT_OK)
        ledger_segment_rewind(segment);
    else
        ledger_segment_close(segment);
    return result;
}

void ledger_segment_close(struct ledger_segment *segment) {
    if (segment->descriptor >= 0)
        close(segment->descriptor);
    free(segment->payload);
    *segment = (struct ledger_segment){.descriptor = -1};
}

void ledger_segment_rewind(struct ledger_segment *segment) {
    segment->sequence = segment->head.sequence;
    memcpy(segment->hash, segment->head.hash, sizeof segment->hash);
    segment->at = SEGMENT_HEAD_BYTES;
}

static bool header_fits(const struct disk_entry *disk, const struct ledger_segment *segment,
                        uint64_t sequence) {
    return le32toh(disk->magic) == ENTRY_MAGIC && le64toh(disk->epoch) == segment->head.epoch &&
           le64toh(disk->sequence) == sequence;
}

/* Whether the entry after the next one stands anywhere behind the cursor: then the next one is damaged, and
 * not the torn end of a write that was never answered. */
static bool is_followed(const struct ledger_segment *segment) {
    uint8_t *bytes = malloc(SEARCH_BYTES);
    struct disk_entry disk;
    bool found = false;
    size_t got = SEARCH_BYTES;
    for (uint64_t at = segment->at + 1; bytes && !found && got == SEARCH_BYTES;
         at += SEARCH_BYTES - sizeof disk) {
        if (!read_at(segment->descriptor, bytes, SEARCH_BYTES, at, &got))
            break;
        for (size_t i = 0; !found && i + sizeof disk <= got; i++) {
            memcpy(&disk, bytes + i, sizeof disk);
            found = header_fits(&disk, segment, segment->sequence + 2);
        }
    }
    free(bytes);
    return found;
}

static enum result torn(const struct ledger_segment *segment, struct failure *why) {
    if (is_followed(segment))
        return corrupt(why, segment->head.epoch, "an entry fails its check");
    return fail(why, RESULT_NOT_FOUND, "ENTRY_NONE", "There is no entry after %" PRIu64 " yet.",
                segment->sequence);
}

/* The header at the cursor; the entry lies within the file. */
static enum result read_header(const struct ledger_segment *segment, struct disk_entry *disk,
                               struct failure *why) {
    size_t got;
    if (!read_at(segment->descriptor, disk, sizeof *disk, segment->at, &got))
        return fail_io(why, segment);
    if (got < sizeof *disk || !header_fits(disk, segment, segment->sequence + 1))
        return torn(segment, why);
    uint64_t size = le64toh(disk->size), behind = segment->at + sizeof *disk;
    if (size > LEDGER_ENTRY_MAX_BYTES || behind + size > file_size(segment->descriptor))
        return torn(segment, why);
    return RESULT_OK;
}

static void pass(struct ledger_segment *segment, const struct disk_entry *disk) {
    segment->sequence++;
    segment->at += sizeof *disk + le64toh(disk->size);
    memcpy(segment->hash, disk->hash, sizeof segment->hash);
}

enum result ledger_segment_skip(struct ledger_segment *segment, struct failure *why) {
    struct disk_entry disk;
    enum result result = read_header(segment, &disk, why);
    if (result == RESULT_OK)
        pass(segment, &disk);
    return result;
}

static void make_room(struct ledger_segment *segment, size_t size) {
    if (size <= segment->capacity && segment->payload)
        return;
    free(segment->payload);
    segment->capacity = size < 4096 ? 4096 : size;
    segment->payload = malloc(segment->capacity);
    if (!segment->payload) {
        fprintf(stderr, "No memory for an entry of %zu bytes.\n", size);
        abort();
    }
}

enum result ledger_segment_next(struct ledger_segment *segment, struct ledger_entry *entry,
                                struct failure *why) {
    struct disk_entry disk;
    uint8_t hash[JOURNAL_HASH_SIZE];
    size_t got;
    enum result result = read_header(segment, &disk, why);
    if (result != RESULT_OK)
        return result;
    *entry = (struct ledger_entry){.sequence = le64toh(disk.sequence),
                                   .epoch = le64toh(disk.epoch),
                                   .offset = le64toh(disk.offset),
                                   .time_ms = (int64_t)le64toh(disk.time_ms),
                                   .month = le16toh(disk.month),
                                   .kind = disk.kind,
                                   .size = le64toh(disk.size)};
    make_room(segment, entry->size);
    entry->payload = segment->payload;
    if (!read_at(segment->descriptor, segment->payload, entry->size, segment->at + sizeof disk, &got))
        return fail_io(why, segment);
    memcpy(entry->hash, disk.hash, sizeof entry->hash);
    if (got == entry->size)
        ledger_journal_hash(segment->hash, entry, hash);
    if (got < entry->size || disk.zero != 0 || memcmp(hash, disk.hash, sizeof hash) != 0)
        return torn(segment, why);
    pass(segment, &disk);
    return RESULT_OK;
}
