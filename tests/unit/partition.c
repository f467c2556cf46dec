/* partition.c - tests of a partition's life: entries only where there is something to say, orders once and
 * again, and a replay that stops where it comes to something else (partition_property.c has the random
 * lives). */
#include "cakupan/partition.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static struct region_table regions;
static struct tariff tariff, dearer;
static struct partition_config config;
static struct partition *partition;
static struct ledger_sums sums[3];
static struct failure why;
static month_t november;

static void set_up(void) {
    november = calendar_month(calendar_day(2026, 11, 1));
    regions = (struct region_table){.city_code = 3671};
    region_table_add(&regions, 3671011001, "A", "Satu", 1);
    tariff = (struct tariff){
        .count = 1,
        .rows = {
            {.segment = SEGMENT_PBPU_PEMDA,
             .care_class = 3,
             .share = {[PAYER_CENTRE] = 4200, [PAYER_CITY_IURAN] = 35000, [PAYER_CITY_BANTUAN] = 2800}}}};
    dearer = tariff;
    dearer.rows[0].share[PAYER_CITY_IURAN] = 36000;
    config = (struct partition_config){
        .count = 1, .first_month = november, .regions = &regions, .tariff = &tariff};
    partition = partition_new(&config);
}

static void tear_down(void) {
    partition_destroy(&partition);
}
TestSuite(partition, .init = set_up, .fini = tear_down);

static struct record enrolment(uint64_t offset, uint32_t member_id) {
    return (struct record){.offset = offset,
                           .member_id = member_id,
                           .kind = CHANGE_ENROL,
                           .effective_day = calendar_day(2026, 11, 2),
                           .has_after = true,
                           .after = {.identity = UINT64_C(3671010101900000) + member_id,
                                     .kelurahan = 3671011001,
                                     .payer_month = november,
                                     .segment = SEGMENT_PBPU_PEMDA,
                                     .status = STATUS_ACTIVE,
                                     .care_class = 3}};
}

/* Known late: the member died in October, so that nothing was owed from November on. */
static struct record death(uint64_t offset, uint64_t previous_offset, uint32_t member_id) {
    struct record record = enrolment(offset, member_id);
    record.previous_offset = previous_offset;
    record.kind = CHANGE_DEATH;
    record.effective_day = calendar_day(2026, 10, 5);
    record.has_before = true;
    record.before = record.after;
    record.after.status = STATUS_DECEASED;
    return record;
}

/* From the year after on: nothing of it is owed for months that are closed here. */
static struct record newcomer(uint64_t offset, uint32_t member_id) {
    struct record record = enrolment(offset, member_id);
    record.after.payer_month = (month_t)(november + 12);
    return record;
}

static void step(struct record record) {
    cr_assert_eq(partition_step(partition, &record, &why), RESULT_OK, "%s", why.sentence);
}

static void enrol_three(void) {
    for (uint32_t i = 1; i <= 3; i++)
        step(enrolment(i, i));
}

static struct partition_order order(uint8_t act, uint64_t offset) {
    return (struct partition_order){
        .act = act, .offset = offset, .month = november, .months = 1, .tariff = &dearer};
}

static enum result act(struct partition_order asked) {
    return partition_act(partition, &asked, 77, sums, &why);
}

#define cr_assert_failed(expected_result, expected_code, call)                                               \
    do {                                                                                                     \
        cr_assert_eq(call, expected_result);                                                                 \
        cr_assert_str_eq(why.code, expected_code, "%s", why.sentence);                                       \
    } while (0)

/* A small journal: copies of what was committed. */
static struct ledger_entry stored[8];
static uint64_t stored_count;

static struct ledger_entry *commit_one(void) {
    struct ledger_entry entry;
    cr_assert(partition_take(partition, 55, &entry));
    entry.sequence = ++stored_count;
    memset(entry.hash, (int)entry.sequence, sizeof entry.hash);
    struct ledger_entry *kept = &stored[entry.sequence];
    *kept = entry;
    kept->payload = memcpy(malloc(entry.size), entry.payload, entry.size);
    partition_committed(partition, &entry);
    return kept;
}

static void forget_stored(void) {
    for (; stored_count > 0; stored_count--)
        free((void *)stored[stored_count].payload);
}

static bool take_nothing(void) {
    struct ledger_entry entry;
    return !partition_take(partition, 1, &entry);
}

