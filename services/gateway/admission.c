/* admission.c - what is looked at before a request's body is taken: its form, how often its sender asks,
 * who asks, and whether that one may. Handlers check nothing of this again. */
#include "caller.h"
#include "door_link.h"
#include "gateway_internal.h"
#include "http_internal.h"
#include "rights.h"
#include "runtime/token.h"

#include "cakupan/nik.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEADERS_BYTES_MAX 8192u
/* Of which a header's name consists (RFC 9110, 5.6.2). */
#define NAME_LETTERS     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"
#define BODY_UNKNOWN_MAX 65536u /* from somebody whom enrollment was not asked about yet */

/* The route's own problem answers, so that admission reads as a list: each returns false after it refused. */
static bool refuse(struct request *request, const char *code, const char *value) {
    request_problem(request, code, value);
    return false;
}

struct headers_seen {
    size_t bytes;
    unsigned lengths, codings;
    bool odd; /* "Content-Length : 4" is a length to some readers, and so is what stands behind a bare CR */
};

static enum MHD_Result header_look(void *context, enum MHD_ValueKind kind, const char *name,
                                   const char *value) {
    struct headers_seen *seen = context;
    (void)kind;
    seen->bytes += strlen(name) + (value ? strlen(value) : 0) + 4;
    seen->lengths += strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0;
    seen->codings += strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0;
    seen->odd = seen->odd || name[strspn(name, NAME_LETTERS)] != '\0' || (value && strchr(value, '\r'));
    return MHD_YES;
}

/* Where two readers of one message could see two ends of it (RFC 9112, 5.1, 6.1 and 6.3), nothing behind it
 * is read. HTTP/1.0 knows no chunks. */
static bool framing_check(struct request *request, const struct headers_seen *seen, const char *version) {
    const char *length = request_header(request, MHD_HTTP_HEADER_CONTENT_LENGTH);
    const char *coding = request_header(request, MHD_HTTP_HEADER_TRANSFER_ENCODING);
    request->body_said = coding ? ROUTE_BODY_UNKNOWN : length ? strtoull(length, NULL, 10) : 0;
    request->has_body = request->body_said > 0;
    bool coded = coding && !length && seen->codings == 1 && strcasecmp(coding, "chunked") == 0 &&
                 strcmp(version, MHD_HTTP_VERSION_1_1) == 0;
    request->unframed = seen->odd || seen->lengths > 1 || (coding && !coded);
    return request->unframed ? refuse(request, "REQUEST_MALFORMED", "Content-Length, Transfer-Encoding")
                             : true;
}

/* How the request is called in problems. */
static void path_name(struct request *request, const char *path) {
    refusal_fill("{}", path, request->path, sizeof request->path);
    nik_mask_text(request->path);
}

static bool form_check(struct request *request, const char *version) {
    struct headers_seen seen = {0};
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, header_look, &seen);
    if (!framing_check(request, &seen, version))
        return false;
    if (request->target_wrong)
        return refuse(request, request->target_wrong, NULL);
    return seen.bytes > HEADERS_BYTES_MAX ? refuse(request, "HEADERS_TOO_LARGE", NULL) : true;
}

/* What would answer is closed already: open connections may ask on. */
static bool running_check(struct request *request) {
    return request->gateway->stopping ? refuse(request, "STOPPING", NULL) : true;
}

static bool address_check(struct request *request) {
    const struct connection *peer = request->peer;
    struct gateway *gateway = request->gateway;
    uint32_t retry_ms;
    if (limits_take(gateway->limits, LIMIT_ADDRESS, peer->address, peer->address_size, gateway->now_ms,
                    &retry_ms))
        return true;
    request_limited(request, "RATE_LIMITED", retry_ms);
    return false;
}

static bool is_reading(const char *method) {
    return strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
}

static bool route_check(struct request *request, const char *method) {
    char allow[64];
    bool path_known;
    request->route = route_find(method, request->target.path, request->parts, &path_known, allow);
    if (request->route)
        path_name(request, request->route->path);
    if (!request->route && !path_known && static_files_page(request->gateway->files, request->target.path)) {
        path_known = !is_reading(method);
        request->route = path_known ? NULL : route_of_pages();
        snprintf(allow, sizeof allow, "GET, HEAD");
    }
    if (!request->route)
        return refuse(request, path_known ? "METHOD_NOT_ALLOWED" : "PATH_UNKNOWN",
                      path_known ? allow : request->path);
    if (request->route->parameters && strcmp(request->route->parameters, ROUTE_ANY_PARAMETER) == 0)
        return true;
    const char *wrong = target_unknown(&request->target, request->route->parameters, "language");
    const char *language = target_parameter(&request->target, "language");
    if (!wrong && language && strcmp(language, "id") != 0 && strcmp(language, "en") != 0)
        wrong = "language";
    return wrong ? refuse(request, "PARAMETER_INVALID", wrong) : true;
}

