/* suppress.c - tests that the public can't reckon a small count from what it sees: every linear combination
 * of all that is published is tried, over random cities. */
#include "view/suppress.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define PRIME UINT64_C(2147483647) /* equations are solved modulo it; its chance to hide a solution is nil */

enum { KECAMATAN = 4, KELURAHAN = 4, CITIES = 400, REGIONS = 1 + KECAMATAN + KECAMATAN * KELURAHAN };
enum { UNKNOWNS = REGIONS * FIELD_END, EQUATIONS = REGIONS * 8 + (1 + KECAMATAN) * FIELD_END };

static struct coverage_view view;
static struct suppression suppression;

/* The equations of what is withheld, echelon form. */
static struct {
    unsigned count;
    unsigned pivot[EQUATIONS];
    uint32_t row[EQUATIONS][UNKNOWNS];
} system_;

static unsigned variable(size_t region, unsigned field) {
    return (unsigned)(region * FIELD_END + field);
}

static uint64_t inverse(uint64_t number) {
    uint64_t result = 1;
    for (uint64_t power = PRIME - 2; power; power >>= 1, number = number * number % PRIME)
        if (power & 1)
            result = result * number % PRIME;
    return result;
}

/* Takes out of `row` what the equations say; true where nothing is left of it. */
static bool row_reduce(uint32_t row[UNKNOWNS]) {
    for (unsigned i = 0; i < system_.count; i++) {
        uint64_t factor = row[system_.pivot[i]];
        for (unsigned v = system_.pivot[i]; factor && v < UNKNOWNS; v++)
            row[v] = (uint32_t)((row[v] + (PRIME - factor) * system_.row[i][v]) % PRIME);
    }
    for (unsigned v = 0; v < UNKNOWNS; v++)
        if (row[v])
            return false;
    return true;
}

static void equation_add(uint32_t row[UNKNOWNS]) {
    unsigned pivot = 0;
    if (row_reduce(row))
        return;
    while (!row[pivot])
        pivot++;
    uint64_t scale = inverse(row[pivot]);
    for (unsigned v = 0; v < UNKNOWNS; v++)
        row[v] = (uint32_t)(row[v] * scale % PRIME);
    /* kept in order of pivots, so that one pass reduces */
    unsigned at = system_.count++;
    for (; at > 0 && system_.pivot[at - 1] > pivot; at--) {
        system_.pivot[at] = system_.pivot[at - 1];
        memcpy(system_.row[at], system_.row[at - 1], sizeof system_.row[at]);
    }
    system_.pivot[at] = pivot;
    memcpy(system_.row[at], row, sizeof system_.row[at]);
}

/* Only what is withheld is unknown; the rest of an equation is a number that everybody sees. */
static void term(uint32_t row[UNKNOWNS], size_t region, unsigned field, bool minus) {
    if (suppressed(&suppression, region, field))
        row[variable(region, field)] = minus ? (uint32_t)(PRIME - 1) : 1;
}

static void equation_of_fields(size_t region, unsigned total, const unsigned *parts, size_t count) {
    static uint32_t row[UNKNOWNS];
    memset(row, 0, sizeof row);
    term(row, region, total, true);
    for (size_t i = 0; i < count; i++)
        term(row, region, parts[i], false);
    equation_add(row);
}

static void equations_of_region(size_t region) {
    unsigned registered[SEGMENT_COUNT - 1], active[SEGMENT_COUNT - 1];
    for (unsigned s = 0; s < SEGMENT_COUNT - 1; s++) {
        registered[s] = FIELD_FIRST_REGISTERED + s;
        active[s] = FIELD_FIRST_ACTIVE + s;
    }
    const unsigned first = FIELD_FIRST_STATUS - STATUS_ACTIVE;
    const unsigned statuses[] = {first + STATUS_ACTIVE, first + STATUS_GRACE, first + STATUS_PENDING,
                                 first + STATUS_SUSPENDED};
    const unsigned paid = FIELD_FIRST_ACTIVE + SEGMENT_PBPU_PEMDA - 1;
    equation_of_fields(region, FIELD_REGISTERED, registered, SEGMENT_COUNT - 1);
    equation_of_fields(region, FIELD_ACTIVE, active, SEGMENT_COUNT - 1);
    equation_of_fields(region, FIELD_REGISTERED, statuses, 4);
    equation_of_fields(region, FIELD_ACTIVE, statuses, 2);
    equation_of_fields(region, FIELD_GRACE, &statuses[1], 1);
    equation_of_fields(region, FIELD_CITY_PAID, &paid, 1); /* nobody whom the city pays is in grace here */
}

