/* member_handler.c - GET /v1/members/{nik}: is this person covered today, by whom, since when? Enrollment
 * decides who may know, and logs why. */
#include "cakupan/nik.h"
#include "gateway_internal.h"
#include "routes.h"
#include "target.h"
#include "view/format.h"
#include "view/place.h"
#include "wire/wire_bytes.h"
#include "wire/wire_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REASON_LEAST 3

/* A header holds ASCII for sure only (RFC 9110, 5.5): its UTF-8 comes percent-encoded. */
bool reason_read(const char *header, char reason[TEXT_MAX + 1]) {
    size_t size = 0;
    for (; *header && size < TEXT_MAX; size++) {
        int high = header[0] == '%' ? hex_digit(header[1]) : -1;
        int low = high >= 0 ? hex_digit(header[2]) : -1;
        reason[size] = low >= 0 ? (char)(high << 4 | low) : header[0];
        header += low >= 0 ? 3 : 1;
    }
    while (size > 0 && reason[size - 1] == ' ')
        size--;
    reason[size] = '\0';
    return *header == '\0' && strlen(reason) == size && size >= REASON_LEAST &&
           wire_text_clean((const uint8_t *)reason, size);
}

/* Who pays for the cover, by segment (Perpres 82/2018 art. 29-39); nobody while the benefit goes on without
 * premium after a layoff (art. 27). Of shared premiums: who pays most. The
 * city's words come before its name. */
static const struct payer_words {
    const char *code, *indonesian, *english;
} payers[SEGMENT_COUNT] = {
    [SEGMENT_PBI_JK] = {"CENTRE", "Pemerintah Pusat", "The central government"},
    [SEGMENT_PBPU_PEMDA] = {"CITY", "Pemerintah ", ""},
    [SEGMENT_PPU_PN] = {"EMPLOYER", "Pemberi kerja (negara)", "The employer (the state)"},
    [SEGMENT_PPU_BU] = {"EMPLOYER", "Pemberi kerja", "The employer"},
    [SEGMENT_PBPU] = {"MEMBER", "Peserta sendiri", "The member"},
    [SEGMENT_BP] = {"MEMBER", "Peserta sendiri", "The member"},
};
static const struct payer_words nobody = {"GRACE", "Tanpa iuran (masa manfaat setelah PHK)",
                                          "Nobody (benefit after a layoff)"};
static const struct payer_words uncovered = {NULL, "", ""};

static const struct payer_words *payer_of(const struct member *member) {
    if (!status_is_active((enum status)member->status) || member->segment >= SEGMENT_COUNT)
        return &uncovered;
    if (member->status == STATUS_GRACE && !(member->flags & MEMBER_DISPUTED))
        return &nobody;
    return &payers[member->segment];
}

static json_t *day_or_null(day_t day, bool known) {
    char text[FORMAT_TEXT];
    return known && day != DAY_NONE ? json_string(format_date(calendar_to_number(day), text)) : json_null();
}

static void cover_put(json_t *object, const struct member *member, enum language language,
                      const char *city_name) {
    const struct payer_words *payer = payer_of(member);
    bool covered = status_is_active((enum status)member->status);
    char name[96];
    snprintf(name, sizeof name, "%s%s", language == LANGUAGE_ENGLISH ? payer->english : payer->indonesian,
             payer == &payers[SEGMENT_PBPU_PEMDA] ? city_name : "");
    json_object_set_new(object, "covered", json_boolean(covered));
    json_object_set_new(object, "covered_by", payer->code ? json_string(payer->code) : json_null());
    json_object_set_new(object, "payer_name", json_string(name));
    json_object_set_new(object, "since", day_or_null(member->segment_day, covered));
    json_object_set_new(object, "until", day_or_null(member->due_day, member->status == STATUS_GRACE));
}

