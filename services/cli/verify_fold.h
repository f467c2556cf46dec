/* verify_fold.h - folds the journal anew, and keeps what the state was at the offsets to be compared.
 * Pure. */
#ifndef CLI_VERIFY_FOLD_H
#define CLI_VERIFY_FOLD_H

#include "cakupan/registry.h"
#include "view/coverage_view.h"

enum { VERIFY_DIFFERENCES_MAX = 20 };

/* The two folds, and their states at three offsets. */
struct verify_fold {
    const struct region_table *regions;
    struct registry *registry;
    struct totals totals;
    uint64_t digest_offset;   /* wanted: enrollment's digest */
    uint64_t coverage_offset; /* wanted: coverage's totals   */
    uint64_t redis_offset;    /* wanted: totals in Redis     */
    uint64_t digest;          /* at digest_offset            */
    uint32_t members, devices;
    struct totals at_coverage, at_redis;
    uint64_t batches;
};

/* `regions` and `policy` are borrowed. */
void verify_fold_init(struct verify_fold *fold, const struct region_table *regions,
                      const struct policy *policy);
void verify_fold_free(struct verify_fold *fold);
/* Takes the next record into both folds. RESULT_CORRUPT: the journal contradicts itself there. */
MUST_USE enum result verify_fold_record(struct verify_fold *fold, const struct batch_header *batch,
                                        const struct record *record, struct failure *why);

/* One figure that differs. */
struct verify_difference {
    uint32_t code; /* region */
    char figure[TOTALS_FIELD_NAME];
    uint32_t recounted, found;
};
/* Compares every figure of every region, and the months of grace; returns how many differ, the first ones in
 * `out`. A region that the claim lacks is a difference, too. */
size_t verify_compare(const struct totals *recounted, const struct region_table *regions,
                      const struct coverage_view *claim,
                      struct verify_difference out[VERIFY_DIFFERENCES_MAX]);

#endif
