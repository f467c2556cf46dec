/* decision.c - names of the coordinator's decisions (decision.h). */
#include "cakupan/decision.h"

static const char *const names[] = {
    [DECISION_BEGUN] = "BEGUN",       [DECISION_EPOCH] = "EPOCH",
    [DECISION_CLOSING] = "CLOSING",   [DECISION_INVOICE] = "INVOICE",
    [DECISION_RETARIFF] = "RETARIFF", [DECISION_RETARIFFED] = "RETARIFFED",
    [DECISION_PAYMENT] = "PAYMENT",   [DECISION_BUDGET] = "BUDGET",
    [DECISION_FAILED] = "FAILED",     [DECISION_SETTLED] = "SETTLED",
    [DECISION_DEVICE] = "DEVICE",     [DECISION_AUDITED] = "AUDITED",
    [DECISION_SCALED] = "SCALED",     [DECISION_FOLLOWED] = "FOLLOWED",
    [DECISION_REBUILT] = "REBUILT",   [DECISION_PAYMENT_REVERSED] = "PAYMENT_REVERSED",
};

const char *decision_name(unsigned kind) {
    return kind < sizeof names / sizeof *names ? names[kind] : NULL;
}
