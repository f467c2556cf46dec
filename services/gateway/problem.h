/* problem.h - what can go wrong, as RFC 9457 tells it: stable codes, HTTP statuses, sentences. Pure. */
#ifndef GATEWAY_PROBLEM_H
#define GATEWAY_PROBLEM_H

#include "cakupan/refusal.h"

#include <jansson.h>
#include <stddef.h>

struct problem_kind {
    const char *code;
    unsigned status;
    const char *indonesian, *english; /* forms of refusal_sentence: "[ {}]" takes the value */
};
/* The kind of `code`; refusals of events have theirs, too (422); what nobody knows is INTERNAL's status
 * with its own code. Never NULL. */
const struct problem_kind *problem_kind(const char *code);
const struct problem_kind *problem_at(unsigned index); /* NULL past the end */
const char *problem_title(unsigned status);
/* The document. `sentence` NULL: the kind's own, with `value`. `members` (may be NULL; taken) are put in. */
json_t *problem_json(const char *code, enum language language, const char *value, const char *sentence,
                     const char *instance, json_t *members);

#endif
