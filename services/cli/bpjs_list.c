/* bpjs_list.c - BPJS's list of a month, row by row (bpjs_list.h). */
#include "bpjs_list.h"

#include "cakupan/nik.h"
#include "sync_compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum column { COLUMN_NIK, COLUMN_SEGMENT, COLUMN_CLASS, COLUMN_AMOUNT };
const struct csv_column bpjs_columns[] = {[COLUMN_NIK] = {"nik", true},
                                          [COLUMN_SEGMENT] = {"segment", false},
                                          [COLUMN_CLASS] = {"class", false},
                                          [COLUMN_AMOUNT] = {"amount", true},
                                          {NULL, false}};
enum { AMOUNT_DIGITS_MAX = 9 }; /* more is no premium of a month, and sums of any file stay within 64 bits */

/* Cuts cents of zero off: "37.800,00" is how Indonesian spreadsheets write 37,800. */
static size_t without_cents(const char *text, size_t size) {
    bool cents = size > 3 && text[size - 2] == '0' && text[size - 1] == '0' &&
                 (text[size - 3] == ',' || text[size - 3] == '.');
    return cents ? size - 3 : size;
}

/* Digits, or groups of three behind a first one of one to three, all with the same mark between. */
static bool amount_read(const char *text, int64_t *out) {
    bool negative = text[0] == '-';
    text += negative;
    size_t size = without_cents(text, strlen(text)), digits = 0, group = 0;
    char mark = '\0';
    *out = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] >= '0' && text[i] <= '9') {
            *out = *out * 10 + (text[i] - '0');
            group++;
            if (++digits > AMOUNT_DIGITS_MAX || (mark && group > 3))
                return false;
            continue;
        }
        bool first = mark == '\0', fits = first ? group >= 1 && group <= 3 : group == 3;
        if ((text[i] != '.' && text[i] != ',') || (!first && text[i] != mark) || !fits)
            return false;
        mark = text[i];
        group = 0;
    }
    if (negative)
        *out = -*out;
    return digits > 0 && (!mark || group == 3);
}

static bool class_read(const char *text, uint8_t *out) {
    static const char *const roman[CARE_CLASS_COUNT] = {"", "I", "II", "III"};
    for (unsigned care_class = 0; care_class < CARE_CLASS_COUNT; care_class++)
        if (strcmp(text, roman[care_class]) == 0) {
            *out = (uint8_t)care_class;
            return true;
        }
    *out = (uint8_t)(text[0] - '0');
    return text[0] >= '1' && text[0] <= '3' && text[1] == '\0';
}

static enum result invalid(const struct csv_row *csv, const char *what, const char *value,
                           struct failure *why) {
    char shown[41]; /* columns that changed places put a NIK here */
    snprintf(shown, sizeof shown, "%s", value);
    nik_mask_text(shown);
    return fail(why, RESULT_INVALID, "BPJS_ROW_INVALID", "Line %" PRIu64 ": '%s' is no %s.", csv->line, shown,
                what);
}

enum result bpjs_row_read(const struct csv_row *csv, struct bpjs_row *out, struct failure *why) {
    const char *nik = csv->values[COLUMN_NIK], *segment = csv->values[COLUMN_SEGMENT];
    *out = (struct bpjs_row){.line = csv->line};
    if (!csv->complete)
        return fail(why, RESULT_INVALID, "BPJS_ROW_INVALID",
                    "Line %" PRIu64 " has not as many fields as the header.", csv->line);
    if (!identity_parse(nik, strlen(nik), &out->identity))
        out->identity = 0;
    out->segment = segment[0] ? sync_segment_read(segment) : SEGMENT_NONE;
    if (segment[0] && out->segment == SEGMENT_NONE)
        return invalid(csv, "segment", segment, why);
    if (!class_read(csv->values[COLUMN_CLASS], &out->care_class))
        return invalid(csv, "class", csv->values[COLUMN_CLASS], why);
    if (!amount_read(csv->values[COLUMN_AMOUNT], &out->amount_rupiah))
        return invalid(csv, "amount in whole rupiah", csv->values[COLUMN_AMOUNT], why);
    return RESULT_OK;
}
