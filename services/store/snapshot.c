/* snapshot.c - writes and reads a checked state file (see snapshot.h).
 *
 * snapshot_save runs in a child made by fork while the parent goes on: system calls and the stack only, no
 * heap, no stdio, no lock. A reader sees the old file or the whole new one, never a part.
 */
#include "snapshot.h"

#define XXH_STATIC_LINKING_ONLY /* the hash's state on the stack */
#include <xxhash.h>

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SNAPSHOT_VERSION 1u
#define BUFFER_BYTES     (1u << 20)
#define PATH_BYTES       512

/* The file's first 40 bytes, little-endian. */
struct header {
    char magic[8];
    uint32_t version, zero;
    uint64_t size;
    XXH128_canonical_t hash;
};
_Static_assert(sizeof(struct header) == 40, "the header's layout is the file's");
static const char magic[8] = {'C', 'A', 'K', 'U', 'S', 'N', 'A', 'P'};

/* A file read or written through a buffer, and the hash of what went through it. */
struct stream {
    XXH3_state_t hash;
    int descriptor;
    int error; /* errno of the first failure */
    uint8_t *buffer;
    size_t used, at;     /* bytes in the buffer; reading: the next to hand out */
    uint64_t size, left; /* of the body: bytes gone through; reading: still to come */
};

static bool stream_open(struct stream *stream, int descriptor) {
    stream->descriptor = descriptor;
    stream->error = 0;
    stream->used = stream->at = 0;
    stream->size = stream->left = 0;
    stream->buffer = mmap(NULL, BUFFER_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stream->buffer == MAP_FAILED) {
        stream->error = errno;
        return false;
    }
    XXH3_128bits_reset(&stream->hash);
    return true;
}

static void stream_close(struct stream *stream) {
    if (stream->buffer != MAP_FAILED)
        munmap(stream->buffer, BUFFER_BYTES);
}

static bool write_whole(struct stream *stream, const uint8_t *data, size_t size) {
    while (size > 0) {
        ssize_t written = write(stream->descriptor, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            stream->error = written < 0 ? errno : EIO;
            return false;
        }
        data += written;
        size -= (size_t)written;
    }
    return true;
}

static bool flush(struct stream *stream) {
    XXH3_128bits_update(&stream->hash, stream->buffer, stream->used);
    stream->size += stream->used;
    bool fine = write_whole(stream, stream->buffer, stream->used);
    stream->used = 0;
    return fine;
}

static bool stream_write(void *context, const void *data, size_t size) {
    struct stream *stream = context;
    while (size > 0 && stream->error == 0) {
        size_t part = BUFFER_BYTES - stream->used < size ? BUFFER_BYTES - stream->used : size;
        memcpy(stream->buffer + stream->used, data, part);
        stream->used += part;
        data = (const uint8_t *)data + part;
        size -= part;
        if (stream->used == BUFFER_BYTES && !flush(stream))
            return false;
    }
    return stream->error == 0;
}

static bool write_header(struct stream *stream) {
    struct header header = {.version = htole32(SNAPSHOT_VERSION), .size = htole64(stream->size)};
    memcpy(header.magic, magic, sizeof magic);
    XXH128_canonicalFromHash(&header.hash, XXH3_128bits_digest(&stream->hash));
    if (pwrite(stream->descriptor, &header, sizeof header, 0) == (ssize_t)sizeof header)
        return true;
    stream->error = errno;
    return false;
}

/* A rename is durable once its directory is. */
static int sync_directory(const char *path) {
    char directory[PATH_BYTES];
    const char *slash = strrchr(path, '/');
    size_t size = !slash ? 1 : slash == path ? 1 : (size_t)(slash - path);
    memcpy(directory, slash ? path : ".", size);
    directory[size] = '\0';
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = descriptor < 0 || fsync(descriptor) != 0 ? errno : 0;
    if (descriptor >= 0)
        close(descriptor);
    return error;
}

static bool path_with(char out[PATH_BYTES], const char *path, const char *suffix) {
    size_t size = strlen(path), suffix_size = strlen(suffix);
    if (size + suffix_size >= PATH_BYTES)
        return false;
    stpcpy(stpcpy(out, path), suffix);
    return true;
}

