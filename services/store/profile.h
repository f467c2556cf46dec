/* profile.h - reads profile.json, how a city's baseline is made up. See deploy/tangerang/README.md for its
 * form. */
#ifndef STORE_PROFILE_H
#define STORE_PROFILE_H

#include "cakupan/profile.h"
#include "cakupan/result.h"

/* Reads DIRECTORY/profile.json. `why` names the file, the field and the value at fault. */
MUST_USE enum result profile_load(struct profile *profile, const char *directory, struct failure *why);

#endif