static void equations_of_parts(size_t parent) {
    static uint32_t row[UNKNOWNS];
    for (unsigned field = FIELD_REGISTERED; field < FIELD_END; field++) {
        bool parts = false;
        if (field == FIELD_FIRST_FLOW + FLOW_REFUSED)
            continue;
        memset(row, 0, sizeof row);
        term(row, parent, field, true);
        for (size_t i = 0; i < view.count; i++) {
            if (!region_is_below(view.regions[i].code, view.regions[parent].code))
                continue;
            term(row, i, field, false);
            parts = true;
        }
        if (parts)
            equation_add(row);
    }
}

static void equations_make(void) {
    system_.count = 0;
    for (size_t i = 0; i < view.count; i++) {
        equations_of_region(i);
        equations_of_parts(i);
    }
}

/* Whether the figure, or the difference of two, can be reckoned (`minus` 0: of one). */
static bool is_known(size_t region, unsigned field, unsigned minus) {
    static uint32_t row[UNKNOWNS];
    memset(row, 0, sizeof row);
    term(row, region, field, false);
    if (minus)
        term(row, region, minus, true);
    return row_reduce(row);
}

static bool is_small(uint32_t people) {
    return people > 0 && people < SUPPRESS_BELOW;
}

static void check(size_t region, unsigned field, unsigned minus) {
    struct totals_line *line = &view.regions[region].line;
    uint32_t people = *totals_field(line, field) - (minus ? *totals_field(line, minus) : 0);
    cr_assert(!is_small(people) || !is_known(region, field, minus),
              "%u people of %u: field %u less %u is known", people, view.regions[region].code, field, minus);
}

static void check_all(void) {
    equations_make();
    for (size_t i = 0; i < view.count; i++) {
        for (unsigned field = FIELD_REGISTERED; field < FIELD_END; field++)
            check(i, field, 0);
        check(i, FIELD_REGISTERED, FIELD_ACTIVE);
        for (unsigned s = 0; s < SEGMENT_COUNT - 1; s++)
            check(i, FIELD_FIRST_REGISTERED + s, FIELD_FIRST_ACTIVE + s);
    }
}

/* What the withheld parts of a published sum have together, which anybody can subtract, is not small. */
static void check_rests(void) {
    for (size_t parent = 0; parent < view.count; parent++) {
        for (unsigned field = FIELD_REGISTERED; field < FIELD_END; field++) {
            uint32_t rest = 0;
            for (size_t i = 0; i < view.count; i++)
                if (region_is_below(view.regions[i].code, view.regions[parent].code) &&
                    suppressed(&suppression, i, field))
                    rest += *totals_field(&view.regions[i].line, field);
            bool published = !suppressed(&suppression, parent, field);
            cr_assert(field == FIELD_FIRST_FLOW + FLOW_REFUSED || !published || !is_small(rest),
                      "the parts of %u withhold %u in all of field %u", view.regions[parent].code, rest,
                      field);
        }
    }
}

static uint32_t people_random(unsigned kind) {
    static const uint32_t most[] = {1, 3, 6, 12, 60, 3000};
    return (uint32_t)(rand() % 3 == 0 ? 0 : (unsigned)rand() % (most[kind % 6] + 1));
}

/* A kelurahan's figures, which agree with each other as coverage's do. */
static void line_random(struct totals_line *line, unsigned kind) {
    line->population = 5000;
    for (unsigned segment = SEGMENT_NONE + 1; segment < SEGMENT_COUNT; segment++) {
        uint32_t active = people_random(kind), suspended = people_random(kind / 2);
        uint32_t grace = segment == SEGMENT_PPU_BU ? people_random(kind / 3) : 0;
        uint32_t pending = people_random(kind / 4);
        line->by_status[STATUS_ACTIVE] += active;
        line->by_status[STATUS_GRACE] += grace;
        line->by_status[STATUS_PENDING] += pending;
        line->by_status[STATUS_SUSPENDED] += suspended;
        line->active_by_segment[segment] = active + grace;
        line->registered_by_segment[segment] = active + grace + pending + suspended;
        line->active += active + grace;
        line->registered += active + grace + pending + suspended;
    }
    line->grace = line->by_status[STATUS_GRACE];
    line->city_paid = line->active_by_segment[SEGMENT_PBPU_PEMDA];
    for (unsigned status = STATUS_DECEASED; status < STATUS_COUNT; status++)
        line->by_status[status] = people_random(kind / 2);
    for (unsigned flow = 0; flow < FLOW_REFUSED; flow++)
        line->flows[flow] = people_random(kind);
}

