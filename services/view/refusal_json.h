/* refusal_json.h - a refused event as JSON: what `cakupan refusals --json` prints and the gateway answers. */
#ifndef VIEW_REFUSAL_JSON_H
#define VIEW_REFUSAL_JSON_H

#include "cakupan/record.h"

#include <jansson.h>

/* `event` as decoded from record->refused_event; NIKs are masked. The caller owns what it returns. */
json_t *refusal_json(int64_t time_ms, const struct record *record, const struct event *event,
                     enum language language);

#endif
