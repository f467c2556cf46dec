/* history_handler.h - /v1/totals as a past day ended. */
#ifndef GATEWAY_HISTORY_HANDLER_H
#define GATEWAY_HISTORY_HANDLER_H

#include "request.h"
#include "view/totals_table.h"

/* Answers with why the parameter `region` names none (coverage_view_find). */
void region_problem(struct request *request, const struct failure *why);
/* Answers with the day that the parameter `as-of` names; `view`: the live picture. */
void totals_as_of(struct request *request, const struct coverage_view *view, enum totals_level level);

#endif
