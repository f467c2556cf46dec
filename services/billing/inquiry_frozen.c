/* inquiry_frozen.c - a closed month's charges or roster, read from a partition's journal and handed out in
 * pieces; NIKs are left out for all but the finance office (inquiry.h). */
#include "inquiry_internal.h"

#include "paths.h"
#include "runtime/log.h"
#include "runtime/require.h"
#include "store/ledger_journal_files.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A roster as its packer has it, without identities. */
static void add_masked(void *packer, const struct roster_entry *entry) {
    struct roster_entry masked = *entry;
    masked.identity = 0;
    roster_packer_add(packer, &masked);
}

static enum result keep(struct inquiry_frozen *frozen, const uint8_t *bytes, size_t size) {
    frozen->bytes = malloc(size + 1);
    require(frozen->bytes, "no memory for a frozen part");
    memcpy(frozen->bytes, bytes, size);
    frozen->size = size;
    return RESULT_OK;
}

static enum result keep_masked(struct inquiry_frozen *frozen, const uint8_t *bytes, size_t size,
                               struct failure *why) {
    struct roster_packer *packer = roster_packer_new();
    size_t masked_size = 0;
    enum result result = roster_unpack(bytes, size, add_masked, packer, why);
    if (result == RESULT_OK) {
        const uint8_t *masked = roster_packer_bytes(packer, &masked_size);
        result = keep(frozen, masked, masked_size);
    }
    roster_packer_destroy(&packer);
    return result;
}

static enum result keep_entry(struct inquiry_frozen *frozen, const struct ledger_entry *entry,
                              struct failure *why) {
    struct partition_close close;
    enum result result = partition_close_read(entry, &close, why);
    if (result != RESULT_OK)
        return result;
    if (!frozen->roster)
        return keep(frozen, close.charges, close.charges_size);
    return frozen->masked ? keep_masked(frozen, close.roster, close.roster_size, why)
                          : keep(frozen, close.roster, close.roster_size);
}

/* The entry that the invoice names; any other is not what was frozen. */
static enum result read_entry(struct ledger_journal *journal, uint64_t sequence,
                              const uint8_t hash[JOURNAL_HASH_SIZE], struct inquiry_frozen *frozen,
                              struct failure *why) {
    struct ledger_entry entry;
    enum result result = journal->operations->read(journal, sequence, &entry, why);
    if (result != RESULT_OK)
        return result;
    if (entry.kind != LEDGER_ENTRY_CLOSE || memcmp(entry.hash, hash, JOURNAL_HASH_SIZE) != 0)
        return fail(why, RESULT_CORRUPT, "FROZEN_DIFFERS",
                    "Entry %" PRIu64 " of partition %" PRIu32
                    " is not the one that the invoice names: restore a copy.",
                    sequence, frozen->partition);
    return keep_entry(frozen, &entry, why);
}

static enum result read_journal(struct inquiry_call *call, const struct books_begun *begun,
                                struct inquiry_frozen *frozen) {
    struct inquiry *inquiry = call->inquiry;
    char directory[BILLING_PATH];
    uint8_t hash[JOURNAL_HASH_SIZE];
    uint64_t sequence = 0;
    struct ledger_journal *journal = NULL;
    enum result result =
        books_close_entry(inquiry->books, frozen->month, frozen->partition, &sequence, hash, call->why);
    if (result != RESULT_OK)
        return result;
    billing_partition_path(directory, inquiry->config.state, frozen->partition);
    struct ledger_journal_place place = {.directory = directory,
                                         .partition = frozen->partition,
                                         .count = begun->partitions,
                                         .first_month = begun->first_month};
    result = ledger_journal_files_read(&journal, &place, call->why);
    if (result == RESULT_OK)
        result = read_entry(journal, sequence, hash, frozen, call->why);
    if (journal)
        journal->operations->close(&journal);
    return result;
}

/* Reads it where it is not what was read last. */
static enum result load(struct inquiry_call *call, const struct books_begun *begun,
                        const struct inquiry_frozen *wanted) {
    struct inquiry_frozen *frozen = &call->inquiry->frozen;
    bool same = frozen->bytes && frozen->month == wanted->month && frozen->partition == wanted->partition &&
                frozen->roster == wanted->roster && frozen->masked == wanted->masked;
    if (same)
        return RESULT_OK;
    free(frozen->bytes);
    *frozen = *wanted;
    return read_journal(call, begun, frozen);
}

static enum result no_piece(struct inquiry_call *call) {
    const Cakupan__FrozenRequest *ask = call->request->frozen;
    return fail(call->why, RESULT_INVALID, "FROZEN_RANGE",
                "There is no byte %" PRIu64 " of partition %" PRIu32
                ": ask for one that the last reply named.",
                ask->from, ask->partition);
}

static void put_piece(struct inquiry_call *call, uint32_t partitions) {
    const Cakupan__FrozenRequest *ask = call->request->frozen;
    const struct inquiry_frozen *frozen = &call->inquiry->frozen;
    size_t left = frozen->size - (size_t)ask->from;
    Cakupan__FrozenReply *out = inquiry_take(call->inquiry, sizeof *out);
    cakupan__frozen_reply__init(out);
    out->data =
        (ProtobufCBinaryData){left < ask->max_bytes ? left : ask->max_bytes, frozen->bytes + ask->from};
    out->size = frozen->size;
    out->partitions = partitions;
    call->reply.frozen = out;
}

static void log_reading(const struct inquiry_call *call, const struct inquiry_frozen *frozen) {
    char month[CALENDAR_TEXT];
    calendar_format_month(frozen->month, month);
    log_info("device %" PRIu32 " (finance) reads the roster of %s with NIKs, partition %" PRIu32,
             call->asker->device, month, frozen->partition);
}

/* An audit has the roster of a month that is not closed from the journal; who wants it with NIKs must be the
 * finance office here, too, and leave a line. */
static enum result note_reading(struct inquiry_call *call, month_t month) {
    char text[CALENDAR_TEXT];
    if (!rights_whole_nik(call->asker))
        return fail(call->why, RESULT_INVALID, "ROLE_NOT_ALLOWED",
                    "Whole NIKs are the finance office's alone: use a device of that role.");
    calendar_format_month(month, text);
    log_info("device %" PRIu32 " (finance) reads an audit of %s with NIKs", call->asker->device, text);
    call->reply.frozen = inquiry_take(call->inquiry, sizeof *call->reply.frozen);
    cakupan__frozen_reply__init(call->reply.frozen);
    return RESULT_OK;
}

enum result inquiry_frozen(struct inquiry_call *call) {
    const Cakupan__FrozenRequest *ask = call->request->frozen;
    struct books_begun begun;
    struct inquiry_frozen wanted = {.month = wire_month(ask->month),
                                    .partition = ask->partition,
                                    .roster = ask->roster,
                                    .masked = ask->roster && !rights_whole_nik(call->asker)};
    enum result result = inquiry_in_state(call, wanted.month);
    if (result == RESULT_OK && ask->note)
        return note_reading(call, wanted.month);
    if (result != RESULT_OK)
        return result;
    if (!books_begun(call->inquiry->books, &begun) || ask->partition >= begun.partitions)
        return no_piece(call);
    result = load(call, &begun, &wanted);
    if (result != RESULT_OK)
        return result;
    if (ask->from > call->inquiry->frozen.size)
        return no_piece(call);
    if (wanted.roster && !wanted.masked && ask->from == 0)
        log_reading(call, &wanted);
    put_piece(call, begun.partitions);
    return RESULT_OK;
}
