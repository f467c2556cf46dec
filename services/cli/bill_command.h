/* bill_command.h - what the commands about bills share: their arguments, authors, exit codes and one way
 * to ask. */
#ifndef CLI_BILL_COMMAND_H
#define CLI_BILL_COMMAND_H

#include "bill_view.h"
#include "billing_client.h"
#include "options.h"

/* "2026-12" as a month; prints the mistake and exits (EXIT_USAGE) where it is none. */
month_t bill_month_argument(const struct command *command, const char *text);
/* "2027" in the same way. */
uint32_t budget_year_argument(const struct command *command, const char *text);
/* The largest amount that an option takes. */
#define RUPIAH_MAX UINT64_C(9000000000000000)
/* Who asks, for the trail: $USER. */
const char *bill_author_default(void);
#define OPTION_AUTHOR(variable)                                                                              \
    { "author", OPTION_TEXT, variable, "TEXT", "who decides this, for the trail (default: $USER)", 0, 0 }

/* Prints the failure. EXIT_REFUSED where billing said no, else EXIT_FAILED. */
int bill_failed(const struct command *command, const struct failure *why);

/* Asks for something that is answered by an invoice. `*reply` (may be NULL) is the client's. The caller frees
 * the view. */
MUST_USE enum result bill_ask(struct billing_client *client, Cakupan__BillingRequest *request,
                              struct bill_view *view, const Cakupan__BillingReply **reply,
                              struct failure *why);
/* The frozen invoice of a month. */
MUST_USE enum result bill_ask_invoice(struct billing_client *client, month_t month, struct bill_view *view,
                                      const Cakupan__BillingReply **reply, struct failure *why);
/* What is owed and paid of a month: as JSON, and in sentences. */
json_t *bill_month_json(const Cakupan__MonthReply *month);
void bill_month_print(const Cakupan__MonthReply *month, FILE *out);
/* A line for each payment and each reversal of one; nothing where there is none. */
void bill_payments_print(const Cakupan__MonthReply *month, FILE *out, bool colours);

#endif
