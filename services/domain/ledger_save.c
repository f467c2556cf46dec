/* ledger_save.c - the ledger as a stream of words, its way back, and its digest.
 *
 * Layout, all 64-bit little-endian words: a head of 12 (magic, version, words after the head, first and open
 * month, last offset, members, the tariff's digest, the regions' digest, the premium account, lines with
 * corrections, zero), the payers' accounts, three words a line with corrections, then the members: four
 * words and three for each run, newest first. The open month's premiums are counted anew. Where runs lie in
 * the pool has no part in it: equal states are equal bytes.
 */
#include "ledger_state.h"

#include "member_index.h"
#include "words.h"

#include <assert.h>
#include <string.h>

#define SAVE_MAGIC   UINT64_C(0x52454744454c4b43) /* "CKLEDGER" */
#define SAVE_VERSION 1u
#define HEAD_WORDS   12u
#define LINES        (PAYER_COUNT * SEGMENT_COUNT * CARE_CLASS_COUNT * (KECAMATAN_MAX + 1))

/* What the indexes of kelurahan mean. */
static uint64_t regions_digest(const struct region_table *regions) {
    uint64_t digest = mix64(regions->city_code);
    for (uint16_t i = 0; i < regions->kelurahan_count; i++)
        digest = digest * UINT64_C(0x9e3779b97f4a7c15) + mix64(regions->kelurahan[i].code);
    return digest;
}

/* The lines of all sums in one row: those by place first, then the vulnerable's. */
static struct ledger_line *line_at(struct ledger_sums *sums, uint32_t index) {
    return index < LINES ? &sums->line[0][0][0][0] + index : &sums->vulnerable[index - LINES];
}
#define ALL_LINES (LINES + PAYER_COUNT)

static uint32_t count_corrected(struct ledger_sums *sums) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < ALL_LINES; i++)
        count += line_at(sums, i)->corrections != 0;
    return count;
}

static uint32_t count_runs(const struct ledger *ledger, const struct ledger_member *member) {
    uint32_t count = 0;
    for (const struct run *run = &member->newest; run; run = run_older(&ledger->pool, run))
        count++;
    return count;
}

static uint64_t count_words(const struct ledger *ledger, uint32_t corrected) {
    uint64_t words = PAYER_COUNT + UINT64_C(3) * corrected;
    for (uint32_t i = 0; i < ledger->count; i++)
        words += 4 + UINT64_C(3) * count_runs(ledger, &ledger->members[i]);
    return words;
}

static void put_member(struct words_out *out, const struct ledger *ledger, uint32_t index) {
    const struct ledger_member *member = &ledger->members[index];
    words_put(out, ledger->ids[index]);
    words_put(out, count_runs(ledger, member));
    words_put(out, member->identity);
    words_put(out, member->last_offset);
    for (const struct run *run = &member->newest; run; run = run_older(&ledger->pool, run)) {
        words_put(out, run->cause_offset);
        words_put(out, run->wage_rupiah | (uint64_t)run->from << 32 | (uint64_t)run->grace_end << 48);
        words_put(out, run->kelurahan | (uint64_t)run->segment << 16 | (uint64_t)run->care_class << 24 |
                           (uint64_t)run->state << 32 | (uint64_t)run->flags << 40);
    }
}

enum result ledger_save(const struct ledger *ledger, ledger_write *write, void *context) {
    struct ledger_sums *sums = (struct ledger_sums *)&ledger->projected; /* read only */
    struct words_out out = {.write = write, .context = context};
    uint32_t corrected = count_corrected(sums);
    const uint64_t head[HEAD_WORDS] = {SAVE_MAGIC,
                                       SAVE_VERSION,
                                       count_words(ledger, corrected),
                                       ledger->first_month | (uint64_t)ledger->open_month << 16,
                                       ledger->last_offset,
                                       ledger->count,
                                       tariff_digest(ledger->tariff),
                                       regions_digest(ledger->regions),
                                       (uint64_t)ledger->premium_rupiah,
                                       corrected};
    for (unsigned i = 0; i < HEAD_WORDS; i++)
        words_put(&out, head[i]);
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        words_put(&out, (uint64_t)ledger->debit_rupiah[payer]);
    for (uint32_t i = 0; i < ALL_LINES; i++) {
        const struct ledger_line *line = line_at(sums, i);
        if (line->corrections == 0)
            continue;
        words_put(&out, i);
        words_put(&out, line->corrections);
        words_put(&out, (uint64_t)line->corrections_rupiah);
    }
    for (uint32_t i = 0; i < ledger->count && !out.failed; i++)
        put_member(&out, ledger, i);
    return words_end(&out) ? RESULT_OK : RESULT_IO;
}

static const char *take_run(struct words_in *in, const struct region_table *regions, struct run *run) {
    uint64_t cause = words_take(in), first = words_take(in), second = words_take(in);
    *run = (struct run){.cause_offset = cause,
                        .wage_rupiah = (uint32_t)first,
                        .from = (month_t)(first >> 32),
                        .grace_end = (month_t)(first >> 48),
                        .kelurahan = (uint16_t)second,
                        .segment = second >> 16 & 15,
                        .care_class = second >> 24 & 3,
                        .state = second >> 32 & 3,
                        .flags = second >> 40 & RUN_FLAGS};
    bool place = run->kelurahan < regions->kelurahan_count || run->kelurahan == REGION_NOWHERE;
    return run->segment < SEGMENT_COUNT && place ? NULL : "a run is none";
}

