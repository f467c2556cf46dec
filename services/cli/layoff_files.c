/* layoff_files.c - what became of a list of laid-off workers (layoff_files.h). */
#include "layoff_files.h"

#include "cakupan/nik.h"
#include "output_file.h"

#include <errno.h>
#include <string.h>

size_t layoff_count(const struct layoff_list *list, enum layoff_outcome outcome) {
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += list->rows[i].outcome == outcome;
    return count;
}

const char *layoff_identity_text(const struct layoff_row *row, char out[24]) {
    if (row->event.identity)
        identity_mask(row->event.identity, out);
    else
        snprintf(out, 24, "-");
    return out;
}

static json_t *row_json(const struct layoff_row *row) {
    char masked[24];
    return json_pack("{s:I, s:s, s:s, s:s, s:s}", "line", (json_int_t)row->line, "nik",
                     layoff_identity_text(row, masked), "outcome", layoff_outcome_name(row->outcome), "code",
                     row->code, "sentence", row->sentence);
}

json_t *layoff_json(const struct layoff_list *list, bool dry_run, uint64_t most) {
    json_t *rows = json_array();
    for (size_t i = 0; i < list->count && (most == 0 || json_array_size(rows) < most); i++)
        if (most == 0 || !layoff_row_plain(&list->rows[i]))
            json_array_append_new(rows, row_json(&list->rows[i]));
    return json_pack("{s:b, s:I, s:I, s:I, s:I, s:o}", "dry_run", dry_run, "rows_total",
                     (json_int_t)list->count, "laid_off",
                     (json_int_t)layoff_count(list, dry_run ? LAYOFF_WILL_DO : LAYOFF_DONE), "unchanged",
                     (json_int_t)layoff_count(list, LAYOFF_UNCHANGED), "refused",
                     (json_int_t)layoff_count(list, LAYOFF_REFUSED), "rows", rows);
}

/* Ends a file that was begun: whole, or not there. */
static enum result file_end(FILE *file, bool written, const char *path, const char *begun,
                            struct failure *why) {
    written = file && fclose(file) == 0 && written;
    if (written)
        return output_end(path, begun, why);
    int error = errno;
    output_abandon(begun);
    return fail(why, RESULT_IO, "FILE_UNWRITABLE", "%.200s can't be written: %s.", path, strerror(error));
}

enum result layoff_json_write(const struct layoff_list *list, bool dry_run, const char *path,
                              struct failure *why) {
    char begun[OUTPUT_PATH];
    enum result result = output_begin(path, begun, why);
    if (result != RESULT_OK)
        return result;
    FILE *file = fopen(begun, "we");
    json_t *object = layoff_json(list, dry_run, 0);
    bool written = file && json_dumpf(object, file, JSON_COMPACT) == 0;
    json_decref(object);
    return file_end(file, written, path, begun, why);
}

static void refused_print(const struct layoff_list *list, FILE *file) {
    if (list->header_size) /* not so where there is no row */
        fwrite(list->sent, 1, list->header_size, file);
    fputs(list->header_size ? ",code,sentence\n" : "code,sentence\n", file);
    for (size_t i = 0; i < list->count; i++) {
        const struct layoff_row *row = &list->rows[i];
        if (row->outcome != LAYOFF_REFUSED)
            continue;
        fwrite(list->sent + row->sent_at, 1, row->sent_size, file);
        fprintf(file, ",%s,", row->code);
        output_csv_text(file, row->sentence);
        fputc('\n', file);
    }
}

enum result layoff_refused_write(const struct layoff_list *list, const char *path, struct failure *why) {
    char begun[OUTPUT_PATH];
    enum result result = output_begin(path, begun, why);
    if (result != RESULT_OK)
        return result;
    FILE *file = fopen(begun, "we");
    if (file)
        refused_print(list, file);
    return file_end(file, file && !ferror(file), path, begun, why);
}
