/* page.h - an answer made once and given to many: its bytes plain and gzipped, ETag and headers. Counted
 * references. */
#ifndef GATEWAY_PAGE_H
#define GATEWAY_PAGE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

struct page;

#define PAGE_ETAG_MAX 48

struct page_plan {
    const char *type;  /* media type */
    const char *etag;  /* with its quotes; NULL: none */
    const char *cache; /* Cache-Control */
    bool compress;     /* also as gzip, where that is smaller */
};
/* Copies `bytes`. One reference is the caller's. */
struct page *page_new(const struct page_plan *plan, const void *bytes, size_t size);
struct page *page_reference(struct page *page);
size_t page_size(const struct page *page); /* before gzip */
void page_release(struct page **page);
/* The response for what the client takes (Accept-Encoding, If-None-Match; NULL: absent) and its status. It is
 * the page's: queue it, don't destroy it. */
struct MHD_Response *page_response(const struct page *page, const char *accept_encoding,
                                   const char *if_none_match, unsigned *status);

#endif
