/* simulate_surge.h - what a surge of layoffs does to the city's bill, watched while it happens: who moves to
 * city-paid and from which month, how the bill grows, and until when the budget lasts. */
#ifndef CLI_SIMULATE_SURGE_H
#define CLI_SIMULATE_SURGE_H

#include "billing_client.h"
#include "cakupan/billing_summary.h"
#include "cakupan/region.h"
#include "journal_follow.h"

#include <jansson.h>
#include <stdio.h>

#define SURGE_MONTHS 8  /* from which people move to city-paid; more are counted with the last one */
#define SURGE_LISTED 20 /* persons whom somebody must look after, shown by name of their case */

/* A person whom the policy treats otherwise than the rest. */
struct surge_case {
    uint64_t offset;
    identity_t identity; /* 0: refused, see `cakupan refusals` */
    uint16_t refusal;
    bool disputed;
};

struct surge_moved {
    month_t from;
    uint64_t people, by_kecamatan[KECAMATAN_MAX + 1];
};

struct surge_budget {
    bool known; /* a ceiling is set */
    int64_t ceiling_rupiah, forecast_rupiah;
    uint32_t runs_out_month, runs_out_date; /* 0: it lasts to the year's end */
};

struct surge {
    const struct region_table *regions; /* borrowed */
    struct billing_client *billing;
    struct journal_follow *journal;
    bool redraws;
    int64_t shown_us, budget_us;
    struct billing_summary before, now;
    struct surge_budget budget_before, budget;
    uint64_t laid_off, disputed, unproved, grace;
    month_t grace_until; /* the last month in which somebody's months of grace end */
    uint32_t month_count;
    struct surge_moved moved[SURGE_MONTHS];
    uint32_t case_count;
    struct surge_case cases[SURGE_LISTED];
    int64_t charged_ms; /* from the end of the sending until everything was charged */
};

/* Asks billing how things stand and follows the journal from here on. RESULT_NOT_FOUND where billing does not
 * run. Whatever comes back, surge_close follows. */
MUST_USE enum result surge_open(struct surge *surge, const char *state, const struct region_table *regions,
                                uint64_t head, struct failure *why);
void surge_close(struct surge *surge);
/* Now and then while the surge goes on; shows a line on a terminal. False: billing or the feed has failed,
 * and what is known stands. */
bool surge_look(struct surge *surge, int64_t now_us);
/* Waits until billing has charged everything up to `head`; then the last figures. */
MUST_USE enum result surge_finish(struct surge *surge, uint64_t head, struct failure *why);

/* A feed_on_record with the surge as its context. */
enum result surge_record(void *surge, const struct batch_header *batch, const struct record *record,
                         struct failure *why);
/* What the city pays a month as things stand: for the open month and the one after. */
int64_t surge_city_rupiah(const struct payer_sum sums[PAYER_COUNT]);
/* simulate_surge_print.c */
void surge_line(const struct surge *surge, char *out, size_t size);
void surge_print(const struct surge *surge, FILE *out, bool colour);
/* The caller owns the object. Names are public: only add. */
json_t *surge_json(const struct surge *surge);

#endif
