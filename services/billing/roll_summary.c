/* roll_summary.c - what the workers' reports come to: the city's figures, how far they are, who works
 * (roll.h). */
#include "roll_state.h"

#include <stdio.h>
#include <string.h>

static void add(struct payer_sum into[PAYER_COUNT], const struct payer_sum sums[PAYER_COUNT]) {
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++) {
        into[payer].amount_rupiah += sums[payer].amount_rupiah;
        into[payer].people += sums[payer].people;
        into[payer].corrections_rupiah += sums[payer].corrections_rupiah;
    }
}

/* While a month is being closed some partitions are in the next one already: they count with what they
 * were. False where a partition's figures of the open month are not known. */
static bool add_part(const struct roll_part *part, month_t open_month, struct billing_summary *out) {
    const struct roll_sums *sums = part->now.open_month == open_month ? &part->now : &part->before;
    if (sums->open_month != open_month)
        return false;
    add(out->open, sums->open);
    add(out->next, sums->next);
    return true;
}

static void add_parts(const struct roll *roll, struct billing_summary *out) {
    out->offset = UINT64_MAX;
    out->complete = roll_complete(roll);
    for (uint32_t i = 0; i < roll->config.lease.partitions; i++) {
        struct lease_partition is;
        lease_partition(roll->leases, i, &is);
        out->partitions_ready += is.ready;
        out->offset = is.position < out->offset ? is.position : out->offset;
        out->complete &= add_part(&roll->parts[i], out->open_month, out);
    }
}

void roll_summary(const struct roll *roll, int64_t now_ms, struct billing_summary *out) {
    *out = (struct billing_summary){.head = roll->head,
                                    .partitions = roll->config.lease.partitions,
                                    .open_month = finance_open_month(books_finance(roll->books)),
                                    .lag_records = lease_lag(roll->leases)};
    add_parts(roll, out);
    struct lease_worker workers[LEASE_WORKERS_MAX];
    out->workers = lease_workers(roll->leases, workers);
    int64_t age_ms = out->lag_records ? heads_age_ms(&roll->heads, out->offset, now_ms) : 0;
    out->lag_ms = age_ms < UINT32_MAX ? (uint32_t)age_ms : UINT32_MAX;
}

uint32_t roll_workers(const struct roll *roll, struct roll_worker out[LEASE_WORKERS_MAX]) {
    struct lease_worker leases[LEASE_WORKERS_MAX];
    uint32_t count = lease_workers(roll->leases, leases);
    for (uint32_t i = 0; i < count; i++) {
        out[i] = (struct roll_worker){.lease = leases[i]};
        for (uint32_t m = 0; m < LEASE_WORKERS_MAX; m++) {
            const struct roll_member *member = &roll->members[m];
            if (member->number != leases[i].number)
                continue;
            memcpy(out[i].name, member->name, sizeof out[i].name);
            out[i].pid = member->pid;
            out[i].resident_bytes = member->resident_bytes;
            out[i].records = member->records;
        }
        if (out[i].name[0] == '\0') /* its process was started and has not spoken yet */
            snprintf(out[i].name, sizeof out[i].name, "billing-worker-%u", leases[i].number);
    }
    return count;
}

void roll_count(const struct roll *roll, struct roll_counts *out) {
    *out = roll->counts;
}

uint32_t roll_members(const struct roll *roll, uint32_t partition) {
    return partition < LEDGER_PARTITIONS_MAX ? roll->parts[partition].members : 0;
}

const struct failure *roll_stuck(const struct roll *roll, uint32_t partition, int64_t *since_ms) {
    const struct roll_part *part = &roll->parts[partition];
    *since_ms = part->stuck_since_ms;
    return part->stuck.code[0] ? &part->stuck : NULL;
}
