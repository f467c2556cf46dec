/* totals.c - tests of the coverage fold: counts, flows, days, roll-ups, percentages, thresholds, packed form.
 */
#include "cakupan/totals.h"

#include <criterion/criterion.h>
#include <string.h>

#define CIBODAS   UINT32_C(3671011001)
#define JATIUWUNG UINT32_C(3671011002)
#define BENDA     UINT32_C(3671021001)

static struct region_table regions;
static struct totals totals;
static struct batch_header today;
static uint64_t next_offset;

static void setup(void) {
    memset(&regions, 0, sizeof regions);
    regions.city_code = 3671;
    strcpy(regions.city_name, "Kota Tangerang");
    regions.population = 1000;
    cr_assert(region_table_add(&regions, CIBODAS, "Cibodas", "Satu", 300));
    cr_assert(region_table_add(&regions, JATIUWUNG, "Jatiuwung", "Satu", 300));
    cr_assert(region_table_add(&regions, BENDA, "Benda", "Dua", 400));
    totals_init(&totals);
    today = (struct batch_header){.first_offset = 1, .count = 1, .time_ms = 1000, .day = 40000};
    next_offset = 1;
}
TestSuite(totals, .init = setup);

static struct member in(uint32_t kelurahan, enum segment segment, enum status status) {
    return (struct member){.kelurahan = kelurahan, .segment = segment, .status = status};
}

static enum result step(enum change kind, const struct member *before, const struct member *after) {
    struct record record = {.offset = next_offset, .kind = kind, .has_before = before, .has_after = after};
    if (before)
        record.before = *before;
    if (after)
        record.after = *after;
    struct failure why;
    enum result result = totals_step(&totals, &regions, &today, &record, &why);
    next_offset += result == RESULT_OK;
    return result;
}

static void enrol(uint32_t kelurahan, enum segment segment, enum status status, unsigned people) {
    struct member member = in(kelurahan, segment, status);
    for (unsigned count = 0; count < people; count++)
        cr_assert_eq(step(CHANGE_ENROL, NULL, &member), RESULT_OK);
}

static struct totals_line line_of(uint32_t code) {
    struct totals_line line;
    cr_assert(totals_line(&totals, &regions, code, &line));
    return line;
}

Test(totals, roll_ups_add_up) {
    enrol(CIBODAS, SEGMENT_PBI_JK, STATUS_ACTIVE, 3);
    enrol(JATIUWUNG, SEGMENT_PBPU_PEMDA, STATUS_ACTIVE, 2);
    enrol(BENDA, SEGMENT_PPU_BU, STATUS_SUSPENDED, 4);
    struct totals_line city = line_of(3671), satu = line_of(367101), benda = line_of(BENDA);
    cr_assert_eq(city.registered, 9);
    cr_assert_eq(city.active, 5);
    cr_assert_eq(city.population, 1000);
    cr_assert_eq(city.flows[FLOW_ENROLLED], 9);
    cr_assert_eq(satu.registered, 5);
    cr_assert_eq(satu.population, 600);
    cr_assert_eq(satu.registered_by_segment[SEGMENT_PBPU_PEMDA], 2);
    cr_assert_eq(satu.flows[FLOW_ENROLLED], 5);
    cr_assert_eq(benda.registered, 4);
    cr_assert_eq(benda.active, 0);
    cr_assert_eq(benda.by_status[STATUS_SUSPENDED], 4);
    cr_assert_eq(benda.active_by_segment[SEGMENT_PPU_BU], 0);
}

Test(totals, unknown_codes_have_no_line) {
    struct totals_line line;
    cr_assert_not(totals_line(&totals, &regions, 0, &line));
    cr_assert_not(totals_line(&totals, &regions, 367199, &line));
    cr_assert_not(totals_line(&totals, &regions, 3672, &line));
    cr_assert_not(totals_line(&totals, &regions, CIBODAS + 100, &line));
}

