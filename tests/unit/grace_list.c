/* grace_list.c - tests of the list of those in grace: who comes in, who leaves, whose month, whose place. */
#include "cli/grace_list.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct grace_list *list;
static struct grace_person *people;

static void setup(void) {
    list = grace_list_new();
}
static void teardown(void) {
    grace_list_destroy(&list);
    free(people);
}
TestSuite(grace_list, .init = setup, .fini = teardown);

static struct record layoff(uint32_t member_id, day_t day, day_t due_day, uint32_t kelurahan) {
    return (struct record){.member_id = member_id,
                           .kind = CHANGE_LAYOFF,
                           .effective_day = day,
                           .has_after = true,
                           .after = {.identity = 1000 + member_id,
                                     .kelurahan = kelurahan,
                                     .status = STATUS_GRACE,
                                     .due_day = due_day}};
}

static size_t month_count(unsigned year, unsigned month, uint32_t area) {
    free(people);
    return grace_list_month(list, calendar_month(calendar_day(year, month, 1)), area, &people);
}

Test(grace_list, the_month_is_that_of_the_last_day) {
    struct record record = layoff(5, calendar_day(2026, 5, 20), calendar_day(2026, 12, 1), 3671051004);
    grace_list_step(list, &record);
    cr_assert_eq(month_count(2026, 12, 3671), 0);
    cr_assert_eq(month_count(2026, 11, 3671), 1);
    cr_assert_eq(people[0].last_day, calendar_day(2026, 11, 30));
    cr_assert_eq(people[0].laid_off, calendar_day(2026, 5, 20));
    cr_assert_eq(people[0].identity, 1005);
}

Test(grace_list, who_leaves_grace_leaves_the_list) {
    struct record record = layoff(5, calendar_day(2026, 5, 20), calendar_day(2026, 12, 1), 3671051004);
    grace_list_step(list, &record);
    record.kind = CHANGE_REHIRE;
    record.after.status = STATUS_ACTIVE;
    record.after.due_day = DAY_NONE;
    grace_list_step(list, &record);
    cr_assert_eq(month_count(2026, 11, 3671), 0);
}

Test(grace_list, who_moves_in_grace_is_listed_where_he_lives) {
    struct record record = layoff(5, calendar_day(2026, 5, 20), calendar_day(2026, 12, 1), 3671051004);
    grace_list_step(list, &record);
    record.kind = CHANGE_MOVE_WITHIN;
    record.effective_day = calendar_day(2026, 8, 1);
    record.after.kelurahan = 3671011001;
    grace_list_step(list, &record);
    cr_assert_eq(month_count(2026, 11, 367105), 0);
    cr_assert_eq(month_count(2026, 11, 367101), 1);
    cr_assert_eq(people[0].laid_off, calendar_day(2026, 5, 20), "moving is no layoff");
}

Test(grace_list, refused_and_foreign_records_count_for_nothing) {
    struct record record = layoff(5, calendar_day(2026, 5, 20), calendar_day(2026, 12, 1), 3671051004);
    record.refusal = REFUSAL_NIK_DATE;
    grace_list_step(list, &record);
    record.refusal = REFUSAL_NONE;
    record.has_after = false;
    grace_list_step(list, &record);
    record.has_after = true;
    record.member_id = 0;
    grace_list_step(list, &record);
    record.member_id = 5;
    record.after.status = STATUS_PENDING;
    grace_list_step(list, &record);
    cr_assert_eq(month_count(2026, 11, 3671), 0);
}

Test(grace_list, by_day_then_place_then_number) {
    const struct record records[] = {
        layoff(90000, calendar_day(2026, 5, 1), calendar_day(2026, 11, 30), 3671051004),
        layoff(3, calendar_day(2026, 5, 1), calendar_day(2026, 11, 30), 3671011001),
        layoff(2, calendar_day(2026, 5, 1), calendar_day(2026, 11, 30), 3671011001),
        layoff(1, calendar_day(2026, 5, 1), calendar_day(2026, 12, 1), 3671011001),
    };
    for (size_t i = 0; i < sizeof records / sizeof *records; i++)
        grace_list_step(list, &records[i]);
    cr_assert_eq(month_count(2026, 11, 3671), 4);
    cr_assert_eq(people[0].member_id, 2);
    cr_assert_eq(people[1].member_id, 3);
    cr_assert_eq(people[2].member_id, 90000);
    cr_assert_eq(people[3].member_id, 1);
}
