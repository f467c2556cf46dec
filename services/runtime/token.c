/* token.c - tokens and pairing codes of web devices (token.h). */
#include "token.h"

#include "file.h"
#include "require.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define BEARER       "Bearer "
#define TOKEN_PREFIX "cak_"
#define TOKEN_BASE64 43 /* 32 bytes without padding */
#define SECRET_FILE  "gateway-token.key"
#define CODE_SIZE    (PAIRING_CODE_TEXT - 1)

/* Crockford's base 32: no I, L, O, U. https://www.crockford.com/base32.html */
static const char code_digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void token_hash(const uint8_t token[TOKEN_BYTES], uint8_t hash[TOKEN_HASH_SIZE]) {
    static const uint8_t key[32] = "cakupan web token 1";
    require(crypto_generichash(hash, TOKEN_HASH_SIZE, token, TOKEN_BYTES, key, sizeof key) == 0,
            "a token can be hashed");
}

/* The name of a scheme has no case (RFC 9110, 11.1). */
bool token_of_header(const char *authorization, uint8_t hash[TOKEN_HASH_SIZE]) {
    uint8_t token[TOKEN_BYTES];
    size_t size = 0;
    if (strncasecmp(authorization, BEARER, strlen(BEARER)) != 0)
        return false;
    const char *text = authorization + strlen(BEARER);
    if (strncmp(text, TOKEN_PREFIX, strlen(TOKEN_PREFIX)) != 0)
        return false;
    text += strlen(TOKEN_PREFIX);
    bool fine = strlen(text) == TOKEN_BASE64 &&
                sodium_base642bin(token, sizeof token, text, TOKEN_BASE64, NULL, &size, NULL,
                                  sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
                size == sizeof token;
    if (fine)
        token_hash(token, hash);
    sodium_memzero(token, sizeof token);
    return fine;
}

static void token_show(const uint8_t bytes[TOKEN_BYTES], char token[TOKEN_TEXT]) {
    snprintf(token, TOKEN_TEXT, "%s", TOKEN_PREFIX);
    sodium_bin2base64(token + strlen(TOKEN_PREFIX), TOKEN_TEXT - strlen(TOKEN_PREFIX), bytes, TOKEN_BYTES,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void sodium_begin(void) {
    require(sodium_init() >= 0, "the system gives random numbers");
}

void token_make(char token[TOKEN_TEXT], uint8_t hash[TOKEN_HASH_SIZE]) {
    uint8_t bytes[TOKEN_BYTES];
    sodium_begin();
    randombytes_buf(bytes, sizeof bytes);
    token_show(bytes, token);
    token_hash(bytes, hash);
    sodium_memzero(bytes, sizeof bytes);
}

/* Into 12 capitals. */
static bool code_read(const char *text, char code[PAIRING_CODE_TEXT]) {
    size_t length = 0;
    for (; *text; text++) {
        char c = *text >= 'a' && *text <= 'z' ? (char)(*text - 'a' + 'A') : *text;
        if (c == '-' || c == ' ')
            continue;
        c = c == 'I' || c == 'L' ? '1' : c == 'O' ? '0' : c;
        if (length == CODE_SIZE || !strchr(code_digits, c))
            return false;
        code[length++] = c;
    }
    code[length] = '\0';
    return length == CODE_SIZE;
}

bool pairing_code_hash(const char *code, uint8_t hash[TOKEN_HASH_SIZE]) {
    char read[PAIRING_CODE_TEXT];
    if (!code_read(code, read))
        return false;
    require(crypto_generichash(hash, TOKEN_HASH_SIZE, (const uint8_t *)read, CODE_SIZE, NULL, 0) == 0,
            "a code can be hashed");
    sodium_memzero(read, sizeof read);
    return true;
}

void pairing_code_make(char code[PAIRING_CODE_SHOW]) {
    sodium_begin();
    for (int i = 0; i < PAIRING_CODE_SHOW - 1; i++)
        code[i] = i == 4 || i == 9 ? '-' : code_digits[randombytes_uniform(sizeof code_digits - 1)];
    code[PAIRING_CODE_SHOW - 1] = '\0';
}

static bool nonce_fine(const char *nonce) {
    size_t size = strspn(nonce, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    return size >= NONCE_TEXT_MIN && size <= NONCE_TEXT_MAX && nonce[size] == '\0';
}

bool token_of_pairing(const uint8_t secret[TOKEN_BYTES], const char *code, const char *nonce,
                      char token[TOKEN_TEXT], uint8_t hash[TOKEN_HASH_SIZE]) {
    char read[PAIRING_CODE_TEXT];
    uint8_t bytes[TOKEN_BYTES];
    crypto_generichash_state state;
    if (!code_read(code, read) || !nonce_fine(nonce))
        return false;
    crypto_generichash_init(&state, secret, TOKEN_BYTES, sizeof bytes);
    crypto_generichash_update(&state, (const uint8_t *)read, CODE_SIZE); /* of one length: no ambiguity */
    crypto_generichash_update(&state, (const uint8_t *)nonce, strlen(nonce));
    crypto_generichash_final(&state, bytes, sizeof bytes);
    token_show(bytes, token);
    token_hash(bytes, hash);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(read, sizeof read);
    return true;
}

static enum result secret_make(const char *path, struct failure *why) {
    uint8_t secret[TOKEN_BYTES];
    char line[TOKEN_BYTES * 2 + 1];
    sodium_begin();
    randombytes_buf(secret, sizeof secret);
    sodium_bin2hex(line, sizeof line, secret, sizeof secret);
    line[TOKEN_BYTES * 2] = '\n';
    enum result result = file_create(path, line, sizeof line, why);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(line, sizeof line);
    return result == RESULT_CONFLICT ? RESULT_OK : result; /* somebody else was faster: theirs is read */
}

enum result token_secret_load(uint8_t secret[TOKEN_BYTES], const char *directory, struct failure *why) {
    char path[PATH_MAX], text[TOKEN_BYTES * 2 + 2];
    size_t size = 0;
    enum result result = file_make_directory(directory, why);
    if (result != RESULT_OK)
        return result;
    snprintf(path, sizeof path, "%s/" SECRET_FILE, directory);
    result = file_read(path, true, text, sizeof text, why);
    if (result == RESULT_NOT_FOUND && (result = secret_make(path, why)) == RESULT_OK)
        result = file_read(path, true, text, sizeof text, why);
    if (result != RESULT_OK)
        return result;
    bool fine = sodium_hex2bin(secret, TOKEN_BYTES, text, strcspn(text, "\n"), NULL, &size, NULL) == 0 &&
                size == TOKEN_BYTES;
    sodium_memzero(text, sizeof text);
    return fine ? RESULT_OK
                : fail(why, RESULT_INVALID, "KEY_INVALID",
                       "%s holds no key: it must be one line of 64 hexadecimal digits. Restore it from a "
                       "copy, or remove it.",
                       path);
}
