/* billing_oracle.c - judges the simulated billing: one ledger over all members, stepped once through the list
 * of records, closed where the books say, must come to the same previews, invoices and postings
 * (billing_world.h).
 */
#include "billing_world.h"

#include "store/ledger_journal_files.h"
#include "wire/wire_decision.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ledger_sums sums, counted;
static uint8_t packed[LEDGER_SUMS_PACKED_MAX];

static void keep_preview(struct billing_world *world, const struct closing_answer *answer,
                         const struct billing_ask *ask) {
    for (uint16_t i = 0; i < answer->months && world->preview_count < BILLING_PREVIEWS; i++) {
        struct billing_preview *preview = &world->previews[world->preview_count++];
        size_t size = ledger_sums_pack(answer->sums[i], &world->history->regions, packed, sizeof packed);
        *preview = (struct billing_preview){.offset = answer->as_of_offset,
                                            .decisions = world->row_count,
                                            .month = (month_t)(ask->order.month + i),
                                            .sums = malloc(size),
                                            .size = size};
        if (!preview->sums)
            abort();
        memcpy(preview->sums, packed, size);
    }
}

/* The same month's invoice is the same for ever, whoever asks, whatever crashed in between. */
static void keep_invoice(struct billing_world *world, const struct closing_answer *answer, month_t month) {
    struct billing_frozen *frozen = &world->invoices[month - billing_first_month()];
    const struct wire_bytes_view *bytes = answer->invoices;
    if (!bytes || !bytes->data)
        billing_complain(world, "a close without an invoice");
    else if (frozen->bytes &&
             (frozen->size != bytes->size || memcmp(frozen->bytes, bytes->data, bytes->size)))
        billing_complain(world, "another invoice for the same month: %.*s", 200, (const char *)bytes->data);
    if (world->failed || frozen->bytes)
        return;
    frozen->bytes = malloc(bytes->size);
    if (!frozen->bytes)
        abort();
    frozen->size = bytes->size;
    memcpy(frozen->bytes, bytes->data, bytes->size);
    if (month == billing_first_month() + world->closes)
        world->closes++;
}

void billing_oracle_answer(struct billing_world *world, const struct billing_ask *ask,
                           const struct closing_answer *answer) {
    if (answer->why)
        return;
    if (ask->order.act == PARTITION_PREVIEW && answer->as_of_offset < ask->head)
        billing_complain(world, "a preview as of %llu does not count what was there when it was asked, %llu",
                         (unsigned long long)answer->as_of_offset, (unsigned long long)ask->head);
    if (ask->order.act == PARTITION_PREVIEW)
        keep_preview(world, answer, ask);
    else if (ask->order.act == PARTITION_CLOSE)
        keep_invoice(world, answer, ask->order.month);
}

/* Postings, told apart from others by a sum over hashes of all of them: in any order, each once. */
struct postings {
    uint64_t count, digest;
};

static void mix(uint64_t *hash, uint64_t value) {
    struct dice dice = {*hash ^ value};
    *hash = dice_next(&dice);
}

static void add_charge(void *context, const struct charge *charge) {
    struct postings *postings = context;
    uint64_t hash = 1;
    mix(&hash, (uint64_t)charge->member_id << 32 | (uint64_t)charge->month << 16 | charge->invoice_month);
    mix(&hash, (uint64_t)charge->payer << 24 | (uint64_t)charge->cause << 16 |
                   (uint64_t)charge->segment << 8 | charge->care_class);
    mix(&hash, (uint64_t)charge->kecamatan << 1 | charge->vulnerable);
    mix(&hash, (uint64_t)charge->amount_rupiah);
    mix(&hash, charge->cause_offset);
    postings->count++;
    postings->digest += hash;
}

static void add_roster(void *context, const struct roster_entry *entry) {
    struct postings *postings = context;
    uint64_t hash = 2;
    mix(&hash, (uint64_t)entry->member_id << 32 | entry->kelurahan);
    mix(&hash, entry->identity);
    mix(&hash, (uint64_t)entry->segment << 16 | (uint64_t)entry->care_class << 8 | entry->vulnerable);
    mix(&hash, (uint64_t)entry->amount_rupiah);
    mix(&hash, entry->cause_offset);
    postings->count++;
    postings->digest += hash;
}

/* What the journals hold. */
struct stored {
    struct postings postings, rosters[BILLING_MONTHS];
    struct ledger_sums closed[BILLING_MONTHS];
    uint32_t closes[BILLING_MONTHS]; /* partitions that closed it */
};
static struct stored stored;