Test(partition, without_postings_nothing_is_written) {
    enrol_three();
    cr_assert(take_nothing());
    cr_assert_eq(partition_waiting(partition), 0);
    cr_assert_eq(partition_settle(partition, 10, &why), RESULT_OK);
    cr_assert_eq(partition_position(partition), 10);
    cr_assert_eq(partition_settle(partition, 4, &why), RESULT_OK);
    cr_assert_eq(partition_position(partition), 10, "a position does not go back");
    cr_assert(take_nothing());
    cr_assert_eq(partition_sequence(partition), 0);
}

Test(partition, records_of_others_and_old_ones) {
    config.count = 2;
    partition_destroy(&partition);
    partition = partition_new(&config);
    uint32_t own = 1, other = 1;
    while (record_partition(own, 2) != 0)
        own++;
    while (record_partition(other, 2) != 1)
        other++;
    struct record record = enrolment(5, other);
    cr_assert_failed(RESULT_CORRUPT, "PARTITION_FOREIGN", partition_step(partition, &record, &why));
    cr_assert_eq(partition_position(partition), 0);
    step(enrolment(6, own));
    step(enrolment(6, own));
    cr_assert_eq(ledger_member_count(partition_ledger(partition)), 1);
    record = enrolment(7, own); /* it is known */
    cr_assert_failed(RESULT_CORRUPT, "LEDGER_CONTRADICTS", partition_step(partition, &record, &why));
    cr_assert_eq(partition_position(partition), 6);
}

Test(partition, a_close_is_one_entry) {
    struct partition_close close;
    enrol_three();
    cr_assert_eq(partition_settle(partition, 9, &why), RESULT_OK);
    cr_assert_eq(act(order(PARTITION_PREVIEW, 9)), RESULT_OK);
    struct ledger_sums *previewed = malloc(sizeof *previewed);
    *previewed = sums[0];
    cr_assert_eq(act(order(PARTITION_CLOSE, 9)), RESULT_OK);
    cr_assert_eq(memcmp(previewed, sums, sizeof *previewed), 0);
    free(previewed);
    cr_assert_eq(ledger_sums_total(sums, PAYER_CITY_IURAN).amount_rupiah, 3 * 35000);
    const struct ledger_entry *entry = commit_one();
    cr_assert(entry->kind == LEDGER_ENTRY_CLOSE && entry->month == november && entry->offset == 9 &&
              entry->time_ms == 77);
    cr_assert(take_nothing());
    cr_assert_eq(partition_open_month(partition), november + 1);
    cr_assert_eq(partition_sequence(partition), 1);
    cr_assert_arr_eq(partition_hash(partition), entry->hash, JOURNAL_HASH_SIZE);
    cr_assert_eq(partition_close_read(entry, &close, &why), RESULT_OK);
    cr_assert_eq(close.tariff_digest, tariff_digest(&tariff));
    cr_assert_eq(ledger_sums_unpack(&sums[1], &regions, close.sums, close.sums_size, &why), RESULT_OK);
    cr_assert_eq(memcmp(&sums[0], &sums[1], sizeof sums[0]), 0);
    cr_assert_eq(charges_unpack(close.charges, close.charges_size, NULL, NULL, &why), RESULT_OK);
    cr_assert_eq(roster_unpack(close.roster, close.roster_size, NULL, NULL, &why), RESULT_OK);
    forget_stored();
}

Test(partition, corrections_are_taken_once) {
    enrol_three();
    cr_assert_eq(act(order(PARTITION_CLOSE, 3)), RESULT_OK);
    commit_one();
    step(death(4, 2, 2));
    cr_assert_eq(partition_waiting(partition), 3, "one for each payer");
    struct ledger_entry first, again;
    cr_assert(partition_take(partition, 5, &first));
    cr_assert(partition_take(partition, 5, &again), "a full disk: the same once more");
    cr_assert(first.payload == again.payload && first.size == again.size);
    const struct ledger_entry *entry = commit_one();
    cr_assert(entry->kind == LEDGER_ENTRY_RECORDS && entry->offset == 4 && entry->month == MONTH_NONE);
    cr_assert_eq(charges_unpack(entry->payload, entry->size, NULL, NULL, &why), RESULT_OK);
    cr_assert(take_nothing());
    forget_stored();
}

