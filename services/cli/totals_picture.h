/* totals_picture.h - coverage's figures on our side: a whole picture, kept up to date, in which regions
 * are found. Pure.
 */
#ifndef CLI_TOTALS_PICTURE_H
#define CLI_TOTALS_PICTURE_H

#include "cakupan/result.h"
#include "totals.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes the lines of `update` into `picture` (moves them: `update` is left without). False where the
 * update does not continue the picture: ask for a whole one. */
bool totals_picture_update(Cakupan__TotalsReply *picture, Cakupan__TotalsReply *update);

/* The line of a region, by its code ("3671", "36.71.05", "3671051001") or name, whatever its case and
 * spaces; a name that is both a kecamatan's and a kelurahan's means the kecamatan, "Cipondoh/Gondrong" a
 * kelurahan in it. `text` NULL: the city. RESULT_NOT_FOUND, RESULT_CONFLICT (two kelurahan of one name). */
MUST_USE enum result totals_picture_find(const Cakupan__TotalsReply *picture, const char *text,
                                         const Cakupan__TotalsLine **out, struct failure *why);
const Cakupan__TotalsLine *totals_picture_line(const Cakupan__TotalsReply *picture, uint32_t code);
/* Whether `code` is a part directly below `parent`: a kecamatan of the city, a kelurahan of a kecamatan. */
bool region_is_below(uint32_t code, uint32_t parent);

#endif
