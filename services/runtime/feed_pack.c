/* feed_pack.c - puts frames into one message and takes them out (feed_pack.h). */
#include "feed_pack.h"

#include "require.h"

#include <string.h>
#include <zmq.h>

#define SIZE_BYTES     4
#define FIRST_CAPACITY 4096

static void make_room(struct feed_pack *pack, size_t needed) {
    if (needed <= pack->capacity)
        return;
    size_t capacity = pack->capacity ? pack->capacity * 2 : FIRST_CAPACITY;
    pack->capacity = capacity < needed ? needed : capacity;
    pack->bytes = realloc(pack->bytes, pack->capacity);
    require(pack->bytes, "out of memory");
}

void feed_pack_add(struct feed_pack *pack, const uint8_t *data, size_t size) {
    require(size <= UINT32_MAX, "a frame of the feed is too large");
    make_room(pack, pack->size + SIZE_BYTES + size);
    for (int i = 0; i < SIZE_BYTES; i++)
        pack->bytes[pack->size++] = (uint8_t)(size >> 8 * i);
    if (size)
        memcpy(pack->bytes + pack->size, data, size);
    pack->size += size;
}

static void release(void *bytes, void *hint) {
    (void)hint;
    free(bytes);
}

bool feed_pack_send(struct feed_pack *pack, void *socket) {
    zmq_msg_t message;
    int made = zmq_msg_init_data(&message, pack->bytes, pack->size, release, NULL);
    require(made == 0, "out of memory");
    *pack = (struct feed_pack){0}; /* the bytes are the message's */
    if (zmq_msg_send(&message, socket, ZMQ_DONTWAIT) >= 0)
        return true;
    zmq_msg_close(&message);
    return false;
}

bool feed_pack_next(const uint8_t *data, size_t size, size_t *position, struct feed_frame *out) {
    size_t frame = 0;
    if (size - *position < SIZE_BYTES)
        return false;
    for (int i = 0; i < SIZE_BYTES; i++)
        frame |= (size_t)data[*position + (size_t)i] << 8 * i;
    if (frame > size - *position - SIZE_BYTES)
        return false;
    *out = (struct feed_frame){data + *position + SIZE_BYTES, frame};
    *position += SIZE_BYTES + frame;
    return true;
}
