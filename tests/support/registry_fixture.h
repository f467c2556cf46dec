/* registry_fixture.h - a small city with devices, for tests of the registry.
 *
 * Every event sent is decided twice (a decision must change nothing), applied, and kept: `city_end` replays
 * all records into a new registry and takes the state through a snapshot, and wants the same digest from
 * both.
 */
#ifndef TESTS_REGISTRY_FIXTURE_H
#define TESTS_REGISTRY_FIXTURE_H

#include "cakupan/registry.h"

#define CIBODAS   UINT32_C(3671011001) /* kecamatan 367101 */
#define JATIUWUNG UINT32_C(3671011002)
#define BENDA     UINT32_C(3671021001) /* kecamatan 367102 */

/* Kader of kecamatan 367101, and offices of the whole city; device numbers. */
enum { KADER = 1, LABOUR, BPJS, HEALTH, READER };

/* A test in a file that has `static struct city *city`: ends the city in its body, since a crash in a suite's
 * .fini passes unseen. */
#define CITY_TEST(suite, name)                                                                               \
    static void suite##_##name(void);                                                                        \
    Test(suite, name) {                                                                                      \
        suite##_##name();                                                                                    \
        city_end(&city);                                                                                     \
    }                                                                                                        \
    static void suite##_##name(void)

#define RECORDS_MAX 4096

struct city {
    struct region_table regions;
    struct policy policy;
    struct registry *registry;
    day_t today;
    int64_t now_ms;
    struct record record; /* the last one decided */
    char value[64];       /* the value at fault of the last one refused */
    struct record records[RECORDS_MAX];
    struct device devices[16];
    uint32_t record_count, device_count;
};

/* Business day 2025-09-10, policy: covered the same day, the city pays from the next month, cut-off on the
 * 20th. */
struct city *city_begin(void);
void city_end(struct city **city);
void city_today(struct city *city, int year, int month, int day_of_month); /* a later business day begins */
uint32_t city_add_device(struct city *city, enum role role, uint32_t area);
/* Gives the record the next offset, applies and keeps it. */
void city_apply(struct city *city, struct record *record);

/* Sends an event: fields that are not zero are present; captured now where captured_at_ms is 0. */
enum refusal city_send(struct city *city, uint32_t device, struct event event);
/* Same, as it stands: `present` and captured_at_ms are taken from the event. */
enum refusal city_send_raw(struct city *city, uint32_t device, struct event event);
/* Applies all that is due today; returns how many records. */
uint32_t city_run_due(struct city *city);

/* A man's NIK from Kota Tangerang, born on 1 January 1990 (that the NIK says so, too): serial 1..9999. */
identity_t nik(unsigned serial);
identity_t baby_nik(unsigned serial); /* a boy of 1 September 2025 */
/* An enrolment in CIBODAS that is accepted from BPJS for any segment. */
struct event enrolment(identity_t identity, enum segment segment);
/* Enrols; fails the test where it is refused. */
void city_enrol(struct city *city, identity_t identity, enum segment segment);
const struct member *city_member(const struct city *city,
                                 identity_t identity); /* fails the test where nobody is */

#endif
