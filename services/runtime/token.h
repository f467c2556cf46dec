/* token.h - tokens and pairing codes of web devices: their texts, and the hashes that enrollment knows them
 * by.
 *
 * A token is 32 random bytes. Enrollment knows its device by a hash of them in place of a CURVE key, so a
 * journal or a snapshot opens no door. Texts of tokens are secrets: never in argv, logs or errors.
 */
#ifndef RUNTIME_TOKEN_H
#define RUNTIME_TOKEN_H

#include "cakupan/device.h"

#define TOKEN_BYTES       32
#define TOKEN_HASH_SIZE   DEVICE_KEY_SIZE
#define TOKEN_TEXT        48 /* "cak_", 43 characters of base64url, NUL */
#define PAIRING_CODE_TEXT 13 /* 12 characters of Crockford's base 32, NUL */
#define PAIRING_CODE_SHOW 15 /* "7K2M-9QTX-4BWC" and NUL */
#define NONCE_TEXT_MIN    22
#define NONCE_TEXT_MAX    64

/* Hashes the token of "Bearer cak_..." (a header Authorization). False where it has another form. */
bool token_of_header(const char *authorization, uint8_t hash[TOKEN_HASH_SIZE]);
/* A new token and its hash. */
void token_make(char token[TOKEN_TEXT], uint8_t hash[TOKEN_HASH_SIZE]);

/* Hashes a code; false where it is none: dashes, blanks and case don't matter, I and L are 1, O is 0. */
bool pairing_code_hash(const char *code, uint8_t hash[TOKEN_HASH_SIZE]);
/* A new code, as people read it. */
void pairing_code_make(char code[PAIRING_CODE_SHOW]);

/* The token that `code` and `nonce` give, always the same under one `secret`: whoever lost the answer asks
 * again. False where either has another form. */
bool token_of_pairing(const uint8_t secret[TOKEN_BYTES], const char *code, const char *nonce,
                      char token[TOKEN_TEXT], uint8_t hash[TOKEN_HASH_SIZE]);
/* That secret, of the file (0600) in `directory`; made when there is none yet. */
MUST_USE enum result token_secret_load(uint8_t secret[TOKEN_BYTES], const char *directory,
                                       struct failure *why);

#endif