static void segment_put(json_t *object, const struct member *member) {
    char since[FORMAT_TEXT], due[FORMAT_TEXT], month[CALENDAR_TEXT] = "-";
    day_t due_day = member->flags & MEMBER_ENDED_DAY ? DAY_NONE : member->due_day; /* an end lies behind */
    if (member->payer_month != MONTH_NONE)
        calendar_format_month(member->payer_month, month);
    json_t *segment =
        json_pack("{s:s, s:s, s:s, s:i, s:s, s:s}", "segment", segment_name((enum segment)member->segment),
                  "segment_since", format_date(calendar_to_number(member->segment_day), since), "status",
                  status_name((enum status)member->status), "care_class", (int)member->care_class, "due",
                  format_date(calendar_to_number(due_day), due), "payer_month", month);
    json_object_update_new(object, segment);
}

static void flags_put(json_t *object, uint8_t flags) {
    static const struct {
        const char *name;
        uint8_t flag;
    } known[] = {{"laid_off", MEMBER_LAID_OFF},
                 {"disputed", MEMBER_DISPUTED},
                 {"vulnerable", MEMBER_VULNERABLE},
                 {"local_card", MEMBER_LOCAL_CARD}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        json_object_set_new(object, known[i].name, json_boolean(flags & known[i].flag));
}

static json_t *member_json(struct request *request, const Cakupan__DoorReply *reply,
                           const struct member *member) {
    static const char *const sexes[] = {"unknown", "female", "male", "unknown"};
    const struct region_table *regions = &request_gateway(request)->city->regions;
    char identity[24], place[PLACE_TEXT], day[FORMAT_TEXT], born[FORMAT_TEXT];
    identity_mask(member->identity, identity);
    json_t *object =
        json_pack("{s:s, s:s, s:I, s:s, s:s}", "nik", identity, "name", reply->member->name, "kelurahan",
                  (json_int_t)member->kelurahan, "place", place_name(regions, member->kelurahan, place),
                  "day", format_date(reply->day, day));
    cover_put(object, member, request_language(request), regions->city_name);
    segment_put(object, member);
    flags_put(object, member->flags);
    if (!reply->device || role_from_name(reply->device->role) == ROLE_KADER)
        return object;
    json_object_set_new(object, "birth_date",
                        json_string(format_date(calendar_to_number(member->birth_day), born)));
    json_object_set_new(object, "sex", json_string(sexes[member->sex]));
    return object;
}

static void answered(void *context, const Cakupan__DoorReply *reply, const struct failure *why) {
    struct request *request = context;
    struct arena *arena = &request_gateway(request)->arena;
    struct member member;
    arena_reset(arena);
    if (!reply || reply->code[0])
        door_problem(request, reply, why);
    else if (!reply->member || wire_member_decode(reply->member->state.data, reply->member->state.len, arena,
                                                  &member) != RESULT_OK)
        request_problem(request, "INTERNAL", NULL);
    else
        request_json(request, 200, member_json(request, reply, &member));
}

static void ask_for(struct request *request, uint64_t nik, char *reason) {
    struct gateway *gateway = request_gateway(request);
    struct failure why;
    Cakupan__MemberRequest member = CAKUPAN__MEMBER_REQUEST__INIT;
    member.nik = nik;
    member.reason = reason;
    Cakupan__DoorRequest ask = CAKUPAN__DOOR_REQUEST__INIT;
    ask.token_hash = (ProtobufCBinaryData){TOKEN_HASH_SIZE, (uint8_t *)request_caller(request)->token_hash};
    ask.ask_case = CAKUPAN__DOOR_REQUEST__ASK_MEMBER;
    ask.member = &member;
    if (door_ask(gateway->door, &ask, gateway->now_ms, answered, request, &why) == RESULT_OK)
        request_wait(request);
    else
        door_problem(request, NULL, &why);
}

void handle_member(struct request *request) {
    const char *text = request_part(request, 0), *header = request_header(request, "Cakupan-Reason");
    char reason[TEXT_MAX + 1];
    uint64_t nik = 0;
    enum refusal wrong = REFUSAL_NIK_LENGTH;
    if (nik_parse(text, strlen(text), &nik))
        wrong = nik_check(nik);
    if (wrong != REFUSAL_NONE)
        request_problem(request, refusal_name(wrong), NULL); /* what was given may be somebody's NIK */
    else if (!header || !reason_read(header, reason))
        request_problem(request, "REASON_MISSING", NULL);
    else
        ask_for(request, nik, reason);
}
