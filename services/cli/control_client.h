/* control_client.h - asks enrollment on its control socket (proto/control.proto): devices, people, lists,
 * digests. */
#ifndef CLI_CONTROL_CLIENT_H
#define CLI_CONTROL_CLIENT_H

#include "cakupan/result.h"
#include "control.pb-c.h"

struct control_client;

MUST_USE enum result control_open(struct control_client **out, const char *state, struct failure *why);
void control_close(struct control_client **client);
/* Asks and waits. The request's version is filled in. A reply that says no becomes RESULT_INVALID with
 * enrollment's own code and sentence. The caller frees `*reply` by control_reply_free. */
MUST_USE enum result control_ask(struct control_client *client, Cakupan__ControlRequest *request,
                                 Cakupan__ControlReply **reply, struct failure *why);
/* Asks once for enrollment's status and closes. */
MUST_USE enum result control_status(const char *state, Cakupan__ControlReply **reply, struct failure *why);
/* Sets this process's clock to the business day of the running instance (which may be a rehearsal on
 * another date). */
MUST_USE enum result control_clock(const char *state, struct failure *why);
void control_reply_free(Cakupan__ControlReply **reply);

#endif