Test(totals, each_status_counts_as_it_should) {
    for (enum status status = STATUS_ACTIVE; status < STATUS_COUNT; status++)
        enrol(CIBODAS, SEGMENT_PBPU_PEMDA, status, 1);
    struct totals_line line = line_of(CIBODAS);
    cr_assert_eq(line.registered, 4, "active, pending, grace, suspended");
    cr_assert_eq(line.active, 2, "active and grace");
    cr_assert_eq(line.grace, 1);
    cr_assert_eq(line.city_paid, 1, "grace is benefit without premium");
}

Test(totals, a_move_goes_from_one_cell_to_another) {
    enrol(CIBODAS, SEGMENT_PBPU, STATUS_ACTIVE, 1);
    struct member before = in(CIBODAS, SEGMENT_PBPU, STATUS_ACTIVE),
                  after = in(BENDA, SEGMENT_PBPU, STATUS_ACTIVE);
    cr_assert_eq(step(CHANGE_MOVE_WITHIN, &before, &after), RESULT_OK);
    cr_assert_eq(line_of(CIBODAS).registered, 0);
    cr_assert_eq(line_of(BENDA).registered, 1);
    cr_assert_eq(line_of(BENDA).flows[FLOW_MOVED_WITHIN], 1, "counted where the person now lives");
    cr_assert_eq(line_of(CIBODAS).flows[FLOW_MOVED_WITHIN], 0);
    cr_assert_eq(line_of(3671).flows[FLOW_MOVED_WITHIN], 1);
}

Test(totals, who_left_the_city_is_counted_where_he_lived) {
    enrol(CIBODAS, SEGMENT_PBPU, STATUS_ACTIVE, 1);
    struct member before = in(CIBODAS, SEGMENT_PBPU, STATUS_ACTIVE),
                  after = in(0, SEGMENT_PBPU, STATUS_MOVED_OUT);
    cr_assert_eq(step(CHANGE_MOVE_OUT, &before, &after), RESULT_OK);
    cr_assert_eq(line_of(3671).registered, 0);
    cr_assert_eq(line_of(CIBODAS).flows[FLOW_MOVED_OUT], 1);
    cr_assert_eq(step(CHANGE_MOVE_IN, &after, &before), RESULT_OK);
    cr_assert_eq(line_of(CIBODAS).registered, 1);
    cr_assert_eq(line_of(CIBODAS).flows[FLOW_MOVED_IN], 1);
}

Test(totals, every_kind_has_its_flow) {
    static const struct {
        enum change kind;
        enum flow flow;
    } EXPECTED[] = {
        {CHANGE_ENROL, FLOW_ENROLLED},
        {CHANGE_ENROL_VULNERABLE, FLOW_ENROLLED},
        {CHANGE_BIRTH, FLOW_BORN},
        {CHANGE_MOVE_IN, FLOW_MOVED_IN},
        {CHANGE_MOVE_OUT, FLOW_MOVED_OUT},
        {CHANGE_MOVE_WITHIN, FLOW_MOVED_WITHIN},
        {CHANGE_DEATH, FLOW_DIED},
        {CHANGE_LAYOFF, FLOW_LAID_OFF},
        {CHANGE_REHIRE, FLOW_REHIRED},
        {CHANGE_SWITCH_SEGMENT, FLOW_SWITCHED},
        {CHANGE_SUSPEND, FLOW_SUSPENDED},
        {CHANGE_RESUME, FLOW_RESUMED},
        {CHANGE_CORRECT_IDENTITY, FLOW_CORRECTED},
        {CHANGE_MERGE, FLOW_MERGED},
        {CHANGE_ACTIVATED, FLOW_ACTIVATED},
        {CHANGE_GRACE_ENDED, FLOW_GRACE_ENDED},
    };
    struct member member = in(BENDA, SEGMENT_BP, STATUS_ACTIVE);
    for (size_t index = 0; index < sizeof EXPECTED / sizeof *EXPECTED; index++) {
        bool counted;
        cr_assert_eq(flow_of(EXPECTED[index].kind, &counted), EXPECTED[index].flow);
        cr_assert(counted);
        uint32_t before = line_of(3671).flows[EXPECTED[index].flow];
        cr_assert_eq(step(EXPECTED[index].kind, NULL, &member), RESULT_OK);
        cr_assert_eq(line_of(3671).flows[EXPECTED[index].flow], before + 1);
        cr_assert_eq(line_of(BENDA).flows[EXPECTED[index].flow], before + 1);
    }
    static const enum change UNCOUNTED[] = {
        CHANGE_NONE, CHANGE_DAY, CHANGE_DEVICE_ADDED, CHANGE_DEVICE_REVOKED, 63, 64, 255};
    for (size_t index = 0; index < sizeof UNCOUNTED / sizeof *UNCOUNTED; index++) {
        bool counted = true;
        cr_assert_eq(flow_of(UNCOUNTED[index], &counted), FLOW_COUNT);
        cr_assert_not(counted);
    }
    cr_assert_null(flow_name(FLOW_COUNT));
    cr_assert_str_eq(flow_name(FLOW_REFUSED), "refused");
}