static void take_close(struct billing_world *world, const struct ledger_entry *entry, struct failure *why) {
    struct partition_close close;
    unsigned month = entry->month - billing_first_month();
    if (month >= BILLING_MONTHS || partition_close_read(entry, &close, why) != RESULT_OK ||
        charges_unpack(close.charges, close.charges_size, add_charge, &stored.postings, why) != RESULT_OK ||
        roster_unpack(close.roster, close.roster_size, add_roster, &stored.rosters[month], why) !=
            RESULT_OK ||
        ledger_sums_unpack(&sums, &world->history->regions, close.sums, close.sums_size, why) != RESULT_OK) {
        billing_complain(world, "a close can't be read: %s", why->sentence);
        return;
    }
    ledger_sums_add(&stored.closed[month], &sums);
    stored.closes[month]++;
}

static void take_entry(struct billing_world *world, const struct ledger_entry *entry) {
    struct failure why = {0};
    struct partition_retariff retariff;
    if (entry->kind == LEDGER_ENTRY_CLOSE) {
        take_close(world, entry, &why);
        return;
    }
    enum result result;
    if (entry->kind == LEDGER_ENTRY_RECORDS) {
        result = charges_unpack(entry->payload, entry->size, add_charge, &stored.postings, &why);
    } else {
        result = partition_retariff_read(entry, &retariff, &why);
        if (result == RESULT_OK)
            result =
                charges_unpack(retariff.charges, retariff.charges_size, add_charge, &stored.postings, &why);
    }
    if (result != RESULT_OK)
        billing_complain(world, "an entry can't be read: %s", why.sentence);
}

static void read_partition(struct billing_world *world, uint32_t partition) {
    char directory[SCRATCH_PATH + 32];
    struct failure why = {0};
    struct ledger_journal *journal;
    struct ledger_entry head, entry;
    snprintf(directory, sizeof directory, "%s/billing/partition-%02u", world->state, partition);
    struct ledger_journal_place place = {.directory = directory,
                                         .partition = partition,
                                         .count = world->partitions,
                                         .first_month = billing_first_month()};
    enum result result = ledger_journal_files_read(&journal, &place, &why);
    if (result != RESULT_OK) {
        billing_complain(world, "partition %u: %s", (unsigned)partition, why.sentence);
        return;
    }
    result = journal->operations->head(journal, &head, &why);
    for (uint64_t sequence = 1; result == RESULT_OK && sequence <= head.sequence; sequence++) {
        result = journal->operations->read(journal, sequence, &entry, &why);
        if (result == RESULT_OK)
            take_entry(world, &entry);
    }
    if (result != RESULT_OK)
        billing_complain(world, "partition %u: %s", (unsigned)partition, why.sentence);
    journal->operations->close(&journal);
}

/* The one ledger, and how far it is. */
struct reference {
    struct billing_world *world;
    struct ledger *ledger;
    struct tariff tariffs[2]; /* of the last change, and the one before */
    unsigned tariff;
    uint64_t offset;
    uint32_t previewed;
    struct postings postings;
};

static void step_to(struct reference *reference, uint64_t offset) {
    struct failure why = {0};
    while (reference->offset < offset) {
        const struct record *record = &reference->world->history->records[reference->offset++];
        if (ledger_step(reference->ledger, record, add_charge, &reference->postings, &why) != RESULT_OK) {
            billing_complain(reference->world, "the reference: %s", why.sentence);
            return;
        }
    }
}

/* Previews that were answered before decision `sequence` was made. */
static void check_previews(struct reference *reference, uint64_t sequence) {
    struct billing_world *world = reference->world;
    struct failure why;
    for (; reference->previewed < world->preview_count && !world->failed; reference->previewed++) {
        const struct billing_preview *preview = &world->previews[reference->previewed];
        if (preview->decisions >= sequence)
            return;
        step_to(reference, preview->offset);
        if (ledger_preview(reference->ledger, preview->month, &sums, NULL, NULL, &why) != RESULT_OK) {
            billing_complain(world, "a preview of a closed month was answered");
            return;
        }
        size_t size = ledger_sums_pack(&sums, &world->history->regions, packed, sizeof packed);
        if (size != preview->size || memcmp(packed, preview->sums, size) != 0)
            billing_complain(world, "the preview of month %u as of %llu differs from a recount",
                             (unsigned)(preview->month - billing_first_month()),
                             (unsigned long long)preview->offset);
    }
}

