/* person.c - one member as the operator's tools show them (person.h). */
#include "person.h"

#include "cakupan/nik.h"
#include "view/format.h"
#include "view/place.h"
#include "instance_info.h"

#include <stdio.h>
#include <string.h>

/* A letter that looks like a digit is hard to see: which character it is, is said. */
static enum result not_identity(const char *text, struct failure *why) {
    char odd[64] = "";
    size_t digits = strspn(text, "0123456789"), size = strlen(text);
    if (digits < size && text[0] != 'T' && text[digits] > ' ' && text[digits] <= '~')
        snprintf(odd, sizeof odd, ", and character %zu, '%c', is no digit", digits + 1, text[digits]);
    else if (digits < size && text[0] != 'T')
        snprintf(odd, sizeof odd, ", and character %zu is no digit", digits + 1);
    return fail(
        why, RESULT_INVALID, "NIK_LENGTH",
        "This is neither a NIK (16 digits) nor a temporary id (T-device-number); it has %zu characters%s.",
        size, odd);
}

enum result person_identity(const char *argument, identity_t *out, struct failure *why) {
    char line[64] = "";
    const char *text = argument;
    if (strcmp(argument, "-") == 0) {
        if (!fgets(line, sizeof line, stdin))
            return fail(why, RESULT_INVALID, "NIK_LENGTH", "Standard input is empty; write the NIK to it.");
        line[strcspn(line, " \t\r\n")] = '\0';
        text = line;
    }
    if (identity_parse(text, strlen(text), out))
        return RESULT_OK;
    return not_identity(text, why);
}

enum result person_ask(const char *state, identity_t identity, const char *reason, bool history,
                       Cakupan__ControlReply **reply, struct failure *why) {
    struct control_client *client;
    *reply = NULL;
    enum result result = control_open(&client, state, why);
    if (result != RESULT_OK)
        return result;
    Cakupan__MemberRequest member = CAKUPAN__MEMBER_REQUEST__INIT;
    if (identity & IDENTITY_TEMPORARY)
        member.temporary_id = identity & ~IDENTITY_TEMPORARY;
    else
        member.nik = identity;
    member.reason = (char *)(reason ? reason : "");
    member.history = history;
    Cakupan__ControlRequest request = CAKUPAN__CONTROL_REQUEST__INIT;
    request.ask_case = CAKUPAN__CONTROL_REQUEST__ASK_MEMBER;
    request.member = &member;
    result = control_ask(client, &request, reply, why);
    control_close(&client);
    if (result == RESULT_INVALID && strcmp(why->code, "MEMBER_UNKNOWN") == 0)
        return RESULT_NOT_FOUND;
    if (result == RESULT_OK && !(*reply)->member) {
        control_reply_free(reply);
        return fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED", "Enrollment named no member in its answer.");
    }
    return result;
}

enum result person_city(const char *state, struct city *city, struct failure *why) {
    struct instance_info info;
    enum result result = instance_info_load(state, &info, why);
    return result == RESULT_OK ? city_load(city, info.city, why) : result;
}

const char *person_name_identity(identity_t identity, bool unmask, char out[24]) {
    if (identity == 0)
        snprintf(out, 24, "-");
    else if (unmask)
        identity_format(identity, out);
    else
        identity_mask(identity, out);
    return out;
}

const char *person_cover(const struct member *member, char out[64]) {
    const char *segment = segment_name((enum segment)member->segment);
    const char *status = status_name((enum status)member->status);
    snprintf(out, 64, "%s %s", segment ? segment : "?", status ? status : "?");
    return out;
}

void person_change(const struct city *city, const struct record *record, char *out, size_t size) {
    char before[64], after[64], place[128], value[64];
    if (record->refusal) {
        snprintf(value, sizeof value, "%.*s", (int)record->refused_value.size, record->refused_value.data);
        refusal_sentence((enum refusal)record->refusal, LANGUAGE_ENGLISH, value, out, size);
        return;
    }
    snprintf(out, size, "-");
    if (!record->has_after)
        return;
    person_cover(&record->after, after);
    bool moved = !record->has_before || record->before.kelurahan != record->after.kelurahan;
    bool same = record->has_before && strcmp(person_cover(&record->before, before), after) == 0;
    int used = snprintf(out, size, "%s%s%s", record->has_before && !same ? before : "",
                        record->has_before && !same ? " -> " : "", after);
    if (moved && used > 0 && (size_t)used < size)
        snprintf(out + used, size - (size_t)used, "; %s",
                 place_name(&city->regions, record->after.kelurahan, place));
}

enum result person_may_unmask(bool unmask, const char *reason, struct failure *why) {
    if (unmask && (!reason || strlen(reason) < 3))
        return fail(why, RESULT_INVALID, "REASON_MISSING",
                    "--unmask shows a whole NIK and needs --reason TEXT; the reason is logged.");
    return RESULT_OK;
}
