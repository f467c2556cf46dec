/* format.h - numbers, shares, durations and instants as people read them. Pure; buffers of FORMAT_TEXT
 * bytes. */
#ifndef VIEW_FORMAT_H
#define VIEW_FORMAT_H

#include <stdint.h>

#define FORMAT_TEXT   32
#define FORMAT_THINGS 44 /* a count and what is counted */

/* Each returns `out`, so that it can stand in an argument list. */
const char *format_count(uint64_t number, char out[FORMAT_TEXT]); /* "1,957,349" */
/* "1 row", "2,000 rows": `thing` makes its plural by an s and has at most 8 letters. */
const char *format_things(uint64_t number, const char *thing, char out[FORMAT_THINGS]);
const char *format_change(int64_t number, char out[FORMAT_TEXT]);          /* "+1,200", "-3", "0" */
const char *format_hundredths(uint64_t hundredths, char out[FORMAT_TEXT]); /* "99.32%" */
const char *format_bytes(uint64_t bytes, char out[FORMAT_TEXT]);           /* "512 B", "1.4 MiB" */
const char *format_duration(int64_t duration_ms,
                            char out[FORMAT_TEXT]); /* "0.4 s", "2 min 05 s", "3 h 07 min" */
const char *format_microseconds(int64_t duration_us, char out[FORMAT_TEXT]); /* "87 us", "1.2 ms", "3.4 s" */
const char *format_instant(int64_t unix_ms, char out[FORMAT_TEXT]); /* "2026-11-22 08:15:02", Asia/Jakarta */
const char *format_date(uint32_t yyyymmdd, char out[FORMAT_TEXT]);  /* "2026-11-22"; "-" for 0 */
const char *format_region(uint32_t code, char out[FORMAT_TEXT]);    /* "36.71.01.1001" */

#endif
