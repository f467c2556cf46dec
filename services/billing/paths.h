/* paths.h - where billing keeps things below STATE/billing. Buffers of BILLING_PATH bytes. */
#ifndef BILLING_PATHS_H
#define BILLING_PATHS_H

#include "cakupan/result.h"

#include <stdint.h>

#define BILLING_PATH 256

/* STATE/billing, made (0700) where there is none. */
MUST_USE enum result billing_directory(char out[BILLING_PATH], const char *state, struct failure *why);
void billing_books_path(char out[BILLING_PATH], const char *state); /* books.db      */
void billing_audit_path(char out[BILLING_PATH], const char *state); /* audit.db      */
void billing_partition_path(char out[BILLING_PATH], const char *state, uint32_t partition); /* partition-03 */

#endif
