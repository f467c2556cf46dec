/* options.c - reads command lines by tables (options.h), through getopt_long. */
#include "options.h"

#include "cakupan/calendar.h"
#include "cakupan/refusal.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_ROWS_MAX = 32, OPTION_HELP_CODE = 1000 };

static size_t rows_count(const struct option_row *rows) {
    size_t count = 0;
    while (rows[count].name)
        count++;
    return count;
}

static enum result number_read(const struct option_row *row, const char *text, struct failure *why) {
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    bool digits = text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
    if (!digits || number < row->minimum || (row->maximum && number > row->maximum)) {
        if (row->maximum)
            return fail(why, RESULT_INVALID, "OPTION_VALUE",
                        "--%s takes a whole number from %llu to %llu, not '%.40s'.", row->name,
                        (unsigned long long)row->minimum, (unsigned long long)row->maximum, text);
        return fail(why, RESULT_INVALID, "OPTION_VALUE",
                    "--%s takes a whole number of at least %llu, not '%.40s'.", row->name,
                    (unsigned long long)row->minimum, text);
    }
    *(uint64_t *)row->target = number;
    return RESULT_OK;
}

static enum result language_read(const struct option_row *row, const char *text, struct failure *why) {
    bool english = strcmp(text, "en") == 0;
    if (!english && strcmp(text, "id") != 0)
        return fail(why, RESULT_INVALID, "OPTION_VALUE", "--%s takes en or id, not '%.40s'.", row->name,
                    text);
    *(enum language *)row->target = english ? LANGUAGE_ENGLISH : LANGUAGE_INDONESIAN;
    return RESULT_OK;
}

static enum result value_read(const struct option_row *row, const char *text, struct failure *why) {
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)row->target = true;
        return RESULT_OK;
    case OPTION_TEXT:
        *(const char **)row->target = text;
        return RESULT_OK;
    case OPTION_NUMBER:
        return number_read(row, text, why);
    case OPTION_DAY:
        if (calendar_parse(text, strlen(text), row->target))
            return RESULT_OK;
        return fail(why, RESULT_INVALID, "OPTION_VALUE", "--%s takes a date such as 2026-11-22, not '%.40s'.",
                    row->name, text);
    case OPTION_LANGUAGE:
        return language_read(row, text, why);
    }
    abort();
}

/* getopt's ':' and '?' turned into sentences. */
static enum result line_mistake(const struct command *command, int code, const char *text,
                                struct failure *why) {
    if (code == ':')
        return fail(why, RESULT_INVALID, "OPTION_VALUE_MISSING",
                    "%.60s needs a value; see `cakupan %s --help`.", text, command->name);
    return fail(why, RESULT_INVALID, "OPTION_UNKNOWN",
                "'%.60s' is no option of `cakupan %s`; see its --help.", text, command->name);
}

static enum result arguments_take(const struct command *command, int argc, char **argv, const char **values,
                                  int *count, struct failure *why) {
    for (int i = optind; i < argc; i++)
        values[(*count)++] = argv[i];
    if (*count < command->argument_minimum)
        return fail(why, RESULT_INVALID, "ARGUMENT_MISSING",
                    "`cakupan %s` needs %s; see `cakupan %s --help`.", command->name, command->arguments,
                    command->name);
    if (*count > command->argument_maximum)
        return fail(why, RESULT_INVALID, "ARGUMENT_EXTRA",
                    "`cakupan %s` has no use for '%.60s'; see its --help.", command->name,
                    values[command->argument_maximum]);
    return RESULT_OK;
}

enum result options_parse(const struct command *command, const struct option_row *rows, int argc, char **argv,
                          const char **values, int *count, bool *help, struct failure *why) {
    struct option longs[OPTION_ROWS_MAX + 2] = {{0}};
    size_t size = rows_count(rows);
    if (size > OPTION_ROWS_MAX)
        abort();
    for (size_t i = 0; i < size; i++)
        longs[i] = (struct option){
            rows[i].name, rows[i].kind == OPTION_FLAG ? no_argument : required_argument, NULL, (int)i};
    longs[size] = (struct option){"help", no_argument, NULL, OPTION_HELP_CODE};
    *count = 0;
    *help = false;
    optind = 0; /* glibc: begin anew, whatever was parsed before */
    opterr = 0;
    for (;;) {
        int at = optind ? optind : 1;
        int code = getopt_long(argc, argv, ":h", longs, NULL);
        if (code == -1)
            break;
        if (code == OPTION_HELP_CODE || code == 'h') {
            *help = true;
            return RESULT_OK;
        }
        if (code == ':' || code == '?')
            return line_mistake(command, code, argv[optind > at ? optind - 1 : at], why);
        enum result result = value_read(&rows[code], optarg, why);
        if (result != RESULT_OK)
            return result;
    }
    return arguments_take(command, argc, argv, values, count, why);
}

static void lines_indented(FILE *out, const char *title, const char *lines) {
    if (!lines[0])
        return;
    fprintf(out, "\n%s:\n", title);
    while (*lines) {
        int size = (int)strcspn(lines, "\n");
        fprintf(out, "  %.*s\n", size, lines);
        lines += size + (lines[size] == '\n');
    }
}

void options_help(FILE *out, const struct command *command, const struct option_row *rows) {
    fprintf(out, "cakupan %s - %s\n\nUsage: cakupan %s%s%s [options]\n", command->name, command->summary,
            command->name, command->arguments[0] ? " " : "", command->arguments);
    if (command->details[0])
        fprintf(out, "\n%s", command->details);
    fprintf(out, "\nOptions:\n");
    for (; rows->name; rows++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", rows->name, rows->placeholder ? " " : "",
                 rows->placeholder ? rows->placeholder : "");
        fprintf(out, "  %-22s %s\n", left, rows->help);
    }
    fprintf(out, "  %-22s %s\n", "--help", "this text");
    lines_indented(out, "Examples", command->examples);
    lines_indented(out, "Exit codes", command->exit_codes);
}

int options_read(const struct command *command, const struct option_row *rows, int argc, char **argv,
                 const char **values) {
    int count;
    bool help;
    struct failure why;
    if (options_parse(command, rows, argc, argv, values, &count, &help, &why) != RESULT_OK)
        exit(report_failure(command->name, &why, EXIT_USAGE));
    if (help) {
        options_help(stdout, command, rows);
        exit(EXIT_FINE);
    }
    return count;
}

int report_failure(const char *command, const struct failure *why, int exit_code) {
    fflush(stdout);
    fprintf(stderr, "cakupan%s%s: %s [%s]\n", command ? " " : "", command ? command : "", why->sentence,
            why->code);
    return exit_code;
}
