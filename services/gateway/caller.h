/* caller.h - who asks: the device behind a token, as enrollment has it at this moment. */
#ifndef GATEWAY_CALLER_H
#define GATEWAY_CALLER_H

#include "cakupan/device.h"
#include "runtime/token.h"

struct caller {
    bool has_token; /* a token of the right form came: `token_hash` */
    bool known;     /* and enrollment said whose it is */
    uint8_t token_hash[TOKEN_HASH_SIZE];
    uint32_t device;
    uint8_t role; /* enum role */
    uint32_t area;
    uint64_t next_sequence;
    uint32_t day; /* YYYYMMDD, enrollment's business day */
    char name[DEVICE_NAME_MAX + 1];
};

#endif
