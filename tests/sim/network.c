/* network.c - a heap of messages by time (network.h). */
#include "network.h"

#include <stdlib.h>
#include <string.h>

#define LOST_PERMILLE    40
#define DOUBLED_PERMILLE 40
#define LATE_PERMILLE    50
#define DELAY_MAX_US     3000
#define LATE_MAX_US      400000

void network_init(struct network *network, struct dice *dice) {
    *network = (struct network){.dice = dice};
}

void message_free(struct message *message) {
    free(message->sizes);
    free(message->data);
}

void network_free(struct network *network) {
    for (size_t i = 0; i < network->count; i++)
        message_free(&network->heap[i]);
    free(network->heap);
}

static bool before(const struct message *left, const struct message *right) {
    return left->at_us != right->at_us ? left->at_us < right->at_us : left->order < right->order;
}

static void swap(struct message *left, struct message *right) {
    struct message kept = *left;
    *left = *right;
    *right = kept;
}

static void push(struct network *network, struct message message) {
    if (network->count == network->capacity) {
        network->capacity = network->capacity ? network->capacity * 2 : 256;
        network->heap = realloc(network->heap, network->capacity * sizeof *network->heap);
        if (!network->heap)
            abort();
    }
    message.order = network->order++;
    size_t at = network->count++;
    network->heap[at] = message;
    for (; at > 0 && before(&network->heap[at], &network->heap[(at - 1) / 2]); at = (at - 1) / 2)
        swap(&network->heap[at], &network->heap[(at - 1) / 2]);
}

bool network_next(struct network *network, struct message *out) {
    if (network->count == 0)
        return false;
    *out = network->heap[0];
    network->heap[0] = network->heap[--network->count];
    for (size_t at = 0;;) {
        size_t child = 2 * at + 1;
        if (child >= network->count)
            break;
        if (child + 1 < network->count && before(&network->heap[child + 1], &network->heap[child]))
            child++;
        if (!before(&network->heap[child], &network->heap[at]))
            break;
        swap(&network->heap[child], &network->heap[at]);
        at = child;
    }
    network->now_us = out->at_us;
    return true;
}

static int64_t arrival(struct network *network) {
    if (network->calm)
        return network->now_us + 200;
    uint32_t most = dice_chance(network->dice, LATE_PERMILLE) ? LATE_MAX_US : DELAY_MAX_US;
    return network->now_us + 50 + dice_roll(network->dice, most);
}

static void *copy(const void *data, size_t size) {
    void *copied = malloc(size ? size : 1);
    if (!copied)
        abort();
    if (size)
        memcpy(copied, data, size);
    return copied;
}

/* How often a message arrives: mostly once. */
static uint32_t copies_of(struct network *network) {
    uint32_t copies = 1;
    if (!network->calm && dice_chance(network->dice, LOST_PERMILLE))
        copies = 0;
    else if (!network->calm && dice_chance(network->dice, DOUBLED_PERMILLE))
        copies = 2;
    network->lost += copies == 0;
    network->doubled += copies == 2;
    network->delivered += copies;
    return copies;
}

void network_send_parts(struct network *network, enum message_kind kind, uint32_t node, uint32_t connection,
                        const uint8_t *data, const size_t *sizes, uint32_t parts) {
    size_t size = 0;
    for (uint32_t i = 0; i < parts; i++)
        size += sizes[i];
    uint32_t copies = copies_of(network);
    for (uint32_t i = 0; i < copies; i++)
        push(network, (struct message){.at_us = arrival(network),
                                       .kind = kind,
                                       .node = node,
                                       .connection = connection,
                                       .parts = parts,
                                       .sizes = copy(sizes, parts * sizeof *sizes),
                                       .data = copy(data, size)});
}

void network_send(struct network *network, enum message_kind kind, uint32_t node, uint32_t connection,
                  const uint8_t *data, size_t size) {
    network_send_parts(network, kind, node, connection, data, &size, 1);
}

void network_send_in_order(struct network *network, enum message_kind kind, uint32_t node,
                           uint32_t connection, const uint8_t *data, size_t size, int64_t *last_us) {
    uint32_t copies = copies_of(network);
    for (uint32_t i = 0; i < copies; i++) {
        int64_t at_us = arrival(network);
        *last_us = at_us > *last_us ? at_us : *last_us + 1;
        push(network, (struct message){.at_us = *last_us,
                                       .kind = kind,
                                       .node = node,
                                       .connection = connection,
                                       .parts = 1,
                                       .sizes = copy(&size, sizeof size),
                                       .data = copy(data, size)});
    }
}

void network_alarm(struct network *network, enum message_kind kind, uint32_t node, uint32_t connection,
                   int64_t in_us) {
    push(network,
         (struct message){
             .at_us = network->now_us + in_us, .kind = kind, .node = node, .connection = connection});
}
