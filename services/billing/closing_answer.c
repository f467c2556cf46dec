/* closing_answer.c - who is told what when a barrier is over, or can't be (closing_state.h). */
#include "closing_state.h"

#include <stdlib.h>
#include <string.h>

void closing_leave(struct closing *closing, uint32_t index) {
    free(closing->waiting[index]);
    closing->count--;
    memmove(&closing->waiting[index], &closing->waiting[index + 1],
            (closing->count - index) * sizeof closing->waiting[0]);
}

void closing_tell_failure(struct closing *closing, uint32_t index, const struct failure *why) {
    struct closing_answer answer = {.asker = &closing->waiting[index]->ask.asker, .why = why};
    closing->answer(closing->context, &answer);
    closing_leave(closing, index);
}

void closing_tell_joined_failure(struct closing *closing, const struct failure *why) {
    for (uint32_t i = 0; i < closing->count;) {
        if (closing->waiting[i]->joined)
            closing_tell_failure(closing, i, why);
        else
            i++;
    }
}

void closing_tell_joined(struct closing *closing, const struct closing_answer *said) {
    for (uint32_t i = 0; i < closing->count;) {
        struct closing_answer answer = *said;
        answer.asker = &closing->waiting[i]->ask.asker;
        if (!closing->waiting[i]->joined) {
            i++;
            continue;
        }
        closing->answer(closing->context, &answer);
        closing_leave(closing, i);
    }
}

bool closing_anybody_joined(const struct closing *closing) {
    for (uint32_t i = 0; i < closing->count; i++) {
        if (closing->waiting[i]->joined)
            return true;
    }
    return false;
}

enum result closing_tell_closed(struct closing *closing, const struct closing_asker *asker, month_t month,
                                bool repeated, struct failure *why) {
    struct wire_bytes_view invoice;
    struct finance_month closed;
    enum result result = books_invoice(closing->books, month, &invoice.data, &invoice.size, why);
    if (result != RESULT_OK || !finance_month(books_finance(closing->books), month, DAY_NONE, &closed))
        return result;
    struct closing_answer answer = {.asker = asker,
                                    .as_of_offset = closed.as_of_offset,
                                    .months = 1,
                                    .invoices = &invoice,
                                    .repeated = repeated};
    closing->answer(closing->context, &answer);
    return RESULT_OK;
}
