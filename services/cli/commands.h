/* commands.h - every command of `cakupan`, one file each; main.c has them in a table. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "options.h"

extern const struct command command_up, command_down, command_status, command_totals, command_member,
    command_history, command_enroll, command_layoff, command_sync, command_refusals, command_device,
    command_simulate, command_verify, command_grace, command_billing, command_bill, command_pay,
    command_budget;

/* Actions of families (subcommands.h). */
extern const struct command command_billing_status, command_billing_scale, command_billing_settle,
    command_bill_list, command_bill_preview, command_bill_close, command_bill_show, command_bill_roster,
    command_bill_audit, command_bill_reconcile, command_bill_minutes, command_bill_retariff,
    command_budget_set, command_budget_show;

#endif
