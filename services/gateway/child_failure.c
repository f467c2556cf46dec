/* child_failure.c - what a command of ours says on its standard error (child_failure.h). */
#include "child_failure.h"

#include <stdio.h>
#include <string.h>

static const char program[] = "cakupan", progress[] = "progress ";

struct line {
    const char *text;
    size_t size;
};

/* The line that ends before `*end`; `*end` becomes where it begins. */
static struct line line_before(const char *text, size_t *end) {
    size_t last = *end;
    if (last > 0 && text[last - 1] == '\n')
        last--;
    size_t first = last;
    while (first > 0 && text[first - 1] != '\n')
        first--;
    *end = first;
    return (struct line){text + first, last - first};
}

static bool begins(struct line line, const char *with, size_t size) {
    return line.size >= size && memcmp(line.text, with, size) == 0;
}

static bool is_code(char character) {
    return (character >= 'A' && character <= 'Z') || (character >= '0' && character <= '9') ||
           character == '_';
}

/* Of "... [CODE]"; 0 where the line does not end so. */
static size_t code_size(struct line line) {
    if (line.size < 3 || line.text[line.size - 1] != ']')
        return 0;
    size_t first = line.size - 1;
    while (first > 0 && is_code(line.text[first - 1]))
        first--;
    size_t size = line.size - 1 - first;
    return first > 0 && line.text[first - 1] == '[' && size < CHILD_CODE_MAX ? size : 0;
}

/* UTF-8 is not cut in the middle; what is no text becomes a question mark. */
static void sentence_copy(const char *from, size_t size, char out[CHILD_SENTENCE_MAX]) {
    if (size >= CHILD_SENTENCE_MAX) {
        size = CHILD_SENTENCE_MAX - 1;
        while (size > 0 && ((unsigned char)from[size] & 0xC0u) == 0x80u)
            size--;
    }
    for (size_t i = 0; i < size; i++)
        out[i] = (unsigned char)from[i] < ' ' || from[i] == 0x7F ? '?' : from[i];
    out[size] = '\0';
}

static bool failure_take(struct line line, char code[CHILD_CODE_MAX], char sentence[CHILD_SENTENCE_MAX]) {
    size_t size = code_size(line), name = sizeof program - 1;
    const char *colon = memchr(line.text, ':', line.size);
    if (size == 0 || !begins(line, program, name) || !strchr(" :", line.text[name]) || !colon ||
        colon[1] != ' ')
        return false;
    const char *first = colon + 2, *bracket = line.text + line.size - size - 2;
    if (bracket <= first)
        return false;
    memcpy(code, bracket + 1, size);
    code[size] = '\0';
    size_t length = (size_t)(bracket - first);
    sentence_copy(first, first[length - 1] == ' ' ? length - 1 : length, sentence);
    return sentence[0] != '\0';
}

bool child_failure_decode(const char *text, size_t size, char code[CHILD_CODE_MAX],
                          char sentence[CHILD_SENTENCE_MAX]) {
    code[0] = sentence[0] = '\0';
    while (size > 0)
        if (failure_take(line_before(text, &size), code, sentence))
            return true;
    code[0] = sentence[0] = '\0';
    return false;
}

/* Digits up to a blank: at most 18, so that all fit. */
static bool number_take(struct line *line, uint64_t *out) {
    size_t digits = 0;
    *out = 0;
    while (digits < line->size && line->text[digits] >= '0' && line->text[digits] <= '9' && digits < 18)
        *out = *out * 10 + (uint64_t)(line->text[digits++] - '0');
    if (digits == 0 || digits == line->size || line->text[digits] != ' ')
        return false;
    line->text += digits + 1;
    line->size -= digits + 1;
    return true;
}

static bool progress_take(struct line line, struct child_progress *out) {
    if (!begins(line, progress, sizeof progress - 1))
        return false;
    line.text += sizeof progress - 1;
    line.size -= sizeof progress - 1;
    if (!number_take(&line, &out->done) || !number_take(&line, &out->total) || line.size == 0 ||
        line.size >= sizeof out->unit)
        return false;
    for (size_t i = 0; i < line.size; i++)
        if ((line.text[i] | 0x20) < 'a' || (line.text[i] | 0x20) > 'z')
            return false;
    memcpy(out->unit, line.text, line.size);
    out->unit[line.size] = '\0';
    return true;
}

bool child_progress_decode(const char *text, size_t size, struct child_progress *out) {
    while (size > 0 && text[size - 1] != '\n') /* a line that is still being written */
        size--;
    while (size > 0)
        if (progress_take(line_before(text, &size), out))
            return true;
    *out = (struct child_progress){0};
    return false;
}

