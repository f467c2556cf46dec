/* command_member.c - `cakupan member`: one person's cover as it stands now. */
#include "commands.h"

#include "cakupan/calendar.h"
#include "view/format.h"
#include "person_command.h"
#include "totals_print.h"
#include "view/place.h"
#include "wire/wire_record.h"

#include <stdio.h>

enum { MEMBER_ARENA_BYTES = 64 << 10 };

struct member_view {
    const char *name;
    struct member member;
    const struct city *city;
    bool unmask;
};

static const char *day_text(day_t day, char out[FORMAT_TEXT]) {
    return format_date(calendar_to_number(day), out);
}

static const char *month_text(month_t month, char out[FORMAT_TEXT]) {
    if (month == MONTH_NONE)
        snprintf(out, FORMAT_TEXT, "-");
    else
        calendar_format_month(month, out);
    return out;
}

static void flags_print(uint8_t flags) {
    static const struct {
        uint8_t flag;
        const char *words;
    } known[] = {{MEMBER_LOCAL_CARD, "holds the city's card"},
                 {MEMBER_LAID_OFF, "came here by a layoff"},
                 {MEMBER_DISPUTED, "layoff disputed"},
                 {MEMBER_VULNERABLE, "vulnerable, without the city's card"}};
    const char *separator = "";
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!(flags & known[i].flag))
            continue;
        printf("%s%s", separator, known[i].words);
        separator = "; ";
    }
    printf("%s\n", *separator ? "" : "-");
}

static void view_print(const struct member_view *view) {
    static const char *const sexes[] = {"sex unknown", "female", "male", "sex unknown"};
    const struct member *member = &view->member;
    char identity[24], family[24], place[128], born[FORMAT_TEXT], since[FORMAT_TEXT], due[FORMAT_TEXT];
    char month[FORMAT_TEXT], wage[FORMAT_TEXT];
    printf("Name         %s\n", view->name[0] ? view->name : "-");
    printf("NIK          %s\n", person_name_identity(member->identity, view->unmask, identity));
    printf("Family card  %s\n", person_name_identity(member->family, view->unmask, family));
    printf("Born         %s, %s\n", day_text(member->birth_day, born), sexes[member->sex]);
    printf("Lives in     %s\n", place_name(&view->city->regions, member->kelurahan, place));
    printf("Segment      %s since %s, class %d\n", segment_title((enum segment)member->segment),
           day_text(member->segment_day, since), member->care_class);
    printf("Status       %s%s%s\n", status_name((enum status)member->status),
           !member->due_day                   ? ""
           : member->flags & MEMBER_ENDED_DAY ? " since "
                                              : " until ",
           member->due_day ? day_text(member->due_day, due) : "");
    if (member->payer_month == MONTH_NONE)
        printf("Premium      owed by nobody\n");
    else
        printf("Premium      owed from %s on, by the segment's payer\n",
               month_text(member->payer_month, month));
    if (member->wage_rupiah)
        printf("Employer     %u, wage Rp %s\n", member->employer, format_count(member->wage_rupiah, wage));
    else if (member->employer)
        printf("Employer     %u, the last one known\n", member->employer);
    printf("Notes        ");
    flags_print(member->flags);
}

/* What is still to come; the day of an end lies behind. */
static day_t due_day(const struct member *member) {
    return member->flags & MEMBER_ENDED_DAY ? DAY_NONE : member->due_day;
}

static json_t *view_json(const struct member_view *view) {
    static const char *const sexes[] = {"unknown", "female", "male", "unknown"};
    const struct member *member = &view->member;
    char identity[24], family[24], born[FORMAT_TEXT], since[FORMAT_TEXT], due[FORMAT_TEXT],
        month[FORMAT_TEXT];
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:i, s:s, s:s, s:I, s:I, s:b, s:b, s:b, s:b}", "name",
        view->name, "nik", person_name_identity(member->identity, view->unmask, identity), "family",
        person_name_identity(member->family, view->unmask, family), "birth_date",
        day_text(member->birth_day, born), "sex", sexes[member->sex], "kelurahan",
        (json_int_t)member->kelurahan, "segment", segment_name((enum segment)member->segment),
        "segment_since", day_text(member->segment_day, since), "status",
        status_name((enum status)member->status), "care_class", (int)member->care_class, "due",
        day_text(due_day(member), due), "payer_month", month_text(member->payer_month, month), "employer",
        (json_int_t)member->employer, "wage_rupiah", (json_int_t)member->wage_rupiah, "local_card",
        (member->flags & MEMBER_LOCAL_CARD) != 0, "laid_off", (member->flags & MEMBER_LAID_OFF) != 0,
        "disputed", (member->flags & MEMBER_DISPUTED) != 0, "vulnerable",
        (member->flags & MEMBER_VULNERABLE) != 0);
}

static enum result show(const struct person_view *view, const Cakupan__MemberReply *reply,
                        struct failure *why) {
    struct member_view found = {.name = reply->name, .city = &view->city, .unmask = view->unmask};
    struct arena arena;
    arena_init(&arena, MEMBER_ARENA_BYTES);
    enum result result = wire_member_decode(reply->state.data, reply->state.len, &arena, &found.member);
    arena_free(&arena);
    if (result != RESULT_OK)
        return fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED", "Enrollment's answer holds no member.");
    json_t *object = view->json ? view_json(&found) : NULL;
    if (object)
        json_print(stdout, object, false);
    else if (view->json)
        return fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED", "This member's name is no UTF-8 text.");
    else
        view_print(&found);
    return RESULT_OK;
}

static int run(const struct command *command, int argc, char **argv) {
    return person_command(command, argc, argv, false, show);
}

const struct command command_member = {
    .name = "member",
    .arguments = "NIK",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .summary = "one person's segment, status and place",
    .details =
        "NIK has 16 digits; `-` reads it from standard input, where other users of the machine can't see "
        "it.\n"
        "NIK and family card are masked unless --unmask is given with a --reason. Every look is logged.\n",
    .examples = "cakupan member 3671054107900001\n"
                "echo 3671054107900001 | cakupan member - --reason \"complaint 17\" --unmask",
    .exit_codes = "0  found\n1  nobody is known by this NIK\n2  the command line is wrong\n3  enrollment "
                  "can't be asked",
    .run = run,
};
