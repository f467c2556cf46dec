/* person_command.h - what `member` and `history` have in common: options, the question, the exit code. */
#ifndef CLI_PERSON_COMMAND_H
#define CLI_PERSON_COMMAND_H

#include "options.h"
#include "person.h"

struct person_view {
    bool json, unmask;
    struct city city;
};
typedef enum result person_show(const struct person_view *view, const Cakupan__MemberReply *reply,
                                struct failure *why);

/* Reads the command line, asks enrollment about the person, with the history or with --unmask as an option,
 * and lets `show` print the answer. Returns the exit code. */
int person_command(const struct command *command, int argc, char **argv, bool history, person_show *show);

#endif
