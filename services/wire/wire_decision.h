/* wire_decision.h - a decision of billing's coordinator: protobuf <-> domain (proto/billing.proto,
 * Decision). */
#ifndef WIRE_WIRE_DECISION_H
#define WIRE_WIRE_DECISION_H

#include "arena.h"
#include "cakupan/decision.h"

#define DECISION_MAX_BYTES (5u << 20)

/* Returns the size; 0 where it does not fit. The same decision always gives the same bytes. */
size_t wire_decision_encode(const struct decision *decision, uint8_t *out, size_t capacity);
/* Texts, bytes and new_device borrow from `arena` and `data`. RESULT_CORRUPT where it is none. */
MUST_USE enum result wire_decision_decode(const uint8_t *data, size_t size, struct arena *arena,
                                          struct decision *out);

#endif
