/* zap.c - answers to key look-ups, frame by frame (ZeroMQ RFC 27); real handshakes are in socket.c. */
#include "runtime/socket.h"
#include "runtime/zap.h"

#include <criterion/criterion.h>
#include <string.h>

static struct zap *zap;
static struct failure why;
static zsock_t *asker;
static int lookups;
static const char *user; /* NULL: not known */

static bool look_up(void *context, const uint8_t key[32], char user_id[32]) {
    (void)context;
    lookups++;
    cr_assert_eq(key[0], 'k');
    if (user)
        memcpy(user_id, user, strlen(user) < 32 ? strlen(user) + 1 : 32);
    return user;
}

static void start(void) {
    socket_setup();
    cr_assert_eq(zap_open(&zap, look_up, NULL, &why), RESULT_OK, "%s", why.sentence);
    asker = zsock_new(ZMQ_REQ);
    cr_assert_eq(zmq_connect(zsock_resolve(asker), "inproc://zeromq.zap.01"), 0);
}

static void clean(void) {
    zsock_destroy(&asker);
    zap_close(&zap);
    zap_close(&zap);
}

/* Sends a request of `count` frames and reads the six frames of the answer. */
static void ask(const char *const *frames, const size_t *sizes, size_t count, char reply[6][64]) {
    for (size_t i = 0; i < count; i++)
        cr_assert_geq(zmq_send(zsock_resolve(asker), frames[i], sizes ? sizes[i] : strlen(frames[i]),
                               i + 1 < count ? ZMQ_SNDMORE : 0),
                      0);
    zap_handle(zap);
    for (size_t i = 0; i < 6; i++) {
        int size = zmq_recv(zsock_resolve(asker), reply[i], 63, ZMQ_DONTWAIT);
        cr_assert_geq(size, 0, "frame %zu: %s", i, zmq_strerror(errno));
        reply[i][size] = 0;
        int more = 0;
        size_t more_size = sizeof more;
        zmq_getsockopt(zsock_resolve(asker), ZMQ_RCVMORE, &more, &more_size);
        cr_assert_eq(more, i < 5);
    }
    cr_assert_str_eq(reply[0], "1.0");
}

#define KEY "k123456789012345678901234567890k" /* 32 bytes */
static const char *const good[] = {"1.0", "id-7", ZAP_DOMAIN, "127.0.0.1", "", "CURVE", KEY};

Test(zap, a_known_key_gets_its_user_id) {
    char reply[6][64];
    start();
    user = "17";
    ask(good, NULL, 7, reply);
    cr_assert_str_eq(reply[1], "id-7");
    cr_assert_str_eq(reply[2], "200");
    cr_assert_str_eq(reply[4], "17");
    cr_assert_str_eq(reply[5], "");
    clean();
    cr_assert_null(zap);
}

Test(zap, an_unknown_key_is_refused_without_a_user_id) {
    char reply[6][64];
    start();
    ask(good, NULL, 7, reply);
    cr_assert_eq(lookups, 1);
    cr_assert_str_eq(reply[2], "400");
    cr_assert_str_eq(reply[4], "");
    clean();
}

Test(zap, a_user_id_without_its_end_is_cut) {
    char reply[6][64];
    start();
    user = "0123456789012345678901234567890123456789";
    ask(good, NULL, 7, reply);
    cr_assert_str_eq(reply[2], "200");
    cr_assert_eq(strlen(reply[4]), 31);
    clean();
}

Test(zap, whatever_is_no_curve_request_of_our_domain_is_refused_unseen) {
    char reply[6][64];
    start();
    user = "17";
    static const struct {
        size_t frame;
        const char *instead;
    } changes[] = {{0, "2.0"},  {2, ""},      {2, "cakupanx"}, {5, "PLAIN"},
                   {5, "NULL"}, {6, "short"}, {6, KEY "x"}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *frames[7];
        memcpy(frames, good, sizeof frames);
        frames[changes[i].frame] = changes[i].instead;
        ask(frames, NULL, 7, reply);
        cr_assert_str_eq(reply[2], "400", "change %zu", i);
    }
    const char *long_request[12];
    for (size_t i = 0; i < 12; i++)
        long_request[i] = i < 7 ? good[i] : "surplus";
    ask(long_request, NULL, 12, reply);
    cr_assert_str_eq(reply[2], "400");
    for (size_t count = 1; count < 7; count++) {
        ask(good, NULL, count, reply);
        cr_assert_str_eq(reply[2], "400", "%zu frames", count);
    }
    cr_assert_eq(lookups, 0);
    ask(good, NULL, 7, reply);
    cr_assert_str_eq(reply[2], "200", "and goes on answering");
    clean();
}

Test(zap, there_is_one_handler_in_a_process) {
    struct zap *second = NULL;
    start();
    cr_assert_eq(zap_open(&second, look_up, NULL, &why), RESULT_CONFLICT);
    cr_assert_null(second);
    clean();
    cr_assert_eq(zap_open(&second, look_up, NULL, &why), RESULT_OK, "free again: %s", why.sentence);
    zap_close(&second);
}

Test(zap, a_call_answers_a_bounded_number) {
    start();
    user = "17";
    enum { ASKERS = 100 };
    zsock_t *askers[ASKERS];
    for (int i = 0; i < ASKERS; i++) {
        askers[i] = zsock_new(ZMQ_REQ);
        zmq_connect(zsock_resolve(askers[i]), "inproc://zeromq.zap.01");
        for (size_t frame = 0; frame < 7; frame++)
            cr_assert_geq(zmq_send(zsock_resolve(askers[i]), good[frame], strlen(good[frame]),
                                   frame < 6 ? ZMQ_SNDMORE : 0),
                          0);
    }
    zap_handle(zap);
    cr_assert_eq(lookups, 64);
    zap_handle(zap);
    cr_assert_eq(lookups, ASKERS);
    for (int i = 0; i < ASKERS; i++)
        zsock_destroy(&askers[i]);
    clean();
}
