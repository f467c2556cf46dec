/* service_options.c - parses a service's command line (service_options.h). Exits on --help and on errors
 * of usage. */
#include "service_options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATE_DEFAULT "var"
#define CITY_DEFAULT  "deploy/tangerang"

enum common { COMMON_STATE, COMMON_CITY, COMMON_TODAY, COMMON_COUNT };

static const struct service_option common_defaults[COMMON_COUNT] = {
    [COMMON_STATE] = {"state", STATE_DEFAULT, "directory that holds everything this instance keeps"},
    [COMMON_CITY] = {"city", CITY_DEFAULT, "directory with the city's data files"},
    [COMMON_TODAY] = {"today", "", "rehearse on this business date, as 2026-11-22"},
};

static void print_option(FILE *out, const struct service_option *option) {
    fprintf(out, "  --%-14s %s", option->name, option->help);
    if (option->value && *option->value)
        fprintf(out, " (default: %s)", option->value);
    fputc('\n', out);
}

static _Noreturn void print_help(const struct service *service, const char *summary,
                                 const struct service_option *options) {
    printf("%s - %s\n\nUsage: %s [--option value] ...\n\nOptions:\n", service->name, summary,
           service->command);
    for (const struct service_option *option = options; option && option->name; option++)
        print_option(stdout, option);
    for (size_t i = 0; i < COMMON_COUNT; i++)
        print_option(stdout, &common_defaults[i]);
    printf("  --%-14s %s\n  --%-14s %s\n", "help", "show this text", "version", "show the version");
    printf("\nExit codes: 0 stopped as asked; 2 wrong usage; 3 cannot start, a person must look; 75 start "
           "again.\n"
           "Example: %s --state /var/lib/cakupan --city %s\n",
           service->command, CITY_DEFAULT);
    exit(SERVICE_EXIT_OK);
}

static _Noreturn void usage(const struct service *service, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static _Noreturn void usage(const struct service *service, const char *format, ...) {
    fprintf(stderr, "%s: ", service->name);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, " Try %s --help.\n", service->command);
    exit(SERVICE_EXIT_USAGE);
}

static struct service_option *find(struct service_option *options, size_t count, const char *name,
                                   size_t size) {
    for (size_t i = 0; i < count; i++)
        if (strlen(options[i].name) == size && memcmp(options[i].name, name, size) == 0)
            return &options[i];
    return NULL;
}

/* Takes "--name value" or "--name=value" at argv[i]; returns how many arguments it used. */
static int take(const struct service *service, int argc, char **argv, int i, struct service_option *common,
                struct service_option *options) {
    const char *name = argv[i] + 2;
    size_t size = strcspn(name, "="), count = 0;
    if (strncmp(argv[i], "--", 2) != 0 || !size)
        usage(service, "\"%s\" is no option: every option begins with \"--\".", argv[i]);
    while (options && options[count].name)
        count++;
    struct service_option *option = find(common, COMMON_COUNT, name, size);
    if (!option)
        option = find(options, count, name, size);
    if (!option)
        usage(service, "There is no option --%.*s.", (int)size, name);
    if (name[size] == '=') {
        option->value = name + size + 1;
        return 1;
    }
    if (i + 1 >= argc)
        usage(service, "The option --%s needs a value.", option->name);
    option->value = argv[i + 1];
    return 2;
}

static void take_directory(const struct service *service, const struct service_option *option, char *out,
                           size_t capacity) {
    size_t size = strlen(option->value);
    while (size > 1 && option->value[size - 1] == '/')
        size--;
    if (!size)
        usage(service, "The option --%s needs a directory.", option->name);
    if (size >= capacity)
        usage(service, "The directory of --%s has %zu characters: at most %zu are possible.", option->name,
              size, capacity - 1);
    memcpy(out, option->value, size);
    out[size] = 0;
}

void service_options_parse(struct service *service, const char *summary, int argc, char **argv,
                           struct service_option *options) {
    struct service_option common[COMMON_COUNT];
    memcpy(common, common_defaults, sizeof common);
    const char *slash = strrchr(argv[0], '/');
    service->command = slash ? slash + 1 : argv[0];
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            print_help(service, summary, options);
        if (strcmp(argv[i], "--version") == 0) {
            printf("%s %s\n", service->name, CAKUPAN_VERSION);
            exit(SERVICE_EXIT_OK);
        }
    }
    for (int i = 1; i < argc;)
        i += take(service, argc, argv, i, common, options);
    take_directory(service, &common[COMMON_STATE], service->state, sizeof service->state);
    take_directory(service, &common[COMMON_CITY], service->city, sizeof service->city);
    const char *today = common[COMMON_TODAY].value;
    if (*today && !calendar_parse(today, strlen(today), &service->today))
        usage(service, "\"%.32s\" is no date: --today takes one like 2026-11-22.", today);
}

uint32_t service_option_number(const struct service *service, const struct service_option *option,
                               uint32_t least, uint32_t most) {
    char *end = NULL;
    errno = 0;
    unsigned long value = strtoul(option->value, &end, 10);
    bool digits = *option->value >= '0' && *option->value <= '9'; /* strtoul takes blanks and signs, too */
    if (errno || !digits || *end || value < least || value > most)
        usage(service, "--%s is \"%.32s\", but must be a whole number from %u to %u.", option->name,
              option->value, least, most);
    return (uint32_t)value;
}

bool service_option_yes(const struct service *service, const struct service_option *option) {
    if (strcmp(option->value, "yes") != 0 && strcmp(option->value, "no") != 0)
        usage(service, "--%s is \"%.32s\", but must be yes or no.", option->name, option->value);
    return strcmp(option->value, "yes") == 0;
}
