/* fake_enrollment.c - an enrollment for tests of devices (fake_enrollment.h). */
#include "fake_enrollment.h"

#include "runtime/socket.h"
#include "runtime/zap.h"
#include "wire/wire_event.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTCOMES_MAX 4096
#define ACK_BYTES    (2 << 20)

struct server {
    struct fake_enrollment *fake;
    zsock_t *router;
    struct zap *zap;
    struct arena arena;
    uint8_t *ack;
    struct wire_outcome outcomes[OUTCOMES_MAX];
    uint8_t device_key[32];
};

static void check(bool holds, const char *sentence) {
    if (holds)
        return;
    fprintf(stderr, "fake enrollment: %s\n", sentence);
    abort();
}

static bool is_paired(void *context, const uint8_t key[32], char user_id[32]) {
    struct server *server = context;
    strcpy(user_id, "5");
    return memcmp(key, server->device_key, 32) == 0;
}

static bool chance(uint32_t percent) {
    return (uint32_t)(random() % 100) < percent;
}

static uint32_t refuse_some(struct server *server, const struct wire_frame *frame) {
    uint32_t refused = 0;
    for (uint32_t i = 0; i < frame->count; i++) {
        struct event event;
        size_t mark = arena_mark(&server->arena);
        wire_event_decode(frame->events[i].data, frame->events[i].size, frame->first_sequence + i,
                          &server->arena, &event);
        arena_rewind(&server->arena, mark);
        if (FAKE_REFUSES(event.employer))
            server->outcomes[refused++] =
                (struct wire_outcome){event.sequence, REFUSAL_NIK_LENGTH, 0, "A NIK has 16 digits.", "36**"};
        if (frame->check_only)
            continue;
        check(event.sequence < FAKE_EVENTS_MAX, "too many events");
        if (event.sequence < server->fake->expected) {
            if (server->fake->content[event.sequence] != event.content_hash)
                server->fake->reused++;
            continue;
        }
        server->fake->content[event.sequence] = event.content_hash;
        server->fake->number[event.sequence] = event.employer;
        server->fake->expected = event.sequence + 1;
    }
    return refused;
}

static void decide(struct server *server, const struct wire_frame *frame, struct wire_ack *ack,
                   struct wire_ack_range *range) {
    struct fake_enrollment *fake = server->fake;
    uint32_t reused = fake->reused;
    if (fake->revoked) {
        ack->refusal = REFUSAL_DEVICE_REVOKED;
        ack->sentence = "This device was revoked.";
    } else if (chance(fake->busy_percent)) {
        ack->refusal = REFUSAL_BUSY;
        ack->retry_after_ms = 5;
    } else if (!frame->check_only && frame->count > 0 && frame->first_sequence > fake->expected) {
        ack->refusal = REFUSAL_SEQUENCE_GAP;
    } else if (frame->count > 0) {
        range->outcome_count = refuse_some(server, frame);
        ack->range_count = 1;
        ack->refusal = fake->reused != reused ? REFUSAL_ID_REUSED : REFUSAL_NONE;
    }
    if (ack->refusal != REFUSAL_NONE)
        ack->range_count = 0;
}

static size_t answer(struct server *server, const uint8_t *data, size_t size) {
    struct wire_frame frame;
    arena_reset(&server->arena);
    check(wire_frame_decode(data, size, &server->arena, &frame) == RESULT_OK, "a frame is malformed");
    struct wire_ack_range range = {.first_sequence = frame.first_sequence,
                                   .count = frame.count,
                                   .first_offset = frame.check_only ? 0 : 1000 + frame.first_sequence,
                                   .outcomes = server->outcomes};
    struct wire_ack ack = {.first_sequence = frame.first_sequence,
                           .count = frame.count,
                           .check_only = frame.check_only,
                           .sentence = "",
                           .ranges = &range};
    *(frame.check_only ? &server->fake->dry_runs
      : frame.count    ? &server->fake->frames
                       : &server->fake->hellos) += 1;
    decide(server, &frame, &ack, &range);
    ack.expected_sequence = server->fake->expected;
    return wire_ack_encode(&ack, &server->arena, server->ack, ACK_BYTES);
}

