/* wire_member.h - a member's state as part of a record: for wire_record.c. Others use wire_record.h. */
#ifndef WIRE_MEMBER_H
#define WIRE_MEMBER_H

#include "cakupan/member.h"
#include "wire_bytes.h"

#define WIRE_MEMBER_MAX_BYTES 96 /* all fourteen fields at their largest: 67 */

bool wire_read_member(const uint8_t *data, size_t size, struct member *out);
void wire_put_member(struct wire_writer *writer, const struct member *member);

#endif
