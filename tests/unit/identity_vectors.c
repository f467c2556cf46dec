/* identity_vectors.c - holds services/domain/nik.c to tests/vectors/identity.csv, the table that the kader
 * web app's checks are held to as well: a phone must not let pass, or refuse, what enrollment sees otherwise.
 */
#include "cakupan/calendar.h"
#include "cakupan/nik.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS 5
enum column { RULE, NUMBER, BIRTH_DATE, SEX, EXPECTED };

/* Cuts a line at its commas, in place. */
static void split(char *line, char *columns[COLUMNS]) {
    line[strcspn(line, "\r\n")] = '\0';
    for (size_t column = 0; column < COLUMNS; column++) {
        cr_assert(line, "a line of the table has %d columns", COLUMNS);
        columns[column] = line;
        line = strchr(line, ',');
        if (line)
            *line++ = '\0';
    }
    cr_assert_null(line, "a line of the table has no more than %d columns", COLUMNS);
}

/* A text that is no number of 16 digits reaches the services as 0 or as a number that has another length. */
static void check_number(char *columns[COLUMNS]) {
    uint64_t number = 0;
    (void)nik_parse(columns[NUMBER], strlen(columns[NUMBER]), &number);
    enum refusal found = strcmp(columns[RULE], "kk") == 0 ? kk_check(number) : nik_check(number);
    cr_assert_eq(found, refusal_from_name(columns[EXPECTED]), "%s %s: found %s, the table says '%s'",
                 columns[RULE], columns[NUMBER], found ? refusal_name(found) : "fine", columns[EXPECTED]);
    if (*columns[EXPECTED])
        cr_assert_neq(refusal_from_name(columns[EXPECTED]), REFUSAL_NONE, "%s is no code", columns[EXPECTED]);
}

static void check_agreement(char *columns[COLUMNS]) {
    uint64_t nik = 0;
    cr_assert(nik_parse(columns[NUMBER], strlen(columns[NUMBER]), &nik), "%s", columns[NUMBER]);
    day_t birth_day = DAY_NONE;
    if (*columns[BIRTH_DATE])
        cr_assert(calendar_parse(columns[BIRTH_DATE], strlen(columns[BIRTH_DATE]), &birth_day));
    enum sex sex = *columns[SEX] == '\0'                 ? SEX_UNKNOWN
                   : strcmp(columns[SEX], "female") == 0 ? SEX_FEMALE
                                                         : SEX_MALE;
    bool expected = strcmp(columns[EXPECTED], "yes") == 0;
    cr_assert_eq(nik_agrees(nik, birth_day, sex), expected, "%s, %s, %s: the table says %s", columns[NUMBER],
                 columns[BIRTH_DATE], columns[SEX], columns[EXPECTED]);
}

Test(identity_vectors, the_services_keep_the_shared_table) {
    FILE *file = fopen(CITY_DIRECTORY "/../../tests/vectors/identity.csv", "r");
    cr_assert(file, "tests/vectors/identity.csv can be read");
    char line[256], *columns[COLUMNS];
    size_t rows = 0;
    while (fgets(line, sizeof line, file)) {
        if (*line == '#')
            continue;
        split(line, columns);
        if (strcmp(columns[RULE], "agrees") == 0)
            check_agreement(columns);
        else
            check_number(columns);
        rows++;
    }
    fclose(file);
    cr_assert_gt(rows, 50, "the table has its rows");
}