Test(totals, a_refused_event_changes_nobody) {
    struct record record = {.offset = 1,
                            .kind = CHANGE_ENROL,
                            .refusal = REFUSAL_NIK_DATE,
                            .has_after = true,
                            .after = in(CIBODAS, SEGMENT_PBI_JK, STATUS_ACTIVE)};
    cr_assert_eq(totals_step(&totals, &regions, &today, &record, NULL), RESULT_OK);
    cr_assert_eq(line_of(3671).registered, 0);
    cr_assert_eq(line_of(3671).flows[FLOW_ENROLLED], 0);
    cr_assert_eq(line_of(3671).flows[FLOW_REFUSED], 1);
    cr_assert_eq(line_of(CIBODAS).flows[FLOW_REFUSED], 0);
    cr_assert_eq(totals.refused, 1);
    cr_assert_eq(totals.offset, 1);
}

Test(totals, a_new_day_begins_its_flows_anew) {
    enrol(CIBODAS, SEGMENT_PBI_JK, STATUS_ACTIVE, 2);
    today.day++;
    today.time_ms = 2000;
    enrol(CIBODAS, SEGMENT_PBI_JK, STATUS_ACTIVE, 1);
    cr_assert_eq(line_of(CIBODAS).flows[FLOW_ENROLLED], 1);
    cr_assert_eq(line_of(3671).flows[FLOW_ENROLLED], 1);
    cr_assert_eq(line_of(CIBODAS).registered, 3);
    cr_assert_eq(totals.day, today.day);
    cr_assert_eq(totals.as_of_ms, 2000);
    today.day--;
    struct member member = in(CIBODAS, SEGMENT_PBI_JK, STATUS_ACTIVE);
    cr_assert_eq(step(CHANGE_ENROL, NULL, &member), RESULT_CORRUPT, "days never go back");
}

/* What a record would spoil must leave the state as it was, to the last byte. */
static void expect_corrupt(const struct record *record, const char *code) {
    struct totals saved = totals;
    struct failure why = {0};
    cr_assert_eq(totals_step(&totals, &regions, &today, record, &why), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, code);
    cr_assert_eq(memcmp(&saved, &totals, sizeof totals), 0);
}

Test(totals, contradictions_are_corrupt_and_change_nothing) {
    enrol(CIBODAS, SEGMENT_PBI_JK, STATUS_ACTIVE, 1);
    today.day++; /* even a new day's reset must not happen */
    struct member here = in(CIBODAS, SEGMENT_PBI_JK, STATUS_ACTIVE),
                  nobody = in(CIBODAS, SEGMENT_PBI_JK, STATUS_GRACE);
    struct record record = {.offset = 2, .kind = CHANGE_DEATH, .has_before = true, .before = nobody};
    expect_corrupt(&record, "TOTALS_UNDERFLOW");
    record.before = here;
    record.offset = 1;
    expect_corrupt(&record, "TOTALS_GAP");
    record.offset = 3;
    expect_corrupt(&record, "TOTALS_GAP");
    record.offset = 2;
    record.before.kelurahan = 3672011001;
    expect_corrupt(&record, "TOTALS_REGION");
    record.before = here;
    record.has_after = true;
    record.after = in(CIBODAS, SEGMENT_COUNT, STATUS_ACTIVE);
    expect_corrupt(&record, "TOTALS_MEMBER");
    record.after = in(CIBODAS, SEGMENT_BP, STATUS_COUNT);
    expect_corrupt(&record, "TOTALS_MEMBER");
}