static void line_join(struct totals_line *sum, struct totals_line *part) {
    for (unsigned field = FIELD_REGISTERED; field < FIELD_END; field++)
        *totals_field(sum, field) += *totals_field(part, field);
}

/* Of `kecamatan` parts with 1 to `kelurahan` each. */
static void city_random(unsigned kecamatan, unsigned kelurahan) {
    memset(&view, 0, sizeof view);
    view.regions[0].code = 3671;
    view.count = 1 + kecamatan;
    for (unsigned k = 0; k < kecamatan; k++) {
        view.regions[1 + k].code = 367101 + k;
        unsigned parts = 1 + (unsigned)rand() % kelurahan;
        for (unsigned i = 0; i < parts; i++) {
            struct coverage_region *region = &view.regions[view.count++];
            region->code = (367101 + k) * 10000 + 1001 + i;
            line_random(&region->line, (unsigned)rand() % 6);
            line_join(&view.regions[1 + k].line, &region->line);
        }
        line_join(&view.regions[0].line, &view.regions[1 + k].line);
    }
    view.regions[0].line.flows[FLOW_REFUSED] = people_random(2);
}

Test(suppress, bits_are_in_the_order_of_the_fields) {
    char name[TOTALS_FIELD_NAME];
    const struct {
        unsigned field;
        const char *name;
    } expected[] = {{FIELD_REGISTERED, "registered"},
                    {FIELD_ACTIVE, "active"},
                    {FIELD_CITY_PAID, "city_paid"},
                    {FIELD_GRACE, "grace"},
                    {FIELD_FIRST_REGISTERED, "registered_PBI_JK"},
                    {FIELD_FIRST_ACTIVE, "active_PBI_JK"},
                    {FIELD_FIRST_STATUS, "status_ACTIVE"},
                    {FIELD_FIRST_FLOW, "flow_enrolled"},
                    {FIELD_END - 1, "flow_refused"}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        totals_field_name(expected[i].field, name);
        cr_expect_str_eq(name, expected[i].name);
    }
}

Test(suppress, no_small_count_can_be_reckoned, .timeout = 300) {
    unsigned withheld = 0, shown = 0;
    srand(20261122);
    for (unsigned city = 0; city < CITIES; city++) {
        city_random(1 + (unsigned)rand() % KECAMATAN, city % 8 == 0 ? KELURAHAN : 2);
        suppress_view(&view, &suppression);
        check_all();
        check_rests();
        for (size_t i = 0; i < view.count; i++) {
            unsigned bits = (unsigned)__builtin_popcountll(suppression.withheld[i]);
            withheld += bits;
            shown += FIELD_END - 1 - bits;
        }
    }
    cr_expect(withheld > 1000 && shown > 1000, "%u figures withheld, %u shown", withheld, shown);
}

/* The proof above can fail: one figure too many shown, and another is known. */
Test(suppress, what_is_shown_too_much_is_found) {
    unsigned found = 0, tried = 0;
    srand(7);
    for (unsigned city = 0; city < 20; city++) {
        city_random(2, 2);
        suppress_view(&view, &suppression);
        for (size_t i = 0; i < view.count; i++) {
            uint32_t inactive = view.regions[i].line.registered - view.regions[i].line.active;
            if (!is_small(inactive))
                continue;
            suppression.withheld[i] &= ~(UINT64_C(1) << FIELD_REGISTERED | UINT64_C(1) << FIELD_ACTIVE);
            equations_make();
            tried++;
            found += is_known(i, FIELD_REGISTERED, FIELD_ACTIVE);
            break;
        }
    }
    cr_expect(tried > 3 && found == tried, "%u of %u", found, tried);
}

Test(suppress, history_without_kelurahan_withholds_the_same) {
    struct suppression daily;
    srand(11);
    for (unsigned city = 0; city < 200; city++) {
        size_t count = 1;
        city_random(1 + (unsigned)rand() % KECAMATAN, KELURAHAN);
        suppress_view(&view, &suppression);
        while (count < view.count && view.regions[count].code < 1000000)
            count++;
        view.count = count;
        suppress_view(&view, &daily);
        cr_assert_arr_eq(daily.withheld, suppression.withheld, count * sizeof daily.withheld[0]);
    }
}