Test(partition, what_waits_comes_before_the_order) {
    enrol_three();
    cr_assert_eq(act(order(PARTITION_CLOSE, 3)), RESULT_OK);
    commit_one();
    step(death(4, 2, 2));
    struct partition_order december = order(PARTITION_CLOSE, 4);
    december.month++;
    cr_assert_eq(act(december), RESULT_OK);
    cr_assert_eq(ledger_sums_total(sums, PAYER_CITY_IURAN).people, 2);
    cr_assert_eq(ledger_sums_total(sums, PAYER_CITY_IURAN).corrections, 1);
    cr_assert_eq(commit_one()->kind, LEDGER_ENTRY_RECORDS);
    cr_assert_eq(commit_one()->kind, LEDGER_ENTRY_CLOSE);
    cr_assert(take_nothing());
    forget_stored();
}

Test(partition, the_same_order_again) {
    enrol_three();
    cr_assert_eq(act(order(PARTITION_CLOSE, 3)), RESULT_OK);
    sums[1] = sums[0];
    commit_one();
    step(newcomer(4, 4)); /* it goes on before the answer is heard */
    memset(sums, 1, sizeof sums[0]);
    cr_assert_eq(act(order(PARTITION_CLOSE, 3)), RESULT_OK);
    cr_assert_eq(memcmp(&sums[0], &sums[1], sizeof sums[0]), 0);
    cr_assert(take_nothing());
    cr_assert_failed(RESULT_CORRUPT, "PARTITION_CLOSED_ELSEWHERE", act(order(PARTITION_CLOSE, 4)));
    struct partition_order later = order(PARTITION_CLOSE, 4);
    later.month += 2;
    cr_assert_failed(RESULT_CONFLICT, "BILL_MONTH_NOT_OPEN", act(later));
    later.month = (month_t)(november + 1);
    cr_assert_eq(act(later), RESULT_OK);
    commit_one();
    cr_assert_failed(RESULT_CONFLICT, "BILL_MONTH_CLOSED", act(order(PARTITION_CLOSE, 4)));
    cr_assert_failed(RESULT_CONFLICT, "BILL_MONTH_CLOSED", act(order(PARTITION_PREVIEW, 4)));
    cr_assert(take_nothing());
    forget_stored();
}

Test(partition, an_order_passed_by_is_told) {
    enrol_three();
    cr_assert_failed(RESULT_CORRUPT, "PARTITION_BEYOND", act(order(PARTITION_CLOSE, 2)));
    cr_assert_failed(RESULT_CORRUPT, "PARTITION_BEYOND", act(order(PARTITION_RETARIFF, 2)));
    cr_assert_failed(RESULT_CORRUPT, "PARTITION_BEYOND", act(order(PARTITION_PREVIEW, 2)));
    cr_assert_eq(act(order(PARTITION_CLOSE, 3)), RESULT_OK);
    commit_one();
    forget_stored();
}

Test(partition, an_order_before_its_offset_is_a_fault, .signal = SIGABRT) {
    enrol_three();
    (void)!act(order(PARTITION_CLOSE, 4));
}

Test(partition, between_act_and_commit_nothing_is_stepped, .signal = SIGABRT) {
    enrol_three();
    (void)!act(order(PARTITION_CLOSE, 3));
    step(enrolment(4, 4));
}

Test(partition, a_preview_of_months) {
    enrol_three();
    struct partition_order three = order(PARTITION_PREVIEW, 3);
    three.months = 3;
    cr_assert_eq(act(three), RESULT_OK);
    for (unsigned i = 0; i < 3; i++)
        cr_assert_eq(ledger_sums_total(&sums[i], PAYER_CITY_BANTUAN).amount_rupiah, 3 * 2800);
    cr_assert(take_nothing());
    cr_assert_eq(partition_open_month(partition), november);
}