enum result snapshot_save(const char *path, bool (*body)(void *state, snapshot_write *write, void *context),
                          void *state, struct failure *why) {
    char fresh[PATH_BYTES];
    struct stream stream = {.buffer = MAP_FAILED};
    if (!path_with(fresh, path, ".new"))
        return fail(why, RESULT_INVALID, "PATH_LONG", "The snapshot's path is too long; use a shorter one.");
    int descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return fail(why, RESULT_IO, "SNAPSHOT_IO", "Can't create %s: errno %d.", fresh, errno);
    bool fine = stream_open(&stream, descriptor) && lseek(descriptor, sizeof(struct header), SEEK_SET) >= 0 &&
                body(state, stream_write, &stream) && flush(&stream) && write_header(&stream) &&
                fsync(descriptor) == 0;
    int error = fine ? 0 : stream.error ? stream.error : errno;
    stream_close(&stream);
    close(descriptor);
    if (fine && rename(fresh, path) != 0)
        error = errno;
    if (error == 0 && fine)
        error = sync_directory(path);
    if (fine && error == 0)
        return RESULT_OK;
    unlink(fresh);
    return fail(why, error == ENOSPC ? RESULT_FULL : RESULT_IO, "SNAPSHOT_IO",
                "Can't write the snapshot %s (errno %d); the one before stays in use.", path, error);
}

static bool fill(struct stream *stream) {
    size_t wanted = stream->left < BUFFER_BYTES ? (size_t)stream->left : BUFFER_BYTES;
    stream->at = stream->used = 0;
    while (stream->used < wanted) {
        ssize_t got = read(stream->descriptor, stream->buffer + stream->used, wanted - stream->used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            stream->error = got < 0 ? errno : EIO;
            return false;
        }
        stream->used += (size_t)got;
    }
    stream->left -= wanted;
    return wanted > 0;
}

static bool stream_read(void *context, void *data, size_t size) {
    struct stream *stream = context;
    while (size > 0) {
        if (stream->at == stream->used && !fill(stream))
            return false;
        size_t part = stream->used - stream->at < size ? stream->used - stream->at : size;
        memcpy(data, stream->buffer + stream->at, part);
        stream->at += part;
        data = (uint8_t *)data + part;
        size -= part;
    }
    return true;
}

/* Whether header and body agree. Leaves the stream at the body's first byte. */
static bool check_file(struct stream *stream) {
    struct header header;
    struct stat status;
    if (read(stream->descriptor, &header, sizeof header) != (ssize_t)sizeof header ||
        fstat(stream->descriptor, &status) != 0 || memcmp(header.magic, magic, sizeof magic) != 0 ||
        le32toh(header.version) != SNAPSHOT_VERSION ||
        le64toh(header.size) != (uint64_t)status.st_size - sizeof header)
        return false;
    stream->left = le64toh(header.size);
    while (stream->left > 0) {
        if (!fill(stream))
            return false;
        XXH3_128bits_update(&stream->hash, stream->buffer, stream->used);
    }
    stream->left = le64toh(header.size);
    stream->at = stream->used = 0;
    XXH128_hash_t expected = XXH128_hashFromCanonical(&header.hash);
    return XXH128_isEqual(expected, XXH3_128bits_digest(&stream->hash)) &&
           lseek(stream->descriptor, sizeof header, SEEK_SET) == (off_t)sizeof header;
}

static enum result set_aside(const char *path, struct failure *why) {
    char bad[PATH_BYTES];
    if (!path_with(bad, path, ".bad") || rename(path, bad) != 0)
        return fail(why, RESULT_IO, "SNAPSHOT_IO",
                    "The snapshot %s is damaged and can't be renamed (errno %d).", path, errno);
    return fail(why, RESULT_CORRUPT, "SNAPSHOT_DAMAGED",
                "The snapshot %s fails its check; it is kept as %s, and the journal has everything.", path,
                bad);
}

enum result snapshot_load(const char *path, bool (*body)(void *state, snapshot_read *read, void *context),
                          void *state, struct failure *why) {
    struct stream stream = {.buffer = MAP_FAILED};
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return errno == ENOENT
                   ? fail(why, RESULT_NOT_FOUND, "SNAPSHOT_NONE", "There is no snapshot %s.", path)
                   : fail(why, RESULT_IO, "SNAPSHOT_IO", "Can't open %s (errno %d).", path, errno);
    /* All of it must be read: a body that stops early is of another layout. */
    bool sound = stream_open(&stream, descriptor) && check_file(&stream) &&
                 body(state, stream_read, &stream) && stream.left == 0 && stream.at == stream.used;
    stream_close(&stream);
    close(descriptor);
    if (sound)
        return RESULT_OK;
    if (stream.error != 0 && stream.error != EIO)
        return fail(why, RESULT_IO, "SNAPSHOT_IO", "Can't read %s (errno %d).", path, stream.error);
    return set_aside(path, why);
}
