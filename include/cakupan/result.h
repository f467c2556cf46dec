/* result.h - how a function says that it failed.
 *
 * Every function that can fail returns `enum result` and, where a person may have to read why, fills a
 * `struct failure` with a stable code and one sentence. Both are plain values: nothing to free, any thread.
 */
#ifndef CAKUPAN_RESULT_H
#define CAKUPAN_RESULT_H

enum result {
    RESULT_OK = 0,
    RESULT_AGAIN,     /* nothing there yet, or busy: ask again later                     */
    RESULT_NOT_FOUND, /* the thing named does not exist                                  */
    RESULT_INVALID,   /* the input is wrong: repeating it gives the same answer          */
    RESULT_CONFLICT,  /* the input contradicts what is stored (another writer, version)  */
    RESULT_CORRUPT,   /* stored bytes fail their check: stop, never guess                */
    RESULT_FULL,      /* a bound is reached (disk, queue, table)                         */
    RESULT_IO         /* the outcome is unknown: stop and recover from the journal       */
};

/* The caller must look at the result. */
#define MUST_USE __attribute__((warn_unused_result))

/* Why something failed: `code` never changes for the same cause, `sentence` says what was wrong with which
 * value and what to do. Never holds a whole NIK. */
struct failure {
    enum result result;
    char code[32];
    char sentence[320];
};

/* Fills `why` (may be NULL) printf-like and returns `result`, so that a function can end in
 * `return fail(why, RESULT_INVALID, "PORT_TAKEN", "Port %d is taken ...", port);` */
enum result fail(struct failure *why, enum result result, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
