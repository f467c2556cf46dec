/* person_command.c - what `member` and `history` have in common (person_command.h). */
#include "person_command.h"

#include <string.h>

int person_command(const struct command *command, int argc, char **argv, bool history, person_show *show) {
    static struct person_view view; /* too big for a stack */
    const char *state = STATE_DEFAULT, *reason = NULL;
    const struct option_row rows[] = {
        {"unmask", OPTION_FLAG, &view.unmask, NULL, "show the whole NIK and family card (needs --reason)", 0,
         0},
        {"reason", OPTION_TEXT, &reason, "TEXT", "why you look this person up; it is logged", 0, 0},
        {"json", OPTION_FLAG, &view.json, NULL, "JSON for programs", 0, 0},
        OPTION_STATE(&state),
        {0}};
    const char *values[argc];
    options_read(command, history ? rows + 1 : rows, argc, argv, values);
    struct failure why;
    identity_t identity;
    enum result result = person_may_unmask(view.unmask, reason, &why);
    if (result == RESULT_OK)
        result = person_identity(values[0], &identity, &why);
    if (result != RESULT_OK)
        return report_failure(command->name, &why, EXIT_USAGE);
    Cakupan__ControlReply *reply = NULL;
    result = person_ask(state, identity, reason, history, &reply, &why);
    if (result == RESULT_OK)
        result = person_city(state, &view.city, &why);
    if (result == RESULT_OK)
        result = show(&view, reply->member, &why);
    control_reply_free(&reply);
    if (result == RESULT_OK)
        return EXIT_FINE;
    return report_failure(command->name, &why,
                          strcmp(why.code, "MEMBER_UNKNOWN") == 0 ? EXIT_REFUSED : EXIT_FAILED);
}