/* "application/json; charset=utf-8" among "application/json application/x-protobuf". */
static bool type_taken(const char *types, const char *type) {
    size_t size = strcspn(type, "; ");
    for (const char *at = types; *at; at += strspn(at, " ")) {
        size_t word = strcspn(at, " ");
        if (word == size && strncasecmp(at, type, size) == 0)
            return true;
        at += word;
    }
    return false;
}

/* Says which ones the route takes. */
static bool type_refuse(struct request *request) {
    char types[128] = "";
    size_t used = 0;
    for (const char *at = request->route->types; *at && used + 3 < sizeof types; at++) {
        if (*at == ' ')
            types[used++] = ',';
        types[used++] = *at;
    }
    types[used] = '\0';
    return refuse(request, "MEDIA_TYPE", types);
}

static bool body_check(struct request *request) {
    const char *type = request_header(request, MHD_HTTP_HEADER_CONTENT_TYPE);
    if (!request->has_body)
        return true;
    if (request->route->body_max == 0 ||
        (request->body_said != ROUTE_BODY_UNKNOWN && request->body_said > request->route->body_max)) {
        char most[16];
        snprintf(most, sizeof most, "%u", request->route->body_max);
        return refuse(request, "BODY_TOO_LARGE", most);
    }
    return type && type_taken(request->route->types, type) ? true : type_refuse(request);
}

/* From this very machine, not by a proxy on it that speaks for others: by one of these we know it. */
static bool is_local(const struct request *request) {
    static const char *const of_proxies[] = {MHD_HTTP_HEADER_FORWARDED, "X-Forwarded-For", "X-Real-IP",
                                             MHD_HTTP_HEADER_VIA};
    bool local = request->peer->local;
    for (size_t i = 0; i < sizeof of_proxies / sizeof *of_proxies; i++)
        local = local && !request_header(request, of_proxies[i]);
    return local;
}

static bool token_check(struct request *request) {
    const struct route *route = request->route;
    struct gateway *gateway = request->gateway;
    const char *authorization = request_header(request, MHD_HTTP_HEADER_AUTHORIZATION);
    bool is_open = !route->roles && !(route->flags & (ROUTE_OWNER_DECIDES | ROUTE_TOKEN_OPTIONAL));
    bool is_optional =
        (route->flags & ROUTE_TOKEN_OPTIONAL) || ((route->flags & ROUTE_LOCAL) && is_local(request));
    uint32_t retry_ms;
    if (is_open)
        return true;
    if (!authorization)
        return is_optional ? true : refuse(request, "TOKEN_MISSING", NULL);
    if (!token_of_header(authorization, request->caller.token_hash))
        return refuse(request, "TOKEN_UNKNOWN", NULL);
    request->caller.has_token = true;
    if (!limits_take(gateway->limits, LIMIT_TOKEN, request->caller.token_hash, TOKEN_HASH_SIZE,
                     gateway->now_ms, &retry_ms)) {
        request_limited(request, "RATE_LIMITED", retry_ms);
        return false;
    }
    return true;
}

static bool pairing_check(struct request *request) {
    const struct connection *peer = request->peer;
    struct gateway *gateway = request->gateway;
    uint32_t retry_ms;
    if (!(request->route->flags & ROUTE_PAIRING))
        return true;
    if (limits_take(gateway->limits, LIMIT_PAIRING, peer->address, peer->address_size, gateway->now_ms,
                    &retry_ms) &&
        limits_take(gateway->limits, LIMIT_PAIRING_ALL, "", 0, gateway->now_ms, &retry_ms))
        return true;
    request_limited(request, "PAIRING_LIMITED", retry_ms);
    return false;
}

/* Enrollment has said whose the token is. */
static void caller_judge(struct request *request) {
    uint32_t roles = request->route->roles;
    if (roles && !(roles & ROLE_BIT(request->caller.role)))
        request_problem(request, "ROLE_NOT_ALLOWED", role_name(request->caller.role));
    else
        request_receive(request);
}

/* Where the owner decides, the question itself carries the token: enrollment is asked before only for a
 * body that is worth refusing early. */
static bool caller_needed(const struct request *request) {
    const struct route *route = request->route;
    if (!request->caller.has_token)
        return false;
    return !(route->flags & ROUTE_OWNER_DECIDES) || request->body_said > BODY_UNKNOWN_MAX;
}

void request_admit(struct request *request, const char *method, const char *version) {
    request->state = REQUEST_HANDLED;
    path_name(request, request->target.path);
    if (!form_check(request, version) || !running_check(request) || !address_check(request) ||
        !route_check(request, method) || !body_check(request) || !token_check(request) ||
        !pairing_check(request))
        return;
    if (caller_needed(request))
        caller_ask(request, &request->caller, caller_judge);
    else
        request_receive(request);
}
