/* feed_pack.c - tests of many frames in one message: all come back, and bytes that are none are told. */
#include "runtime/feed_pack.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Takes all frames; returns their number, or SIZE_MAX where something is left that is no frame. */
static size_t count_frames(const uint8_t *data, size_t size) {
    struct feed_frame frame;
    size_t position = 0, count = 0;
    while (feed_pack_next(data, size, &position, &frame)) {
        cr_assert(frame.data >= data && frame.data + frame.size <= data + size);
        count++;
    }
    return position == size ? count : SIZE_MAX;
}

Test(feed_pack, gives_back_what_was_added) {
    static uint8_t bytes[70000];
    static const size_t sizes[] = {0, 1, 255, 256, 65536, 70000, 0};
    struct feed_pack pack = {0};
    struct feed_frame frame;
    size_t position = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        feed_pack_add(&pack, bytes + i, sizes[i] ? sizes[i] - i : 0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        cr_assert(feed_pack_next(pack.bytes, pack.size, &position, &frame));
        cr_assert_eq(frame.size, sizes[i] ? sizes[i] - i : 0);
        cr_assert_eq(memcmp(frame.data, bytes + i, frame.size), 0);
    }
    cr_assert_not(feed_pack_next(pack.bytes, pack.size, &position, &frame));
    cr_assert_eq(position, pack.size);
    free(pack.bytes);
}

Test(feed_pack, bytes_that_are_no_frames_are_not_taken) {
    struct feed_pack pack = {0};
    feed_pack_add(&pack, (const uint8_t *)"first", 5);
    feed_pack_add(&pack, (const uint8_t *)"second", 6);
    cr_assert_eq(count_frames(pack.bytes, pack.size), 2);
    for (size_t size = 1; size < pack.size; size++) {
        uint8_t *cut = malloc(size); /* so that a read beyond it is seen */
        cr_assert_not_null(cut);
        memcpy(cut, pack.bytes, size);
        cr_assert_eq(count_frames(cut, size), size == 9 ? 1 : SIZE_MAX, "cut after %zu bytes", size);
        free(cut);
    }
    memset(pack.bytes, 0xff, 4);
    cr_assert_eq(count_frames(pack.bytes, pack.size), SIZE_MAX);
    cr_assert_eq(count_frames(NULL, 0), 0);
    free(pack.bytes);
}
