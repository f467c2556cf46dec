/* door.h - enrollment's door for the gateway (proto/door.proto): what people with a token send and ask. Bytes
 * in, bytes out: no socket in here.
 *
 * Role, area and revocation are checked here, with every question: people and refused events outside a
 * device's area are not told to it, not even masked, but for what it sent itself. Frames are staged as any
 * device's are, and their acks go out after the commit; all else is answered when nothing is staged.
 */
#ifndef ENROLLMENT_DOOR_H
#define ENROLLMENT_DOOR_H

#include "control.h"

enum door_take {
    DOOR_STAGED, /* a frame: its ack comes with the commit                              */
    DOOR_ASKED,  /* for door_answer, once nothing is staged                             */
    DOOR_LOOK    /* the same, and it may read much of the journal: few of them at a time */
};

/* Looks at one request and takes it where it is a frame; `peer` then is where its ack goes. */
enum door_take door_take(struct control *control, struct intake_peer peer, const uint8_t *request,
                         size_t size);
/* As control_answer, for what was not staged. */
MUST_USE enum result door_answer(struct control *control, const uint8_t *request, size_t size, uint8_t **out,
                                 size_t *out_size, bool *staged, struct failure *why);

#endif