static bool serve_one(struct server *server) {
    void *router = zsock_resolve(server->router);
    zmq_msg_t peer, body;
    zmq_msg_init(&peer);
    zmq_msg_init(&body);
    bool came =
        zmq_msg_recv(&peer, router, ZMQ_DONTWAIT) >= 0 && zmq_msg_recv(&body, router, ZMQ_DONTWAIT) >= 0;
    if (came) {
        const char *user = zmq_msg_gets(&body, "User-Id");
        check(user && strcmp(user, "5") == 0, "a stranger came in");
        size_t size = answer(server, zmq_msg_data(&body), zmq_msg_size(&body));
        check(size > 0, "an ack does not fit");
        int copies = chance(server->fake->loss_percent) ? 0 : 1 + chance(server->fake->double_percent);
        while (copies-- > 0)
            if (zmq_send(router, zmq_msg_data(&peer), zmq_msg_size(&peer), ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0)
                zmq_send(router, server->ack, size, ZMQ_DONTWAIT);
    }
    zmq_msg_close(&peer);
    zmq_msg_close(&body);
    return came;
}

static void run(struct fake_enrollment *fake) {
    static struct server server;
    struct failure why = {0};
    server.fake = fake;
    server.ack = malloc(ACK_BYTES);
    arena_init(&server.arena, 16 << 20);
    zmq_z85_decode(server.device_key, fake->pairing.public_key);
    struct curve_keys keys;
    strcpy(keys.public_key, fake->pairing.server_key);
    strcpy(keys.secret_key, fake->secret_key);
    struct socket_options options = {.keys = &keys};
    socket_setup();
    check(zap_open(&server.zap, is_paired, &server, &why) == RESULT_OK, why.sentence);
    check(socket_bind(&server.router, ZMQ_ROUTER, fake->pairing.endpoint, &options, &why) == RESULT_OK,
          why.sentence);
    fake->ready = true;
    for (;;) {
        zmq_pollitem_t items[] = {{.socket = zsock_resolve(server.router), .events = ZMQ_POLLIN},
                                  {.socket = zap_socket(server.zap), .events = ZMQ_POLLIN}};
        zmq_poll(items, 2, 1000);
        zap_handle(server.zap);
        while (serve_one(&server))
            ;
    }
}

/* A port that nobody has, below those that the system gives to clients: while nobody listens at one of
 * these, a device that tries to connect may be given it for its own end, and then talks to itself. */
static int free_port(void) {
    for (int port = 20000 + getpid() % 12000;; port = port < 31999 ? port + 1 : 20000) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons((uint16_t)port),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int bound = bind(probe, (struct sockaddr *)&address, sizeof address);
        close(probe);
        if (bound == 0)
            return port;
    }
}

struct fake_enrollment *fake_enrollment_new(void) {
    struct fake_enrollment *fake =
        mmap(NULL, sizeof *fake, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check(fake != MAP_FAILED, "no memory");
    fake->expected = 1;
    struct kader_pairing server;
    kader_pairing_keys(&server);
    kader_pairing_keys(&fake->pairing);
    fake->pairing.device = 5;
    strcpy(fake->pairing.name, "Siti");
    strcpy(fake->pairing.server_key, server.public_key);
    strcpy(fake->secret_key, server.secret_key);
    snprintf(fake->pairing.endpoint, sizeof fake->pairing.endpoint, "tcp://127.0.0.1:%d", free_port());
    return fake;
}

void fake_enrollment_start(struct fake_enrollment *fake) {
    fake->ready = false;
    pid_t process = fork();
    check(process >= 0, "no process");
    if (process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        srandom(1);
        run(fake);
    }
    fake->process = process; /* shared memory: the child must not write its 0 there */
    for (int i = 0; !fake->ready && i < 10000; i++)
        usleep(1000);
    check(fake->ready, "it does not start");
}

void fake_enrollment_stop(struct fake_enrollment *fake) {
    if (fake->process > 0) {
        kill(fake->process, SIGKILL);
        waitpid(fake->process, NULL, 0);
    }
    fake->process = 0;
}

void fake_enrollment_destroy(struct fake_enrollment **fake) {
    fake_enrollment_stop(*fake);
    munmap(*fake, sizeof **fake);
    *fake = NULL;
}
