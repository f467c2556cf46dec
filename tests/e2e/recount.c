/* recount.c - the judge of the end-to-end test: reads the journal of a stopped instance and the logs of the
 * streams.
 *
 * Every event that a log calls answered must be in the journal exactly once, at the offset and with the
 * outcome told, about the person sent; no event may be there twice. Then it counts everybody plainly and
 * prints "KELURAHAN REGISTERED ACTIVE" per kelurahan, to be compared with what Redis said.
 * usage: e2e_recount JOURNAL [DEVICE LOG]...
 */
#include "cakupan/member.h"
#include "store/journal_sqlite.h"
#include "wire/arena.h"
#include "wire/wire_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMBERS_MAX   (1u << 20)
#define SEQUENCES_MAX (1u << 20)
#define DEVICES_MAX   64u
#define PLACES_MAX    256u

struct stored {
    uint64_t offset;
    identity_t identity;
    uint16_t refusal;
};

struct place {
    uint32_t kelurahan, registered, active;
};

struct recount {
    struct member members[MEMBERS_MAX];
    struct stored *stored[DEVICES_MAX]; /* by device, then sequence */
    struct place places[PLACES_MAX];
    uint32_t place_count;
    unsigned faults;
};

static void complain(struct recount *recount, const char *what, uint32_t device, uint64_t sequence) {
    if (recount->faults++ < 20)
        fprintf(stderr, "device %u, event %" PRIu64 ": %s\n", device, sequence, what);
}

static void take_record(struct recount *recount, const struct record *record) {
    if (record->device > 0 && record->device < DEVICES_MAX && record->sequence < SEQUENCES_MAX) {
        struct stored **of_device = &recount->stored[record->device];
        if (!*of_device)
            *of_device = calloc(SEQUENCES_MAX, sizeof **of_device);
        if (!*of_device)
            abort();
        struct stored *stored = &(*of_device)[record->sequence];
        if (stored->offset)
            complain(recount, "is in the journal twice", record->device, record->sequence);
        *stored = (struct stored){record->offset, record->after.identity, record->refusal};
    }
    if (record->refusal == REFUSAL_NONE && record->has_after && record->member_id < MEMBERS_MAX)
        recount->members[record->member_id] = record->after;
}

static int read_journal(struct recount *recount, const char *path) {
    struct journal *journal;
    struct journal_batch batch;
    struct failure why;
    struct arena arena;
    uint64_t next = 1;
    if (journal_sqlite_open(&journal, path, &why) != RESULT_OK) {
        fprintf(stderr, "%s: %s\n", why.code, why.sentence);
        return 1;
    }
    arena_init(&arena, 1u << 20);
    while (journal->operations->read(journal, next, &batch, &why) == RESULT_OK) {
        struct wire_record_entry entry;
        size_t position = 0;
        while (wire_record_next(batch.records, batch.size, &position, &entry) == RESULT_OK) {
            struct record record;
            arena_reset(&arena);
            if (wire_record_decode(entry.data, entry.size, &arena, &record) != RESULT_OK ||
                record.offset != next++)
                complain(recount, "stands out of order or can't be decoded", 0, entry.offset);
            else
                take_record(recount, &record);
        }
    }
    arena_free(&arena);
    journal->operations->close(&journal);
    return 0;
}

/* One line of a stream's log. */
static void judge_line(struct recount *recount, uint32_t device, const char *line, uint64_t *told) {
    uint64_t sequence, value;
    unsigned refusal;
    const struct stored *of_device = recount->stored[device];
    if (sscanf(line, "told %" SCNu64 " %" SCNu64 " %u", &sequence, &value, &refusal) == 3) {
        ++*told;
        if (!of_device || sequence >= SEQUENCES_MAX || of_device[sequence].offset == 0)
            complain(recount, "was acknowledged and is not in the journal", device, sequence);
        else if (of_device[sequence].offset != value || of_device[sequence].refusal != refusal)
            complain(recount, "was acknowledged with another offset or outcome", device, sequence);
    } else if (sscanf(line, "sent %" SCNu64 " %" SCNu64, &sequence, &value) == 2) {
        if (of_device && sequence < SEQUENCES_MAX && of_device[sequence].offset &&
            of_device[sequence].refusal == REFUSAL_NONE && of_device[sequence].identity != value)
            complain(recount, "is stored about somebody else", device, sequence);
    } else {
        complain(recount, "the log has a line that is none", device, 0);
    }
}

static void judge_log(struct recount *recount, uint32_t device, const char *path) {
    char line[160];
    uint64_t told = 0;
    FILE *log = fopen(path, "r");
    if (!log || device == 0 || device >= DEVICES_MAX) {
        complain(recount, "its log can't be read", device, 0);
        return;
    }
    while (fgets(line, sizeof line, log))
        judge_line(recount, device, line, &told);
    fclose(log);
    if (told == 0)
        complain(recount, "nothing was acknowledged: the test has tested nothing", device, 0);
    fprintf(stderr, "device %u: %" PRIu64 " answers checked\n", device, told);
}

static void count_member(struct recount *recount, const struct member *member) {
    uint32_t i = 0;
    while (i < recount->place_count && recount->places[i].kelurahan != member->kelurahan)
        i++;
    if (i == PLACES_MAX)
        abort();
    if (i == recount->place_count)
        recount->places[recount->place_count++] = (struct place){.kelurahan = member->kelurahan};
    recount->places[i].registered += status_is_registered((enum status)member->status);
    recount->places[i].active += status_is_active((enum status)member->status);
}

int main(int argc, char **argv) {
    struct recount *recount = calloc(1, sizeof *recount);
    if (!recount)
        abort();
    if (argc < 2 || argc % 2 != 0 || read_journal(recount, argv[1]) != 0) {
        free(recount);
        return 2;
    }
    for (int i = 2; i + 1 < argc; i += 2)
        judge_log(recount, (uint32_t)strtoul(argv[i], NULL, 10), argv[i + 1]);
    for (uint32_t i = 0; i < MEMBERS_MAX; i++)
        if (recount->members[i].kelurahan)
            count_member(recount, &recount->members[i]);
    for (uint32_t i = 0; i < recount->place_count; i++)
        printf("%u %u %u\n", recount->places[i].kelurahan, recount->places[i].registered,
               recount->places[i].active);
    for (uint32_t i = 0; i < DEVICES_MAX; i++)
        free(recount->stored[i]);
    unsigned faults = recount->faults;
    free(recount);
    return faults ? 1 : 0;
}
