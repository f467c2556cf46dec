/* commands.h - every command of `cakupan`, one file each; main.c has them in a table. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "options.h"

extern const struct command command_up, command_down, command_status, command_totals, command_member,
    command_history, command_enroll, command_layoff, command_sync, command_refusals, command_device,
    command_simulate, command_verify;

#endif
