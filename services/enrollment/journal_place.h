/* journal_place.h - where a state's journal lies, and whether there was one: STATE/journal/journal.db, and
 * beside that directory a mark that outlives it.
 *
 * Without the mark, a journal directory that was deleted or is not mounted would look like a state that
 * begins: an empty city, in silence.
 */
#ifndef ENROLLMENT_JOURNAL_PLACE_H
#define ENROLLMENT_JOURNAL_PLACE_H

#include "cakupan/result.h"

#include <stddef.h>

/* Makes the directory, durably, and gives the journal's path. RESULT_CORRUPT (JOURNAL_LOST) where the mark is
 * there but the journal is not: then nothing is made. */
MUST_USE enum result journal_place_find(const char *state, char *path, size_t capacity, struct failure *why);
/* Makes the mark where there is none: as soon as the journal's file is there, before anything is
 * acknowledged. */
MUST_USE enum result journal_place_mark(const char *state, struct failure *why);

#endif
