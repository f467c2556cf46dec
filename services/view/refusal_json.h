/* refusal_json.h - a refused event as JSON: what `cakupan refusals --json` prints and the gateway answers. */
#ifndef VIEW_REFUSAL_JSON_H
#define VIEW_REFUSAL_JSON_H

#include "cakupan/record.h"

#include <jansson.h>

/* Of a layoff seen at a door (LAYOFF_REPORTED): the person as the city knows them now. */
struct refusal_report {
    bool open; /* not confirmed yet */
    uint32_t kelurahan, employer;
    const char *name;
};

/* `event` as decoded from record->refused_event; NIKs are masked unless `unmasked`. `report` is NULL for all
 * other refusals. The caller owns what it returns. */
json_t *refusal_json(int64_t time_ms, const struct record *record, const struct event *event,
                     const struct refusal_report *report, bool unmasked, enum language language);
/* The day of the layoff: as given, else the day on which the report was captured. */
day_t refusal_report_day(const struct event *event);

#endif
