/* ledger_history.h - random histories of a small city, made by the registry itself from a seed.
 *
 * People enrol, are born, move, die, lose work and find it, late and early, by many devices; what falls due
 * follows. The records are those that enrollment would have journalled, refused ones included.
 */
#ifndef TESTS_LEDGER_HISTORY_H
#define TESTS_LEDGER_HISTORY_H

#include "cakupan/registry.h"

#define HISTORY_PEOPLE  14
#define HISTORY_RECORDS 1024

struct history {
    struct region_table regions; /* two kecamatan of two kelurahan */
    struct policy policy;
    struct registry *registry;
    uint64_t dice;
    day_t today;
    uint32_t count;
    struct record records[HISTORY_RECORDS];
};

/* Begins on 2026-11-01 with offices and a kader; the policy is one of the seed's. */
struct history *history_begin(uint64_t seed);
void history_end(struct history **history);
/* Goes on: some days pass, somebody reports something. False when there is no room for more records. */
bool history_go(struct history *history);
uint32_t history_roll(struct history *history, uint32_t sides); /* 0 .. sides - 1, from the same seed */

#endif