/* Runs come newest first: each next one goes to the end of the list. */
static const char *take_member(struct words_in *in, struct ledger *ledger) {
    uint64_t id = words_take(in), runs = words_take(in);
    if (id == 0 || id > UINT32_MAX || (ledger->count && id <= ledger->ids[ledger->count - 1]) || runs == 0)
        return "a member is none";
    struct ledger_member *member = ledger_add(ledger, (uint32_t)id);
    member->identity = words_take(in);
    member->last_offset = words_take(in);
    const char *wrong = take_run(in, ledger->regions, &member->newest);
    uint32_t last = 0; /* the pool's number of the oldest run so far, 0: `newest` */
    for (uint64_t i = 1; i < runs && !wrong && !in->failed; i++) {
        struct run older;
        wrong = take_run(in, ledger->regions, &older);
        month_t newer_from = last ? ledger->pool.runs[last].from : member->newest.from;
        if (!wrong && older.from >= newer_from)
            wrong = "a member's runs are out of order";
        if (!wrong)
            last = run_append(&ledger->pool, &member->newest, last, &older);
    }
    month_t first_from = last ? ledger->pool.runs[last].from : member->newest.from;
    if (!wrong && !in->failed && first_from != ledger->first_month)
        return "a member's runs do not begin with the first month";
    return wrong;
}

static const char *take_corrections(struct words_in *in, struct ledger *ledger, uint64_t count) {
    for (uint64_t i = 0; i < count && !in->failed; i++) {
        uint64_t index = words_take(in);
        if (index >= ALL_LINES)
            return "a line of corrections is none";
        struct ledger_line *line = line_at(&ledger->projected, (uint32_t)index);
        line->corrections = words_take(in);
        line->corrections_rupiah = (int64_t)words_take(in);
    }
    return NULL;
}

/* Far from the bounds, so that adding them up can't overflow. */
static const char *check_accounts(const struct ledger *ledger) {
    const int64_t most = INT64_MAX / 16;
    bool sane = ledger->premium_rupiah >= -most && ledger->premium_rupiah <= most;
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        sane = sane && ledger->debit_rupiah[payer] >= -most && ledger->debit_rupiah[payer] <= most;
    return sane && ledger_trial_balance(ledger) == 0 ? NULL : "its trial balance is not zero";
}

static const char *take_body(struct words_in *in, struct ledger *ledger, const uint64_t head[HEAD_WORDS]) {
    ledger->open_month = (month_t)(head[3] >> 16);
    ledger->last_offset = head[4];
    ledger->premium_rupiah = (int64_t)head[8];
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        ledger->debit_rupiah[payer] = (int64_t)words_take(in);
    const char *wrong = check_accounts(ledger);
    if (!wrong)
        wrong = take_corrections(in, ledger, head[9]);
    for (uint64_t i = 0; i < head[5] && !wrong && !in->failed; i++)
        wrong = take_member(in, ledger);
    if (in->failed)
        return "it ends too early";
    if (!wrong && (in->left != 0 || in->at_next != in->count))
        return "it holds more than it says";
    return wrong;
}

enum result ledger_load(struct ledger *ledger, ledger_read *read, void *context, struct failure *why) {
    assert(ledger->count == 0 && ledger->last_offset == 0 && "a snapshot is loaded into a new ledger");
    struct words_in in = {.read = read, .context = context, .left = HEAD_WORDS};
    uint64_t head[HEAD_WORDS];
    for (unsigned i = 0; i < HEAD_WORDS; i++)
        head[i] = words_take(&in);
    if (in.failed)
        return fail(why, RESULT_CORRUPT, "SNAPSHOT_SHORT",
                    "The ledger's snapshot has no head: it is not used.");
    if (head[0] != SAVE_MAGIC || head[1] != SAVE_VERSION)
        return fail(why, RESULT_CONFLICT, "SNAPSHOT_VERSION",
                    "The ledger's snapshot is not of version %u: it is not used.", SAVE_VERSION);
    month_t first_month = (month_t)head[3];
    if (first_month != ledger->first_month || head[6] != tariff_digest(ledger->tariff) ||
        head[7] != regions_digest(ledger->regions))
        return fail(
            why, RESULT_CONFLICT, "SNAPSHOT_OTHER",
            "The ledger's snapshot was made under another tariff, city or first month: it is not used.");
    in.left = head[2];
    month_t open_month = (month_t)(head[3] >> 16);
    bool months = open_month >= first_month && calendar_first_day(open_month) != DAY_NONE;
    const char *wrong = months ? NULL : "its months are impossible";
    if (!wrong)
        wrong = take_body(&in, ledger, head);
    if (wrong)
        return fail(why, RESULT_CORRUPT, "SNAPSHOT_CORRUPT", "The ledger's snapshot is not used: %s.", wrong);
    ledger_project(ledger);
    return RESULT_OK;
}

static bool digest_words(void *context, const void *data, size_t size) {
    uint64_t *digest = context;
    for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, (const uint8_t *)data + at, sizeof word);
        *digest = *digest * UINT64_C(0x9e3779b97f4a7c15) + mix64(word);
    }
    return true;
}

/* Of the bytes saved: what a snapshot keeps and what a digest compares can't drift apart. */
uint64_t ledger_digest(const struct ledger *ledger) {
    uint64_t digest = 0;
    enum result saved = ledger_save(ledger, digest_words, &digest);
    assert(saved == RESULT_OK && "a digest has no disk to fail");
    return digest;
}