Test(partition, a_tariff_changed_backwards) {
    struct partition_retariff retariff;
    enrol_three();
    cr_assert_eq(act(order(PARTITION_CLOSE, 3)), RESULT_OK);
    commit_one();
    cr_assert_eq(act(order(PARTITION_RETARIFF, 3)), RESULT_OK);
    const struct ledger_entry *entry = commit_one();
    cr_assert(entry->kind == LEDGER_ENTRY_RETARIFF && entry->month == MONTH_NONE && entry->offset == 3);
    cr_assert_eq(partition_retariff_read(entry, &retariff, &why), RESULT_OK);
    struct tariff read;
    cr_assert_eq(tariff_unpack(&read, retariff.tariff, retariff.tariff_size, &why), RESULT_OK);
    cr_assert_eq(tariff_digest(&read), tariff_digest(&dearer));
    struct ledger_line line =
        ledger_sums_total(ledger_projected(partition_ledger(partition)), PAYER_CITY_IURAN);
    cr_assert(line.corrections == 3 && line.corrections_rupiah == 3000 && line.amount_rupiah == 3 * 36000);
    cr_assert_eq(act(order(PARTITION_RETARIFF, 3)), RESULT_OK, "the same again");
    cr_assert(take_nothing());
    struct partition_order back = order(PARTITION_RETARIFF, 3);
    back.tariff = &tariff;
    cr_assert_eq(act(back), RESULT_OK, "another one at the same offset");
    commit_one();
    line = ledger_sums_total(ledger_projected(partition_ledger(partition)), PAYER_CITY_IURAN);
    cr_assert(line.corrections_rupiah == 0 && line.amount_rupiah == 3 * 35000);
    forget_stored();
}

/* Replays: three members, November closed at 3, a death at 4, December closed at 5. */

static void live(void) {
    enrol_three();
    cr_assert_eq(act(order(PARTITION_CLOSE, 3)), RESULT_OK);
    commit_one();
    step(death(4, 2, 2));
    commit_one();
    cr_assert_eq(partition_settle(partition, 5, &why), RESULT_OK);
    struct partition_order december = order(PARTITION_CLOSE, 5);
    december.month++;
    cr_assert_eq(act(december), RESULT_OK);
    commit_one();
    step(newcomer(6, 4));
}

static enum result recall(uint64_t sequence) {
    return partition_recall(partition, &stored[sequence], &why);
}

static void begin_again(void) {
    partition_destroy(&partition);
    partition = partition_new(&config);
}

static enum result replay(void) {
    enum result result = RESULT_OK;
    struct record records[] = {enrolment(1, 1), enrolment(2, 2), enrolment(3, 3), death(4, 2, 2)};
    for (size_t i = 0; i < 4 && result == RESULT_OK; i++)
        result = partition_step(partition, &records[i], &why);
    return result == RESULT_OK ? partition_settle(partition, 5, &why) : result;
}

Test(partition, a_replay_writes_nothing_again) {
    live();
    uint64_t digest = ledger_digest(partition_ledger(partition));
    begin_again();
    for (uint64_t i = 1; i <= 3; i++)
        cr_assert_eq(recall(i), RESULT_OK, "%s", why.sentence);
    cr_assert(take_nothing());
    cr_assert_eq(partition_open_month(partition), november, "not reached yet");
    cr_assert_eq(replay(), RESULT_OK, "%s", why.sentence);
    cr_assert(take_nothing());
    step(newcomer(6, 4));
    cr_assert_eq(partition_open_month(partition), november + 2);
    cr_assert_eq(ledger_digest(partition_ledger(partition)), digest);
    cr_assert_eq(partition_sequence(partition), 3);
    forget_stored();
}

Test(partition, an_order_is_answered_from_what_was_recalled) {
    live();
    begin_again();
    for (uint64_t i = 1; i <= 3; i++)
        cr_assert_eq(recall(i), RESULT_OK);
    cr_assert_eq(replay(), RESULT_OK);
    struct partition_order december = order(PARTITION_CLOSE, 5);
    december.month++;
    cr_assert_eq(act(december), RESULT_OK);
    cr_assert_eq(ledger_sums_total(sums, PAYER_CENTRE).people, 2);
    cr_assert(take_nothing());
    december.month++; /* the journal is beyond 3: nothing else can be done there */
    begin_again();
    for (uint64_t i = 1; i <= 3; i++)
        cr_assert_eq(recall(i), RESULT_OK);
    enrol_three();
    struct partition_order other = order(PARTITION_RETARIFF, 3);
    cr_assert_failed(RESULT_CORRUPT, "PARTITION_BEYOND", act(other));
    forget_stored();
}

