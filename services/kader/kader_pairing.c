/* kader_pairing.c - the pairing file: what makes a device this device (ZPL, ZeroMQ RFC 4; mode 0600).
 *
 *   pairing
 *       version = "1"
 *       device = "5"
 *       name = "Siti, Cipondoh"
 *       endpoint = "tcp://enrollment.example:7001"
 *       server-key = "..."      enrollment's public key, Z85
 *       public-key = "..."      the device's own pair
 *       secret-key = "..."
 */
#include "cakupan/kader.h"

#include "runtime/file.h"
#include "runtime/require.h"

#include <czmq.h>

#define PAIRING_MAX_BYTES 4096
#define DEVICE_MAX        INT32_MAX /* the device's number is part of its temporary ids: 31 bits (member.h) */

void kader_pairing_keys(struct kader_pairing *pairing) {
    int made = zmq_curve_keypair(pairing->public_key, pairing->secret_key);
    require(made == 0, "this libzmq was built without CURVE: install Debian's libzmq5");
}

static enum result refuse_field(const char *path, const char *field, const char *need, struct failure *why) {
    return fail(why, RESULT_INVALID, "PAIRING_INVALID",
                "Pairing file %s: %s must be %s. Have the device paired anew (cakupan device add).", path,
                field, need);
}

static bool is_key(const char *text) {
    uint8_t binary[32];
    bool is = strlen(text) == 40 && zmq_z85_decode(binary, text);
    explicit_bzero(binary, sizeof binary);
    return is;
}

/* ZPL has no escapes: a text with quotes or control characters would not come back as it was. */
static bool is_plain(const char *text) {
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == '"' || *text == 0x7f)
            return false;
    return true;
}

static bool is_endpoint(const char *text) {
    return is_plain(text) && (strncmp(text, "tcp://", 6) == 0 || strncmp(text, "ipc://", 6) == 0);
}

/* The public key follows from the secret one: a file mixed from two devices is found here. */
static bool is_pair(const struct kader_pairing *pairing) {
    char public_key[41];
    return is_key(pairing->secret_key) && zmq_curve_public(public_key, pairing->secret_key) == 0 &&
           strcmp(public_key, pairing->public_key) == 0;
}

static enum result check(const struct kader_pairing *pairing, const char *path, struct failure *why) {
    if (pairing->device == 0 || pairing->device > DEVICE_MAX)
        return refuse_field(path, "device", "a number from 1 to 2147483647", why);
    if (!is_plain(pairing->name))
        return refuse_field(path, "name", "text without quotes and control characters", why);
    if (!is_endpoint(pairing->endpoint))
        return refuse_field(path, "endpoint", "tcp://host:port or ipc:///path", why);
    if (!is_key(pairing->server_key))
        return refuse_field(path, "server-key", "40 Z85 characters", why);
    if (!is_pair(pairing))
        return refuse_field(path, "public-key", "the one of secret-key", why);
    return RESULT_OK;
}

static void put(zconfig_t *section, const char *name, const char *value) {
    zconfig_t *field = zconfig_new(name, section);
    require(field, "out of memory");
    zconfig_set_value(field, "%s", value);
}

enum result kader_pairing_save(const struct kader_pairing *pairing, const char *path, struct failure *why) {
    enum result result = check(pairing, path, why);
    if (result != RESULT_OK)
        return result;
    char device[16];
    snprintf(device, sizeof device, "%u", pairing->device);
    zconfig_t *root = zconfig_new("root", NULL);
    zconfig_t *section = zconfig_new("pairing", root);
    require(root && section, "out of memory");
    put(section, "version", "1");
    put(section, "device", device);
    put(section, "name", pairing->name);
    put(section, "endpoint", pairing->endpoint);
    put(section, "server-key", pairing->server_key);
    put(section, "public-key", pairing->public_key);
    put(section, "secret-key", pairing->secret_key);
    char *text = zconfig_str_save(root);
    zconfig_destroy(&root);
    require(text, "out of memory");
    result = file_create(path, text, strlen(text), why);
    explicit_bzero(text, strlen(text));
    zstr_free(&text);
    return result;
}

static const char *skip(const char *at, const char *characters) {
    return at + strspn(at, characters);
}

/* czmq prints lines that it can't read, and here they may hold the secret key: only lines as
 * kader_pairing_save wrote them, and comments, ever reach it. */
static bool is_pairing_line(const char *line, size_t size) {
    const char *end = line + size;
    if (size == 0 || line[0] == '#' || (size == 7 && memcmp(line, "pairing", 7) == 0))
        return true;
    if (size < 4 || memcmp(line, "    ", 4) != 0)
        return false;
    const char *name = line + 4, *equals = skip(name, "abcdefghijklmnopqrstuvwxyz-");
    if (equals == name || strncmp(equals, " = \"", 4) != 0)
        return false;
    const char *value = equals + 4;
    const char *quote = memchr(value, '"', (size_t)(end - value));
    return quote && quote + 1 == end;
}

static bool is_pairing_text(const char *text) {
    for (;;) {
        size_t size = strcspn(text, "\n");
        if (!is_pairing_line(text, size))
            return false;
        if (!text[size])
            return true;
        text += size + 1;
    }
}

static bool take(zconfig_t *root, const char *name, char *out, size_t size) {
    char field[64];
    snprintf(field, sizeof field, "pairing/%s", name);
    const char *value = zconfig_get(root, field, "");
    return (size_t)snprintf(out, size, "%s", value) < size;
}

static uint32_t device_number(const char *text) {
    char *end = NULL;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    return text[0] >= '1' && text[0] <= '9' && !*end && errno == 0 && number <= DEVICE_MAX ? (uint32_t)number
                                                                                           : 0;
}

static enum result read_fields(struct kader_pairing *pairing, zconfig_t *root, const char *path,
                               struct failure *why) {
    char device[16] = "", version[8] = "";
    bool fits = take(root, "version", version, sizeof version) &&
                take(root, "device", device, sizeof device) &&
                take(root, "name", pairing->name, sizeof pairing->name) &&
                take(root, "endpoint", pairing->endpoint, sizeof pairing->endpoint) &&
                take(root, "server-key", pairing->server_key, sizeof pairing->server_key) &&
                take(root, "public-key", pairing->public_key, sizeof pairing->public_key) &&
                take(root, "secret-key", pairing->secret_key, sizeof pairing->secret_key);
    if (!fits)
        return refuse_field(path, "every value", "of its proper length", why);
    if (strcmp(version, "1") != 0)
        return refuse_field(path, "version", "1: it was written for another version", why);
    pairing->device = device_number(device);
    return check(pairing, path, why);
}

enum result kader_pairing_load(struct kader_pairing *pairing, const char *path, struct failure *why) {
    char text[PAIRING_MAX_BYTES];
    memset(pairing, 0, sizeof *pairing);
    enum result result = file_read(path, true, text, sizeof text, why);
    if (result == RESULT_OK) {
        zconfig_t *root = is_pairing_text(text) ? zconfig_str_load(text) : NULL;
        result = root ? read_fields(pairing, root, path, why)
                      : refuse_field(path, "the file", "as it was written", why);
        zconfig_destroy(&root);
    }
    explicit_bzero(text, sizeof text);
    if (result != RESULT_OK)
        explicit_bzero(pairing, sizeof *pairing);
    return result;
}
