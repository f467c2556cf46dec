/* layoff_list.c - fuzzes a labour office's list, from the bytes of the CSV file to its rows. */
#include "file_input.h"

#include "cli/layoff_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Half of the inputs get a good header, so that rows are reached without guessing it. */
static const char *content_write(const uint8_t *data, size_t size) {
    static const char header[] = "nik,employer,date,proof,dispute\n";
    int file = file_input_begin();
    if (size && data[0] & 1)
        file_input_add(file, header, sizeof header - 1);
    if (size)
        file_input_add(file, data + 1, size - 1);
    return file_input_path(file);
}

static void row_check(const struct layoff_row *row, uint64_t line_before) {
    if (row->line <= line_before)
        abort(); /* rows come in the order of the file */
    if ((row->outcome == LAYOFF_REFUSED) != (row->code[0] != '\0') || row->outcome > LAYOFF_REFUSED)
        abort(); /* a row is refused with a reason, or open */
    if (row->outcome == LAYOFF_OPEN && (row->event.employer == 0 || row->event.day == DAY_NONE))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct layoff_list list;
    struct failure why = {0};
    enum language language = size & 1 ? LANGUAGE_ENGLISH : LANGUAGE_INDONESIAN;
    enum result result = layoff_list_read(content_write(data, size), language, &list, &why);
    if (result != RESULT_OK && (why.code[0] == '\0' || list.count != 0))
        abort();
    uint64_t line = 1;
    for (size_t i = 0; i < list.count; i++) {
        row_check(&list.rows[i], line);
        line = list.rows[i].line;
    }
    layoff_list_free(&list);
    return 0;
}
