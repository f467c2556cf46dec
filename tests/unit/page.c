/* page.c - tests of answers made once: what a client that takes gzip, or knows the page already, is given. */
#include "gateway/page.h"

#include <criterion/criterion.h>
#include <string.h>

static char text[4096];
static struct page *page;

static void begin(void) {
    memset(text, 'a', sizeof text);
    const struct page_plan plan = {
        .type = "application/json", .etag = "W/\"17-cafe\"", .cache = "no-cache", .compress = true};
    page = page_new(&plan, text, sizeof text);
}
static void end(void) {
    page_release(&page);
    cr_assert_null(page);
}
TestSuite(page, .init = begin, .fini = end);

static const char *coding(const char *accept) {
    unsigned status;
    const char *value =
        MHD_get_response_header(page_response(page, accept, NULL, &status), MHD_HTTP_HEADER_CONTENT_ENCODING);
    cr_assert_eq(status, 200);
    return value ? value : "";
}

Test(page, gzip_for_who_takes_it) {
    static const char *const takes[] = {
        "gzip", "deflate, gzip, br", "br;q=1.0, gzip;q=0.8", "gzip;q=0.001", "GZIP", "x-gzip, gzip",
        "*",    "gzip ; q=1",        "br, *;q=0.5"};
    static const char *const refuses[] = {"",           "identity",  "br, deflate",      "gzip;q=0",
                                          "gzip;q=0.0", "gzip; q=0", "gzip;q=0.000, br", "gzipped",
                                          "x-gzip",     "*;q=0",     "gzip;q=0, *",      "bgzip"};
    for (size_t i = 0; i < sizeof takes / sizeof *takes; i++)
        cr_assert_str_eq(coding(takes[i]), "gzip", "%s", takes[i]);
    for (size_t i = 0; i < sizeof refuses / sizeof *refuses; i++)
        cr_assert_str_eq(coding(refuses[i]), "", "%s", refuses[i]);
    cr_assert_str_eq(coding(NULL), "");
}

static unsigned status_of(const char *if_none_match) {
    unsigned status;
    struct MHD_Response *response = page_response(page, "gzip", if_none_match, &status);
    cr_assert_str_eq(MHD_get_response_header(response, MHD_HTTP_HEADER_ETAG), "W/\"17-cafe\"");
    cr_assert_str_eq(MHD_get_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL), "no-cache");
    return status;
}

Test(page, known_pages_are_not_sent_again) {
    static const char *const same[] = {"W/\"17-cafe\"",        "\"17-cafe\"",         "*",
                                       "\"a\", W/\"17-cafe\"", "W/\"17-cafe\",\"b\"", " * "};
    static const char *const other[] = {"W/\"17-caf\"", "17-cafe",     "\"x17-cafe\"",  "",
                                        "\"*\"",        "W/\"17-cafe", "\"x\"17-cafe\""};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        cr_assert_eq(status_of(same[i]), 304, "%s", same[i]);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        cr_assert_eq(status_of(other[i]), 200, "%s", other[i]);
    cr_assert_eq(status_of(NULL), 200);
}

Test(page, what_gzip_makes_no_smaller_stays) {
    const struct page_plan plan = {.type = "text/plain", .cache = "no-store", .compress = true};
    struct page *small = page_new(&plan, "x", 1);
    unsigned status;
    struct MHD_Response *response = page_response(small, "gzip", "*", &status);
    cr_assert_eq(status, 200, "without an ETag nothing is known");
    cr_assert_null(MHD_get_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING));
    page_release(&small);
}

Test(page, each_reference_is_one) {
    struct page *mine = page_reference(page);
    cr_assert_eq(mine, page);
    page_release(&mine);
    cr_assert_str_eq(coding("gzip"), "gzip", "the other one holds it");
}
