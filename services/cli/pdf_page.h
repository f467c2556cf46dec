/* pdf_page.h - A4 pages of text and tables, top to bottom, through libharu.
 *
 * Coordinates are points; a new page begins where the next line would not fit. Errors are kept and told once,
 * at the end. Text is Latin-1; other characters become '?'.
 */
#ifndef CLI_PDF_PAGE_H
#define CLI_PDF_PAGE_H

#include "cakupan/result.h"

#include <hpdf.h>
#include <stdbool.h>
#include <stddef.h>

#define PDF_COLUMNS_MAX 8

struct pdf {
    HPDF_Doc document;
    HPDF_Page page;
    HPDF_Font font, bold;
    float y; /* of the next line's top */
    unsigned pages;
    const char *footer;  /* on every page, with its number; borrowed */
    unsigned long error; /* libharu's first, 0 none */
};

struct pdf_column {
    const char *title;
    float width;
    bool right;
};

/* `*pdf` must not move until pdf_save or pdf_free. */
MUST_USE enum result pdf_begin(struct pdf *pdf, const char *title, const char *footer, struct failure *why);
void pdf_title(struct pdf *pdf, const char *text);     /* centred, bold */
void pdf_heading(struct pdf *pdf, const char *text);   /* bold, with space above */
void pdf_paragraph(struct pdf *pdf, const char *text); /* broken into lines */
void pdf_space(struct pdf *pdf, float points);
/* Rows of cells in a frame, `column_count` texts a row; its header is repeated on a new page. */
void pdf_table_begin(struct pdf *pdf, const struct pdf_column *columns, size_t column_count);
void pdf_table_row(struct pdf *pdf, const struct pdf_column *columns, size_t column_count,
                   const char *const *cells, bool bold);
/* Two boxes side by side for signatures: what stands above and below the line. They stay on one page. */
void pdf_signatures(struct pdf *pdf, const char *const above[2], const char *const below[2]);
/* Writes PATH and frees. */
MUST_USE enum result pdf_save(struct pdf *pdf, const char *path, struct failure *why);
void pdf_free(struct pdf *pdf);

#endif
