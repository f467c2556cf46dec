/* door_link.h - questions to enrollment's door (proto/door.proto) on behalf of people with a token. */
#ifndef GATEWAY_DOOR_LINK_H
#define GATEWAY_DOOR_LINK_H

#include "caller.h"
#include "door.pb-c.h"
#include "runtime/socket.h"

#define DOOR_ASKS_MAX    1024u
#define DOOR_DEADLINE_MS 5000

struct door_link;
struct request;

/* `reply` NULL: enrollment did not answer in time, or the gateway stops (`why`: ENROLLMENT_AWAY, STOPPING,
 * ANSWER_MALFORMED). A reply that says no has refusal and code. Valid during the call. */
typedef void door_on_reply(void *context, const Cakupan__DoorReply *reply, const struct failure *why);

/* `endpoint` of enrollment's door; nobody needs to be there yet. */
MUST_USE enum result door_link_open(struct door_link **out, const char *endpoint, struct failure *why);
/* Every open question is told STOPPING. */
void door_link_close(struct door_link **link);
void *door_link_socket(struct door_link *link);
/* Version and id are filled in; the bytes are sent before it returns. RESULT_FULL (BUSY): too many are
 * open. RESULT_AGAIN (ENROLLMENT_AWAY): nobody is connected. Else `on_reply` is called exactly once, never
 * from within this call. */
MUST_USE enum result door_ask(struct door_link *link, Cakupan__DoorRequest *ask, int64_t now_ms,
                              door_on_reply *on_reply, void *context, struct failure *why);
/* Takes replies, tells those whose time is over. */
void door_link_work(struct door_link *link, int64_t now_ms);
/* When the next question's time is over; INT64_MAX: none is open. */
int64_t door_link_wake_ms(const struct door_link *link);
/* Answers the request with what a question's failure, or a reply that says no, means to its client. */
void door_problem(struct request *request, const Cakupan__DoorReply *reply, const struct failure *why);
/* The text of the header Cakupan-Reason; false where it gives no reason. member_handler.c */
bool reason_read(const char *header, char reason[TEXT_MAX + 1]);

/* Fills `caller` from a reply to `who`. caller.c */
void caller_take(struct caller *caller, const Cakupan__DoorReply *reply);
/* Asks `who` for the token, fills `caller` and calls `next`; or answers with a problem, maybe at once.
 * caller.c */
typedef void caller_known(struct request *request);
void caller_ask(struct request *request, struct caller *caller, caller_known *next);

#endif
