/* redis_link.c - one self-healing connection to Redis (see redis_link.h). */
#include "redis_link.h"

#include <assert.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define BACKOFF_FIRST_MS 50
#define BACKOFF_MOST_MS  1000
#define HOST_MAX         255
#define PORT_DEFAULT     "6379"

enum link_state {
    LINK_AWAY,     /* no connection; made again at wake_ms          -> GREETING        */
    LINK_GREETING, /* connecting, or PING unanswered until wake_ms  -> IDLE, AWAY      */
    LINK_IDLE,     /* nothing on the way                            -> BUSY, AWAY      */
    LINK_BUSY      /* a pipeline unanswered until wake_ms           -> IDLE, AWAY      */
};

struct redis_link {
    enum link_state state;
    redisContext *context; /* NULL while away */
    bool unwritten;        /* bytes of the pipeline wait for the socket */
    uint32_t unanswered;   /* commands of the pipeline */
    int64_t wake_ms;
    uint32_t backoff_ms;
    char path[sizeof((struct sockaddr_un *)0)->sun_path]; /* "" for tcp */
    char address[NI_MAXHOST];                             /* numeric */
    int port;
};

static enum result bad_url(const char *url, struct failure *why) {
    return fail(why, RESULT_INVALID, "REDIS_URL",
                "'%s' is no address of Redis: give unix:///path (at most 107 bytes) or redis://host:port.",
                url);
}

/* Looked up once, at start: a name server that hangs later can't hold up the service. */
static enum result resolve(struct redis_link *link, const char *host, const char *port, struct failure *why) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
    int error = getaddrinfo(host, port, &hints, &found);
    if (error == 0)
        error = getnameinfo(found->ai_addr, found->ai_addrlen, link->address, sizeof link->address, NULL, 0,
                            NI_NUMERICHOST);
    if (found)
        freeaddrinfo(found);
    if (error == 0)
        return RESULT_OK;
    return fail(why, RESULT_INVALID, "REDIS_HOST_UNKNOWN", "Redis host '%s' can't be looked up: %s.", host,
                gai_strerror(error));
}

static enum result parse_tcp(struct redis_link *link, const char *url, const char *rest,
                             struct failure *why) {
    char host[HOST_MAX + 1], port[8] = PORT_DEFAULT;
    if (strchr(rest, '@'))
        return fail(
            why, RESULT_INVALID, "REDIS_URL_SECRET",
            "The address of Redis holds a password, which everybody on this machine can read in the list of "
            "processes: use a unix socket or a trusted network.");
    size_t size = strcspn(rest, ":/");
    if (size == 0 || size > HOST_MAX)
        return bad_url(url, why);
    memcpy(host, rest, size);
    host[size] = '\0';
    rest += size;
    if (*rest == ':') {
        size = strspn(++rest, "0123456789");
        if (size == 0 || size > 5)
            return bad_url(url, why);
        memcpy(port, rest, size);
        port[size] = '\0';
        rest += size;
    }
    link->port = atoi(port);
    if ((*rest != '\0' && strcmp(rest, "/") != 0) || link->port < 1 || link->port > 65535)
        return bad_url(url, why);
    return resolve(link, host, port, why);
}

static enum result parse(struct redis_link *link, const char *url, struct failure *why) {
    static const char UNIX_SCHEME[] = "unix://", TCP_SCHEME[] = "redis://";
    if (strncmp(url, TCP_SCHEME, sizeof TCP_SCHEME - 1) == 0)
        return parse_tcp(link, url, url + sizeof TCP_SCHEME - 1, why);
    if (strncmp(url, UNIX_SCHEME, sizeof UNIX_SCHEME - 1) != 0)
        return bad_url(url, why);
    const char *path = url + sizeof UNIX_SCHEME - 1;
    if (*path != '/' || strlen(path) >= sizeof link->path)
        return bad_url(url, why);
    memcpy(link->path, path, strlen(path) + 1);
    return RESULT_OK;
}

enum result redis_link_open(struct redis_link **out, const char *url, struct failure *why) {
    *out = NULL;
    struct redis_link *link = calloc(1, sizeof *link);
    if (!link)
        abort();
    enum result result = parse(link, url, why);
    if (result != RESULT_OK) {
        free(link);
        return result;
    }
    link->wake_ms = INT64_MIN; /* connect at the first work */
    *out = link;
    return RESULT_OK;
}

void redis_link_close(struct redis_link **link) {
    if (!link || !*link)
        return;
    if ((*link)->context)
        redisFree((*link)->context);
    free(*link);
    *link = NULL;
}

int redis_link_descriptor(const struct redis_link *link) {
    return link->context ? link->context->fd : -1;
}
bool redis_link_wants_write(const struct redis_link *link) {
    return link->context && link->unwritten;
}
int64_t redis_link_wake_ms(const struct redis_link *link) {
    return link->state == LINK_IDLE ? INT64_MAX : link->wake_ms;
}
bool redis_link_idle(const struct redis_link *link) {
    return link->state == LINK_IDLE;
}