Test(partition, entries_are_recalled_in_order) {
    live();
    begin_again();
    cr_assert_failed(RESULT_CORRUPT, "ENTRY_OUT_OF_ORDER", recall(2));
    cr_assert_eq(recall(1), RESULT_OK);
    cr_assert_failed(RESULT_CORRUPT, "ENTRY_OUT_OF_ORDER", recall(1));
    stored[2].offset = 2;
    cr_assert_failed(RESULT_CORRUPT, "ENTRY_OUT_OF_ORDER", recall(2));
    stored[2].offset = 4;
    stored[2].kind = 9;
    cr_assert_failed(RESULT_CORRUPT, "ENTRY_KIND", recall(2));
    stored[2].kind = LEDGER_ENTRY_RECORDS;
    stored[2].size--;
    cr_assert_failed(RESULT_CORRUPT, "CHARGES_CORRUPT", recall(2));
    stored[3].sequence = 2;
    stored[3].size--;
    cr_assert_failed(RESULT_CORRUPT, "ENTRY_CORRUPT", recall(3));
    stored[3].kind = LEDGER_ENTRY_RETARIFF;
    cr_assert_failed(RESULT_CORRUPT, "ENTRY_CORRUPT", recall(3));
    forget_stored();
}

/* A journal that says something else than the records do is found out when the replay comes there. */
static void cr_assert_differs(void) {
    cr_assert_failed(RESULT_CORRUPT, "REPLAY_DIFFERS", replay());
    forget_stored();
}

Test(partition, other_corrections_are_found) {
    live();
    begin_again();
    struct charge_packer *packer = charge_packer_new();
    struct charge charge = {
        .member_id = 2, .payer = PAYER_CENTRE, .cause = CHARGE_REVERSAL, .month = november};
    charge_packer_add(packer, &charge);
    free((void *)stored[2].payload);
    const uint8_t *bytes = charge_packer_bytes(packer, &stored[2].size);
    stored[2].payload = memcpy(malloc(stored[2].size), bytes, stored[2].size);
    charge_packer_destroy(&packer);
    for (uint64_t i = 1; i <= 3; i++)
        cr_assert_eq(recall(i), RESULT_OK);
    cr_assert_differs();
}

Test(partition, another_close_is_found) {
    live();
    begin_again();
    ((uint8_t *)stored[1].payload)[30] ^= 1; /* within the sums */
    for (uint64_t i = 1; i <= 3; i++)
        cr_assert_eq(recall(i), RESULT_OK);
    cr_assert_differs();
}

Test(partition, a_close_of_another_month_is_found) {
    live();
    begin_again();
    stored[1].month++;
    for (uint64_t i = 1; i <= 3; i++)
        cr_assert_eq(recall(i), RESULT_OK);
    cr_assert_differs();
}

Test(partition, a_missing_entry_is_found) {
    live();
    begin_again();
    cr_assert_eq(recall(1), RESULT_OK);
    stored[3].sequence = 2;
    cr_assert_eq(recall(3), RESULT_OK);
    cr_assert_differs();
}

/* Snapshots */

static uint8_t image[1 << 20];
static size_t image_size, image_at;

static bool write_image(void *context, const void *data, size_t size) {
    (void)context;
    memcpy(image + image_size, data, size);
    image_size += size;
    return true;
}

static bool read_image(void *context, void *data, size_t size) {
    (void)context;
    if (image_at + size > image_size)
        return false;
    memcpy(data, image + image_at, size);
    image_at += size;
    return true;
}

static enum result save(void) {
    image_size = 0;
    return partition_save(partition, write_image, NULL);
}

static enum result load(void) {
    image_at = 0;
    begin_again();
    return partition_load(partition, read_image, NULL, &why);
}

