/* totals_picture.c - coverage's figures on our side (totals_picture.h). */
#include "totals_picture.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { CODE_DIGITS_MAX = 10 };

const Cakupan__TotalsLine *totals_picture_line(const Cakupan__TotalsReply *picture, uint32_t code) {
    for (size_t i = 0; i < picture->n_lines; i++)
        if (picture->lines[i]->code == code)
            return picture->lines[i];
    return NULL;
}

bool totals_picture_update(Cakupan__TotalsReply *picture, Cakupan__TotalsReply *update) {
    if (update->since_offset != picture->offset)
        return false;
    for (size_t u = 0; u < update->n_lines; u++) {
        size_t p = 0;
        while (p < picture->n_lines && picture->lines[p]->code != update->lines[u]->code)
            p++;
        if (p == picture->n_lines)
            return false;
        Cakupan__TotalsLine *old = picture->lines[p];
        picture->lines[p] = update->lines[u];
        update->lines[u] = old; /* freed with the update */
    }
    picture->offset = update->offset;
    picture->as_of_ms = update->as_of_ms;
    picture->day = update->day;
    picture->uhc = update->uhc;
    return true;
}

bool region_is_below(uint32_t code, uint32_t parent) {
    if (parent < 10000)
        return code >= 100000 && code < 1000000 && code / 100 == parent;
    return parent < 1000000 && code >= 1000000000 && code / 10000 == parent;
}

/* The code that the text spells, dots allowed; 0 where it is no number. */
static uint32_t code_read(const char *text) {
    uint64_t code = 0;
    int digits = 0;
    for (; *text; text++) {
        if (*text == '.')
            continue;
        if (!isdigit((unsigned char)*text) || ++digits > CODE_DIGITS_MAX)
            return 0;
        code = code * 10 + (uint64_t)(*text - '0');
    }
    return code <= UINT32_MAX ? (uint32_t)code : 0;
}

/* "Karang Tengah", "karangtengah" and "KARANG-TENGAH" are one name. */
static bool names_agree(const char *name, const char *text, size_t size) {
    const char *end = text + size;
    for (;;) {
        while (*name == ' ' || *name == '-')
            name++;
        while (text < end && (*text == ' ' || *text == '-'))
            text++;
        if (text == end)
            return *name == '\0';
        if (tolower((unsigned char)*name) != tolower((unsigned char)*text))
            return false;
        name++;
        text++;
    }
}

/* Lines come in levels (city, kecamatan, kelurahan), so the first hit is the highest; a second one of the
 * same level makes the name ambiguous. `within` 0: anywhere. */
static const Cakupan__TotalsLine *name_find(const Cakupan__TotalsReply *picture, const char *text,
                                            size_t size, uint32_t within,
                                            const Cakupan__TotalsLine **second) {
    const Cakupan__TotalsLine *found = NULL;
    *second = NULL;
    for (size_t i = 0; i < picture->n_lines; i++) {
        const Cakupan__TotalsLine *line = picture->lines[i];
        if ((within && !region_is_below(line->code, within)) || !names_agree(line->name, text, size))
            continue;
        if (!found)
            found = line;
        else if (!*second && line->code >= 1000000000 && found->code >= 1000000000)
            *second = line;
    }
    return found;
}

enum result totals_picture_find(const Cakupan__TotalsReply *picture, const char *text,
                                const Cakupan__TotalsLine **out, struct failure *why) {
    const Cakupan__TotalsLine *second = NULL;
    if (picture->n_lines == 0)
        return fail(why, RESULT_NOT_FOUND, "TOTALS_EMPTY", "Coverage has no figures yet.");
    *out = picture->lines[0];
    if (!text)
        return RESULT_OK;
    uint32_t code = code_read(text);
    const char *slash = strchr(text, '/');
    if (code) {
        *out = totals_picture_line(picture, code);
    } else if (slash) {
        *out = name_find(picture, text, (size_t)(slash - text), picture->lines[0]->code, &second);
        if (*out)
            *out = name_find(picture, slash + 1, strlen(slash + 1), (*out)->code, &second);
    } else {
        *out = name_find(picture, text, strlen(text), 0, &second);
    }
    if (!*out)
        return fail(why, RESULT_NOT_FOUND, "REGION_UNKNOWN",
                    "'%.60s' is no region here; give a code such as 367105 or a name such as Cipondoh or "
                    "Cipondoh/Gondrong.",
                    text);
    if (second)
        return fail(why, RESULT_CONFLICT, "REGION_AMBIGUOUS",
                    "'%.60s' is the name of %u and %u; give the code, or kecamatan/kelurahan.", text,
                    (*out)->code, second->code);
    return RESULT_OK;
}