static void check_invoice(struct reference *reference, const struct decision *decision) {
    struct billing_world *world = reference->world;
    unsigned month = decision->month - billing_first_month();
    for (enum payer payer = PAYER_CITY_IURAN; payer <= PAYER_CITY_BANTUAN; payer++) {
        struct ledger_line line = ledger_sums_total(&stored.closed[month], payer);
        if (decision->amount_rupiah[payer] != line.amount_rupiah + line.corrections_rupiah)
            billing_complain(world, "the invoice of month %u is not the sum of its partitions", month);
    }
    if (!world->invoices[month].bytes)
        return;
    if (world->invoices[month].size != decision->size ||
        memcmp(world->invoices[month].bytes, decision->bytes, decision->size) != 0)
        billing_complain(world, "the invoice of month %u was told otherwise than it is stored", month);
}

static void close_reference(struct reference *reference, const struct decision *decision) {
    struct billing_world *world = reference->world;
    unsigned month = decision->month - billing_first_month();
    struct postings roster = {0};
    struct failure why;
    step_to(reference, decision->offset);
    ledger_roster(reference->ledger, decision->month, add_roster, &roster);
    if (ledger_close(reference->ledger, decision->month, &counted, add_charge, &reference->postings, &why) !=
        RESULT_OK) {
        billing_complain(world, "the reference: %s", why.sentence);
        return;
    }
    if (stored.closes[month] != world->partitions)
        billing_complain(world, "month %u: %u closes of %u partitions", month, (unsigned)stored.closes[month],
                         (unsigned)world->partitions);
    if (memcmp(&counted, &stored.closed[month], sizeof counted) != 0)
        billing_complain(world, "the sums of month %u differ from a recount", month);
    if (roster.count != stored.rosters[month].count || roster.digest != stored.rosters[month].digest)
        billing_complain(world, "the roster of month %u differs from a recount", month);
}

static void change_tariff(struct reference *reference, const struct decision *decision) {
    struct failure why;
    struct tariff *tariff = &reference->tariffs[reference->tariff ^= 1];
    step_to(reference, decision->offset);
    if (tariff_unpack(tariff, decision->bytes, decision->size, &why) != RESULT_OK)
        billing_complain(reference->world, "a tariff in the books: %s", why.sentence);
    else
        ledger_retariff(reference->ledger, tariff, decision->offset, add_charge, &reference->postings);
}

static bool on_decision(void *context, uint64_t sequence, const uint8_t *bytes, size_t size) {
    struct reference *reference = context;
    struct billing_world *world = reference->world;
    struct arena arena;
    struct decision decision;
    arena_init(&arena, 1u << 20);
    if (wire_decision_decode(bytes, size, &arena, &decision) != RESULT_OK)
        billing_complain(world, "decision %llu can't be read", (unsigned long long)sequence);
    else if (decision.kind == DECISION_CLOSING || decision.kind == DECISION_RETARIFF)
        check_previews(reference, sequence);
    if (!world->failed && decision.kind == DECISION_CLOSING)
        close_reference(reference, &decision);
    else if (!world->failed && decision.kind == DECISION_RETARIFF)
        change_tariff(reference, &decision);
    else if (!world->failed && decision.kind == DECISION_INVOICE)
        check_invoice(reference, &decision);
    arena_free(&arena);
    return !world->failed;
}

void billing_oracle_judge(struct billing_world *world) {
    struct reference reference = {.world = world};
    struct failure why;
    memset(&stored, 0, sizeof stored);
    for (uint32_t i = 0; i < world->partitions && !world->failed; i++)
        read_partition(world, i);
    reference.ledger = ledger_new(&world->history->regions, &world->tariffs[0], billing_first_month());
    if (!world->failed && books_list(world->coordinator.books, 1, on_decision, &reference, &why) != RESULT_OK)
        billing_complain(world, "the books: %s", why.sentence);
    if (!world->failed)
        check_previews(&reference, UINT64_MAX);
    if (!world->failed)
        step_to(&reference, world->history->count);
    if (!world->failed && (reference.postings.count != stored.postings.count ||
                           reference.postings.digest != stored.postings.digest))
        billing_complain(world, "%llu postings in the journals, %llu in a recount, or others",
                         (unsigned long long)stored.postings.count,
                         (unsigned long long)reference.postings.count);
    ledger_destroy(&reference.ledger);
}
