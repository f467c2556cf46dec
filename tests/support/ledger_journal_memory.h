/* ledger_journal_memory.h - partitions' journals in memory, on a disk that can fail: for the simulation, the
 * property tests and the contract suite.
 *
 * The disk outlives the journals opened on it. Several may be open on one partition: a zombie, its successor
 * and readers. A killed process is a journal closed; a machine that crashes loses what was never synced.
 * Keeps the promises of cakupan/ledger_journal.h. One thread.
 */
#ifndef SUPPORT_LEDGER_JOURNAL_MEMORY_H
#define SUPPORT_LEDGER_JOURNAL_MEMORY_H

#include "cakupan/ledger_journal.h"

#include <stdbool.h>

struct ledger_disk;

struct ledger_disk *ledger_disk_new(void);
void ledger_disk_destroy(struct ledger_disk **disk); /* nothing may be open on it */

/* As ledger_journal_files_open and ..._read. */
MUST_USE enum result ledger_journal_memory_open(struct ledger_journal **out, struct ledger_disk *disk,
                                                uint32_t partition, uint64_t epoch, struct failure *why);
MUST_USE enum result ledger_journal_memory_read(struct ledger_journal **out, struct ledger_disk *disk,
                                                uint32_t partition, struct failure *why);

/* What the next append does; the one after is sound again, but that a journal is no more written after
 * RESULT_IO. */
enum ledger_fault {
    LEDGER_FAULT_NONE = 0,
    LEDGER_FAULT_IO_BEFORE, /* RESULT_IO, and the entry is not there */
    LEDGER_FAULT_IO_AFTER,  /* RESULT_IO, and the entry is there     */
    LEDGER_FAULT_FULL,      /* RESULT_FULL, and nothing was stored   */
    LEDGER_FAULT_STOPPED    /* stopped after its look for later owners: what it writes then lies in its
                               segment, and if it was taken over meanwhile it learns of it only then */
};
void ledger_disk_fault(struct ledger_disk *disk, enum ledger_fault fault);
/* From now on appends answer RESULT_OK before they are durable: the negative control. */
void ledger_disk_drop_syncs(struct ledger_disk *disk, bool drop);
/* The machine died: entries never synced are gone; journals that are open can only be closed. */
void ledger_disk_crash(struct ledger_disk *disk);
/* Flips one bit of the payload of the valid entry. False where there is none, or it has no payload. */
bool ledger_disk_damage(struct ledger_disk *disk, uint32_t partition, uint64_t sequence);
/* How many entries lie there that no chain holds: what zombies wrote. */
uint64_t ledger_disk_void(const struct ledger_disk *disk, uint32_t partition);

#endif
