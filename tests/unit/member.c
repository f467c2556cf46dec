/* member.c - tests services/domain/member.c: every name is there, unlike the others, and found again. */
#include "cakupan/member.h"

#include <criterion/criterion.h>
#include <string.h>

Test(member, every_segment_has_a_name_and_a_title) {
    for (int i = 0; i < SEGMENT_COUNT; i++) {
        cr_assert_not_null(segment_name((enum segment)i));
        cr_assert_not_null(segment_title((enum segment)i));
        cr_assert_eq(segment_from_name(segment_name((enum segment)i)), i);
    }
    cr_assert_str_eq(segment_name(SEGMENT_PBPU_PEMDA), "PBPU_PEMDA");
    cr_assert_str_eq(segment_title(SEGMENT_PBPU_PEMDA), "PBPU & BP Pemda");
}

Test(member, every_status_and_proof_has_a_name) {
    for (int i = 0; i < STATUS_COUNT; i++) {
        cr_assert_not_null(status_name((enum status)i));
        cr_assert_eq(status_from_name(status_name((enum status)i)), i);
    }
    for (int i = 0; i < PROOF_COUNT; i++) {
        cr_assert_not_null(proof_name((enum proof)i));
        cr_assert_eq(proof_from_name(proof_name((enum proof)i)), i);
    }
    cr_assert_str_eq(status_name(STATUS_MOVED_OUT), "MOVED_OUT");
    cr_assert_str_eq(proof_name(PROOF_NOTICE_RECEIPT), "NOTICE_RECEIPT");
}

Test(member, numbers_outside_have_no_name) {
    cr_assert_null(segment_name(SEGMENT_COUNT));
    cr_assert_null(segment_title((enum segment)255));
    cr_assert_null(status_name((enum status) - 1));
    cr_assert_null(status_name(STATUS_COUNT));
    cr_assert_null(proof_name(PROOF_COUNT));
}

Test(member, unknown_names_are_none) {
    const char *bad[] = {"", "pbi_jk", "PBI", "PBI_JK ", "ACTIVE1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert_eq(segment_from_name(bad[i]), SEGMENT_NONE);
        cr_assert_eq(status_from_name(bad[i]), STATUS_NONE);
        cr_assert_eq(proof_from_name(bad[i]), PROOF_NONE);
    }
    cr_assert_eq(segment_from_name(NULL), SEGMENT_NONE);
    cr_assert_eq(status_from_name(NULL), STATUS_NONE);
    cr_assert_eq(proof_from_name(NULL), PROOF_NONE);
}

Test(member, registered_and_active_statuses) {
    bool registered[STATUS_COUNT] = {
        [STATUS_ACTIVE] = true, [STATUS_PENDING] = true, [STATUS_GRACE] = true, [STATUS_SUSPENDED] = true};
    bool active[STATUS_COUNT] = {[STATUS_ACTIVE] = true, [STATUS_GRACE] = true};
    for (int i = 0; i < STATUS_COUNT; i++) {
        cr_assert_eq(status_is_registered((enum status)i), registered[i], "%s", status_name((enum status)i));
        cr_assert_eq(status_is_active((enum status)i), active[i], "%s", status_name((enum status)i));
    }
}

Test(member, is_forty_eight_bytes_at_most) {
    cr_assert_leq(sizeof(struct member), 48);
}
