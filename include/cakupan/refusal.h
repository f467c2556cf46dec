/* refusal.h - why an event was refused (or accepted with a warning): stable codes and the sentences that go
 * with them.
 *
 * Codes are a public interface: a number and its name never change their meaning. The table of sentences, in
 * Indonesian and English, is in services/domain/refusal.c. Pure, thread-safe.
 */
#ifndef CAKUPAN_REFUSAL_H
#define CAKUPAN_REFUSAL_H

#include <stddef.h>
#include <stdint.h>

enum refusal {
    REFUSAL_NONE = 0,

    /* 1..: the frame or the sender; nothing was stored, the sender repeats or stops */
    REFUSAL_FRAME_MALFORMED = 1, /* not a frame of this protocol, or over a limit                   */
    REFUSAL_SEQUENCE_GAP = 2,    /* a sequence is missing: send from the one expected               */
    REFUSAL_BUSY = 3,            /* queue or disk near its bound: repeat after retry_after_ms       */
    REFUSAL_DOOR_CLOSED = 4,     /* too many malformed frames: closed for a while                   */
    REFUSAL_DEVICE_REVOKED = 5,  /* the device's key was revoked                                    */
    REFUSAL_ID_REUSED = 6,       /* the same (device, sequence) came with another content: alarmed  */

    /* 20..: the event's form */
    REFUSAL_EVENT_MALFORMED = 20, /* can't be decoded, or unknown fields           */
    REFUSAL_KIND_UNKNOWN = 21,
    REFUSAL_FIELD_MISSING = 22, /* a field that this kind needs                  */
    REFUSAL_FIELD_FOREIGN = 23, /* a field that this kind has no use for         */
    REFUSAL_TEXT_INVALID = 24,  /* not UTF-8, control characters, or too long    */
    REFUSAL_VALUE_RANGE = 25,   /* a number outside its range                    */

    /* 40..: identity */
    REFUSAL_NIK_LENGTH = 40,
    REFUSAL_NIK_REGION = 41,
    REFUSAL_NIK_DATE = 42,
    REFUSAL_NIK_SEQUENCE = 43,
    REFUSAL_KK_LENGTH = 44,
    REFUSAL_KK_DATE = 45,
    REFUSAL_KK_SEQUENCE = 46,
    REFUSAL_IDENTITY_MISSING = 47,      /* neither NIK nor temporary id                        */
    REFUSAL_TEMPORARY_NOT_ALLOWED = 48, /* only a newborn may have a temporary id           */
    REFUSAL_IDENTITY_TAKEN = 49,        /* the corrected identity belongs to another member    */

    /* 60..: place, dates, rights */
    REFUSAL_REGION_UNKNOWN = 60,
    REFUSAL_REGION_OUTSIDE_AREA = 61, /* the device's area does not hold this kelurahan */
    REFUSAL_ROLE_NOT_ALLOWED = 62,    /* the device's role may not send this kind       */
    REFUSAL_DATE_INVALID = 63,
    REFUSAL_DATE_FUTURE = 64,
    REFUSAL_DATE_BEFORE_BIRTH = 65,
    REFUSAL_CAPTURED_FUTURE = 66,

    /* 80..: the member and the rules */
    REFUSAL_MEMBER_UNKNOWN = 80,
    REFUSAL_MEMBER_DECEASED = 81,
    REFUSAL_MEMBER_MOVED_OUT = 82,
    REFUSAL_ALREADY_REGISTERED = 83, /* same segment already                                */
    REFUSAL_COVERED_ELSEWHERE = 84,  /* another segment covers the person already           */
    REFUSAL_SEGMENT_TRANSITION = 85, /* this change is not possible from that segment       */
    REFUSAL_NOT_ELIGIBLE_CARD = 86,  /* city-paid needs the local card (or vulnerable)      */
    REFUSAL_CLASS_NOT_ALLOWED = 87,  /* city-paid and PBI are class III only                */
    REFUSAL_NOT_EMPLOYED = 88,       /* a layoff of somebody who is no wage worker          */
    REFUSAL_EMPLOYER_DIFFERS = 89,   /* a layoff by an employer who is not this worker's    */
    REFUSAL_ALREADY_LAID_OFF = 90,   /* same employer and date: nothing changes             */
    REFUSAL_APPROVER_MISSING = 91,   /* vulnerable without the local card needs an approver */
    REFUSAL_MOTHER_UNKNOWN = 92,
    REFUSAL_NEWBORN_TOO_OLD = 93, /* a birth event for somebody who is no newborn        */
    REFUSAL_SAME_MEMBER = 94,     /* merge of a member with itself                       */
    REFUSAL_NOT_SUSPENDED = 95,
    REFUSAL_ALREADY_SUSPENDED = 96,
    REFUSAL_NOTHING_CHANGES = 97,   /* the member is already as the event says             */
    REFUSAL_PROOF_MISSING = 98,     /* a layoff without any proof                          */
    REFUSAL_DUPLICATE_DIFFERS = 99, /* merge: birth date or sex differ, correct them first */
    REFUSAL_LAYOFF_REPORTED = 100,  /* seen at a door: kept for the labour office's list   */
    REFUSAL_OLDER_THAN_KNOWN = 101, /* a later change of the same is known already         */

    /* 200..: accepted, with a warning */
    WARNING_NIK_BIRTH_DIFFERS = 200, /* the date or sex in the NIK differs from that given    */
    WARNING_NEWBORN_LATE = 201,      /* after 28 days: premium back to birth                  */
    WARNING_LAYOFF_DISPUTED = 202,   /* both sides go on paying until it is settled           */
    WARNING_NIK_NEEDED = 203,        /* temporary id: a NIK is needed within 3 months         */
    WARNING_LATE_REPORT = 204        /* the date lies in a month that is billed already       */
};

enum language { LANGUAGE_INDONESIAN = 0, LANGUAGE_ENGLISH = 1 };

/* "NIK_LENGTH"; NULL for a number that is no code. */
const char *refusal_name(enum refusal code);
/* REFUSAL_NONE where the name is unknown. */
enum refusal refusal_from_name(const char *name);
/* The name of the event's field at fault ("nik", "kelurahan", ...), "" where it is none in particular. */
const char *refusal_field(enum refusal code);
/* Iterates the table: the code at `index`, REFUSAL_NONE past the end. */
enum refusal refusal_at(size_t index);
/* The sentence's form: "{}" is where the value stands, what is between [ and ] is left out where there is
 * none. "" for a number that is no code. */
const char *refusal_form(enum refusal code, enum language language);
/* Fills any form in, as refusal_sentence does. */
size_t refusal_fill(const char *form, const char *value, char *out, size_t size);
/* One sentence: what was wrong with which value, and what to do. `value` is already masked, may be NULL or
 * "". Writes at most `size` bytes with NUL, returns the length. */
size_t refusal_sentence(enum refusal code, enum language language, const char *value, char *out, size_t size);

#endif
