/* network.h - virtual time and the messages on their way: lost, doubled, late, out of order, as the dice
 * fall.
 *
 * Also the alarm clocks of the nodes, which are messages to themselves that never fail.
 */
#ifndef SIM_NETWORK_H
#define SIM_NETWORK_H

#include "dice.h"

#include <stddef.h>

enum message_kind {
    MESSAGE_FRAME,     /* device -> enrollment */
    MESSAGE_ACK,       /* enrollment -> device */
    MESSAGE_REQUEST,   /* coverage -> enrollment */
    MESSAGE_REPLY,     /* enrollment -> coverage: several parts */
    MESSAGE_DOORBELL,  /* enrollment -> coverage */
    ALARM_TURN,        /* enrollment: take what has come */
    ALARM_ENROLLMENT,  /* enrollment: start again */
    ALARM_COVERAGE,    /* coverage: ask, or start again */
    ALARM_DEVICE,      /* a device: send, repeat, or start again */
    ALARM_CAPTURE,     /* a device: somebody captures events */
    ALARM_MISCHIEF,    /* the world: days pass, Redis is wiped, devices are revoked */
    MESSAGE_REPORT,    /* billing's worker -> its coordinator */
    MESSAGE_ORDERS,    /* ... and back */
    ALARM_WORKER,      /* a worker's turn */
    ALARM_START,       /* a worker starts (again) */
    ALARM_THAW,        /* a stopped worker goes on */
    ALARM_COORDINATOR, /* its turn, or its start */
    ALARM_LIFE,        /* somebody reports something to enrollment */
    ALARM_OPERATOR,    /* somebody asks for a preview, a close, another tariff */
};

struct message {
    int64_t at_us;
    uint64_t order; /* among messages of the same instant */
    enum message_kind kind;
    uint32_t node; /* device number, for kinds that concern one */
    uint32_t
        connection; /* of the sender or receiver: a new process has a new one, old answers do not reach it */
    uint32_t parts;
    size_t *sizes; /* of the parts, which lie one after the other in `data` */
    uint8_t *data;
};

struct network {
    struct dice *dice;
    int64_t now_us;
    bool calm; /* nothing is lost, doubled or late any more */
    uint64_t order;
    struct message *heap;
    size_t count, capacity;
    uint64_t delivered, lost, doubled;
};

void network_init(struct network *network, struct dice *dice);
void network_free(struct network *network);

/* Sends one message of one part. */
void network_send(struct network *network, enum message_kind kind, uint32_t node, uint32_t connection,
                  const uint8_t *data, size_t size);
/* A message of several parts, one after the other in `data`. */
void network_send_parts(struct network *network, enum message_kind kind, uint32_t node, uint32_t connection,
                        const uint8_t *data, const size_t *sizes, uint32_t parts);
/* The same on a connection that keeps its order: not before `*last_us`, which moves on. */
void network_send_in_order(struct network *network, enum message_kind kind, uint32_t node,
                           uint32_t connection, const uint8_t *data, size_t size, int64_t *last_us);
void network_alarm(struct network *network, enum message_kind kind, uint32_t node, uint32_t connection,
                   int64_t in_us);
/* Takes the next message and moves time to it. False where there is none. The caller frees it. */
bool network_next(struct network *network, struct message *out);
void message_free(struct message *message);

#endif