Test(totals, percent_is_rounded_half_up_and_never_clamped) {
    cr_assert_eq(totals_percent_hundredths(0, 0), 0);
    cr_assert_eq(totals_percent_hundredths(5, 0), 0);
    cr_assert_eq(totals_percent_hundredths(1, 20000), 1, "0.005% is 0.01%");
    cr_assert_eq(totals_percent_hundredths(1, 20001), 0);
    cr_assert_eq(totals_percent_hundredths(1944047, 1957349), 9932);
    cr_assert_eq(totals_percent_hundredths(1982904, 1969000), 10071, "over 100%");
    cr_assert_eq(totals_percent_hundredths(UINT32_MAX, UINT32_MAX), 10000);
    cr_assert_eq(totals_percent_hundredths(UINT32_MAX, 1), UINT32_MAX, "the end of the type, no wrap");
}

Test(totals, uhc_needs_more_than_the_thresholds) {
    struct policy_row policy = {.uhc_registered_permille = 980, .uhc_active_permille = 800};
    struct totals_line line = {.population = 100000, .registered = 98001, .active = 80001};
    cr_assert_eq(totals_uhc(&line, &policy), UHC_YES);
    line.active = 80000;
    cr_assert_eq(totals_uhc(&line, &policy), UHC_REGISTERED_ONLY, "80% is not over 80%");
    line.active = 90000;
    line.registered = 98000;
    cr_assert_eq(totals_uhc(&line, &policy), UHC_NO, "98% is not over 98%");
    line = (struct totals_line){.population = 0, .registered = 5, .active = 5};
    cr_assert_eq(totals_uhc(&line, &policy), UHC_NO, "no denominator, no status");
}

Test(totals, a_picture_has_all_levels_in_order) {
    struct policy policy = {
        .count = 1, .rows = {{.valid_from = 1, .uhc_registered_permille = 980, .uhc_active_permille = 800}}};
    enrol(BENDA, SEGMENT_PBI_JK, STATUS_ACTIVE, 981);
    static struct totals_picture picture;
    totals_picture(&totals, &regions, &policy, &picture);
    cr_assert_eq(picture.count, 6);
    static const uint32_t CODES[] = {3671, 367101, 367102, CIBODAS, JATIUWUNG, BENDA};
    for (unsigned index = 0; index < 6; index++)
        cr_assert_eq(picture.regions[index].code, CODES[index]);
    cr_assert_eq(picture.offset, 981);
    cr_assert_eq(picture.uhc, UHC_YES);
    cr_assert_str_eq(picture.regions[2].name, "Dua");
    cr_assert_eq(picture.regions[2].line.registered, 981);
}

Test(totals, within) {
    cr_assert(totals_within(CIBODAS, 0));
    cr_assert(totals_within(CIBODAS, 3671));
    cr_assert(totals_within(CIBODAS, 367101));
    cr_assert(totals_within(CIBODAS, CIBODAS));
    cr_assert(totals_within(367101, 3671));
    cr_assert_not(totals_within(CIBODAS, 367102));
    cr_assert_not(totals_within(367101, CIBODAS));
    cr_assert_not(totals_within(3671, 367101));
    cr_assert_not(totals_within(CIBODAS, 36));
}

Test(totals, every_field_has_its_own_name_and_number) {
    struct totals_line line = {0};
    for (unsigned index = 0; index < TOTALS_FIELDS; index++) {
        char name[TOTALS_FIELD_NAME], other[TOTALS_FIELD_NAME];
        totals_field_name(index, name);
        cr_assert_null(strstr(name, "null"));
        for (unsigned second = 0; second < index; second++) {
            totals_field_name(second, other);
            cr_assert_str_neq(name, other);
        }
        cr_assert_eq((*totals_field(&line, index))++, 0, "%s shares a number", name);
    }
    char name[TOTALS_FIELD_NAME];
    totals_field_name(5, name);
    cr_assert_str_eq(name, "registered_PBI_JK");
    cr_assert_eq(totals_field(&line, 5), &line.registered_by_segment[SEGMENT_PBI_JK]);
    totals_field_name(TOTALS_FIELDS - 1, name);
    cr_assert_str_eq(name, "flow_refused");
}

