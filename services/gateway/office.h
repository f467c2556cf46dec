/* office.h - what the offices' handlers share: reading what was asked, and orders for our command line.
 *
 * Readers answer the request by a problem and return false where something is wrong.
 */
#ifndef GATEWAY_OFFICE_H
#define GATEWAY_OFFICE_H

#include "jobs.h"

#define OFFICE_FRESH_QUICK_MS 1000  /* billing is asked the same at most once a second */
#define OFFICE_FRESH_LONG_MS  30000 /* they take seconds of a processor */

/* Part 0 of the path; "2026-11". */
bool office_month(struct request *request, const char **month);
bool office_year(struct request *request, const char **year);
/* Parameters; absent: `*out` stays. */
bool office_flag(struct request *request, const char *name, bool *out);
bool office_number(struct request *request, const char *name, uint64_t least, uint64_t most, uint64_t *out);
bool office_text(struct request *request, const char *name, size_t most_bytes, const char **out);
/* There is a file. */
bool office_list(struct request *request);
/* What holds people of the whole city is for devices whose area is the city. */
bool office_whole_city(struct request *request);

/* Answers by the problem of a body that office_json.h refused. */
void office_json_wrong(struct request *request, const struct failure *why);

/* "cakupan WORD WORD ... --state=..." */
struct child_order office_order(const struct request *request, const char *words);
/* Who decides: the device's name, for the trail. */
void office_author(struct child_order *order, const struct request *request);
/* Asks the command line; its JSON is the answer. */
void office_ask(struct request *request, const struct child_order *order, enum lane lane, int fresh_ms);

#endif
