/* layoff_list.c - a labour office's list of laid-off workers (layoff_list.h). */
#include "layoff_list.h"

#include "cakupan/nik.h"
#include "output_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum column { COLUMN_NIK, COLUMN_EMPLOYER, COLUMN_DATE, COLUMN_PROOF, COLUMN_DISPUTE };
static const struct csv_column columns[] = {
    [COLUMN_NIK] = {"nik", true},     [COLUMN_EMPLOYER] = {"employer", true}, [COLUMN_DATE] = {"date", true},
    [COLUMN_PROOF] = {"proof", true}, [COLUMN_DISPUTE] = {"dispute", true},   {NULL, false}};

/* Both forms take the same values. */
__attribute__((format(printf, 4, 6), format(printf, 5, 6))) static void
refuse(enum language language, struct layoff_row *row, const char *code, const char *english,
       const char *indonesian, ...) {
    va_list arguments;
    row->outcome = LAYOFF_REFUSED;
    snprintf(row->code, sizeof row->code, "%s", code);
    va_start(arguments, indonesian);
    vsnprintf(row->sentence, sizeof row->sentence, language == LANGUAGE_ENGLISH ? english : indonesian,
              arguments);
    va_end(arguments);
    nik_mask_text(row->sentence); /* columns that changed places put a NIK where a date should be */
}

static void nik_read(enum language language, struct layoff_row *row, const char *text) {
    enum refusal refusal;
    if (!nik_parse(text, strlen(text), &row->event.identity)) {
        refuse(
            language, row, "NIK_LENGTH",
            "The NIK has %zu characters; it needs 16 digits (a spreadsheet may have rounded it).",
            "NIK ini terdiri dari %zu karakter; seharusnya 16 angka (mungkin dibulatkan oleh lembar kerja).",
            strlen(text));
    } else if ((refusal = nik_check(row->event.identity)) != REFUSAL_NONE) {
        char masked[24];
        identity_mask(row->event.identity, masked);
        refuse(language, row, refusal_name(refusal), "%s", "%s", "");
        refusal_sentence(refusal, language, masked, row->sentence, sizeof row->sentence);
    }
}

static void employer_read(enum language language, struct layoff_row *row, const char *text) {
    char *end;
    unsigned long long number = strtoull(text, &end, 10); /* beyond its range: the largest */
    if (text[0] < '0' || text[0] > '9' || *end != '\0')
        refuse(language, row, "VALUE_RANGE",
               "The employer '%.30s' is no registration number; write digits only.",
               "Perusahaan '%.30s' bukan nomor pendaftaran; tulis angka saja.", text);
    else if (number == 0 || number > UINT32_MAX)
        refuse(language, row, "VALUE_RANGE",
               "The employer %.30s is no registration number; they go from 1 to 4294967295.",
               "Perusahaan %.30s bukan nomor pendaftaran; nomornya dari 1 sampai 4294967295.", text);
    else
        row->event.employer = (uint32_t)number;
}

/* Short forms, and the names that the protocol uses. */
static bool proof_read(const char *text, uint8_t *proof) {
    static const struct {
        const char *word;
        enum proof proof;
    } words[] = {{"", PROOF_NONE},
                 {"none", PROOF_NONE},
                 {"notice", PROOF_NOTICE_RECEIPT},
                 {"agreement", PROOF_AGREEMENT_RECEIPT},
                 {"court", PROOF_COURT_RULING}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcasecmp(text, words[i].word) == 0) {
            *proof = (uint8_t)words[i].proof;
            return true;
        }
    }
    *proof = (uint8_t)proof_from_name(text);
    return *proof != PROOF_NONE;
}

static bool dispute_read(const char *text, bool *disputed) {
    static const char *const yes[] = {"yes", "y", "ya", "true", "1"}, *const no[] = {"",      "no",    "n",
                                                                                     "tidak", "false", "0"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
        if (strcasecmp(text, yes[i]) == 0)
            return *disputed = true;
    *disputed = false;
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        if (strcasecmp(text, no[i]) == 0)
            return true;
    return false;
}

static struct layoff_row *row_add(struct layoff_list *list) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 256;
        list->rows = reallocarray(list->rows, list->capacity, sizeof *list->rows);
        if (!list->rows)
            abort();
    }
    return memset(&list->rows[list->count++], 0, sizeof *list->rows);
}

static void sent_add(struct layoff_list *list, const char *text, size_t size) {
    while (list->sent_capacity - list->sent_size < size) {
        list->sent_capacity = list->sent_capacity ? 2 * list->sent_capacity : 1 << 16;
        list->sent = realloc(list->sent, list->sent_capacity);
        if (!list->sent)
            abort();
    }
    memcpy(list->sent + list->sent_size, text, size);
    list->sent_size += size;
}

/* As CSV again; a short row gets its empty fields, so that what comes behind stands in its column. */
static void sent_keep(struct layoff_list *list, const char *const *fields, size_t count) {
    for (size_t i = 0; i < count || i < list->columns; i++) {
        char quoted[2 * CSV_ROW_BYTES + 8];
        size_t size = output_csv_quote(i < count ? fields[i] : "", quoted, sizeof quoted);
        if (i > 0)
            sent_add(list, ",", 1);
        sent_add(list, quoted, size);
    }
}

