/* pdf_page.c - pages of text and tables through libharu (pdf_page.h). */
#include "pdf_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARGIN       56.0f
#define PAGE_WIDTH   595.28f
#define PAGE_HEIGHT  841.89f
#define TEXT_WIDTH   (PAGE_WIDTH - 2 * MARGIN)
#define FOOTER_Y     34.0f
#define SIZE_TEXT    10.0f
#define SIZE_TITLE   13.0f
#define SIZE_TABLE   8.5f
#define SIZE_FOOTER  7.0f
#define LINE_FACTOR  1.4f
#define ROW_HEIGHT   15.0f
#define CELL_PADDING 4.0f
#define SIGNATURES   120.0f /* height of the boxes */

enum { TEXT_LINE = 1024 };

static void on_error(HPDF_STATUS error, HPDF_STATUS detail, void *context) {
    struct pdf *pdf = context;
    (void)detail;
    if (!pdf->error)
        pdf->error = error;
}

/* UTF-8 to the Latin-1 of the built-in fonts. */
static const char *latin(const char *text, char out[TEXT_LINE]) {
    size_t used = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at && used + 1 < TEXT_LINE; at++) {
        if (*at < 0x80) {
            out[used++] = (char)*at;
        } else if ((*at == 0xC2 || *at == 0xC3) && (at[1] & 0xC0) == 0x80) {
            out[used++] = (char)((*at & 3) << 6 | (at[1] & 0x3F));
            at++;
        } else {
            out[used++] = '?';
            while ((at[1] & 0xC0) == 0x80)
                at++;
        }
    }
    out[used] = '\0';
    return out;
}

