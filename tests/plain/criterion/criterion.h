/* criterion.h - the part of Criterion that our unit tests use, run by a plain main().
 *
 * Under Criterion, valgrind's errors in a test pass unseen and ThreadSanitizer's builds crash at start
 * (Criterion #274). With this folder before the system's, the same sources become programs that both can
 * watch: each test is a plain fork, and the code it ends with says what its watcher found.
 */
#ifndef PLAIN_CRITERION_H
#define PLAIN_CRITERION_H

#pragma GCC system_header /* as Criterion is: assertions compare what the compiler would rather not */

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What Test() and TestSuite() take after their names, as in Criterion. */
struct plain_options {
    void (*init)(void), (*fini)(void);
    int signal, exit_code;
    double timeout; /* left to whoever runs the program */
};
struct plain_test {
    const char *suite, *name; /* name NULL: the suite itself */
    void (*run)(void);
    struct plain_options options;
    struct plain_test *next;
};
/* plain_main.c */
void plain_add(struct plain_test *test);
_Noreturn void plain_fail(const char *file, int line, const char *what, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#define PLAIN_ADD(id, suite_text, name_text, function, ...)                                                  \
    static struct plain_test id = {                                                                          \
        .suite = suite_text, .name = name_text, .run = function, .options = {__VA_ARGS__}};                  \
    __attribute__((constructor)) static void id##_add(void) {                                                \
        plain_add(&id);                                                                                      \
    }                                                                                                        \
    struct plain_options
#define Test(suite, name, ...)                                                                               \
    static void suite##_##name##_test(void);                                                                 \
    PLAIN_ADD(suite##_##name##_entry, #suite, #name, suite##_##name##_test, __VA_ARGS__);                    \
    static void suite##_##name##_test(void)
#define TestSuite(suite, ...) PLAIN_ADD(suite##_suite_entry, #suite, NULL, NULL, __VA_ARGS__)

#define cr_assert(condition, ...)                                                                            \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            plain_fail(__FILE__, __LINE__, #condition, " " __VA_ARGS__);                                     \
    } while (0)
#define cr_expect                         cr_assert
#define cr_assert_fail(...)               plain_fail(__FILE__, __LINE__, "failed", " " __VA_ARGS__)
#define cr_assert_not(condition, ...)     cr_assert(!(condition), __VA_ARGS__)
#define cr_assert_null(pointer, ...)      cr_assert((pointer) == NULL, __VA_ARGS__)
#define cr_assert_not_null(pointer, ...)  cr_assert((pointer) != NULL, __VA_ARGS__)
#define cr_assert_eq(a, b, ...)           cr_assert((a) == (b), __VA_ARGS__)
#define cr_assert_neq(a, b, ...)          cr_assert((a) != (b), __VA_ARGS__)
#define cr_assert_lt(a, b, ...)           cr_assert((a) < (b), __VA_ARGS__)
#define cr_assert_leq(a, b, ...)          cr_assert((a) <= (b), __VA_ARGS__)
#define cr_assert_gt(a, b, ...)           cr_assert((a) > (b), __VA_ARGS__)
#define cr_assert_geq(a, b, ...)          cr_assert((a) >= (b), __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...)       cr_assert(strcmp(a, b) == 0, __VA_ARGS__)
#define cr_assert_str_neq(a, b, ...)      cr_assert(strcmp(a, b) != 0, __VA_ARGS__)
#define cr_assert_arr_eq(a, b, size, ...) cr_assert(memcmp(a, b, size) == 0, __VA_ARGS__)
#define cr_log_warn(...)                  ((void)fprintf(stderr, __VA_ARGS__), (void)fputc('\n', stderr))

#endif
