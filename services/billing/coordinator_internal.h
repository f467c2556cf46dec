/* coordinator_internal.h - the coordinator's shell: sockets, feed and clock around books, roll, closing and
 * inquiry. For coordinator*.c alone. */
#ifndef BILLING_COORDINATOR_INTERNAL_H
#define BILLING_COORDINATOR_INTERNAL_H

#include "billing.h"
#include "inquiry.h"
#include "runtime/feed_socket.h"
#include "runtime/zap.h"
#include "store/city.h"
#include "store/city_payment.h"
#include "store/city_tariff.h"

struct coordinator {
    struct service *service;
    const struct coordinator_config *config;
    struct city *city;
    struct payment_terms terms;
    struct tariff tariff; /* of the city's file */
    struct books *books;
    struct children *children;
    struct closing *closing;
    struct roll *roll;
    struct inquiry *inquiry;
    /* Follows partition 0 of PARTITIONS_MAX: records about nobody (days, devices) and hardly any other. */
    struct feed_socket *feed;
    day_t day; /* the last business day begun in enrollment's journal */
    struct curve_keys keys;
    struct zap *zap;
    zsock_t *tools, *tools_tcp, *workers, *workers_tcp;
    uint64_t first_ticket, head_ticket; /* of feed_follower_ask_head: at the start; for closing, 0: none */
    int64_t started_ms;
    bool ready; /* every partition was ready once or can't be, or the journal is empty still */
};

/* Books, then the state's beginning, then sockets, workers last. */
MUST_USE enum result coordinator_open(struct coordinator *coordinator, struct failure *why);
void coordinator_close(struct coordinator *coordinator);
/* Follows enrollment's feed for what `follower` (taken over) wants. Keys are loaded. */
MUST_USE enum result coordinator_follow(struct coordinator *coordinator, struct feed_follower *follower,
                                        struct feed_socket **out, struct failure *why);
/* coordinator_rebuild.c: counts a partition anew, which takes as long as enrollment's journal is long. */
MUST_USE enum result coordinator_rebuild(struct coordinator *coordinator, uint32_t partition,
                                         struct failure *why);
/* coordinator_office.c: days and devices of the feed; the state begins with the first batch. A
 * feed_on_record. */
enum result coordinator_record(void *coordinator, const struct batch_header *batch,
                               const struct record *record, struct failure *why);
/* How far the feed was read becomes durable now and then (`now`: at once), so that a start need not read all
 * of it for the devices. */
MUST_USE enum result coordinator_followed(struct coordinator *coordinator, bool now, struct failure *why);
/* A zap_lookup: whose key may connect. What a device may ask is decided for each message. */
bool coordinator_lookup(void *coordinator, const uint8_t key[32], char user_id[32]);
/* coordinator_sockets.c: each handles a bounded number of messages. */
MUST_USE enum result coordinator_take_reports(struct coordinator *coordinator, int64_t now_ms,
                                              struct failure *why);
MUST_USE enum result coordinator_take_requests(struct coordinator *coordinator,
                                               const struct inquiry_time *time, struct failure *why);
bool coordinator_send_orders(void *coordinator, const struct worker_peer *peer, const uint8_t *orders,
                             size_t size);
void coordinator_send_reply(void *coordinator, const struct inquiry_peer *peer, const uint8_t *data,
                            size_t size);

#endif
