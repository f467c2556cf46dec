/* verify_fold.c - folds the journal anew and compares (verify_fold.h). */
#include "verify_fold.h"

#include <stdio.h>
#include <string.h>

void verify_fold_init(struct verify_fold *fold, const struct region_table *regions,
                      const struct policy *policy) {
    memset(fold, 0, sizeof *fold);
    fold->regions = regions;
    fold->registry = registry_new(regions, policy);
    totals_init(&fold->totals);
    totals_init(&fold->at_coverage);
    totals_init(&fold->at_redis);
}

void verify_fold_free(struct verify_fold *fold) {
    registry_destroy(&fold->registry);
}

enum result verify_fold_record(struct verify_fold *fold, const struct batch_header *batch,
                               const struct record *record, struct failure *why) {
    enum result result = registry_apply(fold->registry, record, why);
    if (result == RESULT_OK)
        result = totals_step(&fold->totals, fold->regions, batch, record, why);
    if (result != RESULT_OK)
        return result;
    fold->batches += record->offset == batch->first_offset;
    if (record->offset == fold->digest_offset) {
        fold->digest = registry_digest(fold->registry);
        fold->members = registry_member_count(fold->registry);
        fold->devices = registry_device_count(fold->registry);
    }
    if (record->offset == fold->coverage_offset)
        fold->at_coverage = fold->totals;
    if (record->offset == fold->redis_offset)
        fold->at_redis = fold->totals;
    return RESULT_OK;
}

static struct verify_difference *difference_add(struct verify_difference *out, size_t *count, uint32_t code) {
    static struct verify_difference beyond; /* the ones that are only counted */
    struct verify_difference *difference = *count < VERIFY_DIFFERENCES_MAX ? &out[*count] : &beyond;
    (*count)++;
    difference->code = code;
    return difference;
}

static void region_compare(struct totals_line *recounted, const struct coverage_view *claim, uint32_t code,
                           struct verify_difference *out, size_t *count) {
    const struct coverage_region *region = coverage_view_region(claim, code);
    if (!region) {
        struct verify_difference *difference = difference_add(out, count, code);
        snprintf(difference->figure, sizeof difference->figure, "the region is missing");
        difference->recounted = recounted->registered;
        difference->found = 0;
        return;
    }
    struct totals_line found = region->line;
    for (unsigned field = 0; field < TOTALS_FIELDS; field++) {
        uint32_t ours = *totals_field(recounted, field), theirs = *totals_field(&found, field);
        if (ours == theirs)
            continue;
        struct verify_difference *difference = difference_add(out, count, code);
        totals_field_name(field, difference->figure);
        difference->recounted = ours;
        difference->found = theirs;
    }
}

static uint32_t grace_of(const struct totals_grace grace[TOTALS_GRACE_MONTHS], month_t month) {
    uint32_t people = 0;
    for (unsigned i = 0; i < TOTALS_GRACE_MONTHS; i++)
        people += grace[i].month == month ? grace[i].people : 0;
    return people;
}

/* Each month of either list once: those that both have are met in the recounted one. */
static void grace_compare(const struct totals_picture *picture, const struct coverage_view *claim,
                          struct verify_difference *out, size_t *count) {
    for (unsigned i = 0; i < 2 * TOTALS_GRACE_MONTHS; i++) {
        bool recounted = i < TOTALS_GRACE_MONTHS;
        month_t month = recounted ? picture->grace[i].month : claim->grace[i - TOTALS_GRACE_MONTHS].month;
        uint32_t ours = grace_of(picture->grace, month), theirs = grace_of(claim->grace, month);
        if (month == MONTH_NONE || ours == theirs || (!recounted && ours > 0))
            continue;
        struct verify_difference *difference = difference_add(out, count, picture->regions[0].code);
        char text[CALENDAR_TEXT];
        calendar_format_month(month, text);
        snprintf(difference->figure, sizeof difference->figure, "grace until %s", text);
        difference->recounted = ours;
        difference->found = theirs;
    }
}

size_t verify_compare(const struct totals *recounted, const struct region_table *regions,
                      const struct coverage_view *claim,
                      struct verify_difference out[VERIFY_DIFFERENCES_MAX]) {
    static struct totals_picture picture; /* too big for a stack */
    static const struct policy no_policy = {.count = 1};
    size_t count = 0;
    totals_picture(recounted, regions, &no_policy, &picture);
    for (uint32_t i = 0; i < picture.count; i++)
        region_compare(&picture.regions[i].line, claim, picture.regions[i].code, out, &count);
    grace_compare(&picture, claim, out, &count);
    return count;
}