static void page_begin(struct pdf *pdf) {
    char words[TEXT_LINE], number[TEXT_LINE];
    pdf->page = HPDF_AddPage(pdf->document);
    HPDF_Page_SetSize(pdf->page, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
    HPDF_Page_SetLineWidth(pdf->page, 0.5f);
    pdf->pages++;
    pdf->y = PAGE_HEIGHT - MARGIN;
    snprintf(number, sizeof number, "%.900s - halaman %u", pdf->footer, pdf->pages);
    HPDF_Page_SetFontAndSize(pdf->page, pdf->font, SIZE_FOOTER);
    HPDF_Page_BeginText(pdf->page);
    HPDF_Page_TextOut(pdf->page, MARGIN, FOOTER_Y, latin(number, words));
    HPDF_Page_EndText(pdf->page);
}

/* Makes sure that `height` fits; true where a new page was begun. */
static bool room(struct pdf *pdf, float height) {
    if (pdf->y - height >= MARGIN)
        return false;
    page_begin(pdf);
    return true;
}

enum result pdf_begin(struct pdf *pdf, const char *title, const char *footer, struct failure *why) {
    memset(pdf, 0, sizeof *pdf);
    pdf->footer = footer;
    pdf->document = HPDF_New(on_error, pdf);
    if (!pdf->document)
        return fail(why, RESULT_IO, "PDF_FAILED", "The document can't be made: no memory.");
    char words[TEXT_LINE];
    HPDF_SetCompressionMode(pdf->document, HPDF_COMP_ALL);
    HPDF_SetInfoAttr(pdf->document, HPDF_INFO_TITLE, latin(title, words));
    pdf->font = HPDF_GetFont(pdf->document, "Helvetica", "WinAnsiEncoding");
    pdf->bold = HPDF_GetFont(pdf->document, "Helvetica-Bold", "WinAnsiEncoding");
    page_begin(pdf);
    return RESULT_OK;
}

static void text_at(struct pdf *pdf, HPDF_Font font, float size, float x, float y, const char *text) {
    HPDF_Page_SetFontAndSize(pdf->page, font, size);
    HPDF_Page_BeginText(pdf->page);
    HPDF_Page_TextOut(pdf->page, x, y, text);
    HPDF_Page_EndText(pdf->page);
}

static float width_of(struct pdf *pdf, HPDF_Font font, float size, const char *text) {
    HPDF_Page_SetFontAndSize(pdf->page, font, size);
    return HPDF_Page_TextWidth(pdf->page, text);
}

void pdf_title(struct pdf *pdf, const char *text) {
    char words[TEXT_LINE];
    room(pdf, SIZE_TITLE * LINE_FACTOR);
    latin(text, words);
    float width = width_of(pdf, pdf->bold, SIZE_TITLE, words);
    text_at(pdf, pdf->bold, SIZE_TITLE, (PAGE_WIDTH - width) / 2, pdf->y - SIZE_TITLE, words);
    pdf->y -= SIZE_TITLE * LINE_FACTOR;
}

void pdf_heading(struct pdf *pdf, const char *text) {
    char words[TEXT_LINE];
    room(pdf, 6 * SIZE_TEXT); /* never alone at a page's end */
    pdf->y -= SIZE_TEXT * 0.8f;
    text_at(pdf, pdf->bold, SIZE_TEXT, MARGIN, pdf->y - SIZE_TEXT, latin(text, words));
    pdf->y -= SIZE_TEXT * LINE_FACTOR + 3;
}

void pdf_paragraph(struct pdf *pdf, const char *text) {
    char words[TEXT_LINE];
    latin(text, words);
    for (char *at = words; *at;) {
        room(pdf, SIZE_TEXT * LINE_FACTOR);
        HPDF_Page_SetFontAndSize(pdf->page, pdf->font, SIZE_TEXT);
        HPDF_UINT fits = HPDF_Page_MeasureText(pdf->page, at, TEXT_WIDTH, HPDF_TRUE, NULL);
        if (fits == 0)
            fits = (HPDF_UINT)strlen(at); /* one word wider than the page: rather too wide than lost */
        char after = at[fits];
        at[fits] = '\0';
        text_at(pdf, pdf->font, SIZE_TEXT, MARGIN, pdf->y - SIZE_TEXT, at);
        at[fits] = after;
        at += fits;
        pdf->y -= SIZE_TEXT * LINE_FACTOR;
    }
}

void pdf_space(struct pdf *pdf, float points) {
    pdf->y -= points;
}

static void row_draw(struct pdf *pdf, const struct pdf_column *columns, size_t column_count,
                     const char *const *cells, bool bold) {
    HPDF_Font font = bold ? pdf->bold : pdf->font;
    float x = MARGIN;
    for (size_t i = 0; i < column_count; x += columns[i++].width) {
        char words[TEXT_LINE];
        latin(cells ? cells[i] : columns[i].title, words);
        HPDF_Page_Rectangle(pdf->page, x, pdf->y - ROW_HEIGHT, columns[i].width, ROW_HEIGHT);
        HPDF_Page_Stroke(pdf->page);
        float at = x + CELL_PADDING;
        if (columns[i].right)
            at = x + columns[i].width - CELL_PADDING - width_of(pdf, font, SIZE_TABLE, words);
        text_at(pdf, font, SIZE_TABLE, at, pdf->y - ROW_HEIGHT + CELL_PADDING, words);
    }
    pdf->y -= ROW_HEIGHT;
}

void pdf_table_begin(struct pdf *pdf, const struct pdf_column *columns, size_t column_count) {
    room(pdf, 3 * ROW_HEIGHT);
    row_draw(pdf, columns, column_count, NULL, true);
}

void pdf_table_row(struct pdf *pdf, const struct pdf_column *columns, size_t column_count,
                   const char *const *cells, bool bold) {
    if (room(pdf, ROW_HEIGHT))
        row_draw(pdf, columns, column_count, NULL, true);
    row_draw(pdf, columns, column_count, cells, bold);
}

void pdf_signatures(struct pdf *pdf, const char *const above[2], const char *const below[2]) {
    char words[TEXT_LINE];
    room(pdf, SIGNATURES);
    for (int i = 0; i < 2; i++) {
        float x = MARGIN + (float)i * (TEXT_WIDTH / 2 + 10), end = x + TEXT_WIDTH / 2 - 30;
        float line = pdf->y - SIGNATURES + 24;
        text_at(pdf, pdf->font, SIZE_TEXT, x, pdf->y - SIZE_TEXT, latin(above[i], words));
        HPDF_Page_MoveTo(pdf->page, x, line);
        HPDF_Page_LineTo(pdf->page, end, line);
        HPDF_Page_Stroke(pdf->page);
        text_at(pdf, pdf->font, SIZE_TEXT, x, line - SIZE_TEXT - 3, latin(below[i], words));
    }
    pdf->y -= SIGNATURES;
}

enum result pdf_save(struct pdf *pdf, const char *path, struct failure *why) {
    if (!pdf->error)
        HPDF_SaveToFile(pdf->document, path);
    unsigned long error = pdf->error;
    pdf_free(pdf);
    if (!error)
        return RESULT_OK;
    return fail(why, RESULT_IO, "PDF_FAILED",
                "%.200s can't be written (libharu's error 0x%04lX); is there room on the disk?", path, error);
}

void pdf_free(struct pdf *pdf) {
    if (pdf->document)
        HPDF_Free(pdf->document);
    pdf->document = NULL;
}