static struct member laid_off(uint32_t kelurahan, int year, int month, int day_of_month) {
    struct member member = in(kelurahan, SEGMENT_PPU_BU, STATUS_GRACE);
    member.due_day = calendar_day(year, month, day_of_month);
    return member;
}

static void check_grace(unsigned index, int year, int month, uint32_t people) {
    cr_assert_eq(totals.grace[index].month, calendar_month(calendar_day(year, month, 1)));
    cr_assert_eq(totals.grace[index].people, people);
}

Test(totals, months_of_grace_are_counted_by_their_last_day) {
    struct member may = laid_off(CIBODAS, 2027, 5, 22), first = laid_off(BENDA, 2027, 6, 1),
                  march = laid_off(CIBODAS, 2027, 3, 31), gone = in(0, SEGMENT_PPU_BU, STATUS_GRACE),
                  paid = in(CIBODAS, SEGMENT_PBPU_PEMDA, STATUS_ACTIVE);
    today.day = calendar_day(2026, 11, 22);
    gone.due_day = may.due_day;
    enrol(CIBODAS, SEGMENT_PBPU_PEMDA, STATUS_ACTIVE, 4);
    cr_assert_eq(step(CHANGE_LAYOFF, &paid, &may), RESULT_OK);
    cr_assert_eq(step(CHANGE_LAYOFF, &paid, &march), RESULT_OK);
    cr_assert_eq(step(CHANGE_LAYOFF, &paid, &first), RESULT_OK);
    check_grace(0, 2027, 3, 1);
    check_grace(1, 2027, 5, 2); /* the window that ends on 31 May, too */
    cr_assert_eq(totals.grace[2].month, MONTH_NONE);
    struct totals before = totals;
    cr_assert_eq(step(CHANGE_LAYOFF, NULL, &gone), RESULT_OK);
    cr_assert_arr_eq(totals.grace, before.grace, sizeof before.grace, "who lives elsewhere is not counted");
    cr_assert_eq(step(CHANGE_GRACE_ENDED, &march, &paid), RESULT_OK);
    check_grace(0, 2027, 5, 2);
    cr_assert_eq(step(CHANGE_MOVE_WITHIN, &may, &first), RESULT_OK);
    check_grace(0, 2027, 5, 2);
    cr_assert_eq(totals.grace[1].people, 0);
    cr_assert_eq(step(CHANGE_GRACE_ENDED, &march, &paid), RESULT_CORRUPT,
                 "nobody is left whose grace ends then");
    static struct totals_picture picture;
    struct policy policy = {.count = 1, .rows = {{.valid_from = 1}}};
    totals_picture(&totals, &regions, &policy, &picture);
    cr_assert_arr_eq(picture.grace, totals.grace, sizeof picture.grace);
}

/* The labour office learns of layoffs years late: their windows are over when they come. */
Test(totals, months_of_grace_that_are_over_are_one) {
    struct member paid = in(CIBODAS, SEGMENT_PBPU_PEMDA, STATUS_ACTIVE), late[2 * TOTALS_GRACE_MONTHS];
    today.day = calendar_day(2026, 11, 22);
    for (unsigned i = 0; i < 2 * TOTALS_GRACE_MONTHS; i++) {
        late[i] = laid_off(CIBODAS, 2018 + (int)i / 12, 1 + (int)i % 12, 15);
        cr_assert_eq(step(CHANGE_LAYOFF, NULL, &late[i]), RESULT_OK);
    }
    check_grace(0, 2026, 10, 2 * TOTALS_GRACE_MONTHS);
    struct member open = laid_off(CIBODAS, 2026, 12, 15), next = laid_off(CIBODAS, 2027, 1, 15);
    cr_assert_eq(step(CHANGE_LAYOFF, NULL, &open), RESULT_OK);
    cr_assert_eq(step(CHANGE_LAYOFF, NULL, &next), RESULT_OK);
    check_grace(1, 2026, 12, 1);
    today.day = calendar_day(2027, 1, 15); /* December is over, too */
    for (unsigned i = 0; i < 2 * TOTALS_GRACE_MONTHS; i++)
        cr_assert_eq(step(CHANGE_GRACE_ENDED, &late[i], &paid), RESULT_OK);
    check_grace(0, 2026, 12, 1);
    check_grace(1, 2027, 1, 1);
    cr_assert_eq(step(CHANGE_GRACE_ENDED, &open, &paid), RESULT_OK);
    cr_assert_eq(step(CHANGE_GRACE_ENDED, &next, &paid), RESULT_OK);
    cr_assert_eq(totals.grace[0].people, 0);
}

