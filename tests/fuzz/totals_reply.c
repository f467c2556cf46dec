/* totals_reply.c - fuzzes the decoder of totals replies: clients read them, Redis holds them. */
#include "wire/wire_totals.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena arena;
    struct wire_totals_reply reply;
    if (!arena.base)
        arena_init(&arena, 8 << 20);
    arena_reset(&arena);
    (void)!wire_totals_reply_decode(data, size, &arena, &reply);
    return 0;
}
