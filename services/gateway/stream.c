/* stream.c - server-sent events of the totals (stream.h).
 *
 * A watcher is idle (suspended in libmicrohttpd) or sends one message. When a new one is due all who idle are
 * woken; one that still sends takes the newest when it is done. What a watcher has seen is known by the
 * number of the message: there is no queue. */
#include "stream.h"

#include "rights.h"
#include "runtime/require.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_EVERY_MS 250

/* Bytes that many send. */
struct message {
    unsigned references;
    size_t size;
    char bytes[];
};

struct watcher {
    struct streams *streams;
    struct request *request; /* NULL: it went while enrollment was asked about it */
    enum audience audience;
    uint8_t token_hash[TOKEN_HASH_SIZE];
    uint64_t seen;           /* number of the message it took last */
    int64_t ping_ms, ask_ms; /* when it is due to be pinged, to be asked about */
    bool ping_due, asking, ended;
    char end[32];            /* code; "": it goes on */
    struct message *sending; /* a reference; NULL: idle */
    size_t sent;
    struct watcher *next, **slot;
};

/* What an audience is told. */
struct channel {
    struct message *message; /* NULL: to be made when somebody is there */
    char id[LIVE_ID_MAX];
    unsigned watchers;
};

struct streams {
    const struct coverage_link *link;
    struct live *live;
    struct door_link *door;
    struct watcher *first;
    uint64_t number; /* of the newest message; the first is 1 */
    bool changed;
    int64_t now_ms, told_ms, looked_ms;
    struct channel channels[AUDIENCE_COUNT];
};

struct streams *streams_new(const struct coverage_link *link, struct live *live, struct door_link *door) {
    struct streams *streams = calloc(1, sizeof *streams);
    if (!streams)
        abort();
    streams->link = link;
    streams->live = live;
    streams->door = door;
    streams->number = 1;
    return streams;
}

static struct message *message_new(const char *bytes, size_t size) {
    struct message *message = malloc(sizeof *message + size);
    if (!message)
        abort();
    message->references = 1;
    message->size = size;
    memcpy(message->bytes, bytes, size);
    return message;
}

static void message_release(struct message **message) {
    if (*message && --(*message)->references == 0)
        free(*message);
    *message = NULL;
}

void streams_destroy(struct streams **streams) {
    if (!*streams)
        return;
    require(!(*streams)->first, "streams end with their requests");
    for (unsigned audience = 0; audience < AUDIENCE_COUNT; audience++)
        message_release(&(*streams)->channels[audience].message);
    free(*streams);
    *streams = NULL;
}

/* `id` "": none. */
static struct message *event_make(const char *event, const char *id, const char *data) {
    size_t capacity = strlen(data) + 128;
    char *bytes = malloc(capacity);
    if (!bytes)
        abort();
    int size = snprintf(bytes, capacity, "event: %s\n%s%s%sdata: %s\n\n", event, id[0] ? "id: " : "", id,
                        id[0] ? "\n" : "", data);
    require(size > 0 && (size_t)size < capacity, "an event fits what it was reckoned to need");
    struct message *message = message_new(bytes, (size_t)size);
    free(bytes);
    return message;
}

static struct message *event_of(const char *event, json_t *body) {
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    require(text, "an event of ours is JSON");
    struct message *message = event_make(event, "", text);
    free(text);
    return message;
}

static void channel_fill(struct streams *streams, enum audience audience) {
    struct channel *channel = &streams->channels[audience];
    const struct coverage_view *view = coverage_link_view(streams->link);
    int64_t stale_ms = live_stale_since_ms(streams->live);
    if (channel->message)
        return;
    if (stale_ms) {
        channel->id[0] = '\0';
        channel->message = event_of("away", json_pack("{s:o}", "since", json_instant(stale_ms)));
        return;
    }
    json_t *body = totals_stream_json(view, live_hidden(streams->live, audience));
    live_put(streams->live, body, audience);
    char *text = json_dumps(body, JSON_COMPACT | JSON_TEXT_FLAGS);
    json_decref(body);
    require(text, "a message of the stream is JSON");
    live_id(view->offset, text, strlen(text), channel->id);
    channel->message = event_make("totals", channel->id, text);
    free(text);
}

