/* control_internal.h - what the files of control share: one request being answered. */
#ifndef ENROLLMENT_CONTROL_INTERNAL_H
#define ENROLLMENT_CONTROL_INTERNAL_H

#include "control.h"
#include "control.pb-c.h"

struct control_call {
    struct control *control;
    Cakupan__ControlReply reply; /* what it points to lives in the arena or is static */
    /* The batch read last, lent by the journal until it is called again; count 0: none. Lists walk through
     * one batch after the other, and a batch may have megabytes: each is read once, not once a record. */
    struct journal_batch batch;
    uint64_t read_bytes, read_bytes_max; /* of the journal, for this request; most 0: no bound */
    const struct device *asker;          /* NULL: the operator */
    bool *staged;
    struct failure *why;
};

struct control_record {
    ProtobufCBinaryData bytes; /* the record alone, in the arena */
    struct batch_header header;
    struct record record; /* decoded, in the arena */
};

/* `code` and `sentence` must outlive the call: constants. */
void control_refuse(struct control_call *call, enum refusal refusal, const char *code, const char *sentence);
void *control_take(struct control_call *call, size_t size); /* zeroed, from the arena */
/* Between two calls of it nothing else may be asked of the journal. */
MUST_USE enum result control_record(struct control_call *call, uint64_t offset, struct control_record *out);

/* control.c */
MUST_USE enum result control_status(struct control_call *call);
void control_list_devices(struct control_call *call, uint32_t first, uint32_t count);
/* Why a device of this name and role can't be, NULL where it can. */
const char *control_device_problem(const char *name, const char *role);
MUST_USE enum result control_stage_device(struct control_call *call, const struct device *device,
                                          enum change kind);
/* control_pairing.c */
void control_pairing_open(struct control_call *call, const Cakupan__PairingOpen *ask);
/* Gives the code's device this key. */
MUST_USE enum result control_pair(struct control_call *call, const uint8_t code_hash[PAIRING_HASH_SIZE],
                                  const uint8_t key[DEVICE_KEY_SIZE]);
/* control_people.c */
MUST_USE enum result control_member(struct control_call *call, const Cakupan__MemberRequest *ask);
void control_newborns(struct control_call *call, const Cakupan__NewbornsRequest *ask);
/* Whether it knows everybody, also who left: an office of the city, or the operator (NULL). */
bool control_sees_all(const struct device *asker);
bool control_may_see(const struct device *asker, const struct member *member);
/* Every look at people is logged: what was seen, by whom, and why. */
void control_log_look(const struct control_call *call, const char *what, const char *why);
char *control_text(struct control_call *call, struct text text); /* with a NUL, in the arena */
/* control_refusals.c */
MUST_USE enum result control_refusals(struct control_call *call, const Cakupan__RefusalsRequest *ask);
/* control_reports.c: of a refused record, LAYOFF_REPORTED. NULL where the person is not of the asker's area:
 * who may not look somebody up is not told about them here, and sees no NIK whole. */
MUST_USE enum result control_report(struct control_call *call, const struct record *refused,
                                    Cakupan__LayoffReport **out);

#endif
