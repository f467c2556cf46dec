/* journal_place.c - the journal's directory and the mark beside it (journal_place.h). */
#include "journal_place.h"

#include "runtime/file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MARK "journal.begun"

static const char words[] =
    "The journal of this state was begun. Enrollment refuses to start where this file is and\n"
    "journal/journal.db is not: what was acknowledged would be forgotten in silence.\n";

enum result journal_place_find(const char *state, char *path, size_t capacity, struct failure *why) {
    char mark[PATH_MAX], directory[PATH_MAX];
    snprintf(mark, sizeof mark, "%s/" MARK, state);
    snprintf(directory, sizeof directory, "%s/journal", state);
    if ((size_t)snprintf(path, capacity, "%s/journal.db", directory) >= capacity)
        return fail(why, RESULT_INVALID, "PATH_LONG", "The state's path is too long; use a shorter one.");
    if (access(mark, F_OK) == 0 && access(path, F_OK) != 0)
        return fail(why, RESULT_CORRUPT, "JOURNAL_LOST",
                    "The state %.100s had a journal, but journal/journal.db is not there: mount its disk or "
                    "restore it from a copy; or remove " MARK " and what is left of journal/ there, to begin "
                    "an empty city.",
                    state);
    return file_make_directory(directory, why);
}

enum result journal_place_mark(const char *state, struct failure *why) {
    char mark[PATH_MAX];
    snprintf(mark, sizeof mark, "%s/" MARK, state);
    if (access(mark, F_OK) == 0)
        return RESULT_OK;
    return file_replace(mark, words, strlen(words), why);
}