/* The next thing to send; NULL: nothing now. */
static struct message *message_next(struct watcher *watcher) {
    struct streams *streams = watcher->streams;
    struct channel *channel = &streams->channels[watcher->audience];
    if (watcher->end[0] && !watcher->ended) {
        watcher->ended = true;
        return event_of("end", json_pack("{s:s}", "code", watcher->end));
    }
    if (watcher->ended)
        return NULL;
    if (watcher->seen < streams->number) {
        channel_fill(streams, watcher->audience);
        watcher->seen = streams->number;
        watcher->ping_due = false;
        watcher->ping_ms = streams->now_ms + STREAM_PING_MS;
        channel->message->references++;
        return channel->message;
    }
    if (!watcher->ping_due)
        return NULL;
    watcher->ping_due = false;
    return message_new(": ping\n\n", sizeof ": ping\n\n" - 1);
}

static ssize_t watcher_read(void *context, char *out, size_t capacity) {
    struct watcher *watcher = context;
    if (!watcher->sending) {
        watcher->sending = message_next(watcher);
        watcher->sent = 0;
    }
    if (!watcher->sending)
        return watcher->ended ? -1 : 0;
    size_t size = watcher->sending->size - watcher->sent;
    if (size > capacity)
        size = capacity;
    memcpy(out, watcher->sending->bytes + watcher->sent, size);
    watcher->sent += size;
    if (watcher->sent == watcher->sending->size)
        message_release(&watcher->sending);
    return (ssize_t)size;
}

static void watcher_closed(void *context) {
    struct watcher *watcher = context;
    struct streams *streams = watcher->streams;
    streams->channels[watcher->audience].watchers--;
    *watcher->slot = watcher->next;
    if (watcher->next)
        watcher->next->slot = watcher->slot;
    message_release(&watcher->sending);
    watcher->request = NULL;
    if (!watcher->asking)
        free(watcher);
}

unsigned streams_count(const struct streams *streams, enum audience audience) {
    return streams->channels[audience].watchers;
}

static unsigned count_all(const struct streams *streams) {
    return streams_count(streams, AUDIENCE_PUBLIC) + streams_count(streams, AUDIENCE_OFFICER);
}

/* The greeting; who has seen the present state is told that it is the present one, and nothing more. */
static void watcher_greet(struct watcher *watcher, const char *last_id) {
    struct streams *streams = watcher->streams;
    const struct channel *channel = &streams->channels[watcher->audience];
    char hello[128];
    int size = snprintf(hello, sizeof hello, "retry: 1000\n\n");
    channel_fill(streams, watcher->audience);
    if (last_id && channel->id[0] && strcmp(last_id, channel->id) == 0) {
        watcher->seen = streams->number;
        size =
            snprintf(hello, sizeof hello, "retry: 1000\n\nevent: current\nid: %s\ndata: {\"id\":\"%s\"}\n\n",
                     channel->id, channel->id);
    }
    watcher->sending = message_new(hello, (size_t)size);
}

void streams_watch(struct streams *streams, struct request *request, const char *last_id) {
    const struct caller *caller = request_caller(request);
    if (count_all(streams) >= STREAM_WATCHERS_MAX) {
        request_problem(request, "BUSY", NULL);
        return;
    }
    struct watcher *watcher = calloc(1, sizeof *watcher);
    if (!watcher)
        abort();
    watcher->streams = streams;
    watcher->request = request;
    watcher->audience = request_audience(request);
    memcpy(watcher->token_hash, caller->token_hash, sizeof watcher->token_hash);
    watcher->ping_ms = watcher->ask_ms = streams->now_ms + STREAM_PING_MS;
    watcher->next = streams->first;
    watcher->slot = &streams->first;
    if (watcher->next)
        watcher->next->slot = &watcher->next;
    streams->first = watcher;
    streams->channels[watcher->audience].watchers++;
    watcher_greet(watcher, last_id);
    const struct request_stream stream = {watcher_read, watcher_closed, watcher};
    request_stream(request, "text/event-stream", &stream);
}

