/* command_enroll.c - `cakupan enroll`: registers one person, from the desk of the health office. */
#include "commands.h"

#include "cakupan/nik.h"
#include "desk.h"
#include "person.h"
#include "totals_client.h"
#include "totals_print.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct enroll_options {
    const char *state, *nik, *kk, *name, *sex, *place, *segment, *reason, *approver, *author;
    enum language language;
    day_t birth, date;
    uint64_t care_class, employer, wage_rupiah;
    bool local_card, vulnerable, dry_run, json;
};

static struct text text_of(const char *text) {
    return (struct text){text, (uint16_t)(text ? strnlen(text, UINT16_MAX) : 0)};
}

static enum result place_read(const char *state, const char *place, uint32_t *kelurahan,
                              struct failure *why) {
    static struct coverage_view view; /* too big for a stack */
    const struct coverage_region *region;
    char *end;
    unsigned long code = strtoul(place, &end, 10);
    *kelurahan = (uint32_t)code;
    if (*end == '\0' && code >= 1000000000 && code <= UINT32_MAX)
        return RESULT_OK;
    enum result result = totals_now(state, &view, why);
    if (result != RESULT_OK)
        return result;
    result = coverage_view_find(&view, place, &region, why);
    if (result == RESULT_OK && region->code < 1000000000)
        result = fail(why, RESULT_INVALID, "REGION_UNKNOWN",
                      "%.60s is not a kelurahan; give its ten digits or kecamatan/kelurahan, such as "
                      "Cipondoh/Gondrong.",
                      place);
    if (result == RESULT_OK)
        *kelurahan = region->code;
    return result;
}

static enum result event_read(const struct enroll_options *options, struct event *event,
                              struct failure *why) {
    *event = (struct event){.kind = options->vulnerable ? CHANGE_ENROL_VULNERABLE : CHANGE_ENROL,
                            .birth_day = options->birth,
                            .day = options->date,
                            .care_class = (uint8_t)options->care_class,
                            .employer = (uint32_t)options->employer,
                            .wage_rupiah = (uint32_t)options->wage_rupiah,
                            .local_card = options->local_card,
                            .name = text_of(options->name),
                            .reason = text_of(options->reason),
                            .approver = text_of(options->approver),
                            .author = text_of(options->author)};
    enum result result = person_identity(options->nik, &event->identity, why);
    if (result != RESULT_OK)
        return result;
    if (options->kk && !nik_parse(options->kk, strlen(options->kk), &event->family))
        return fail(why, RESULT_INVALID, "KK_LENGTH", "--kk takes the 16 digits of a family card.");
    if (strcasecmp(options->sex, "F") != 0 && strcasecmp(options->sex, "M") != 0)
        return fail(why, RESULT_INVALID, "OPTION_VALUE", "--sex takes F or M, not '%.20s'.", options->sex);
    event->sex = strcasecmp(options->sex, "F") == 0 ? SEX_FEMALE : SEX_MALE;
    if (!options->vulnerable && !(event->segment = segment_from_name(options->segment)))
        return fail(why, RESULT_INVALID, "OPTION_VALUE",
                    "--segment takes PBI_JK, PBPU_PEMDA, PPU_PN, PPU_BU, PBPU or BP, not '%.40s'.",
                    options->segment);
    return place_read(options->state, options->place, &event->kelurahan, why);
}

static enum result options_check(const struct enroll_options *options, struct failure *why) {
    const char *missing = !options->nik                               ? "--nik"
                          : options->birth == DAY_NONE                ? "--birth"
                          : !options->sex                             ? "--sex"
                          : !options->place                           ? "--kelurahan"
                          : !options->segment && !options->vulnerable ? "--segment"
                                                                      : NULL;
    if (missing)
        return fail(why, RESULT_INVALID, "ARGUMENT_MISSING",
                    "`cakupan enroll` needs %s; see `cakupan enroll --help`.", missing);
    return RESULT_OK;
}

static int outcome_print(const struct enroll_options *options, const struct event *event,
                         const struct desk_answer *answer) {
    char masked[24];
    const char *code = answer->refusal   ? refusal_name(answer->refusal)
                       : answer->warning ? refusal_name(answer->warning)
                                         : "";
    identity_mask(event->identity, masked);
    if (options->json) {
        json_print(stdout,
                   json_pack("{s:b, s:s, s:s, s:s, s:I, s:b}", "accepted", answer->refusal == REFUSAL_NONE,
                             "nik", masked, "code", code, "sentence", answer->sentence, "offset",
                             (json_int_t)answer->offset, "dry_run", options->dry_run),
                   false);
    } else if (answer->refusal) {
        printf("Refused: %s [%s]\n", answer->sentence, code);
    } else {
        printf("%s %s%s%s\n", options->dry_run ? "Would be accepted:" : "Accepted:", masked,
               answer->sentence[0] ? "; " : ".", answer->sentence);
    }
    return answer->refusal ? EXIT_REFUSED : EXIT_FINE;
}

