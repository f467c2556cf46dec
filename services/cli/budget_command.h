/* budget_command.h - what `budget show` and `budget set` share: a year's budget as billing answers it. */
#ifndef CLI_BUDGET_COMMAND_H
#define CLI_BUDGET_COMMAND_H

#include "billing_client.h"
#include "budget_what_if.h"

#include <jansson.h>

/* `year` 0: that of the open month. `*budget` is the client's, valid until it is asked again. */
MUST_USE enum result budget_ask(struct billing_client *client, uint32_t year,
                                const struct budget_what_if *what_if, const Cakupan__BudgetReply **budget,
                                struct failure *why);
/* Field names are public: only add. The caller owns it. */
json_t *budget_json(const Cakupan__BudgetReply *budget);

#endif
