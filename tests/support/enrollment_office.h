/* enrollment_office.h - a whole enrollment without sockets on a temporary directory, and the acks it gave.
 *
 * City, SQLite journal, registry and intake; device 1 is a kader of the city, device 2 is BPJS. What should
 * not happen aborts with a sentence. One office a process.
 */
#ifndef SUPPORT_ENROLLMENT_OFFICE_H
#define SUPPORT_ENROLLMENT_OFFICE_H

#include "enrollment/intake.h"
#include "enrollment/recovery.h"
#include "scratch.h"
#include "store/city.h"
#include "wire/wire_event.h"

#define OFFICE_NOW_MS      INT64_C(1795308000000) /* 2026-11-22 in Jakarta */
#define OFFICE_CAPTURED_MS (OFFICE_NOW_MS - 60000)
#define OFFICE_ACKS_MAX    64

struct office {
    char directory[SCRATCH_PATH];
    char path[96], snapshot[96];
    struct city city;
    struct journal *journal;
    struct registry *registry;
    struct recovery recovery; /* of the last office_open; its registry is the one above */
    struct intake *intake;
    struct intake_time time;
    uint8_t acks[OFFICE_ACKS_MAX][65536]; /* of the last commit */
    size_t ack_sizes[OFFICE_ACKS_MAX];
    unsigned ack_count;
    bool drop_acks;
    bool accept_lost_end; /* at the next start */
    struct arena arena;
};

extern struct office office;
extern const struct intake_peer office_peer;

void office_set_up(const char *city_directory);
void office_tear_down(void);
/* A start and a stop, or a crash: nothing is kept but what the journal and the snapshot have. */
void office_open(void);
MUST_USE enum result
office_open_result(struct failure *why); /* not RESULT_OK: nothing but the journal is open */
void office_close(void);

/* Changes one row of the journal behind its back, as an editor of the file or a rotten disk would. Nothing
 * may be open. */
void office_edit_journal(const char *statement);

void office_add_device(uint32_t id, enum role role);
void office_commit(void);
MUST_USE enum result office_commit_result(struct failure *why); /* adds its acks to those there are */
/* A frame of enrolments of persons `first_person` ... (at most 256); returns its size. */
size_t office_make_frame(uint8_t *out, size_t capacity, uint64_t first_sequence, uint64_t first_person,
                         uint32_t count, bool check_only);
void office_send(uint32_t device, uint64_t first_sequence, uint64_t first_person, uint32_t count);
/* Ack `index` of the last commit, valid until the next call. */
struct wire_ack office_ack(unsigned index);

#endif