static int run(const struct command *command, int argc, char **argv) {
    struct enroll_options options = {
        .state = STATE_DEFAULT, .author = getenv("USER"), .language = LANGUAGE_ENGLISH};
    const struct option_row rows[] = {
        {"nik", OPTION_TEXT, &options.nik, "NIK", "16 digits, `-`: from standard input", 0, 0},
        {"name", OPTION_TEXT, &options.name, "TEXT", "as on the card", 0, 0},
        {"kk", OPTION_TEXT, &options.kk, "KK", "family card, 16 digits", 0, 0},
        {"birth", OPTION_DAY, &options.birth, "DATE", "such as 1990-07-01", 0, 0},
        {"sex", OPTION_TEXT, &options.sex, "F|M", "as on the card", 0, 0},
        {"kelurahan", OPTION_TEXT, &options.place, "K", "ten digits, or kecamatan/kelurahan", 0, 0},
        {"segment", OPTION_TEXT, &options.segment, "S", "PBI_JK, PBPU_PEMDA, PPU_PN, PPU_BU, PBPU or BP", 0,
         0},
        {"class", OPTION_NUMBER, &options.care_class, "N", "class of care", 1, 3},
        {"local-card", OPTION_FLAG, &options.local_card, NULL,
         "holds the city's identity card (city-paid needs it)", 0, 0},
        {"employer", OPTION_NUMBER, &options.employer, "N", "wage workers: registration number", 1,
         UINT32_MAX},
        {"wage", OPTION_NUMBER, &options.wage_rupiah, "RUPIAH", "wage workers: per month", 1, UINT32_MAX},
        {"date", OPTION_DAY, &options.date, "DATE", "day from which it holds (default: today)", 0, 0},
        {"vulnerable", OPTION_FLAG, &options.vulnerable, NULL,
         "city-paid without the city's card; needs --reason and --approver", 0, 0},
        {"reason", OPTION_TEXT, &options.reason, "TEXT", "with --vulnerable", 0, 0},
        {"approver", OPTION_TEXT, &options.approver, "TEXT", "with --vulnerable: who approved it", 0, 0},
        {"author", OPTION_TEXT, &options.author, "TEXT", "who captured it (default: $USER)", 0, 0},
        {"dry-run", OPTION_FLAG, &options.dry_run, NULL, "say what would happen, change nothing", 0, 0},
        OPTION_LANGUAGE_ROW(&options.language),
        {"json", OPTION_FLAG, &options.json, NULL, "JSON for programs", 0, 0},
        OPTION_STATE(&options.state),
        {0}};
    const char *values[argc];
    options_read(command, rows, argc, argv, values);
    struct failure why;
    struct event event;
    struct desk_answer answer;
    if (!options.author)
        options.author = "desk";
    enum result result = options_check(&options, &why);
    if (result == RESULT_OK)
        result = event_read(&options, &event, &why);
    if (result != RESULT_OK)
        return report_failure(command->name, &why,
                              result == RESULT_INVALID || result == RESULT_NOT_FOUND ? EXIT_USAGE
                                                                                     : EXIT_FAILED);
    struct desk *desk;
    result = desk_open(&desk, options.state, LOCAL_DESK, options.language, &why);
    if (result == RESULT_OK)
        result = options.dry_run ? desk_check(desk, &event, 1, &answer, &why)
                                 : desk_send(desk, &event, 1, &answer, &why);
    desk_close(&desk);
    return result == RESULT_OK ? outcome_print(&options, &event, &answer)
                               : report_failure(command->name, &why, EXIT_FAILED);
}

const struct command command_enroll = {
    .name = "enroll",
    .arguments = "",
    .summary = "register one person",
    .details =
        "Sends one event as the health office's desk. It is kept in the desk's outbox until enrollment has "
        "answered:\n"
        "where no answer comes, the next command of the desk sends it, and nobody is registered twice.\n",
    .examples = "cakupan enroll --nik 3671054107900001 --name Aminah --birth 1990-07-01 --sex F \\\n"
                "    --kelurahan Cipondoh/Gondrong --segment PBPU_PEMDA --class 3 --local-card\n"
                "cakupan enroll --nik - --birth 1990-07-01 --sex F --kelurahan 3671051004 --segment PBPU "
                "--class 2 --dry-run",
    .exit_codes = "0  accepted\n1  refused; the sentence says why\n2  the command line is wrong\n3  it could "
                  "not be sent",
    .run = run,
};
