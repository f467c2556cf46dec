/* paths.c - tests where billing keeps things, up to the longest state directory. */
#include "billing/paths.h"

#include "scratch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

Test(paths, lie_below_the_states_folder_of_billing) {
    char path[BILLING_PATH];
    billing_books_path(path, "/var/lib/x");
    cr_assert_str_eq(path, "/var/lib/x/billing/books.db");
    billing_audit_path(path, "/var/lib/x");
    cr_assert_str_eq(path, "/var/lib/x/billing/audit.db");
    billing_partition_path(path, "/var/lib/x", 3);
    cr_assert_str_eq(path, "/var/lib/x/billing/partition-03");
    billing_partition_path(path, "/var/lib/x", UINT32_MAX);
    cr_assert_str_eq(path, "/var/lib/x/billing/partition-4294967295");
    char longest[128]; /* runtime/service.h */
    memset(longest, 's', sizeof longest);
    longest[sizeof longest - 1] = 0;
    billing_partition_path(path, longest, 63);
    cr_assert_eq(strlen(path), strlen(longest) + strlen("/billing/partition-63"));
}

Test(paths, the_folder_is_private_and_made_once) {
    char state[SCRATCH_PATH], path[BILLING_PATH];
    struct failure why;
    struct stat status;
    scratch_make(state);
    for (int again = 0; again < 2; again++)
        cr_assert_eq(billing_directory(path, state, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(stat(path, &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0700);
    scratch_remove(state);
    cr_assert_neq(billing_directory(path, state, &why), RESULT_OK, "a state that is gone");
}
