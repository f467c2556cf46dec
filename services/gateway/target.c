/* target.c - decodes and checks what a request line asks for (target.h). */
#include "target.h"

#include "wire/wire_bytes.h"

#include <string.h>

int hex_digit(char letter) {
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    letter |= 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* Appends `size` bytes of `raw`, decoded, and a NUL; NULL where they are no text. What is decoded is
 * never longer. */
static const char *piece_decode(struct target *out, size_t *used, const char *raw, size_t size,
                                bool is_query) {
    char *piece = out->text + *used;
    size_t length = 0;
    for (size_t i = 0; i < size; i++) {
        char byte = raw[i];
        if (byte == '%') {
            int high = i + 2 < size ? hex_digit(raw[i + 1]) : -1, low = high < 0 ? -1 : hex_digit(raw[i + 2]);
            if (low < 0)
                return NULL;
            byte = (char)(high * 16 + low);
            i += 2;
        } else if (byte == '+' && is_query) {
            byte = ' ';
        }
        piece[length++] = byte;
    }
    piece[length] = '\0';
    *used += length + 1;
    return wire_text_clean((const uint8_t *)piece, length) ? piece : NULL;
}

/* "name=value", or a name alone, whose value is "". */
static bool parameter_decode(struct target *out, size_t *used, const char *raw, size_t size) {
    const char *equals = memchr(raw, '=', size);
    size_t name_size = equals ? (size_t)(equals - raw) : size;
    if (out->count == TARGET_PARAMETERS_MAX)
        return false;
    const char *name = piece_decode(out, used, raw, name_size, true);
    const char *value = equals ? piece_decode(out, used, equals + 1, size - name_size - 1, true) : "";
    if (!name || !*name || !value)
        return false;
    out->parameters[out->count].name = name;
    out->parameters[out->count++].value = value;
    return true;
}

/* A server takes the absolute form, too (RFC 9112, 3.2.2); "*" and CONNECT's form name nothing here. */
static const char *origin_form(const char *raw) {
    const char *host = strncmp(raw, "http://", 7) == 0    ? raw + 7
                       : strncmp(raw, "https://", 8) == 0 ? raw + 8
                                                          : NULL;
    if (!host)
        return raw;
    return host + strcspn(host, "/?");
}

const char *target_decode(const char *raw, struct target *out) {
    size_t used = 0, size = strnlen(raw, TARGET_BYTES_MAX + 1);
    out->path = "";
    out->count = 0;
    if (size > TARGET_BYTES_MAX)
        return "URI_TOO_LONG";
    raw = origin_form(raw);
    size_t path_size = strcspn(raw, "?");
    const char *path = *raw == '/' ? piece_decode(out, &used, raw, path_size, false) : NULL;
    bool fine = path != NULL;
    for (const char *at = raw + path_size; fine && *at;) {
        size_t piece = strcspn(++at, "&");
        fine = piece == 0 || parameter_decode(out, &used, at, piece);
        at += piece;
    }
    if (!fine) {
        out->count = 0;
        return "REQUEST_MALFORMED";
    }
    out->path = path;
    return NULL;
}

const char *target_parameter(const struct target *target, const char *name) {
    for (unsigned i = 0; i < target->count; i++)
        if (strcmp(target->parameters[i].name, name) == 0)
            return target->parameters[i].value;
    return NULL;
}

static bool is_among(const char *name, const char *list) {
    size_t size = strlen(name);
    for (const char *at = list; at && *at; at += strspn(at, " ")) {
        size_t word = strcspn(at, " ");
        if (word == size && memcmp(at, name, size) == 0)
            return true;
        at += word;
    }
    return false;
}

const char *target_unknown(const struct target *target, const char *known, const char *always) {
    for (unsigned i = 0; i < target->count; i++) {
        const char *name = target->parameters[i].name;
        if (target_parameter(target, name) != target->parameters[i].value)
            return name;
        if (!is_among(name, known) && !is_among(name, always))
            return name;
    }
    return NULL;
}
