/* policy.c - finds the policy that holds on a day (policy.h). */
#include "cakupan/policy.h"

#include <assert.h>

const struct policy_row *policy_at(const struct policy *policy, day_t day) {
    assert(policy->count > 0 && policy->count <= POLICY_ROWS_MAX && "a policy has 1 to 32 rows");
    unsigned row = policy->count - 1u;
    while (row > 0 && policy->rows[row].valid_from > day)
        row--;
    return &policy->rows[row];
}