static void row_read(enum language language, struct layoff_row *row, const char *const *values) {
    nik_read(language, row, values[COLUMN_NIK]);
    if (row->outcome == LAYOFF_OPEN)
        employer_read(language, row, values[COLUMN_EMPLOYER]);
    if (row->outcome == LAYOFF_OPEN &&
        !calendar_parse(values[COLUMN_DATE], strlen(values[COLUMN_DATE]), &row->event.day))
        refuse(language, row, "DATE_INVALID", "The date '%.30s' is none; write it as 2026-11-22.",
               "Tanggal '%.30s' tidak berlaku; tulis seperti 2026-11-22.", values[COLUMN_DATE]);
    if (row->outcome == LAYOFF_OPEN && !proof_read(values[COLUMN_PROOF], &row->event.proof))
        refuse(language, row, "VALUE_RANGE", "The proof '%.30s' is none of notice, agreement, court or none.",
               "Bukti '%.30s' bukan notice, agreement, court, atau none.", values[COLUMN_PROOF]);
    if (row->outcome == LAYOFF_OPEN && !dispute_read(values[COLUMN_DISPUTE], &row->event.disputed))
        refuse(language, row, "VALUE_RANGE", "The dispute '%.30s' is neither yes nor no.",
               "Sengketa '%.30s' bukan ya atau tidak.", values[COLUMN_DISPUTE]);
}

static enum result on_row(void *context, const struct csv_row *csv, struct failure *why) {
    (void)why;
    struct layoff_list *list = context;
    struct layoff_row *row = row_add(list);
    if (list->columns == 0) {
        list->columns = csv->header_count;
        sent_keep(list, csv->header, csv->header_count);
        list->header_size = list->sent_size;
    }
    row->line = csv->line;
    row->event.kind = CHANGE_LAYOFF;
    row->sent_at = list->sent_size;
    sent_keep(list, csv->fields, csv->field_count);
    row->sent_size = list->sent_size - row->sent_at;
    if (csv->complete)
        row_read(list->language, row, csv->values);
    else
        refuse(list->language, row, "CSV_COLUMNS", "The row has %zu columns, the header %zu.",
               "Baris ini memiliki %zu kolom, baris judul %zu.", csv->field_count, csv->header_count);
    return RESULT_OK;
}

static int by_identity(const void *left, const void *right) {
    const struct layoff_row *const *a = left, *const *b = right;
    if ((*a)->event.identity != (*b)->event.identity)
        return (*a)->event.identity < (*b)->event.identity ? -1 : 1;
    return (*a)->line < (*b)->line ? -1 : (*a)->line > (*b)->line;
}

/* The first row of a worker counts; a further one is refused, so that nobody has to guess which one was
 * meant. */
static void twice_refuse(struct layoff_list *list) {
    struct layoff_row **sorted = calloc(list->count + 1, sizeof *sorted);
    size_t count = 0;
    if (!sorted)
        abort();
    for (size_t i = 0; i < list->count; i++)
        if (list->rows[i].outcome == LAYOFF_OPEN)
            sorted[count++] = &list->rows[i];
    qsort(sorted, count, sizeof *sorted, by_identity);
    for (size_t i = 1, first = 0; i < count; i++) {
        if (sorted[i]->event.identity != sorted[first]->event.identity)
            first = i;
        else
            refuse(list->language, sorted[i], "DUPLICATE_ROW",
                   "The same worker is in line %llu already; keep one of the rows.",
                   "Pekerja yang sama sudah ada di baris %llu; sisakan satu baris.",
                   (unsigned long long)sorted[first]->line);
    }
    free(sorted);
}

enum result layoff_list_read(const char *path, enum language language, struct layoff_list *out,
                             struct failure *why) {
    *out = (struct layoff_list){.language = language};
    enum result result = csv_read_file(path, columns, on_row, out, why);
    if (result == RESULT_OK)
        twice_refuse(out);
    else
        layoff_list_free(out);
    return result;
}

void layoff_list_free(struct layoff_list *list) {
    free(list->rows);
    free(list->sent);
    *list = (struct layoff_list){0};
}

void layoff_row_answer(struct layoff_row *row, const struct desk_answer *answer, bool dry_run) {
    const char *code = answer->refusal   ? refusal_name(answer->refusal)
                       : answer->warning ? refusal_name(answer->warning)
                                         : "";
    if (answer->refusal == REFUSAL_ALREADY_LAID_OFF || answer->refusal == REFUSAL_OLDER_THAN_KNOWN)
        row->outcome = LAYOFF_UNCHANGED;
    else if (answer->refusal)
        row->outcome = LAYOFF_REFUSED;
    else
        row->outcome = dry_run ? LAYOFF_WILL_DO : LAYOFF_DONE;
    snprintf(row->code, sizeof row->code, "%s", code ? code : "?");
    snprintf(row->sentence, sizeof row->sentence, "%s", answer->sentence);
}

bool layoff_row_plain(const struct layoff_row *row) {
    if (row->outcome == LAYOFF_UNCHANGED)
        return strcmp(row->code, refusal_name(REFUSAL_ALREADY_LAID_OFF)) == 0;
    return row->outcome != LAYOFF_REFUSED && row->code[0] == '\0';
}

const char *layoff_outcome_name(enum layoff_outcome outcome) {
    static const char *const names[] = {[LAYOFF_OPEN] = "open",
                                        [LAYOFF_WILL_DO] = "would be laid off",
                                        [LAYOFF_DONE] = "laid off",
                                        [LAYOFF_UNCHANGED] = "unchanged",
                                        [LAYOFF_REFUSED] = "refused"};
    return names[outcome];
}
