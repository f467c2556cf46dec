/* sync_compare.h - BPJS's master list against our registry: who is new, gone, or in another segment. Pure.
 *
 * Rows come one by one; a person of the list is looked up once, and a bit per member tells afterwards who
 * was not in it.
 */
#ifndef CLI_SYNC_COMPARE_H
#define CLI_SYNC_COMPARE_H

#include "cakupan/registry.h"

#include <stdbool.h>
#include <stddef.h>

/* What a row (or a member who has none) turned out to be; in the order in which an officer wants to see
 * them. */
enum sync_finding {
    SYNC_EMPLOYER_COVERS = 0, /* we let the city or the centre pay, BPJS has an employer: paid for twice */
    SYNC_OTHER_SEGMENT,       /* another segment, otherwise                                              */
    SYNC_OTHER_CLASS,
    SYNC_SUSPENDED_THERE, /* covered here, not at BPJS                                               */
    SYNC_ACTIVE_THERE,    /* suspended here, covered at BPJS                                         */
    SYNC_LAID_OFF_HERE,   /* laid off here, BPJS still has the employer: the labour office settles it */
    SYNC_LEFT_HERE,       /* deceased, moved out or merged here, still in the list                   */
    SYNC_NEW,             /* nobody we know: the list has no birth date and no place, a kader must enrol */
    SYNC_GONE,            /* registered here, not in the list                                        */
    SYNC_TWICE,           /* the same person a second time in the list                               */
    SYNC_BAD_ROW,         /* a NIK, segment, class or status that can't be                           */
    SYNC_SAME,
    SYNC_FINDINGS
};

/* One row of the list. */
struct sync_row {
    identity_t identity;
    uint8_t segment, care_class; /* class 0: not said */
    bool active;
};
/* A segment by our name or title, in any case; SEGMENT_NONE where it is none. */
uint8_t sync_segment_read(const char *text);
/* Reads a row's texts; false where it is a SYNC_BAD_ROW. BPJS's own spellings are taken, too. */
bool sync_row_read(const char *nik, const char *segment, const char *care_class, const char *status,
                   struct sync_row *out);

/* A change to be sent: which kind, about whom. */
struct sync_change {
    identity_t identity;
    uint8_t kind; /* SWITCH_SEGMENT, SUSPEND or RESUME */
    uint8_t segment, care_class;
};

struct sync_compare {
    const struct registry *registry;
    uint8_t *seen; /* a bit per member id */
    uint64_t counts[SYNC_FINDINGS];
    struct sync_change *changes;
    size_t change_count, change_capacity;
};

/* `registry` is borrowed and must not change meanwhile. Aborts where memory is out. */
void sync_compare_init(struct sync_compare *compare, const struct registry *registry);
void sync_compare_free(struct sync_compare *compare);
/* Counts the row and notes the changes that it asks for. */
enum sync_finding sync_compare_row(struct sync_compare *compare, const struct sync_row *row);
/* After the last row: the next registered member from `*id` on (start with 1) who was in no row; NULL at
 * the end. */
const struct member *sync_compare_gone(struct sync_compare *compare, uint32_t *id);

#endif
