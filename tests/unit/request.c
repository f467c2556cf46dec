/* request.c - tests of a request's answers: how long each may take to be sent. */
#include "gateway/gateway_internal.h"
#include "gateway/page.h"
#include "gateway/request_internal.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define BYTES      (10u << 20)
#define ALLOWED_MS (CONNECTION_REQUEST_MS + (int64_t)BYTES * 1000 / CONNECTION_BYTES_S_MIN)
#define TO_MAKE_IT 100000 /* ms; it is sent from then on */

static struct gateway gateway;
static struct connection peer;
static struct request request;

static void setup(void) {
    gateway = (struct gateway){.now_ms = 5000};
    peer = (struct connection){.fd = -1};
    connection_enter(&peer, CONNECTION_ANSWER, 0, gateway.now_ms);
    gateway.now_ms += TO_MAKE_IT;
    request = (struct request){.gateway = &gateway, .peer = &peer, .state = REQUEST_HANDLED};
}
TestSuite(request, .init = setup);

static char *bytes_make(void) {
    char *bytes = malloc(BYTES);
    cr_assert_not_null(bytes);
    return memset(bytes, 'x', BYTES);
}

static void sent_within(int64_t allowed_ms) {
    cr_assert_eq(request.state, REQUEST_ANSWERED);
    cr_assert_eq(peer.deadline_ms - gateway.now_ms, allowed_ms, "%lld ms",
                 (long long)(peer.deadline_ms - gateway.now_ms));
}

Test(request, a_file_has_the_time_that_its_size_needs) {
    request_file(&request, memfd_create("roster", MFD_CLOEXEC), BYTES, "text/csv", "roster.csv");
    sent_within(ALLOWED_MS);
    MHD_destroy_response(request.response);
}

Test(request, bytes_have_the_time_that_their_size_needs) {
    request_bytes(&request, 200, "text/plain", bytes_make(), BYTES);
    sent_within(ALLOWED_MS);
    MHD_destroy_response(request.response);
}

Test(request, json_is_sent_from_when_it_is_made) {
    request_json(&request, 200, json_object());
    sent_within(CONNECTION_REQUEST_MS);
    MHD_destroy_response(request.response);
}

Test(request, a_page_has_the_time_that_its_size_needs) {
    const struct page_plan plan = {.type = "text/plain"};
    char *bytes = bytes_make();
    struct page *page = page_new(&plan, bytes, BYTES);
    free(bytes);
    request_page(&request, page);
    sent_within(ALLOWED_MS);
    page_release(&request.page);
    page_release(&page);
}

Test(request, a_body_that_is_refused_has_no_more_time_to_come) {
    connection_enter(&peer, CONNECTION_BODY, 0, gateway.now_ms);
    request_problem(&request, "BODY_TOO_LARGE", "1");
    cr_assert_eq(peer.stage, CONNECTION_BODY);
    sent_within(CONNECTION_IDLE_MS);
    MHD_destroy_response(request.response);
}
