/* refusal_json.c - a refused event as JSON (refusal_json.h). */
#include "refusal_json.h"

#include "cakupan/calendar.h"
#include "cakupan/nik.h"

#include <stdio.h>

#define SENTENCE_SIZE 320

static json_t *text_json(struct text text) {
    return json_stringn(text.size ? text.data : "", text.size);
}

day_t refusal_report_day(const struct event *event) {
    return event->day != DAY_NONE ? event->day : calendar_day_of_time(event->captured_at_ms);
}

static json_t *report_json(const struct refusal_report *report, const struct event *event) {
    char day[CALENDAR_TEXT];
    calendar_format(refusal_report_day(event), day);
    return json_pack("{s:b, s:s, s:I, s:I, s:s, s:o}", "open", report->open, "name", report->name,
                     "kelurahan", (json_int_t)report->kelurahan, "employer", (json_int_t)report->employer,
                     "date", day, "seen", text_json(event->reason));
}

json_t *refusal_json(int64_t time_ms, const struct record *record, const struct event *event,
                     const struct refusal_report *report, bool unmasked, enum language language) {
    char identity[24] = "-", value[64], sentence[SENTENCE_SIZE];
    enum refusal refusal = (enum refusal)record->refusal;
    const char *code = refusal_name(refusal), *kind = change_name((enum change)event->kind);
    if (event->identity && unmasked)
        identity_format(event->identity, identity);
    else if (event->identity)
        identity_mask(event->identity, identity);
    snprintf(value, sizeof value, "%.*s", (int)record->refused_value.size, record->refused_value.data);
    refusal_sentence(refusal, language, value, sentence, sizeof sentence);
    json_t *object =
        json_pack("{s:I, s:I, s:s, s:s, s:i, s:I, s:s, s:s, s:s, s:I}", "offset", (json_int_t)record->offset,
                  "time_ms", (json_int_t)time_ms, "code", code ? code : "?", "sentence", sentence, "device",
                  (int)record->device, "sequence", (json_int_t)record->sequence, "kind", kind ? kind : "?",
                  "nik", identity, "value", value, "kelurahan", (json_int_t)event->kelurahan);
    json_object_set_new(object, "author", text_json(event->author));
    if (report)
        json_object_set_new(object, "report", report_json(report, event));
    return object;
}