void streams_changed(struct streams *streams) {
    streams->changed = true;
}

int64_t streams_wake_ms(const struct streams *streams) {
    bool many = count_all(streams) >= STREAM_MANY;
    if (!streams->changed)
        return INT64_MAX;
    return streams->told_ms + (many ? STREAM_PACE_MANY_MS : STREAM_PACE_MS);
}

static void watcher_end(struct watcher *watcher, const char *code) {
    snprintf(watcher->end, sizeof watcher->end, "%s", code);
    request_ready(watcher->request);
}

static void officer_answered(void *context, const Cakupan__DoorReply *reply, const struct failure *why) {
    struct watcher *watcher = context;
    struct caller caller;
    (void)why;
    watcher->asking = false;
    if (!watcher->request) {
        free(watcher);
        return;
    }
    if (!reply)
        return; /* enrollment is away: it is asked again with the next ping */
    bool known = !reply->refusal && !reply->code[0] && reply->device;
    if (known)
        caller_take(&caller, reply);
    if (!known || !(ROLE_BIT(caller.role) & ROLES_OFFICERS))
        watcher_end(watcher, "DEVICE_REVOKED");
}

/* A revoked token sees no more small cells within STREAM_PING_MS. */
static void officer_ask(struct watcher *watcher) {
    struct streams *streams = watcher->streams;
    Cakupan__DoorRequest ask = CAKUPAN__DOOR_REQUEST__INIT;
    Cakupan__WhoRequest who = CAKUPAN__WHO_REQUEST__INIT;
    struct failure why;
    if (watcher->asking)
        return;
    ask.token_hash = (ProtobufCBinaryData){TOKEN_HASH_SIZE, watcher->token_hash};
    ask.ask_case = CAKUPAN__DOOR_REQUEST__ASK_WHO;
    ask.who = &who;
    watcher->asking =
        door_ask(streams->door, &ask, streams->now_ms, officer_answered, watcher, &why) == RESULT_OK;
}

static void tell(struct streams *streams) {
    streams->changed = false;
    streams->told_ms = streams->now_ms;
    streams->number++;
    for (unsigned audience = 0; audience < AUDIENCE_COUNT; audience++)
        message_release(&streams->channels[audience].message);
    for (struct watcher *watcher = streams->first; watcher; watcher = watcher->next)
        request_ready(watcher->request);
}

static void watcher_look(struct watcher *watcher, int64_t now_ms) {
    if (watcher->audience == AUDIENCE_OFFICER && now_ms >= watcher->ask_ms) {
        watcher->ask_ms = now_ms + STREAM_PING_MS;
        officer_ask(watcher);
    }
    if (now_ms >= watcher->ping_ms) {
        watcher->ping_ms = now_ms + STREAM_PING_MS;
        watcher->ping_due = true;
        request_ready(watcher->request);
    }
}

void streams_work(struct streams *streams, int64_t now_ms) {
    streams->now_ms = now_ms;
    if (now_ms >= streams_wake_ms(streams))
        tell(streams);
    if (now_ms - streams->looked_ms < LOOK_EVERY_MS)
        return;
    streams->looked_ms = now_ms;
    for (struct watcher *watcher = streams->first; watcher; watcher = watcher->next)
        watcher_look(watcher, now_ms);
}

void streams_stop(struct streams *streams) {
    for (struct watcher *watcher = streams->first; watcher; watcher = watcher->next)
        watcher_end(watcher, "STOPPING");
}
