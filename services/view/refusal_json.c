/* refusal_json.c - a refused event as JSON (refusal_json.h). */
#include "refusal_json.h"

#include "cakupan/nik.h"

#include <stdio.h>

#define SENTENCE_SIZE 320

json_t *refusal_json(int64_t time_ms, const struct record *record, const struct event *event,
                     enum language language) {
    char identity[24] = "-", value[64], sentence[SENTENCE_SIZE];
    enum refusal refusal = (enum refusal)record->refusal;
    const char *code = refusal_name(refusal), *kind = change_name((enum change)event->kind);
    if (event->identity)
        identity_mask(event->identity, identity);
    snprintf(value, sizeof value, "%.*s", (int)record->refused_value.size, record->refused_value.data);
    refusal_sentence(refusal, language, value, sentence, sizeof sentence);
    json_t *object =
        json_pack("{s:I, s:I, s:s, s:s, s:i, s:I, s:s, s:s, s:s, s:I}", "offset", (json_int_t)record->offset,
                  "time_ms", (json_int_t)time_ms, "code", code ? code : "?", "sentence", sentence, "device",
                  (int)record->device, "sequence", (json_int_t)record->sequence, "kind", kind ? kind : "?",
                  "nik", identity, "value", value, "kelurahan", (json_int_t)event->kelurahan);
    json_object_set_new(object, "author",
                        json_stringn(event->author.size ? event->author.data : "", event->author.size));
    return object;
}
