/* reconcile.h - BPJS's list of a month against our roster: every difference with its reason and amount.
 *
 * Pure and streaming: the roster goes into a table (16 bytes an entry), each row of BPJS is answered at once,
 * what is left at the end is ours alone. 400,000 rows take some tens of milliseconds.
 */
#ifndef CAKUPAN_RECONCILE_H
#define CAKUPAN_RECONCILE_H

#include "cakupan/ledger.h"

/* Names are public: only add. */
enum difference {
    DIFFERENCE_NONE = 0,
    DIFFERENCE_ONLY_BPJS,   /* billed, but not in our roster                                     */
    DIFFERENCE_ONLY_OURS,   /* in our roster, not billed                                         */
    DIFFERENCE_AMOUNT,      /* both, with another amount                                         */
    DIFFERENCE_SEGMENT,     /* both, under another segment or class                              */
    DIFFERENCE_TWICE,       /* billed again for the same person                                  */
    DIFFERENCE_NIK_INVALID, /* billed for a number that is no NIK, nor a newborn's of our roster */
    DIFFERENCE_COUNT
};
const char *difference_name(enum difference difference);

struct bpjs_row {
    uint64_t line;               /* of the file */
    identity_t identity;         /* 0 where the number is none */
    uint8_t segment, care_class; /* 0: the file does not say */
    int64_t amount_rupiah;
};
struct reconcile_difference {
    uint8_t difference; /* enum difference */
    uint64_t line;      /* 0: ONLY_OURS */
    identity_t identity;
    uint32_t member_id; /* 0: ONLY_BPJS */
    int64_t bpjs_rupiah, our_rupiah;
};
struct reconcile_sums {
    uint64_t rows, agreed, differences[DIFFERENCE_COUNT];
    int64_t bpjs_rupiah, our_rupiah, difference_rupiah[DIFFERENCE_COUNT]; /* theirs minus ours */
};

struct reconcile;
struct reconcile *reconcile_new(uint32_t roster_hint);
void reconcile_destroy(struct reconcile **reconcile);
/* A ledger_on_roster; all before the first row. */
void reconcile_entry(void *reconcile, const struct roster_entry *entry);
/* The entry that came as number `position`, from 0, has got that NIK since the roster was frozen: rows find
 * it by either. For newborns, whose roster says the temporary id (Perpres 82/2018 art. 16). After all
 * entries, before the first row. */
void reconcile_known_as(struct reconcile *reconcile, uint32_t position, identity_t identity);
/* False: the row agrees. A row has at most one difference, the first that fits in the order TWICE,
 * NIK_INVALID, ONLY_BPJS, SEGMENT, AMOUNT. */
bool reconcile_row(struct reconcile *reconcile, const struct bpjs_row *row, struct reconcile_difference *out);
/* ONLY_OURS, in the roster's order. */
typedef void reconcile_on_difference(void *context, const struct reconcile_difference *difference);
void reconcile_end(struct reconcile *reconcile, reconcile_on_difference *on_difference, void *context);
void reconcile_sums(const struct reconcile *reconcile, struct reconcile_sums *out);

#endif
