/* nik.h - the national identity number (NIK) and the family card number (KK).
 *
 * A NIK has 16 digits: region of first registration (6), birth date DDMMYY with 40 added to the day for a
 * woman (6), sequence from 0001 (4) (Permendagri 102/2019; UU 24/2013 art. 13). It never changes, so a prefix
 * outside the city or a birth date that differs is no error. Pure, thread-safe.
 */
#ifndef CAKUPAN_NIK_H
#define CAKUPAN_NIK_H

#include "cakupan/member.h"
#include "cakupan/refusal.h"

#include <stddef.h>

#define NIK_TEXT 17 /* 16 digits and a NUL */

/* Exactly 16 digits -> number. False for anything else; says nothing about plausibility. */
bool nik_parse(const char *text, size_t size, uint64_t *out);
/* REFUSAL_NONE, or why this can't be a NIK: NIK_LENGTH, NIK_REGION, NIK_DATE, NIK_SEQUENCE. */
enum refusal nik_check(uint64_t nik);
/* Same for a KK number: region, issue date DDMMYY (no 40 added), sequence. KK_LENGTH, KK_DATE, KK_SEQUENCE.
 */
enum refusal kk_check(uint64_t kk);
/* Whether the birth date and sex in the NIK agree with those given (two-digit year; SEX_UNKNOWN agrees). */
bool nik_agrees(uint64_t nik, day_t birth_day, enum sex sex);
/* First region code (6 digits) of the NIK. */
uint32_t nik_region(uint64_t nik);
/* "3671**********01" for a NIK or KK; "T-5-17" for a temporary id (device 5, its counter 17), which is no
 * secret. */
void identity_mask(identity_t identity, char out[24]);
/* Masks what may be a NIK or KK in a text that somebody else wrote: each run of 12 digits or
 * more, in place. */
void nik_mask_text(char *text);
/* All digits, or the temporary id. For the journal's owner and roles that may see it, only. */
void identity_format(identity_t identity, char out[24]);
/* Reads what identity_format wrote: 16 digits or "T-device-counter". */
bool identity_parse(const char *text, size_t size, identity_t *out);

#endif
