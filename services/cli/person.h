/* person.h - one member as the operator's tools show them: whom to ask for, how to ask, how to name. */
#ifndef CLI_PERSON_H
#define CLI_PERSON_H

#include "cakupan/member.h"
#include "cakupan/record.h"
#include "control_client.h"
#include "store/city.h"

#include <stdbool.h>
#include <stddef.h>

/* The NIK (or temporary id) of an argument; "-" reads it from standard input, so that it need not stand on
 * a command line that others can see. */
MUST_USE enum result person_identity(const char *argument, identity_t *out, struct failure *why);
/* Asks enrollment. RESULT_NOT_FOUND (MEMBER_UNKNOWN) where nobody is known by it. */
MUST_USE enum result person_ask(const char *state, identity_t identity, const char *reason, bool history,
                                Cakupan__ControlReply **reply, struct failure *why);
/* The city's data of the running instance, for names of places. */
MUST_USE enum result person_city(const char *state, struct city *city, struct failure *why);

/* The identity, masked or whole. */
const char *person_name_identity(identity_t identity, bool unmask, char out[24]);
/* "PPU_BU ACTIVE" */
const char *person_cover(const struct member *member, char out[64]);
/* What a record changed, in few words: "PPU_BU ACTIVE -> PBPU_PEMDA ACTIVE, moved to Gondrong, Cipondoh". */
void person_change(const struct city *city, const struct record *record, char *out, size_t size);

/* --unmask needs --reason. */
MUST_USE enum result person_may_unmask(bool unmask, const char *reason, struct failure *why);

#endif
