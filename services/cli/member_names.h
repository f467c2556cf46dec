/* member_names.h - names of members by their numbers, from the journal's records. Aborts where memory is
 * out. */
#ifndef CLI_MEMBER_NAMES_H
#define CLI_MEMBER_NAMES_H

#include "cakupan/record.h"
#include "cakupan/result.h"

struct member_names;

struct member_names *member_names_new(void);
void member_names_destroy(struct member_names **names);
/* A record may give its member a name, or another one. */
void member_names_step(struct member_names *names, const struct record *record);
/* "" where unknown; valid until the next step. */
struct text member_names_of(const struct member_names *names, uint32_t member_id);
/* Reads the running city's journal up to `until`. */
MUST_USE enum result member_names_read(struct member_names *names, const char *state, uint64_t until,
                                       struct failure *why);

#endif
