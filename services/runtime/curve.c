/* curve.c - key pairs of services and devices on disk (socket.h).
 *
 * NAME.key holds the secret key alone, 40 Z85 characters and a newline: the public key follows from it, so
 * the two can never disagree. NAME.pub is written beside it for whoever connects.
 */
#include "file.h"
#include "socket.h"

#include <limits.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#define KEY_CHARACTERS 40

static enum result key_path(const char *directory, const char *name, const char *ending, char path[PATH_MAX],
                            struct failure *why) {
    if (snprintf(path, PATH_MAX, "%s/%s.%s", directory, name, ending) >= PATH_MAX)
        return fail(why, RESULT_INVALID, "PATH_LONG", "The path of key %s is too long.", name);
    return RESULT_OK;
}

/* Exactly one key and at most a newline; never says what it found. */
static enum result read_key(const char *path, bool secret, char key[KEY_CHARACTERS + 1],
                            struct failure *why) {
    char text[KEY_CHARACTERS + 2];
    enum result result = file_read(path, secret, text, sizeof text, why);
    uint8_t binary[32];
    if (result == RESULT_OK) {
        text[strcspn(text, "\n")] = 0;
        if (strlen(text) != KEY_CHARACTERS || !zmq_z85_decode(binary, text))
            result = fail(
                why, RESULT_INVALID, "KEY_INVALID",
                "%s holds no key: it must be one line of 40 Z85 characters. Restore it from a copy.", path);
        else
            memcpy(key, text, KEY_CHARACTERS + 1);
    }
    sodium_memzero(text, sizeof text);
    sodium_memzero(binary, sizeof binary);
    return result;
}

static enum result make_key(const char *path, struct failure *why) {
    struct curve_keys made;
    if (zmq_curve_keypair(made.public_key, made.secret_key) < 0)
        return fail(why, RESULT_INVALID, "NO_CURVE",
                    "This libzmq was built without CURVE: install Debian's libzmq5.");
    made.secret_key[KEY_CHARACTERS] = '\n';
    enum result result = file_create(path, made.secret_key, KEY_CHARACTERS + 1, why);
    sodium_memzero(&made, sizeof made);
    return result;
}

static enum result publish(const struct curve_keys *keys, const char *directory, const char *name,
                           struct failure *why) {
    char path[PATH_MAX], known[KEY_CHARACTERS + 1], line[KEY_CHARACTERS + 2];
    enum result result = key_path(directory, name, "pub", path, why);
    if (result != RESULT_OK)
        return result;
    if (read_key(path, false, known, NULL) == RESULT_OK && strcmp(known, keys->public_key) == 0)
        return RESULT_OK;
    snprintf(line, sizeof line, "%s\n", keys->public_key);
    return file_replace(path, line, strlen(line), why);
}

/* A public key without its secret one: a new pair would lock out every device paired with the old. */
static enum result refuse_lost(const char *path, const char *directory, const char *name,
                               struct failure *why) {
    char public_path[PATH_MAX], known[KEY_CHARACTERS + 1];
    enum result result = key_path(directory, name, "pub", public_path, why);
    if (result != RESULT_OK || read_key(public_path, false, known, NULL) != RESULT_OK ||
        access(path, F_OK) == 0)
        return result;
    return fail(why, RESULT_INVALID, "KEY_LOST",
                "%s is missing, but its public key was given out: restore it from a copy; or remove %s for a "
                "new key, and pair every device anew.",
                path, public_path);
}

enum result curve_keys_load(struct curve_keys *keys, const char *directory, const char *name,
                            struct failure *why) {
    char path[PATH_MAX];
    enum result result = key_path(directory, name, "key", path, why);
    if (result == RESULT_OK)
        result = file_make_directory(directory, why);
    if (result == RESULT_OK)
        result = read_key(path, true, keys->secret_key, why);
    if (result == RESULT_NOT_FOUND) {
        result = refuse_lost(path, directory, name, why);
        if (result == RESULT_OK)
            result = make_key(path, why);
        /* A second process made it in the meantime: its key is the key. */
        if (result == RESULT_OK || result == RESULT_CONFLICT)
            result = read_key(path, true, keys->secret_key, why);
    }
    if (result != RESULT_OK)
        return result;
    if (zmq_curve_public(keys->public_key, keys->secret_key) < 0)
        return fail(why, RESULT_INVALID, "KEY_INVALID", "%s holds no key: restore it from a copy.", path);
    return publish(keys, directory, name, why);
}

enum result curve_public_load(char public_key[41], const char *directory, const char *name,
                              struct failure *why) {
    char path[PATH_MAX];
    enum result result = key_path(directory, name, "pub", path, why);
    return result == RESULT_OK ? curve_public_read(public_key, path, why) : result;
}

enum result curve_public_read(char public_key[41], const char *path, struct failure *why) {
    return read_key(path, false, public_key, why);
}
