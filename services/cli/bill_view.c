/* bill_view.c - an invoice's bytes as figures, summed and checked (bill_view.h). */
#include "bill_view.h"

#include "cakupan/invoice.h"
#include "view/format.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static enum result corrupt(struct failure *why, const char *what) {
    return fail(why, RESULT_CORRUPT, "INVOICE_MALFORMED",
                "The invoice can't be read: %s; do its program and this one have the same version?", what);
}

static bool whole_take(const json_t *object, const char *key, int64_t least, int64_t *out) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < least)
        return false;
    *out = json_integer_value(value);
    return true;
}

/* A sum that does not overflow where figures are those of a bill: refused where it would. */
static bool line_add(struct ledger_line *into, const struct bill_line *line) {
    return !__builtin_add_overflow(into->people, line->people, &into->people) &&
           !__builtin_add_overflow(into->corrections, line->corrections, &into->corrections) &&
           !__builtin_add_overflow(into->amount_rupiah, line->amount_rupiah, &into->amount_rupiah) &&
           !__builtin_add_overflow(into->corrections_rupiah, line->corrections_rupiah,
                                   &into->corrections_rupiah);
}

int bill_line_order(const struct bill_line *a, const struct bill_line *b) {
    if (a->payer != b->payer)
        return a->payer < b->payer ? -1 : 1;
    if (a->segment != b->segment)
        return a->segment < b->segment ? -1 : 1;
    if (a->care_class != b->care_class)
        return a->care_class < b->care_class ? -1 : 1;
    return a->kecamatan < b->kecamatan ? -1 : a->kecamatan > b->kecamatan;
}

bool bill_line_equal(const struct bill_line *a, const struct bill_line *b) {
    return bill_line_order(a, b) == 0 && a->people == b->people && a->corrections == b->corrections &&
           a->amount_rupiah == b->amount_rupiah && a->corrections_rupiah == b->corrections_rupiah;
}

static bool line_take(const json_t *object, struct bill_line *line) {
    const char *payer = json_string_value(json_object_get(object, "payer"));
    const char *segment = json_string_value(json_object_get(object, "segment"));
    int64_t care_class, kecamatan, people, corrections;
    bool read = payer && segment && whole_take(object, "class", 0, &care_class) &&
                whole_take(object, "kecamatan", 0, &kecamatan) && whole_take(object, "people", 0, &people) &&
                whole_take(object, "corrections", 0, &corrections) &&
                whole_take(object, "amount_rupiah", INT64_MIN, &line->amount_rupiah) &&
                whole_take(object, "corrections_rupiah", INT64_MIN, &line->corrections_rupiah);
    if (!read || care_class >= CARE_CLASS_COUNT || kecamatan > 999999)
        return false;
    line->payer = (uint8_t)payer_from_name(payer);
    line->segment = (uint8_t)segment_from_name(segment);
    line->care_class = (uint8_t)care_class;
    line->kecamatan = (uint32_t)kecamatan;
    line->people = (uint64_t)people;
    line->corrections = (uint64_t)corrections;
    return line->payer != PAYER_NONE && line->segment != SEGMENT_NONE;
}

static enum result lines_take(struct bill_view *view, const json_t *root, struct failure *why) {
    const json_t *lines = json_object_get(root, "lines");
    if (!json_is_array(lines))
        return corrupt(why, "it has no lines");
    view->lines = calloc(json_array_size(lines) + 1, sizeof *view->lines);
    if (!view->lines)
        abort();
    for (size_t i = 0; i < json_array_size(lines); i++) {
        struct bill_line *line = &view->lines[i];
        if (!line_take(json_array_get(lines, i), line))
            return corrupt(why, "a line has a figure that can't be");
        if (i && bill_line_order(line - 1, line) >= 0)
            return corrupt(why, "its lines are not in order");
        if (!line_add(&view->payers[line->payer], line))
            return corrupt(why, "its sum is beyond 64 bits");
        view->count++;
    }
    return RESULT_OK;
}

/* Who is charged on both budget lines counts once. The lines of one payer stand together, so that those
 * of the other are looked for from their beginning. */
static void city_people(struct bill_view *view) {
    view->city.people = view->payers[PAYER_CITY_IURAN].people;
    for (size_t i = 0, iuran = 0; i < view->count; i++) {
        const struct bill_line *bantuan = &view->lines[i];
        if (bantuan->payer != PAYER_CITY_BANTUAN)
            continue;
        struct bill_line same = *bantuan;
        same.payer = PAYER_CITY_IURAN;
        while (iuran < view->count && bill_line_order(&view->lines[iuran], &same) < 0)
            iuran++;
        bool both = iuran < view->count && bill_line_order(&view->lines[iuran], &same) == 0;
        uint64_t counted = both ? view->lines[iuran].people : 0;
        view->city.people += bantuan->people > counted ? bantuan->people - counted : 0;
    }
}

/* Those whom the city pays for by its own decision: all are on the line iuran. */
static bool city_paid_sum(struct bill_view *view) {
    for (size_t i = 0; i < view->count; i++) {
        struct bill_line line = view->lines[i];
        if (line.segment != SEGMENT_PBPU_PEMDA || !payer_is_city((enum payer)line.payer))
            continue;
        line.people = line.payer == PAYER_CITY_IURAN ? line.people : 0;
        if (!line_add(&view->city_paid, &line))
            return false;
    }
    return true;
}