const char *child_failure_problem(const char *code, bool enrollment) {
    static const struct {
        const char *said, *problem;
    } known[] = {
        {"CSV_HEADER", "CSV_INVALID"},
        {"CSV_COLUMNS", "CSV_INVALID"},
        {"CSV_BINARY", "CSV_INVALID"},
        {"CSV_QUOTES", "CSV_INVALID"},
        {"CSV_ROW_TOO_LONG", "CSV_INVALID"},
        {"BPJS_ROW_INVALID", "CSV_INVALID"},
        {"FILE_UNWRITABLE", "DISK_FULL"},
        {"OUTPUT_CUT", "DISK_FULL"},
        {"NOT_RUNNING", "BILLING_AWAY"},
        {"NO_ANSWER", "BILLING_AWAY"},
        {"CONNECTION_LOST", "BILLING_AWAY"},
        {"NOT_ANSWERED", "ENROLLMENT_AWAY"},
        {"YEAR_INVALID", "BUDGET_YEAR"},
        {"BUSY", "BUSY"},
        {"BILLING_NOT_BEGUN", "BILLING_NOT_BEGUN"},
        {"BILL_FAILURE_PARKED", "BILL_FAILURE_PARKED"},
        {"BILL_MONTH_BEFORE_STATE", "BILL_MONTH_BEFORE_STATE"},
        {"BILL_MONTH_CLOSED", "BILL_MONTH_CLOSED"},
        {"BILL_MONTH_NOT_CLOSED", "BILL_MONTH_NOT_CLOSED"},
        {"BILL_MONTH_NOT_OPEN", "BILL_MONTH_NOT_OPEN"},
        {"BILL_TOO_EARLY", "BILL_TOO_EARLY"},
        {"BILL_WAITS", "BILL_WAITS"},
        {"BUDGET_RANGE", "BUDGET_RANGE"},
        {"BUDGET_YEAR", "BUDGET_YEAR"},
        {"FROZEN_DIFFERS", "FROZEN_DIFFERS"},
        {"MONTH_INVALID", "MONTH_INVALID"},
        {"PAYMENT_RANGE", "PAYMENT_RANGE"},
        {"SP2D_INVALID", "SP2D_INVALID"},
        {"SP2D_TAKEN", "SP2D_TAKEN"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].said, code) == 0)
            return enrollment && strcmp(known[i].problem, "BILLING_AWAY") == 0 ? "ENROLLMENT_AWAY"
                                                                               : known[i].problem;
    return NULL;
}

/* "2026-12", or "2026-12-03" of ten. */
static size_t date_size(const char *text) {
    static const char form[] = "0000-00-00";
    size_t size = 0;
    while (size < sizeof form - 1 &&
           (form[size] == '-' ? text[size] == '-' : text[size] >= '0' && text[size] <= '9'))
        size++;
    return size == 10 ? 10 : size >= 7 ? 7 : 0;
}

static void date_value(const char *sentence, char out[CHILD_VALUE_MAX]) {
    for (const char *at = sentence; *at; at++) {
        size_t size = date_size(at);
        bool inside = at > sentence && at[-1] >= '0' && at[-1] <= '9';
        if (size == 0 || inside)
            continue;
        memcpy(out, at, size);
        out[size] = '\0';
        at += size - 1;
    }
}

/* "..., line 3: ..." or "... has no column 'nik'." */
static void place_value(const char *sentence, char out[CHILD_VALUE_MAX]) {
    const char *line = strstr(sentence, "ine "), *column = strstr(sentence, "column '");
    size_t digits = line ? strspn(line + 4, "0123456789") : 0;
    if (digits > 0 && digits < 20)
        snprintf(out, CHILD_VALUE_MAX, "baris %.*s", (int)digits, line + 4);
    else if (column)
        snprintf(out, CHILD_VALUE_MAX, "kolom %.*s", (int)strcspn(column + 8, "'"), column + 8);
}

/* "... Owed still: iuran Rp 1, bantuan iuran Rp 2." */
static void rest_value(const char *sentence, char out[CHILD_VALUE_MAX]) {
    static const char mark[] = "Owed still: ";
    const char *rest = strstr(sentence, mark);
    if (!rest)
        return;
    rest += sizeof mark - 1;
    snprintf(out, CHILD_VALUE_MAX, "%.*s", (int)strcspn(rest, "."), rest);
}

void child_failure_value(const char *problem, const char *sentence, char out[CHILD_VALUE_MAX]) {
    out[0] = '\0';
    if (strcmp(problem, "CSV_INVALID") == 0)
        place_value(sentence, out);
    else if (strcmp(problem, "PAYMENT_RANGE") == 0)
        rest_value(sentence, out);
    else
        date_value(sentence, out);
}
