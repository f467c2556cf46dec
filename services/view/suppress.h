/* suppress.h - which figures the public may not see: counts of 1 to 4 people, and those from which such a
 * count could be reckoned. Pure.
 *
 * What is withheld comes in groups of fields that stand and fall together in a region:
 *   totals    registered and active, where one of them or their difference is small; with them all below
 *   segments  figures by segment: of PPU_PN and BP, the two smallest, where that is enough; else of all but
 *             PBPU_PEMDA; else of all and city_paid
 *   statuses  ACTIVE, PENDING, GRACE, SUSPENDED
 *   came      the day's ENROLLED, BORN, MOVED_IN: by the registered of two days their sum is known, so
 *             that one of them alone could be reckoned
 *   left      likewise MOVED_OUT, DIED, MERGED
 *   each other flow by itself
 * The other statuses (DECEASED, MOVED_OUT, MERGED) are never shown: they are running sums of `left`.
 * A group is withheld in a set of regions that no sum over regions betrays: of a region's parts there are
 * none in it, or at least two which together have no small count either, or, where the region is in it
 * itself, at least one. Within a region each group holds two figures of every sum that binds it. So whatever
 * is withheld can be moved up in one region and down in another with no published figure changing: nothing
 * can be reckoned exactly (tests/unit/suppress.c tries it by linear algebra).
 * The city and its kecamatan are judged without regard to their kelurahan, so the daily history, which has no
 * kelurahan, withholds the same.
 *
 * What it can't do: figures are live, so who watches sees single events arrive, and a count that falls from 5
 * to 4 was seen as 5 before. It does not hide how many people of the census are not registered: the census is
 * of other people at another date. Nor how many more or fewer a payer pays for next month than in this one:
 * that is what who noted the segments when the month began knows anyway, of comings and goings together.
 * Nor how many deaths and moves of earlier days were found wrong and taken back on a day: `resumed` counts
 * them, too, and the registered become more by them alone. */
#ifndef VIEW_SUPPRESS_H
#define VIEW_SUPPRESS_H

#include "coverage_view.h"

#define SUPPRESS_BELOW 5u

/* Bits of `withheld`: totals_field's order. */
enum {
    FIELD_REGISTERED = 1,
    FIELD_ACTIVE,
    FIELD_CITY_PAID,
    FIELD_GRACE,
    FIELD_FIRST_REGISTERED, /* of the first segment */
    FIELD_FIRST_ACTIVE = FIELD_FIRST_REGISTERED + SEGMENT_COUNT - 1,
    FIELD_FIRST_STATUS = FIELD_FIRST_ACTIVE + SEGMENT_COUNT - 1,
    FIELD_FIRST_FLOW = FIELD_FIRST_STATUS + STATUS_COUNT - 1,
    FIELD_END = FIELD_FIRST_FLOW + FLOW_COUNT,
};

struct suppression {
    uint64_t withheld[TOTALS_LINES_MAX]; /* by region of the view: a bit a field */
    bool bill;                           /* people and amounts of the city's bill, by payer and in all */
    bool bill_pair;                      /* the same, of those alone who pay for PPU_PN and BP */
    bool grace_windows;                  /* people by the month their grace ends */
};

void suppress_view(const struct coverage_view *view, struct suppression *out);
static inline bool suppressed(const struct suppression *suppression, size_t region, unsigned field) {
    return suppression && (suppression->withheld[region] >> field & 1);
}

#endif
