/* journal_memory.h - a journal in memory with a disk that can fail: for the simulation and the contract
 * suite.
 *
 * The disk outlives the journals opened on it, as a file outlives processes. What was appended while syncs
 * are dropped is lost in a crash. One journal at a time is open on a disk. One thread.
 */
#ifndef SUPPORT_JOURNAL_MEMORY_H
#define SUPPORT_JOURNAL_MEMORY_H

#include "cakupan/journal.h"

#include <stdbool.h>

struct journal_disk;

struct journal_disk *journal_disk_new(void);
void journal_disk_destroy(struct journal_disk **disk); /* nothing may be open on it */

/* RESULT_CONFLICT where a journal is open on the disk. Close it by its operations, or by
 * journal_disk_crash. */
MUST_USE enum result journal_memory_open(struct journal **out, struct journal_disk *disk,
                                         struct failure *why);

/* What the next append does; the one after is sound again, but that a journal is no more written after
 * RESULT_IO. */
enum journal_fault {
    JOURNAL_FAULT_NONE = 0,
    JOURNAL_FAULT_IO_BEFORE, /* RESULT_IO, and the batch is not there after a restart */
    JOURNAL_FAULT_IO_AFTER,  /* RESULT_IO, and the batch is there after a restart     */
    JOURNAL_FAULT_FULL       /* RESULT_FULL, and nothing was stored                   */
};
void journal_disk_fault(struct journal_disk *disk, enum journal_fault fault);
/* From now on appends answer RESULT_OK before they are durable: the negative control of every durability
 * test. */
void journal_disk_drop_syncs(struct journal_disk *disk, bool drop);
/* The process died: its journal, if any is open, is freed, and batches that were never synced are gone. */
void journal_disk_crash(struct journal_disk *disk);
/* Flips one bit of the records of the batch that holds `offset`. False where there is none. */
bool journal_disk_tear(struct journal_disk *disk, uint64_t offset);
/* The last offset that a crash now would leave. */
uint64_t journal_disk_durable(const struct journal_disk *disk);

#endif
