/* ledger_journal_files_state.h - an open journal of a partition on files. For ledger_journal_files*.c
 * alone. */
#ifndef STORE_LEDGER_JOURNAL_FILES_STATE_H
#define STORE_LEDGER_JOURNAL_FILES_STATE_H

#include "ledger_journal_chain.h"

#include <stdbool.h>

struct journal_files {
    struct ledger_journal journal; /* first: a struct ledger_journal * is a struct journal_files * */
    struct ledger_chain chain;
    struct ledger_entry tail; /* the last valid one, without its payload */
    /* Its owner: */
    int descriptor; /* of its own segment; -1: opened to be read */
    uint64_t epoch;
    uint64_t end; /* of the last entry in it */
    bool fenced;
    bool broken; /* a write ended unknown: nothing more is written */
    /* A reader: */
    struct ledger_segment newest; /* to find what comes */
    uint64_t given_sequence;      /* the furthest entry given out */
    uint8_t given_hash[JOURNAL_HASH_SIZE];
    bool turned;
};

extern const struct ledger_journal_operations ledger_journal_files_operations;

#endif