static bool city_sum(struct bill_view *view) {
    const struct ledger_line *iuran = &view->payers[PAYER_CITY_IURAN];
    const struct ledger_line *bantuan = &view->payers[PAYER_CITY_BANTUAN];
    city_people(view);
    view->city.corrections = iuran->corrections + bantuan->corrections;
    if (__builtin_add_overflow(iuran->amount_rupiah, bantuan->amount_rupiah, &view->city.amount_rupiah) ||
        __builtin_add_overflow(iuran->corrections_rupiah, bantuan->corrections_rupiah,
                               &view->city.corrections_rupiah))
        return false;
    return city_paid_sum(view);
}

/* Both budget lines of the city, each person once: all of these are on the line iuran, or on both. */
static bool vulnerable_add(struct ledger_line *into, const json_t *object) {
    const char *name = json_string_value(json_object_get(object, "payer"));
    enum payer payer = name ? payer_from_name(name) : PAYER_NONE;
    struct bill_line line = {0};
    int64_t people, corrections;
    if (payer == PAYER_NONE || !whole_take(object, "people", 0, &people) ||
        !whole_take(object, "corrections", 0, &corrections) ||
        !whole_take(object, "amount_rupiah", INT64_MIN, &line.amount_rupiah) ||
        !whole_take(object, "corrections_rupiah", INT64_MIN, &line.corrections_rupiah))
        return false;
    if (!payer_is_city(payer))
        return true;
    uint64_t before = into->people;
    line.corrections = (uint64_t)corrections;
    if (!line_add(into, &line))
        return false;
    into->people = (uint64_t)people > before ? (uint64_t)people : before;
    return true;
}

static enum result vulnerable_take(struct bill_view *view, const json_t *root, struct failure *why) {
    const json_t *list = json_object_get(json_object_get(root, "totals"), "vulnerable");
    if (!json_is_array(list))
        return corrupt(why, "it does not say what is for the vulnerable");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!vulnerable_add(&view->vulnerable, json_array_get(list, i)))
            return corrupt(why, "a sum for the vulnerable has a figure that can't be");
    return RESULT_OK;
}

static enum result head_take(struct bill_view *view, const json_t *root, struct failure *why) {
    const char *month = json_string_value(json_object_get(root, "month"));
    const char *due = json_string_value(json_object_get(root, "due_date"));
    int64_t offset;
    if (!month || !calendar_parse_month(month, strlen(month), &view->month))
        return corrupt(why, "it names no month");
    if (!whole_take(root, "as_of_offset", 0, &offset))
        return corrupt(why, "it names no offset");
    view->as_of_offset = (uint64_t)offset;
    view->frozen = json_is_true(json_object_get(root, "frozen"));
    if (due && !calendar_parse(due, strlen(due), &view->due_day))
        return corrupt(why, "its due date is none");
    view->due_provisional = json_is_true(json_object_get(root, "due_date_provisional"));
    if (!whole_take(root, "closed_ms", 0, &view->closed_ms))
        view->closed_ms = 0; /* a preview has none */
    return RESULT_OK;
}

enum result bill_view_read(struct bill_view *view, const uint8_t *bytes, size_t size, struct failure *why) {
    uint8_t hash[JOURNAL_HASH_SIZE];
    *view = (struct bill_view){0};
    json_t *root = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(root)) {
        json_decref(root);
        return corrupt(why, "it is no JSON");
    }
    enum result result = head_take(view, root, why);
    if (result == RESULT_OK)
        result = lines_take(view, root, why);
    if (result == RESULT_OK)
        result = vulnerable_take(view, root, why);
    if (result == RESULT_OK && !city_sum(view))
        result = corrupt(why, "its sum is beyond 64 bits");
    json_decref(root);
    if (result != RESULT_OK)
        bill_view_free(view);
    crypto_generichash(hash, sizeof hash, bytes, size, NULL, 0);
    sodium_bin2hex(view->hash, sizeof view->hash, hash, sizeof hash);
    return result;
}

void bill_view_free(struct bill_view *view) {
    free(view->lines);
    view->lines = NULL;
    view->count = 0;
}

size_t bill_view_sum(const struct bill_view *view, struct bill_line *out) {
    size_t count = 0;
    for (size_t i = 0; i < view->count; i++) {
        struct bill_line line = view->lines[i];
        line.kecamatan = 0;
        if (!count || bill_line_order(&out[count - 1], &line) != 0) {
            out[count++] = line;
            continue;
        }
        struct bill_line *sum = &out[count - 1]; /* below the payer's sum, which did not overflow */
        sum->people += line.people;
        sum->corrections += line.corrections;
        sum->amount_rupiah += line.amount_rupiah;
        sum->corrections_rupiah += line.corrections_rupiah;
    }
    return count;
}

const char *bill_payer_title(enum payer payer) {
    static const char *const titles[PAYER_COUNT] = {"-",        "Centre", "City",  "City",
                                                    "Employer", "Worker", "Member"};
    return titles[payer < PAYER_COUNT ? payer : PAYER_NONE];
}

const char *bill_budget_line(enum payer payer) {
    const char *line = invoice_budget_line(payer);
    return line ? line : "";
}

const char *format_rupiah(int64_t amount_rupiah, char out[RUPIAH_TEXT]) {
    char digits[FORMAT_TEXT];
    uint64_t magnitude = amount_rupiah < 0 ? -(uint64_t)amount_rupiah : (uint64_t)amount_rupiah;
    snprintf(out, RUPIAH_TEXT, "%sRp %s", amount_rupiah < 0 ? "-" : "", format_count(magnitude, digits));
    return out;
}
