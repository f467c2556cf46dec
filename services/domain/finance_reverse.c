/* finance_reverse.c - may a payment be taken back? By its month, its SP2D number and a reason (finance.h). */
#include "finance_state.h"

#include <string.h>

static bool is_reversal(const struct payment *payment, const struct reversal_ask *ask) {
    return payment->decision.kind == DECISION_PAYMENT_REVERSED && payment->decision.month == ask->month &&
           finance_sp2d_same(payment->decision.sp2d, ask->sp2d);
}

/* The newest reversal of this number in the month, of all or of those for the same reason; NULL: none. */
static const struct payment *reversal_of(const struct finance *finance, const struct reversal_ask *ask,
                                         bool same_reason) {
    const struct payment *payments = finance->payments.items;
    size_t size = strlen(ask->reason);
    for (uint32_t i = finance->payments.count; i-- > 0;) {
        bool same =
            payments[i].decision.reason.size == size && memcmp(payments[i].reason, ask->reason, size) == 0;
        if (is_reversal(&payments[i], ask) && (same || !same_reason))
            return &payments[i];
    }
    return NULL;
}

/* No payment stands under this number, or one of another month does. */
static enum result decide_none(const struct finance *finance, const struct reversal_ask *ask,
                               const struct payment *standing, struct failure *why) {
    char asked[CALENDAR_TEXT], other[CALENDAR_TEXT], day[CALENDAR_TEXT];
    const struct payment *reversal = reversal_of(finance, ask, false);
    calendar_format_month(ask->month, asked);
    if (reversal) {
        calendar_format(reversal->decision.day, day);
        return fail(why, RESULT_CONFLICT, "SP2D_REVERSED",
                    "The payment %s for %s was reversed on %s already, for another reason (%.*s): there is "
                    "nothing left to reverse.",
                    reversal->decision.sp2d, asked, day, (int)reversal->decision.reason.size,
                    reversal->reason);
    }
    if (!standing)
        return fail(why, RESULT_INVALID, "SP2D_UNKNOWN",
                    "No payment %s is booked for %s: `bill show %s` lists those that are.", ask->sp2d, asked,
                    asked);
    calendar_format_month(standing->decision.month, other);
    return fail(why, RESULT_CONFLICT, "SP2D_OTHER_MONTH",
                "The payment %s is booked for %s, not for %s: name that month to reverse it.",
                standing->decision.sp2d, other, asked);
}

/* Sent twice, or meant for the payment that was booked since? Nothing is taken back by a guess. */
static enum result reason_taken(const struct payment *earlier, struct failure *why) {
    char month[CALENDAR_TEXT], day[CALENDAR_TEXT];
    calendar_format_month(earlier->decision.month, month);
    calendar_format(earlier->decision.day, day);
    return fail(why, RESULT_CONFLICT, "SP2D_REVERSED",
                "The payment %s for %s was reversed for this reason on %s and booked again since: to reverse "
                "that one, too, give a reason that tells them apart.",
                earlier->decision.sp2d, month, day);
}

static bool is_reason(const char *text) {
    size_t size = strnlen(text, TEXT_MAX + 1), blanks = 0;
    while (text[blanks] == ' ')
        blanks++;
    return blanks < size && size <= TEXT_MAX;
}

enum result finance_decide_reversal(const struct finance *finance, const struct reversal_ask *ask,
                                    struct decision *out, bool *repeated, struct failure *why) {
    *repeated = false;
    enum result result = finance_sp2d_check(ask->sp2d, why);
    if (result != RESULT_OK)
        return result;
    if (!is_reason(ask->reason))
        return fail(why, RESULT_INVALID, "REASON_MISSING",
                    "A payment is reversed for a reason of 1 to %d bytes: say what was wrong with it.",
                    TEXT_MAX);
    const struct payment *payment = finance_payment_by(finance, ask->sp2d);
    const struct payment *earlier = reversal_of(finance, ask, true);
    bool stands = payment && payment->decision.month == ask->month;
    if (stands && earlier)
        return reason_taken(earlier, why);
    if (earlier) {
        *repeated = true;
        *out = finance_payment_told(earlier);
        return RESULT_OK;
    }
    if (!stands)
        return decide_none(finance, ask, payment, why);
    *out = (struct decision){.kind = DECISION_PAYMENT_REVERSED,
                             .month = ask->month,
                             .reverses = payment->decision.sequence,
                             .reason = {ask->reason, (uint16_t)strlen(ask->reason)}};
    memcpy(out->sp2d, payment->decision.sp2d, sizeof out->sp2d);
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        out->amount_rupiah[payer] = -payment->decision.amount_rupiah[payer];
    return RESULT_OK;
}
