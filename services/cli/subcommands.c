/* subcommands.c - a command that is a family of others (subcommands.h). */
#include "subcommands.h"

#include <string.h>

static const char *own_name(const struct command *family, const struct command *command) {
    return command->name + strlen(family->name) + 1;
}

static void family_help(FILE *out, const struct command *family, const struct command *const *list) {
    fprintf(out, "cakupan %s - %s\n\nUsage: cakupan %s ACTION [options]\n", family->name, family->summary,
            family->name);
    if (family->details[0])
        fprintf(out, "\n%s", family->details);
    fprintf(out, "\nActions:\n");
    for (; *list; list++)
        fprintf(out, "  %-10s %s\n", own_name(family, *list), (*list)->summary);
    fprintf(out, "\n`cakupan %s ACTION --help` explains one, with examples.\n", family->name);
}

int subcommands_run(const struct command *family, const struct command *const *list, int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        family_help(stdout, family, list);
        return EXIT_FINE;
    }
    for (const struct command *const *command = list; *command; command++)
        if (strcmp(name, own_name(family, *command)) == 0)
            return (*command)->run(*command, argc - 1, argv + 1);
    if (!name[0]) {
        family_help(stderr, family, list);
        return EXIT_USAGE;
    }
    struct failure why;
    fail(&why, RESULT_INVALID, "ACTION_UNKNOWN",
         "There is no action '%.40s'; `cakupan %s --help` lists them.", name, family->name);
    return report_failure(family->name, &why, EXIT_USAGE);
}
