/* event_rules.c - tests of the table of kinds, of the names of kinds, fields and roles, and of areas. */
#include "domain/event_rules.h"

#include <criterion/criterion.h>
#include <string.h>

static bool may_send(enum role role, enum change kind) {
    return event_rule(kind)->roles >> role & 1;
}

Test(event_rules, every_kind_has_a_rule_and_no_other) {
    for (unsigned kind = 0; kind < 300; kind++)
        cr_assert_eq(event_rule(kind) != NULL, kind >= CHANGE_ENROL && kind < CHANGE_DEVICE_COUNT, "kind %u",
                     kind);
}

Test(event_rules, rows_make_sense) {
    for (unsigned kind = CHANGE_ENROL; kind < CHANGE_DEVICE_COUNT; kind++) {
        const struct event_rule *rule = event_rule(kind);
        cr_assert(rule->needed & FIELD_IDENTITY, "kind %u", kind);
        cr_assert(rule->allowed & FIELD_DAY, "every change has a day, kind %u", kind);
        cr_assert_eq(rule->needed & rule->allowed, 0, "kind %u", kind);
        cr_assert(rule->subject & SUBJECT_REGISTERED, "kind %u", kind);
        cr_assert_eq(
            rule->roles & (1u << ROLE_NONE | 1u << ROLE_READER | 1u << ROLE_FINANCE | 1u << ROLE_SERVICE), 0);
    }
}

/* Issue of rights: kader personal events, the labour office layoffs and rehires. */
Test(event_rules, who_may_send_what) {
    for (unsigned kind = CHANGE_ENROL; kind < CHANGE_DEVICE_COUNT; kind++) {
        bool work = kind == CHANGE_LAYOFF || kind == CHANGE_REHIRE;
        cr_assert_eq(may_send(ROLE_KADER, kind), !work, "kind %u", kind);
        cr_assert_eq(may_send(ROLE_HEALTH_OFFICE, kind), !work, "kind %u", kind);
        cr_assert_eq(may_send(ROLE_LABOUR_OFFICE, kind), work, "kind %u", kind);
        cr_assert_eq(may_send(ROLE_BPJS, kind), kind != CHANGE_LAYOFF, "kind %u", kind);
    }
}

/* What a kader sees at a door and can't prove is kept for the labour office; nothing else is a report. */
Test(event_rules, who_may_report_what) {
    for (unsigned kind = CHANGE_ENROL; kind < CHANGE_DEVICE_COUNT; kind++) {
        const struct event_rule *rule = event_rule(kind);
        cr_assert_eq(rule->reporters, kind == CHANGE_LAYOFF ? 1u << ROLE_KADER : 0, "kind %u", kind);
        cr_assert_eq(rule->roles & rule->reporters, 0, "who may send it does not report it, kind %u", kind);
    }
}

Test(event_rules, names_of_kinds_lead_back) {
    unsigned named = 0;
    for (unsigned kind = 0; kind < 300; kind++) {
        const char *name = change_name(kind);
        if (!name)
            continue;
        named++;
        cr_assert_eq(change_from_name(name), (enum change)kind, "%s", name);
    }
    cr_assert_eq(named, CHANGE_DEVICE_COUNT - 1 + 5);
    cr_assert_str_eq(change_name(CHANGE_MOVE_WITHIN), "MOVE_WITHIN");
    cr_assert_str_eq(change_name(CHANGE_DEVICE_REVOKED), "DEVICE_REVOKED");
    cr_assert_eq(change_from_name("move_within"), CHANGE_NONE);
    cr_assert_eq(change_from_name(""), CHANGE_NONE);
    cr_assert_eq(change_from_name(NULL), CHANGE_NONE);
}

Test(event_rules, every_field_has_a_name_of_its_own) {
    for (unsigned bit = 0; bit < 32; bit++) {
        const char *name = event_field_name(1u << bit);
        cr_assert_eq(name[0] != '\0', (1u << bit) <= FIELD_LOCAL_CARD, "bit %u", bit);
        for (unsigned other = 0; other < bit && name[0]; other++)
            cr_assert_str_neq(name, event_field_name(1u << other));
    }
    cr_assert_str_eq(event_field_name(FIELD_IDENTITY), "nik");
    cr_assert_str_eq(event_field_name(FIELD_DAY), "date");
    cr_assert_str_eq(event_field_name(FIELD_LOCAL_CARD), "local_card");
    cr_assert_str_eq(event_field_name(FIELD_DAY | FIELD_SEX), "");
}

Test(event_rules, names_of_roles_lead_back) {
    for (int role = ROLE_KADER; role < ROLE_COUNT; role++)
        cr_assert_eq(role_from_name(role_name((enum role)role)), (enum role)role);
    cr_assert_str_eq(role_name(ROLE_LABOUR_OFFICE), "labour-office");
    cr_assert_str_eq(role_name(ROLE_NONE), "none");
    cr_assert_str_eq(role_name(ROLE_COUNT), "none");
    cr_assert_eq(role_from_name("none"), ROLE_NONE);
    cr_assert_eq(role_from_name("Kader"), ROLE_NONE);
    cr_assert_eq(role_from_name(NULL), ROLE_NONE);
}

Test(event_rules, areas) {
    cr_assert(area_holds(3671, 3671011001u));
    cr_assert(area_holds(367101, 3671011001u));
    cr_assert(area_holds(3671011001u, 3671011001u));
    cr_assert_not(area_holds(3671011001u, 3671011002u));
    cr_assert_not(area_holds(367102, 3671011001u));
    cr_assert_not(area_holds(3603, 3671011001u));
    cr_assert_not(area_holds(3671, 0));
    cr_assert_not(area_holds(0, 0));
    cr_assert_not(area_holds(0, 3671011001u));
    cr_assert_not(area_holds(36, 3671011001u));
    cr_assert_not(area_holds(36710, 3671011001u));
    cr_assert_not(area_holds(36710110, 3671011001u));
}