Test(partition, a_snapshot_comes_back) {
    live();
    cr_assert_eq(act(order(PARTITION_RETARIFF, 6)), RESULT_OK);
    commit_one();
    uint64_t digest = ledger_digest(partition_ledger(partition));
    cr_assert_eq(save(), RESULT_OK);
    cr_assert_eq(load(), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(ledger_digest(partition_ledger(partition)), digest);
    cr_assert_eq(partition_position(partition), 6);
    cr_assert_eq(partition_sequence(partition), 4);
    cr_assert_arr_eq(partition_hash(partition), stored[4].hash, JOURNAL_HASH_SIZE);
    struct partition_order december = order(PARTITION_CLOSE, 5);
    december.month++;
    cr_assert_eq(act(december), RESULT_OK, "the last close is answered from the snapshot");
    cr_assert_eq(ledger_sums_total(sums, PAYER_CENTRE).people, 2);
    cr_assert_eq(act(order(PARTITION_RETARIFF, 6)), RESULT_OK);
    cr_assert(take_nothing());
    struct record early = enrolment(7, 5);
    early.after.payer_month = (month_t)(november + 2);
    step(early);
    struct ledger_line line =
        ledger_sums_total(ledger_projected(partition_ledger(partition)), PAYER_CITY_IURAN);
    cr_assert_eq(line.amount_rupiah, 3 * 36000, "under the tariff in force");
    forget_stored();
}

Test(partition, a_snapshot_waits_for_a_commit) {
    enrol_three();
    cr_assert_eq(act(order(PARTITION_CLOSE, 3)), RESULT_OK);
    cr_assert_eq(save(), RESULT_AGAIN);
    commit_one();
    cr_assert_eq(save(), RESULT_OK);
    step(death(4, 2, 2));
    cr_assert_eq(save(), RESULT_AGAIN);
    commit_one();
    cr_assert_eq(save(), RESULT_OK);
    begin_again();
    cr_assert_eq(recall(1), RESULT_OK);
    cr_assert_eq(save(), RESULT_AGAIN, "entries are still to be reached");
    forget_stored();
}

Test(partition, a_snapshot_of_another_state) {
    enrol_three();
    cr_assert_eq(save(), RESULT_OK);
    cr_assert_eq(load(), RESULT_OK);
    config.first_month++;
    cr_assert_failed(RESULT_CONFLICT, "SNAPSHOT_OTHER", load());
    config.first_month--;
    config.count = 2;
    cr_assert_failed(RESULT_CONFLICT, "SNAPSHOT_OTHER", load());
    config.count = 1;
    config.tariff = &dearer;
    cr_assert_failed(RESULT_CONFLICT, "SNAPSHOT_OTHER", load());
    config.tariff = &tariff;
    image[8]++;
    cr_assert_failed(RESULT_CONFLICT, "SNAPSHOT_VERSION", load());
    image[8]--;
    size_t whole = image_size;
    for (image_size = 0; image_size < whole; image_size += 8)
        cr_assert_eq(load(), RESULT_CORRUPT, "cut at %zu", image_size);
}

Test(partition, a_snapshot_fits_its_own_journal_alone) {
    live();
    const struct ledger_entry *at = &stored[3];
    struct ledger_entry next = {.sequence = 4, .offset = 6}, other = *at;
    cr_assert(partition_fits(partition, at, NULL));
    cr_assert(partition_fits(partition, at, &next));
    next.offset = 5; /* an entry that was to be made at 5 is not in it: it has gone too far */
    cr_assert_not(partition_fits(partition, at, &next));
    other.hash[31] ^= 1;
    cr_assert_not(partition_fits(partition, &other, NULL));
    cr_assert_not(partition_fits(partition, &stored[2], NULL));
    forget_stored();
}

Test(partition, payloads_are_read_whole_or_not_at_all) {
    struct partition_close close;
    struct partition_retariff retariff;
    live();
    cr_assert_eq(act(order(PARTITION_RETARIFF, 6)), RESULT_OK);
    commit_one();
    for (size_t cut = 0; cut < stored[3].size; cut++) {
        struct ledger_entry entry = stored[3];
        entry.payload = memcpy(malloc(cut ? cut : 1), stored[3].payload, cut);
        entry.size = cut;
        cr_assert_eq(partition_close_read(&entry, &close, &why), RESULT_CORRUPT, "cut at %zu", cut);
        free((void *)entry.payload);
    }
    for (size_t cut = 0; cut < stored[4].size; cut++) {
        struct ledger_entry entry = stored[4];
        entry.payload = memcpy(malloc(cut ? cut : 1), stored[4].payload, cut);
        entry.size = cut;
        cr_assert_eq(partition_retariff_read(&entry, &retariff, &why), RESULT_CORRUPT, "cut at %zu", cut);
        free((void *)entry.payload);
    }
    cr_assert_eq(partition_close_read(&stored[4], &close, &why), RESULT_CORRUPT);
    cr_assert_eq(partition_retariff_read(&stored[3], &retariff, &why), RESULT_CORRUPT);
    forget_stored();
}