#define FLOW_BIT(flow)     (UINT64_C(1) << (FIELD_FIRST_FLOW + (flow)))
#define STATUS_BIT(status) (UINT64_C(1) << (FIELD_FIRST_STATUS + (status)-1))
static const uint64_t gone =
    STATUS_BIT(STATUS_DECEASED) | STATUS_BIT(STATUS_MOVED_OUT) | STATUS_BIT(STATUS_MERGED);

/* A city as large as the real one shows nearly all of it. */
Test(suppress, large_counts_are_shown) {
    memset(&view, 0, sizeof view);
    view.count = 1;
    suppress_view(&view, &suppression);
    cr_expect_eq(suppression.withheld[0], gone, "nobody at all is no small count");
    view.regions[0].line.registered = 1944039;
    view.regions[0].line.active = 1780776;
    view.regions[0].line.flows[FLOW_LAID_OFF] = 4;
    view.regions[0].line.flows[FLOW_REHIRED] = 5;
    suppress_view(&view, &suppression);
    cr_expect_eq(suppression.withheld[0], gone | FLOW_BIT(FLOW_LAID_OFF));
}

/* 100 fewer are registered than the day before: with two of the three flows the third is known. */
Test(suppress, flows_that_sum_to_a_days_difference_are_withheld_together) {
    memset(&view, 0, sizeof view);
    view.count = 1;
    view.regions[0].line.flows[FLOW_DIED] = 2;
    view.regions[0].line.flows[FLOW_MOVED_OUT] = 90;
    view.regions[0].line.flows[FLOW_MERGED] = 8;
    view.regions[0].line.flows[FLOW_ENROLLED] = 50;
    suppress_view(&view, &suppression);
    cr_expect_eq(suppression.withheld[0],
                 gone | FLOW_BIT(FLOW_DIED) | FLOW_BIT(FLOW_MOVED_OUT) | FLOW_BIT(FLOW_MERGED));
    view.regions[0].line.flows[FLOW_DIED] = 5;
    view.regions[0].line.flows[FLOW_BORN] = 1;
    suppress_view(&view, &suppression);
    cr_expect_eq(suppression.withheld[0],
                 gone | FLOW_BIT(FLOW_ENROLLED) | FLOW_BIT(FLOW_BORN) | FLOW_BIT(FLOW_MOVED_IN));
}

Test(suppress, bill_and_grace_windows_of_few) {
    memset(&view, 0, sizeof view);
    view.count = 1;
    view.billing.summary.open[PAYER_CITY_IURAN].people = 5;
    view.grace[0] = (struct totals_grace){.month = 24324, .people = 5};
    suppress_view(&view, &suppression);
    cr_expect_not(suppression.bill || suppression.grace_windows);
    view.billing.summary.next[PAYER_MEMBER].people = 4;
    view.grace[1] = (struct totals_grace){.month = 24325, .people = 1};
    suppress_view(&view, &suppression);
    cr_expect(suppression.bill && suppression.grace_windows);
}

/* Who pays as a member is of PBPU or of BP: the bill must not tell the one that is withheld. */
Test(suppress, members_who_pay_do_not_tell_those_of_bp) {
    struct totals_line *city = &view.regions[0].line;
    memset(&view, 0, sizeof view);
    view.count = 1;
    city->registered_by_segment[SEGMENT_PPU_PN] = city->active_by_segment[SEGMENT_PPU_PN] = 90;
    city->registered_by_segment[SEGMENT_PBPU] = city->active_by_segment[SEGMENT_PBPU] = 60;
    city->registered_by_segment[SEGMENT_BP] = city->active_by_segment[SEGMENT_BP] = 50;
    city->registered = city->active = city->by_status[STATUS_ACTIVE] = 200;
    view.billing.summary.open[PAYER_MEMBER].people = 110;
    suppress_view(&view, &suppression);
    cr_expect_not(suppression.bill || suppression.bill_pair);
    city->registered_by_segment[SEGMENT_BP] = city->active_by_segment[SEGMENT_BP] = 3;
    city->registered = city->active = city->by_status[STATUS_ACTIVE] = 153;
    view.billing.summary.open[PAYER_MEMBER].people = 63;
    suppress_view(&view, &suppression);
    cr_expect(suppressed(&suppression, 0, FIELD_FIRST_ACTIVE + SEGMENT_BP - 1));
    cr_expect(suppression.bill_pair, "63 who pay less 60 of PBPU are the 3 that are withheld");
    cr_expect_not(suppression.bill, "whom the city pays for is shown");
}
