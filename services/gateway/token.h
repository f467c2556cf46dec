/* token.h - tokens of web devices: their text, and the hash that enrollment knows them by. */
#ifndef GATEWAY_TOKEN_H
#define GATEWAY_TOKEN_H

#include "caller.h"

#define TOKEN_BYTES       32
#define TOKEN_TEXT        48 /* "cak_", 43 characters of base64url, NUL */
#define PAIRING_CODE_TEXT 13 /* 12 characters of Crockford's base 32, NUL */

/* Hashes the token of "Authorization: Bearer cak_...". False where it has another form. */
bool token_of_header(const char *authorization, uint8_t hash[TOKEN_HASH_SIZE]);
/* False where it is no code; dashes, blanks and case don't matter, I and L are 1, O is 0. */
bool pairing_code_hash(const char *code, uint8_t hash[TOKEN_HASH_SIZE]);
/* The token that `code` and `nonce` give, always the same under one `secret`. */
void token_of_pairing(const uint8_t secret[TOKEN_BYTES], const char *code, const char *nonce,
                      char token[TOKEN_TEXT], uint8_t hash[TOKEN_HASH_SIZE]);

#endif
