/* redis_peer.c - the peer to beat: Redis as a durable log with live totals.
 *
 * Per frame of events one MULTI of XADD (the serialized event) and HINCRBY (its cell) for each, and EXEC,
 * pipelined by hiredis over --clients connections, each with at most --window events without an answer. The
 * server is expected to run with appendonly yes, appendfsync always, so that EXEC's reply means durable. It
 * is reached over TCP (--target is a port of the loopback), as devices reach enrollment.
 */
#include "support/measure.h"
#include "support/workload.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct client {
    redisContext *redis;
    uint64_t next, end;      /* its share of the events */
    uint64_t in_flight;      /* events sent and not answered */
    bool unsent;             /* bytes wait in hiredis's buffer */
    int64_t *sent_us;        /* ring: when the frames on the way were sent */
    uint32_t frames;         /* the ring's length */
    uint64_t sent, answered; /* frames */
};

static void connect_client(struct client *client, const struct workload_options *options, uint32_t index) {
    client->redis = redisConnectNonBlock("127.0.0.1", atoi(options->target));
    if (!client->redis || client->redis->err)
        measure_die("No Redis at port %s: %s.", options->target,
                    client->redis ? client->redis->errstr : "no memory");
    uint64_t share = options->events / options->clients;
    client->next = index * share;
    client->end = index + 1 == options->clients ? options->events : client->next + share;
    client->frames = options->window / options->frame + 1;
    client->sent_us = calloc(client->frames, sizeof *client->sent_us);
    if (!client->sent_us)
        measure_die("No memory for %u frames.", client->frames);
}

static void append(redisContext *redis, int count, const char **words, const size_t *sizes) {
    if (redisAppendCommandArgv(redis, count, words, sizes) != REDIS_OK)
        measure_die("hiredis can't take a command: %s.", redis->errstr);
}

static void append_event(redisContext *redis, const struct workload_event *event) {
    char cell[24];
    size_t cell_size = (size_t)snprintf(cell, sizeof cell, "%u:%u", event->kelurahan, event->segment);
    append(redis, 5, (const char *[]){"XADD", "events", "*", "e", (const char *)event->data},
           (const size_t[]){4, 6, 1, 1, event->size});
    append(redis, 4, (const char *[]){"HINCRBY", "totals", cell, "1"}, (const size_t[]){7, 6, cell_size, 1});
}

static void fill(struct client *client, const struct workload *work, const struct workload_options *options) {
    while (client->next < client->end) {
        uint64_t count = client->end - client->next;
        if (count > options->frame)
            count = options->frame;
        if (client->in_flight + count > options->window)
            break;
        append(client->redis, 1, (const char *[]){"MULTI"}, (const size_t[]){5});
        for (uint64_t i = 0; i < count; i++)
            append_event(client->redis, &work->events[client->next + i]);
        append(client->redis, 1, (const char *[]){"EXEC"}, (const size_t[]){4});
        client->sent_us[client->sent++ % client->frames] = measure_now_us();
        client->next += count;
        client->in_flight += count;
        client->unsent = true;
    }
    int done = 1;
    if (client->unsent && redisBufferWrite(client->redis, &done) != REDIS_OK)
        measure_die("Redis hung up: %s.", client->redis->errstr);
    client->unsent = !done;
}

/* Takes what has come; an EXEC's reply (two results an event) answers a frame. Returns the events answered.
 * */
static uint64_t take(struct client *client, struct samples *latency) {
    uint64_t answered = 0;
    void *taken = NULL;
    if (redisBufferRead(client->redis) != REDIS_OK)
        measure_die("Redis hung up: %s.", client->redis->errstr);
    while (redisGetReplyFromReader(client->redis, &taken) == REDIS_OK && taken) {
        redisReply *reply = taken;
        if (reply->type == REDIS_REPLY_ERROR)
            measure_die("Redis refused: %s.", reply->str);
        if (reply->type == REDIS_REPLY_ARRAY) {
            answered += reply->elements / 2;
            int64_t sent_us = client->sent_us[client->answered++ % client->frames];
            samples_add(latency, (double)(measure_now_us() - sent_us));
        }
        freeReplyObject(reply);
        taken = NULL;
    }
    client->in_flight -= answered;
    return answered;
}

static void run(struct client *clients, const struct workload *work, const struct workload_options *options,
                struct samples *latency) {
    struct pollfd *polls = calloc(options->clients, sizeof *polls);
    if (!polls)
        measure_die("No memory for %u clients.", options->clients);
    for (uint32_t i = 0; i < options->clients; i++) {
        polls[i].fd = clients[i].redis->fd;
        fill(&clients[i], work, options);
    }
    for (uint64_t left = work->count; left > 0;) {
        for (uint32_t i = 0; i < options->clients; i++)
            polls[i].events = (short)(POLLIN | (clients[i].unsent ? POLLOUT : 0));
        if (poll(polls, options->clients, 10000) <= 0)
            measure_die("Redis has been silent for 10 s.");
        for (uint32_t i = 0; i < options->clients; i++) {
            if (polls[i].revents & (POLLIN | POLLHUP))
                left -= take(&clients[i], latency);
            if (polls[i].revents)
                fill(&clients[i], work, options);
        }
    }
    free(polls);
}

int main(int argc, char **argv) {
    struct workload_options options;
    struct workload work;
    struct samples latency = {0};
    char name[80];
    workload_options(&options, argc, argv);
    workload_make(&work, &options);
    struct client *clients = calloc(options.clients, sizeof *clients);
    if (!clients)
        measure_die("No memory for %u clients.", options.clients);
    for (uint32_t i = 0; i < options.clients; i++)
        connect_client(&clients[i], &options, i);
    int64_t start_us = measure_now_us();
    run(clients, &work, &options, &latency);
    double elapsed_s = (double)(measure_now_us() - start_us) / 1e6;
    snprintf(name, sizeof name, "%s.events_per_s", options.prefix);
    measure_report(name, (double)work.count / elapsed_s);
    snprintf(name, sizeof name, "%s.ack_p50_us", options.prefix);
    measure_report(name, samples_percentile(&latency, 50));
    snprintf(name, sizeof name, "%s.ack_p99_us", options.prefix);
    measure_report(name, samples_percentile(&latency, 99));
    for (uint32_t i = 0; i < options.clients; i++) {
        redisFree(clients[i].redis);
        free(clients[i].sent_us);
    }
    free(clients);
    samples_free(&latency);
    workload_free(&work);
    return 0;
}