static void append(struct redis_link *link, int count, const char **words, const size_t *sizes) {
    if (redisAppendCommandArgv(link->context, count, words, sizes) != REDIS_OK)
        abort(); /* out of memory */
    link->unanswered++;
}

void redis_link_add(struct redis_link *link, int count, const char **words, const size_t *sizes) {
    assert(link->state == LINK_IDLE && "one pipeline on the way at a time");
    append(link, count, words, sizes);
}

static void start(struct redis_link *link, enum link_state state, int64_t now_ms) {
    link->state = state;
    link->unwritten = true;
    link->wake_ms = now_ms + REDIS_LINK_ANSWER_MS;
}

void redis_link_send(struct redis_link *link, int64_t now_ms) {
    assert(link->state == LINK_IDLE && link->unanswered > 0);
    start(link, LINK_BUSY, now_ms);
}

/* After any error the context is of no more use (trap of hiredis 0.14): free it and make another later. */
static enum result lose(struct redis_link *link, int64_t now_ms, struct failure *why, const char *cause) {
    enum result result = fail(why, RESULT_IO, "REDIS_AWAY", "Redis at %s: %s.",
                              link->path[0] ? link->path : link->address, cause);
    if (link->context)
        redisFree(link->context);
    link->context = NULL;
    link->unanswered = 0;
    link->unwritten = false;
    link->state = LINK_AWAY;
    link->wake_ms = now_ms + link->backoff_ms;
    link->backoff_ms = link->backoff_ms == 0 ? BACKOFF_FIRST_MS : link->backoff_ms * 2;
    if (link->backoff_ms > BACKOFF_MOST_MS)
        link->backoff_ms = BACKOFF_MOST_MS;
    return result;
}

static enum result lose_by_context(struct redis_link *link, int64_t now_ms, struct failure *why) {
    char cause[sizeof link->context->errstr];
    snprintf(cause, sizeof cause, "%s", link->context->errstr);
    return lose(link, now_ms, why, cause);
}

static enum result begin_connection(struct redis_link *link, int64_t now_ms, struct failure *why) {
    static const char *PING[] = {"PING"};
    link->context = link->path[0] ? redisConnectUnixNonBlock(link->path)
                                  : redisConnectNonBlock(link->address, link->port);
    if (!link->context)
        abort(); /* out of memory */
    if (link->context->err)
        return lose_by_context(link, now_ms, why);
    append(link, 1, PING, NULL);
    start(link, LINK_GREETING, now_ms);
    return RESULT_AGAIN;
}

/* The pipeline's (or the greeting's) last reply has come. */
static enum result finish(struct redis_link *link, redisReply *reply, redisReply **last) {
    bool was_greeting = link->state == LINK_GREETING;
    link->state = LINK_IDLE;
    if (!was_greeting) {
        link->backoff_ms = 0; /* only work that was done ends the back-off */
        *last = reply;
        return RESULT_OK;
    }
    freeReplyObject(reply);
    return RESULT_AGAIN;
}

static enum result take_replies(struct redis_link *link, int64_t now_ms, redisReply **last,
                                struct failure *why) {
    for (;;) {
        redisReply *reply = NULL;
        if (redisGetReplyFromReader(link->context, (void **)&reply) != REDIS_OK)
            return lose_by_context(link, now_ms, why);
        if (!reply)
            return RESULT_AGAIN;
        if (reply->type == REDIS_REPLY_ERROR || link->unanswered == 0) {
            char cause[160];
            snprintf(cause, sizeof cause, "it answered '%.120s'",
                     reply->str ? reply->str : "without a question");
            freeReplyObject(reply);
            return lose(link, now_ms, why, cause);
        }
        if (--link->unanswered == 0)
            return finish(link, reply, last);
        freeReplyObject(reply);
    }
}

enum result redis_link_work(struct redis_link *link, int64_t now_ms, redisReply **last, struct failure *why) {
    *last = NULL;
    if (link->state == LINK_AWAY) {
        if (now_ms < link->wake_ms)
            return RESULT_AGAIN;
        enum result result = begin_connection(link, now_ms, why);
        if (result != RESULT_AGAIN)
            return result;
    }
    if (link->unwritten) {
        int done = 0;
        if (redisBufferWrite(link->context, &done) != REDIS_OK)
            return lose_by_context(link, now_ms, why);
        link->unwritten = !done;
    }
    if (redisBufferRead(link->context) != REDIS_OK)
        return lose_by_context(link, now_ms, why);
    enum result result = take_replies(link, now_ms, last, why);
    if (result == RESULT_AGAIN && link->state != LINK_IDLE && now_ms >= link->wake_ms)
        return lose(link, now_ms, why, "no answer in time");
    return result;
}
