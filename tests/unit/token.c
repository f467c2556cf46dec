/* token.c - tokens and pairing codes (services/runtime/token.h): their forms, that they are stable, and the
 * file of the secret. */
#include "runtime/token.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t secret[TOKEN_BYTES] = "a secret of 32 bytes for tests..";
static const char nonce[] = "b2tlcmFuZG9tbm9uY2UxMg";

static bool header_of(const char *token, uint8_t hash[TOKEN_HASH_SIZE]) {
    char header[128];
    snprintf(header, sizeof header, "Bearer %s", token);
    return token_of_header(header, hash);
}

Test(token, a_new_token_is_known_by_its_hash) {
    char token[TOKEN_TEXT], other[TOKEN_TEXT];
    uint8_t made[TOKEN_HASH_SIZE], read[TOKEN_HASH_SIZE], others[TOKEN_HASH_SIZE];
    token_make(token, made);
    token_make(other, others);
    cr_assert_eq(strlen(token), 47);
    cr_assert(header_of(token, read));
    cr_assert_arr_eq(made, read, sizeof made);
    cr_assert_neq(memcmp(made, others, sizeof made), 0);
}

/* A city's tokens outlive its programs: the hash of a token never changes. */
Test(token, the_hash_stays_what_it_was) {
    static const uint8_t expected[] = {0x10, 0x3c, 0x1b, 0x22, 0x2f, 0xc9, 0x82, 0xde, 0xd8, 0xc4, 0xd3,
                                       0xc1, 0x40, 0x49, 0x12, 0xfc, 0xc1, 0x9d, 0xaf, 0x5b, 0x89, 0x9d,
                                       0x82, 0x02, 0x5a, 0x9a, 0x0e, 0x8e, 0xb8, 0x8d, 0x2a, 0x49};
    uint8_t hash[TOKEN_HASH_SIZE];
    cr_assert(header_of("cak_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", hash));
    cr_assert_arr_eq(hash, expected, sizeof expected);
}

Test(token, other_forms_are_no_tokens) {
    static const char *const wrong[] = {
        "",
        "Bearer",
        "Bearer ",
        "Basic cak_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "Bearer cak_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",   /* one less */
        "Bearer cak_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", /* one more */
        "Bearer cak_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "Bearer cak_AAAAAAAAAAAAAAAAAAAAAAAAAA+AAAAAAAAAAAAAAAA",
        "Bearer cak_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB", /* bits that no byte has */
        "Bearer  cak_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "Bearer cak_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA "};
    uint8_t hash[TOKEN_HASH_SIZE];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert_not(token_of_header(wrong[i], hash), "%s", wrong[i]);
    cr_assert(token_of_header("bearer cak_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", hash),
              "a scheme has no case");
}

Test(token, a_code_is_read_as_people_write_it) {
    static const char *const same[] = {"1K0M-9QTX-4BWC", "1K0M9QTX4BWC", "1k0m 9qtx 4bwc", "iKOm-9qtx-4bwc",
                                       "LKoM9QTX4BWC"};
    static const char *const none[] = {
        "", "1K0M-9QTX-4BW", "1K0M-9QTX-4BWCC", "1K0M-9QTX-4BWU", "1K0M_9QTX_4BWC", "1K0M-9QTX-4BW\xc3\xa9"};
    uint8_t first[TOKEN_HASH_SIZE], hash[TOKEN_HASH_SIZE];
    cr_assert(pairing_code_hash(same[0], first));
    for (size_t i = 1; i < sizeof same / sizeof *same; i++) {
        cr_assert(pairing_code_hash(same[i], hash));
        cr_assert_arr_eq(hash, first, sizeof hash);
    }
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        cr_assert_not(pairing_code_hash(none[i], hash), "%s", none[i]);
}

Test(token, a_new_code_can_be_read) {
    char code[PAIRING_CODE_SHOW], other[PAIRING_CODE_SHOW];
    uint8_t hash[TOKEN_HASH_SIZE];
    pairing_code_make(code);
    pairing_code_make(other);
    cr_assert_eq(strlen(code), 14);
    cr_assert(pairing_code_hash(code, hash));
    cr_assert_str_neq(code, other);
}

Test(token, the_same_code_and_nonce_give_the_same_token) {
    char first[TOKEN_TEXT], again[TOKEN_TEXT], other[TOKEN_TEXT];
    uint8_t hash[TOKEN_HASH_SIZE], read[TOKEN_HASH_SIZE], other_secret[TOKEN_BYTES] = {1};
    cr_assert(token_of_pairing(secret, "1K0M-9QTX-4BWC", nonce, first, hash));
    cr_assert(header_of(first, read));
    cr_assert_arr_eq(hash, read, sizeof hash);
    cr_assert(token_of_pairing(secret, "1k0m 9qtx 4bwc", nonce, again, hash));
    cr_assert_str_eq(first, again);
    cr_assert(token_of_pairing(secret, "1K0M-9QTX-4BWC", "c2tlcmFuZG9tbm9uY2UxMg", other, hash));
    cr_assert_str_neq(first, other, "another nonce");
    cr_assert(token_of_pairing(secret, "1K0M-9QTX-4BWD", nonce, other, hash));
    cr_assert_str_neq(first, other, "another code");
    cr_assert(token_of_pairing(other_secret, "1K0M-9QTX-4BWC", nonce, other, hash));
    cr_assert_str_neq(first, other, "another city");
}

Test(token, other_forms_are_no_nonces) {
    static const char *const wrong[] = {"", "b2tlcmFuZG9tbm9uY2UxM", "b2tlcmFuZG9tbm9uY2UxM!",
                                        "b2tlcmFuZG9tbm9uY2UxMgb2tlcmFuZG9tbm9uY2UxMgb2tlcmFuZG9tbm9uY2UxM"};
    char token[TOKEN_TEXT];
    uint8_t hash[TOKEN_HASH_SIZE];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert_not(token_of_pairing(secret, "1K0M-9QTX-4BWC", wrong[i], token, hash), "%s", wrong[i]);
}

Test(token, the_secret_is_made_once_and_kept_private) {
    char directory[SCRATCH_PATH], keys[SCRATCH_PATH + 8], path[SCRATCH_PATH + 40];
    uint8_t made[TOKEN_BYTES], read[TOKEN_BYTES];
    struct failure why;
    struct stat status;
    scratch_make(directory);
    snprintf(keys, sizeof keys, "%s/keys", directory);
    snprintf(path, sizeof path, "%s/gateway-token.key", keys);
    cr_assert_eq(token_secret_load(made, keys, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(token_secret_load(read, keys, &why), RESULT_OK);
    cr_assert_arr_eq(made, read, sizeof made);
    cr_assert_eq(stat(path, &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0600);
    cr_assert_eq(chmod(path, 0644), 0);
    cr_assert_neq(token_secret_load(read, keys, &why), RESULT_OK, "others could read it");
    FILE *file = fopen(path, "w");
    fputs("0123\n", file);
    fclose(file);
    cr_assert_eq(chmod(path, 0600), 0);
    cr_assert_eq(token_secret_load(read, keys, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "KEY_INVALID");
    cr_assert_null(strstr(why.sentence, "0123"), "a secret is never told");
    scratch_remove(directory);
}
