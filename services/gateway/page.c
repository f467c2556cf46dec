/* page.c - an answer made once and given to many (page.h). */
#include "page.h"

#include "headers.h"
#include "runtime/require.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

struct page {
    unsigned references;
    size_t size;
    char etag[PAGE_ETAG_MAX];
    struct MHD_Response *plain, *gzip, *unchanged; /* gzip NULL: not made; unchanged NULL: no ETag */
};

static void header(struct MHD_Response *response, const char *name, const char *value) {
    require(MHD_add_response_header(response, name, value) == MHD_YES, "a header of ours is a header");
}

static struct MHD_Response *response_of(const struct page_plan *plan, const void *bytes, size_t size) {
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, (void *)(uintptr_t)bytes, MHD_RESPMEM_MUST_COPY);
    require(response, "there is memory for a page");
    if (size > 0 && plan->type)
        header(response, MHD_HTTP_HEADER_CONTENT_TYPE, plan->type);
    if (plan->etag)
        header(response, MHD_HTTP_HEADER_ETAG, plan->etag);
    if (plan->cache)
        header(response, MHD_HTTP_HEADER_CACHE_CONTROL, plan->cache);
    if (plan->compress)
        header(response, MHD_HTTP_HEADER_VARY, "Accept-Encoding, Authorization");
    headers_secure(response);
    return response;
}

/* NULL where gzip makes it no smaller. */
static struct MHD_Response *gzip_of(const struct page_plan *plan, const void *bytes, size_t size) {
    z_stream stream = {0};
    if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    size_t capacity = deflateBound(&stream, size);
    uint8_t *packed = malloc(capacity);
    if (!packed)
        abort();
    stream.next_in = (Bytef *)(uintptr_t)bytes;
    stream.avail_in = (uInt)size;
    stream.next_out = packed;
    stream.avail_out = (uInt)capacity;
    require(deflate(&stream, Z_FINISH) == Z_STREAM_END, "deflateBound holds what deflate writes");
    size_t packed_size = stream.total_out;
    deflateEnd(&stream);
    struct MHD_Response *response = packed_size < size ? response_of(plan, packed, packed_size) : NULL;
    if (response)
        header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
    free(packed);
    return response;
}

struct page *page_new(const struct page_plan *plan, const void *bytes, size_t size) {
    struct page *page = calloc(1, sizeof *page);
    if (!page)
        abort();
    page->references = 1;
    page->size = size;
    page->plain = response_of(plan, bytes, size);
    if (plan->compress)
        page->gzip = gzip_of(plan, bytes, size);
    if (plan->etag) {
        snprintf(page->etag, sizeof page->etag, "%s", plan->etag);
        page->unchanged = response_of(plan, "", 0);
    }
    return page;
}

size_t page_size(const struct page *page) {
    return page->size;
}

struct page *page_reference(struct page *page) {
    page->references++;
    return page;
}

static void response_release(struct MHD_Response *response) {
    if (response)
        MHD_destroy_response(response); /* connections that send it still have references of their own */
}

void page_release(struct page **page) {
    struct page *gone = *page;
    *page = NULL;
    if (!gone || --gone->references > 0)
        return;
    response_release(gone->plain);
    response_release(gone->gzip);
    response_release(gone->unchanged);
    free(gone);
}

/* If-None-Match: "*", or a list of tags, which compares weakly (RFC 9110, 13.1.2): W/ makes no
 * difference. Behind what is no tag nothing is read. */
static bool etag_among(const char *etag, const char *list) {
    const char *core = strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag;
    const char *at = list + strspn(list, " \t");
    if (*at == '*')
        return at[1 + strspn(at + 1, " \t")] == '\0';
    while (*at) {
        at += strncmp(at, "W/", 2) == 0 ? 2 : 0;
        const char *end = *at == '"' ? strchr(at + 1, '"') : NULL;
        if (!end)
            return false;
        size_t size = (size_t)(end + 1 - at);
        if (strlen(core) == size && memcmp(core, at, size) == 0)
            return true;
        at = end + 1 + strspn(end + 1, " \t");
        if (*at && *at != ',')
            return false;
        at += strspn(at, ", \t");
    }
    return false;
}

/* Whether the parameters of a coding (";q=0.5") give it a weight of zero. */
static bool is_refused(const char *at, const char *end) {
    while (at < end && *at != 'q' && *at != 'Q')
        at++;
    if (at >= end || *++at != '=')
        return false;
    at++;
    while (at < end && (*at == '0' || *at == '.' || *at == ' ' || *at == '\t'))
        at++;
    return at == end;
}

/* Accept-Encoding (RFC 9110, 12.5.3): gzip by name, else by "*". Other codings are none that we have. */
static bool takes_gzip(const char *accept) {
    bool any = false;
    for (const char *at = accept ? accept : ""; *at;) {
        at += strspn(at, ", \t");
        const char *end = at + strcspn(at, ",");
        size_t size = strcspn(at, "; \t,");
        if (size == 4 && strncasecmp(at, "gzip", 4) == 0)
            return !is_refused(at + size, end);
        if (size == 1 && *at == '*')
            any = !is_refused(at + size, end);
        at = end;
    }
    return any;
}

struct MHD_Response *page_response(const struct page *page, const char *accept_encoding,
                                   const char *if_none_match, unsigned *status) {
    *status = MHD_HTTP_OK;
    if (page->unchanged && if_none_match && etag_among(page->etag, if_none_match)) {
        *status = MHD_HTTP_NOT_MODIFIED;
        return page->unchanged;
    }
    return page->gzip && takes_gzip(accept_encoding) ? page->gzip : page->plain;
}
