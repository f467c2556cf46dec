/* member.h - a member of JKN as the city knows them: identity, place, segment, status.
 *
 * Plain values, no ownership. Numbers of enums are on the wire and in journals: never renumber, only add.
 */
#ifndef CAKUPAN_MEMBER_H
#define CAKUPAN_MEMBER_H

#include "cakupan/calendar.h"

#include <stdbool.h>
#include <stdint.h>

/* A NIK as a number (16 digits, never a leading zero), or, with the top bit set, an id made on a device for
 * somebody without a NIK: IDENTITY_TEMPORARY | device << 32 | counter. 0 is "nobody". */
typedef uint64_t identity_t;
#define IDENTITY_TEMPORARY (UINT64_C(1) << 63)

/* Segments of JKN (Perpres 82/2018 art. 2-4; names as BPJS Kesehatan prints them). */
enum segment {
    SEGMENT_NONE = 0,
    SEGMENT_PBI_JK,     /* poor, the centre pays (APBN)                   */
    SEGMENT_PBPU_PEMDA, /* PBPU & BP Pemda: the city pays (APBD)          */
    SEGMENT_PPU_PN,     /* state employees                                */
    SEGMENT_PPU_BU,     /* company employees                              */
    SEGMENT_PBPU,       /* self-employed, pays itself (mandiri)           */
    SEGMENT_BP,         /* not working: pensioners, veterans, ...         */
    SEGMENT_COUNT
};

enum status {
    STATUS_NONE = 0,
    STATUS_ACTIVE,    /* covered                                                                       */
    STATUS_PENDING,   /* registered, cover begins on `due_day`                                         */
    STATUS_GRACE,     /* laid off: benefit without premium until `due_day` (Perpres 82/2018 art. 27)   */
    STATUS_SUSPENDED, /* registered, not covered (arrears, on request)                                 */
    STATUS_DECEASED,
    STATUS_MOVED_OUT,
    STATUS_MERGED, /* was a duplicate of another member */
    STATUS_COUNT
};

enum sex { SEX_UNKNOWN = 0, SEX_FEMALE = 1, SEX_MALE = 2 };

/* Proofs of a layoff (Perpres 82/2018 art. 27(2), Perpres 59/2024). */
enum proof {
    PROOF_NONE = 0,
    PROOF_NOTICE_RECEIPT,    /* notice of layoff and the labour office's receipt */
    PROOF_AGREEMENT_RECEIPT, /* joint agreement and the labour office's receipt  */
    PROOF_COURT_RULING,      /* ruling of the industrial relations court         */
    PROOF_COUNT
};

enum member_flag {
    MEMBER_VULNERABLE = 1, /* city-paid without the local card, on a budget of its own */
    MEMBER_DISPUTED = 2,   /* layoff disputed: both sides go on paying                 */
    MEMBER_LOCAL_CARD = 4, /* holds the city's identity card                           */
    MEMBER_LAID_OFF = 8,   /* came to this segment by a layoff                         */
    MEMBER_REHIRED = 16,   /* a wage worker by a rehire of `segment_day`               */
    MEMBER_ENDED_DAY = 32  /* suspended, deceased or moved out on `due_day`            */
};

/* What is known of a member between two changes; the before and after of every record. 40 bytes. */
struct member {
    identity_t identity;
    uint64_t family;      /* KK number, 0 unknown                                       */
    uint32_t wage_rupiah; /* per month, PPU only; 0 unknown                             */
    uint32_t employer;    /* employer's registration number, PPU (or last one) only     */
    uint32_t kelurahan;   /* ten-digit region code; 0 outside the city                  */
    day_t birth_day;
    day_t segment_day;      /* day since which the segment holds                          */
    day_t due_day;          /* day on which something falls due (see status), or of the end (see flags), or
                             * DAY_NONE. Who left in months of grace keeps the day on which those are over. */
    month_t payer_month;    /* first month for which the segment's payer owes the premium */
    uint8_t segment;        /* enum segment */
    uint8_t status;         /* enum status  */
    uint8_t care_class : 2; /* 1..3         */
    uint8_t sex : 2;        /* enum sex     */
    uint8_t flags;          /* enum member_flag, or-ed */
};
_Static_assert(sizeof(struct member) == 40, "two million members: no byte more");

static inline bool status_is_registered(enum status status) {
    return status >= STATUS_ACTIVE && status <= STATUS_SUSPENDED;
}
static inline bool status_is_active(enum status status) {
    return status == STATUS_ACTIVE || status == STATUS_GRACE;
}

/* "PBI_JK", "PBPU_PEMDA", ... as files and Redis spell them; NULL for a number outside the enum. */
const char *segment_name(enum segment segment);
const char *segment_title(enum segment segment); /* "PBPU & BP Pemda" */
const char *status_name(enum status status);     /* "ACTIVE"          */
const char *proof_name(enum proof proof);        /* "NOTICE_RECEIPT"  */
/* 0 (..._NONE) where the name is unknown. */
enum segment segment_from_name(const char *name);
enum status status_from_name(const char *name);
enum proof proof_from_name(const char *name);

#endif
