/* coverage_view.c - coverage's figures on our side (coverage_view.h). */
#include "coverage_view.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { CODE_DIGITS_MAX = 10 };

static void header_take(struct coverage_view *view, const struct wire_totals_reply *reply) {
    if (reply->billing)
        view->billing = *reply->billing;
    for (uint32_t i = 0; i < reply->grace_count; i++) {
        view->grace[i].month = reply->grace[i].month;
        view->grace[i].people = reply->grace[i].people;
    }
}

void coverage_view_take(struct coverage_view *view, const struct wire_totals_reply *reply) {
    memset(view, 0, sizeof *view);
    view->offset = reply->offset;
    view->since_offset = reply->since_offset;
    view->as_of_ms = reply->as_of_ms;
    view->day = reply->day;
    view->uhc = reply->uhc;
    view->population_as_of = reply->population_as_of;
    view->count = reply->line_count;
    header_take(view, reply);
    snprintf(view->population_source, sizeof view->population_source, "%s", reply->population_source);
    for (size_t i = 0; i < view->count; i++) {
        view->regions[i].code = reply->lines[i]->code;
        view->regions[i].line = reply->lines[i]->line;
        snprintf(view->regions[i].name, sizeof view->regions[i].name, "%s", reply->lines[i]->name);
    }
}

const struct coverage_region *coverage_view_region(const struct coverage_view *view, uint32_t code) {
    for (size_t i = 0; i < view->count; i++)
        if (view->regions[i].code == code)
            return &view->regions[i];
    return NULL;
}

static bool grace_same(const struct totals_grace *a, const struct totals_grace *b) {
    for (size_t i = 0; i < TOTALS_GRACE_MONTHS; i++)
        if (a[i].month != b[i].month || a[i].people != b[i].people)
            return false;
    return true;
}

bool coverage_view_news(const struct coverage_view *view, const struct coverage_view *update) {
    return update->day != view->day || update->uhc != view->uhc ||
           !billing_heard_same(&update->billing, &view->billing) || !grace_same(update->grace, view->grace);
}

bool coverage_view_update(struct coverage_view *view, const struct coverage_view *update) {
    if (update->since_offset != view->offset)
        return false;
    for (size_t i = 0; i < update->count; i++)
        if (!coverage_view_region(view, update->regions[i].code))
            return false;
    for (size_t i = 0; i < update->count; i++) {
        const struct coverage_region *old = coverage_view_region(view, update->regions[i].code);
        view->regions[old - view->regions].line = update->regions[i].line;
    }
    view->offset = update->offset;
    view->as_of_ms = update->as_of_ms;
    view->day = update->day;
    view->uhc = update->uhc;
    view->billing = update->billing;
    memcpy(view->grace, update->grace, sizeof view->grace);
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
static const struct coverage_region *name_find(const struct coverage_view *view, const char *text,
                                               size_t size, uint32_t within,
                                               const struct coverage_region **second) {
    const struct coverage_region *found = NULL;
    *second = NULL;
    for (size_t i = 0; i < view->count; i++) {
        const struct coverage_region *line = &view->regions[i];
        if ((within && !region_is_below(line->code, within)) || !names_agree(line->name, text, size))
            continue;
        if (!found)
            found = line;
        else if (!*second && line->code >= 1000000000 && found->code >= 1000000000)
            *second = line;
    }
    return found;
}

enum result coverage_view_find(const struct coverage_view *view, const char *text,
                               const struct coverage_region **out, struct failure *why) {
    const struct coverage_region *second = NULL;
    if (view->count == 0)
        return fail(why, RESULT_NOT_FOUND, "TOTALS_EMPTY", "Coverage has no figures yet.");
    *out = &view->regions[0];
    if (!text)
        return RESULT_OK;
    uint32_t code = code_read(text);
    const char *slash = strchr(text, '/');
    if (code) {
        *out = coverage_view_region(view, code);
    } else if (slash) {
        *out = name_find(view, text, (size_t)(slash - text), view->regions[0].code, &second);
        if (*out)
            *out = name_find(view, slash + 1, strlen(slash + 1), (*out)->code, &second);
    } else {
        *out = name_find(view, text, strlen(text), 0, &second);
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
