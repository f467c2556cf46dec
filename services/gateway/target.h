/* target.h - what a request line asks for: path and parameters, percent-decoded and checked. Reads foreign
 * bytes. Pure. */
#ifndef GATEWAY_TARGET_H
#define GATEWAY_TARGET_H

#include <stddef.h>

#define TARGET_BYTES_MAX      2048u
#define TARGET_PARAMETERS_MAX 16u

struct target {
    const char *path; /* in `text` */
    unsigned count;
    struct {
        const char *name, *value; /* in `text` */
    } parameters[TARGET_PARAMETERS_MAX];
    char text[TARGET_BYTES_MAX + 4]; /* decoded, a NUL behind each piece */
};

/* Decodes "/path?name=value&...". What is decoded is UTF-8 without control characters. NULL, or the code
 * of what is wrong: URI_TOO_LONG, REQUEST_MALFORMED; `*out` then has the path "". */
const char *target_decode(const char *raw, struct target *out);
/* 0 to 15; -1: it is none. */
int hex_digit(char letter);
/* NULL where absent. */
const char *target_parameter(const struct target *target, const char *name);
/* The first parameter that came twice or is not among `known` (blank between, NULL: none); NULL where all
 * is well. `always` is known everywhere. */
const char *target_unknown(const struct target *target, const char *known, const char *always);

#endif