Test(totals, more_open_months_of_grace_than_can_be_are_corrupt) {
    today.day = calendar_day(2026, 11, 22);
    for (unsigned month = 0; month < TOTALS_GRACE_MONTHS; month++) {
        struct member member = laid_off(CIBODAS, 2030 - (int)month / 12, 1 + (int)month % 12, 15);
        cr_assert_eq(step(CHANGE_LAYOFF, NULL, &member), RESULT_OK);
    }
    check_grace(0, 2029, 1, 1);
    check_grace(TOTALS_GRACE_MONTHS - 1, 2030, 12, 1);
    struct member one_more = laid_off(CIBODAS, 2028, 6, 15), known = laid_off(CIBODAS, 2029, 6, 30);
    struct totals before = totals;
    cr_assert_eq(step(CHANGE_LAYOFF, NULL, &one_more), RESULT_CORRUPT);
    cr_assert_eq(memcmp(&before, &totals, sizeof before), 0);
    cr_assert_eq(step(CHANGE_LAYOFF, NULL, &known), RESULT_OK);
    check_grace(5, 2029, 6, 2);
}

Test(totals, packed_and_unpacked_is_the_same) {
    enrol(CIBODAS, SEGMENT_PBI_JK, STATUS_ACTIVE, 300);
    enrol(BENDA, SEGMENT_BP, STATUS_DECEASED, 2);
    struct member may = laid_off(CIBODAS, 2027, 5, 22), march = laid_off(CIBODAS, 2027, 3, 31);
    cr_assert_eq(step(CHANGE_LAYOFF, NULL, &may), RESULT_OK);
    cr_assert_eq(step(CHANGE_LAYOFF, NULL, &march), RESULT_OK);
    totals.refused = UINT64_C(0x123456789abc);
    static uint8_t packed[TOTALS_PACKED_MAX];
    size_t size = totals_pack(&totals, &regions, packed);
    cr_assert_leq(size, TOTALS_PACKED_MAX);
    struct totals copy;
    cr_assert_eq(totals_unpack(&copy, &regions, packed, size, NULL), RESULT_OK);
    cr_assert_eq(memcmp(&copy, &totals, sizeof copy), 0);
    for (size_t cut = 0; cut < size; cut++)
        cr_assert_neq(totals_unpack(&copy, &regions, packed, cut, NULL), RESULT_OK);
    packed[0] ^= 1;
    cr_assert_eq(totals_unpack(&copy, &regions, packed, size, NULL), RESULT_CONFLICT, "another version");
    packed[0] ^= 1;
    uint8_t *grace = packed + 36 + 4 * FLOW_COUNT;
    memset(grace + 2, 0, 4);
    cr_assert_eq(totals_unpack(&copy, &regions, packed, size, NULL), RESULT_CORRUPT, "a month of nobody");
    memcpy(grace, grace + 6, 6);
    cr_assert_eq(totals_unpack(&copy, &regions, packed, size, NULL), RESULT_CORRUPT, "a month twice");
    regions.kelurahan[1].code++;
    memset(grace, 0, 12);
    cr_assert_eq(totals_unpack(&copy, &regions, packed, size, NULL), RESULT_CONFLICT, "other regions");
}

Test(totals, the_biggest_table_fits_its_packed_size) {
    for (uint32_t code = BENDA + 1; regions.kelurahan_count < KELURAHAN_MAX; code++)
        cr_assert(region_table_add(&regions, code, "X", "Dua", 1));
    static uint8_t packed[TOTALS_PACKED_MAX];
    cr_assert_leq(totals_pack(&totals, &regions, packed), TOTALS_PACKED_MAX);
}
