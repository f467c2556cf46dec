/* exchange.c - tests of questions to a service that ends before it answers (services/cli/exchange.h). */
#include "cli/exchange.h"

#include "runtime/clock.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define AGAIN_US 100000 /* as billing_client.c: the old connection is still being taken down */

static char directory[SCRATCH_PATH], endpoint[SCRATCH_PATH + 16];
static zsock_t *service;
static struct exchange *exchange;
static struct failure why;

/* A socket that was closed is let go of a moment later. */
static void service_start_up(void) {
    enum result result = RESULT_AGAIN;
    for (int tries = 0; tries < 500 && result != RESULT_OK; tries++) {
        result = socket_bind(&service, ZMQ_ROUTER, endpoint, &(struct socket_options){0}, &why);
        if (result != RESULT_OK)
            usleep(10000);
    }
    cr_assert_eq(result, RESULT_OK, "%s", why.sentence);
}

static void set_up(void) {
    scratch_make(directory);
    snprintf(endpoint, sizeof endpoint, "ipc://%s/s.sock", directory);
    socket_setup();
    service_start_up();
    cr_assert_eq(exchange_open_remote(&exchange, "billing", endpoint, NULL, NULL, &why), RESULT_OK, "%s",
                 why.sentence);
    cr_assert_eq(exchange_watch(exchange, &why), RESULT_OK, "%s", why.sentence);
}
static void tear_down(void) {
    exchange_close(&exchange);
    zsock_destroy(&service);
    scratch_remove(directory);
}
TestSuite(exchange, .init = set_up, .fini = tear_down, .timeout = 30);

static void ask(const char *question) {
    cr_assert_eq(exchange_send(exchange, (const uint8_t *)question, strlen(question), &why), RESULT_OK, "%s",
                 why.sentence);
}

/* The service hears the question; the caller frees both. */
static void hear(zframe_t **who, zframe_t **question) {
    *who = zframe_recv(service);
    *question = zframe_recv(service);
    cr_assert(*who && *question);
}

static void answer(void) {
    zframe_t *who, *question;
    hear(&who, &question);
    cr_assert_eq(zframe_send(&who, service, ZFRAME_MORE), 0);
    cr_assert_eq(zframe_send(&question, service, 0), 0);
}

static enum result wait_for(const char *expected) {
    const uint8_t *data;
    size_t size;
    enum result result = exchange_receive(exchange, 20000, &data, &size, &why);
    if (result == RESULT_OK) {
        cr_assert_eq(size, strlen(expected));
        cr_assert_arr_eq(data, expected, size);
    }
    return result;
}

Test(exchange, a_service_that_ends_is_not_waited_for) {
    zframe_t *who, *question;
    ask("how much?");
    hear(&who, &question);
    zframe_destroy(&who);
    zframe_destroy(&question);
    int64_t begin_us = clock_monotonic_us();
    zsock_destroy(&service);
    cr_assert_eq(wait_for(""), RESULT_AGAIN);
    cr_assert_str_eq(why.code, EXCHANGE_LOST);
    cr_assert_lt(clock_monotonic_us() - begin_us, 5000000, "told at once, not after the patience");

    service_start_up();
    usleep(AGAIN_US);
    ask("how much?");
    answer();
    cr_assert_eq(wait_for("how much?"), RESULT_OK, "asked again it answers: %s", why.sentence);
}

/* Lost between two questions: the second may have gone with it, so the first wait tells of it. */
Test(exchange, a_question_is_not_lost_between_two_connections) {
    ask("one");
    answer();
    cr_assert_eq(wait_for("one"), RESULT_OK);
    zsock_destroy(&service);
    service_start_up();
    ask("two");
    cr_assert_eq(wait_for("two"), RESULT_AGAIN);
    cr_assert_str_eq(why.code, EXCHANGE_LOST);
    usleep(AGAIN_US);
    ask("three");
    zframe_t *who, *question;
    hear(&who, &question);
    bool both = zframe_streq(question, "two");
    zframe_destroy(&who);
    zframe_destroy(&question);
    if (both)
        hear(&who, &question);
    cr_assert(!both || zframe_streq(question, "three"));
    zframe_destroy(&who);
    zframe_destroy(&question);
}
