/* layoff_list.c - fuzzes a labour office's list, from the bytes of the CSV file to its rows. */
#include "cli/layoff_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Half of the inputs get a good header, so that rows are reached without guessing it. */
static void content_write(int fd, const uint8_t *data, size_t size) {
    static const char header[] = "nik,employer,date,proof,dispute\n";
    if (size && data[0] & 1 && write(fd, header, sizeof header - 1) < 0)
        abort();
    if (size && write(fd, data + 1, size - 1) < 0)
        abort();
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
    char path[64];
    int fd = memfd_create("list", MFD_CLOEXEC);
    if (fd < 0)
        abort();
    content_write(fd, data, size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    enum result result = layoff_list_read(path, &list, &why);
    if (result != RESULT_OK && (why.code[0] == '\0' || list.count != 0))
        abort();
    uint64_t line = 1;
    for (size_t i = 0; i < list.count; i++) {
        row_check(&list.rows[i], line);
        line = list.rows[i].line;
    }
    layoff_list_free(&list);
    close(fd);
    return 0;
}
