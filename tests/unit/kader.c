/* kader.c - tests the client library end to end: real sockets, a real outbox, an enrollment that loses and
 * doubles acks (tests/support/fake_enrollment.h), and kill -9 at random points. */
#include "cakupan/kader.h"
#include "fake_enrollment.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[SCRATCH_PATH];
static char device_file[SCRATCH_PATH + 8], outbox_file[SCRATCH_PATH + 8];
static struct fake_enrollment *fake;
static struct failure why;
static struct kader_config config;

static void set_up(void) {
    scratch_make(directory);
    snprintf(device_file, sizeof device_file, "%s/device", directory);
    snprintf(outbox_file, sizeof outbox_file, "%s/outbox", directory);
    fake = fake_enrollment_new();
    cr_assert_eq(kader_pairing_save(&fake->pairing, device_file, &why), RESULT_OK, "%s", why.sentence);
    config = (struct kader_config){
        .device_file = device_file, .outbox = outbox_file, .frame_events = 7, .resend_ms = 60};
}

static void tear_down(void) {
    fake_enrollment_destroy(&fake);
    scratch_remove(directory);
}

TestSuite(kader, .init = set_up, .fini = tear_down, .timeout = 120);

static uint64_t told_last;
static uint32_t told_refused;

static void on_outcome(void *context, const struct kader_outcome *outcome) {
    (void)context;
    fake->told[outcome->sequence]++;
    cr_assert(told_last == 0 || outcome->sequence == told_last + 1, "%lu after %lu", outcome->sequence,
              told_last);
    cr_assert_eq(outcome->offset, 1000 + outcome->sequence);
    told_last = outcome->sequence;
    bool refused = FAKE_REFUSES(fake->number[outcome->sequence]);
    cr_assert_eq(outcome->refusal, refused ? REFUSAL_NIK_LENGTH : REFUSAL_NONE);
    cr_assert_str_eq(outcome->sentence, refused ? "A NIK has 16 digits." : "");
    cr_assert_str_eq(outcome->value, refused ? "36**" : "");
    told_refused += refused;
}

static struct kader *open_kader(void) {
    struct kader *kader = NULL;
    enum result result = kader_open(&kader, &config, on_outcome, NULL, &why);
    cr_assert_eq(result, RESULT_OK, "%s", why.sentence);
    told_last = 0;
    return kader;
}

static struct event event_of(uint32_t number) {
    return (struct event){.kind = CHANGE_LAYOFF,
                          .identity = UINT64_C(3671010101900001),
                          .employer = number,
                          .proof = PROOF_NOTICE_RECEIPT,
                          .author = {"Siti", 4}};
}

static void queue(struct kader *kader, uint32_t number) {
    struct event event = event_of(number);
    uint64_t sequence = 0;
    enum result result = kader_queue(kader, &event, &sequence, &why);
    cr_assert_eq(result, RESULT_OK, "%s", why.sentence);
    fake->queued[sequence] = number;
}

static void sync_all(struct kader *kader) {
    enum result result = kader_sync(kader, 60000, &why);
    cr_assert_eq(result, RESULT_OK, "%s", why.sentence);
}

static void expect_each_once(uint64_t first, uint64_t end) {
    for (uint64_t sequence = first; sequence < end; sequence++) {
        cr_assert_eq(fake->told[sequence], 1, "event %lu was told %u times", sequence, fake->told[sequence]);
        cr_assert_eq(fake->number[sequence], fake->queued[sequence], "event %lu", sequence);
    }
    cr_assert_eq(fake->told[end], 0);
    cr_assert_eq(fake->reused, 0);
    cr_assert_eq(fake->expected, end);
}

Test(kader, every_event_is_answered_once_over_a_bad_link) {
    fake->loss_percent = 15;
    fake->double_percent = 15;
    fake->busy_percent = 5;
    fake_enrollment_start(fake);
    struct kader *kader = open_kader();
    for (uint32_t number = 1; number <= 600; number++) {
        queue(kader, number);
        if (number % 3 == 0)
            cr_assert_leq(kader_step(kader, 0, &why), RESULT_AGAIN);
    }
    sync_all(kader);
    expect_each_once(1, 601);
    struct kader_counts counts;
    kader_count(kader, &counts);
    cr_assert_eq(counts.queued, 0);
    cr_assert_eq(counts.accepted, 540);
    cr_assert_eq(counts.refused, 60);
    cr_assert_eq(told_refused, 60);
    cr_assert_gt(counts.resent, 0, "the link was not bad");
    cr_assert_gt(counts.busy, 0);
    cr_assert_geq(counts.sent, 600);
    kader_close(&kader);
    cr_assert_null(kader);
    kader_close(&kader);
}

Test(kader, events_queued_offline_go_out_later) {
    struct kader *kader = open_kader();
    cr_assert_eq(kader_begin(kader, &why), RESULT_OK);
    for (uint32_t number = 1; number <= 100; number++)
        queue(kader, number);
    cr_assert_eq(kader_step(kader, 0, &why), RESULT_CONFLICT, "a step would send what is not durable");
    cr_assert_eq(kader_commit(kader, &why), RESULT_OK);
    cr_assert_eq(kader_sync(kader, 80, &why), RESULT_AGAIN);
    cr_assert_str_eq(why.code, "NOT_ANSWERED");
    kader_close(&kader);
    fake_enrollment_start(fake);
    kader = open_kader();
    struct kader_counts counts;
    kader_count(kader, &counts);
    cr_assert_eq(counts.queued, 100);
    sync_all(kader);
    expect_each_once(1, 101);
    kader_close(&kader);
    kader = open_kader();
    sync_all(kader);
    cr_assert_eq(told_last, 0, "told again after it was told");
    kader_close(&kader);
}

static int queue_and_sync(void *context) {
    (void)context;
    struct kader *kader = open_kader();
    for (uint32_t number = 1; number <= 2000; number++) {
        queue(kader, number);
        if (kader_step(kader, 1, &why) > RESULT_AGAIN)
            return 1;
    }
    enum result result = kader_sync(kader, 60000, &why);
    kader_close(&kader);
    return result == RESULT_OK ? 0 : 2;
}

Test(kader, an_enrollment_that_restarts_is_found_again) {
    fake_enrollment_start(fake);
    pid_t child =
        scratch_child(queue_and_sync, NULL); /* the process that starts the enrollment anew has no sockets */
    for (int round = 0; round < 5; round++) {
        usleep(100000);
        fake_enrollment_stop(fake);
        usleep(20000);
        fake_enrollment_start(fake);
    }
    int status = 1;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
    expect_each_once(1, 2001);
}

Test(kader, answers_that_were_not_told_come_again_after_a_restart) {
    fake->loss_percent = 100;
    fake_enrollment_start(fake);
    struct kader *kader = open_kader();
    for (uint32_t number = 1; number <= 20; number++)
        queue(kader, number);
    fake->loss_percent = 0;
    while (fake->hellos == 0 || fake->frames < 3)
        cr_assert_leq(kader_step(kader, 10, &why), RESULT_AGAIN);
    kader_close(&kader); /* the acks of the last frames are lost with the connection */
    uint64_t before = told_last;
    kader = open_kader();
    told_last = before;
    sync_all(kader);
    expect_each_once(1, 21);
    kader_close(&kader);
}

Test(kader, a_bulk_source_goes_on_from_what_is_expected) {
    fake->expected = 1001;
    fake->loss_percent = 5;
    fake_enrollment_start(fake);
    config.outbox = NULL;
    config.window_events = 28;
    struct kader *kader = open_kader();
    struct event event = event_of(1);
    cr_assert_eq(kader_queue(kader, &event, NULL, &why), RESULT_FULL);
    cr_assert_str_eq(why.code, "NOT_GREETED");
    uint32_t fulls = 0;
    for (uint32_t number = 1; number <= 3000;) {
        uint64_t sequence;
        event = event_of(number);
        enum result result = kader_queue(kader, &event, &sequence, &why);
        if (result == RESULT_FULL) {
            fulls++;
            cr_assert_leq(kader_step(kader, 100, &why), RESULT_AGAIN, "%s", why.sentence);
            continue;
        }
        cr_assert_eq(result, RESULT_OK);
        cr_assert_eq(sequence, 1000 + number);
        fake->queued[sequence] = number++;
    }
    sync_all(kader);
    cr_assert_gt(fulls, 3000 / 56);
    expect_each_once(1001, 4001);
    identity_t identity;
    cr_assert_eq(kader_temporary_id(kader, &identity, &why), RESULT_INVALID);
    kader_close(&kader);
}

Test(kader, frames_are_cut_at_their_bytes) {
    fake_enrollment_start(fake);
    config.outbox = NULL;
    config.frame_events = 4096;
    struct kader *kader = open_kader();
    while (kader_sync(kader, 1000, &why) != RESULT_OK)
        ;
    char text[TEXT_MAX];
    memset(text, 'a', sizeof text);
    for (uint32_t number = 1; number <= 6000; number++) {
        struct event event = event_of(number);
        event.author = event.name = event.reason = event.approver = (struct text){text, sizeof text};
        uint64_t sequence;
        cr_assert_eq(kader_queue(kader, &event, &sequence, &why), RESULT_OK);
        fake->queued[sequence] = number;
    }
    sync_all(kader); /* the fake enrollment aborts on a frame above 1 MiB */
    expect_each_once(1, 6001);
    kader_close(&kader);
}

Test(kader, dry_runs_store_nothing) {
    fake->loss_percent = 20;
    fake_enrollment_start(fake);
    struct kader *kader = open_kader();
    queue(kader, 1);
    struct event events[20];
    struct kader_answer answers[20];
    for (uint32_t i = 0; i < 20; i++)
        events[i] = event_of(i);
    enum result result = kader_check(kader, events, 20, answers, 20000, &why);
    cr_assert_eq(result, RESULT_OK, "%s", why.sentence);
    for (uint32_t i = 0; i < 20; i++) {
        cr_assert_eq(answers[i].refusal, FAKE_REFUSES(i) ? REFUSAL_NIK_LENGTH : REFUSAL_NONE);
        cr_assert_str_eq(answers[i].sentence, FAKE_REFUSES(i) ? "A NIK has 16 digits." : "");
    }
    cr_assert_geq(fake->dry_runs, 3);
    cr_assert_leq(fake->expected, 2);
    sync_all(kader);
    expect_each_once(1, 2);
    cr_assert_eq(kader_check(kader, events, 0, answers, 0, &why), RESULT_OK);
    fake->busy_percent = 100;
    fake->loss_percent = 0;
    cr_assert_eq(kader_check(kader, events, 1, answers, 1000, &why), RESULT_AGAIN);
    cr_assert_str_eq(why.code, "BUSY");
    fake->loss_percent = 100;
    cr_assert_eq(kader_check(kader, events, 1, answers, 50, &why), RESULT_AGAIN);
    cr_assert_str_eq(why.code, "NOT_ANSWERED");
    kader_close(&kader);
}

Test(kader, a_revoked_device_is_told_so_and_keeps_its_events) {
    fake->revoked = true;
    fake_enrollment_start(fake);
    struct kader *kader = open_kader();
    queue(kader, 1);
    cr_assert_eq(kader_sync(kader, 5000, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "DEVICE_REVOKED");
    cr_assert_str_eq(why.sentence, "This device was revoked.");
    cr_assert_eq(kader_step(kader, 0, &why), RESULT_INVALID);
    queue(kader, 2); /* still safe on the device */
    kader_close(&kader);
    fake->revoked = false;
    kader = open_kader();
    sync_all(kader);
    expect_each_once(1, 3);
    kader_close(&kader);
}

Test(kader, a_key_that_is_not_paired_gets_no_answer) {
    fake_enrollment_start(fake);
    struct kader_pairing stranger = fake->pairing;
    kader_pairing_keys(&stranger);
    unlink(device_file);
    cr_assert_eq(kader_pairing_save(&stranger, device_file, &why), RESULT_OK);
    struct kader *kader = open_kader();
    queue(kader, 1);
    cr_assert_eq(kader_sync(kader, 300, &why), RESULT_AGAIN);
    cr_assert_eq(fake->hellos, 0);
    kader_close(&kader);
}

static void copy_outbox(const char *from, const char *to) {
    char command[200];
    snprintf(command, sizeof command, "cp -p %s/%s %s/%s", directory, from, directory, to);
    cr_assert_eq(system(command), 0);
}

Test(kader, a_copied_outbox_is_found_out) {
    fake_enrollment_start(fake);
    struct kader *kader = open_kader();
    queue(kader, 1);
    sync_all(kader);
    kader_close(&kader);
    copy_outbox("outbox", "copy");
    kader = open_kader();
    queue(kader, 2);
    queue(kader, 4);
    sync_all(kader);
    kader_close(&kader);
    copy_outbox("copy", "outbox");
    kader = open_kader();
    queue(kader, 5); /* the number of event 2 */
    cr_assert_eq(kader_sync(kader, 5000, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "OUTBOX_BEHIND");
    queue(kader, 6); /* now as many were queued as enrollment has ... */
    queue(kader, 7); /* ... and one more */
    kader_close(&kader);
    kader = open_kader();
    cr_assert_eq(kader_sync(kader, 5000, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "ID_REUSED");
    cr_assert(strstr(why.sentence, "Pair the device anew"));
    cr_assert_eq(fake->expected, 4, "something new went out with it");
    kader_close(&kader);
}

Test(kader, temporary_ids_carry_the_device) {
    struct kader *kader = open_kader();
    identity_t first, second;
    cr_assert_eq(kader_temporary_id(kader, &first, &why), RESULT_OK);
    cr_assert_eq(kader_temporary_id(kader, &second, &why), RESULT_OK);
    cr_assert_eq(first, IDENTITY_TEMPORARY | UINT64_C(5) << 32 | 1);
    cr_assert_eq(second, first + 1);
    kader_close(&kader);
}

Test(kader, bad_configurations_and_events_are_refused) {
    struct kader *kader = NULL;
    config.frame_events = 4097;
    cr_assert_eq(kader_open(&kader, &config, on_outcome, NULL, &why), RESULT_INVALID);
    config.frame_events = 10;
    config.window_events = 9;
    cr_assert_eq(kader_open(&kader, &config, on_outcome, NULL, &why), RESULT_INVALID);
    config.window_events = 0;
    config.endpoint = "http://x";
    cr_assert_eq(kader_open(&kader, &config, on_outcome, NULL, &why), RESULT_INVALID);
    config.endpoint = NULL;
    chmod(device_file, 0644);
    cr_assert_eq(kader_open(&kader, &config, on_outcome, NULL, &why), RESULT_INVALID);
    cr_assert_null(kader);
    chmod(device_file, 0600);
    kader = open_kader();
    char text[2000] = "";
    struct event event = event_of(1);
    event.name = (struct text){text, sizeof text};
    cr_assert_eq(kader_queue(kader, &event, NULL, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "EVENT_TOO_LONG");
    struct kader *second = NULL;
    cr_assert_eq(kader_open(&second, &config, on_outcome, NULL, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "OUTBOX_IN_USE");
    cr_assert_geq(kader_descriptor(kader), 0);
    cr_assert_eq(kader_commit(kader, &why), RESULT_CONFLICT);
    kader_close(&kader);
}

/* ---- kill -9 ---- */

static void note(void *context, const struct kader_outcome *outcome) {
    (void)context;
    fake->told[outcome->sequence]++;
}

/* Queues and syncs for ever; notes each event that kader_queue has made durable. */
static int work(void *context) {
    struct kader *kader = NULL;
    srandom(*(unsigned *)context);
    if (kader_open(&kader, &config, note, NULL, &why) != RESULT_OK)
        return 3;
    for (;;) {
        struct event event = event_of(++fake->counter);
        uint64_t sequence;
        if (fake->counter < FAKE_EVENTS_MAX / 2) {
            if (kader_queue(kader, &event, &sequence, &why) != RESULT_OK)
                return 4;
            fake->queued[sequence] = event.employer;
        }
        if (random() % 3 == 0 && kader_step(kader, (int)(random() % 3), &why) > RESULT_AGAIN)
            return 5;
    }
}

Test(kader, kill_at_any_point_loses_and_doubles_nothing) {
    fake->loss_percent = 10;
    fake->double_percent = 10;
    fake_enrollment_start(fake);
    for (unsigned round = 0; round < 30; round++) {
        pid_t child = scratch_child(work, &round);
        usleep(20000 + (round * 7919) % 60000);
        cr_assert_eq(waitpid(child, NULL, WNOHANG), 0, "the child ended by itself");
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    cr_assert_gt(fake->expected, 30, "the rounds were too short to test anything");
    struct kader *kader = NULL;
    cr_assert_eq(kader_open(&kader, &config, note, NULL, &why), RESULT_OK);
    sync_all(kader);
    kader_close(&kader);
    cr_assert_eq(fake->reused, 0, "one number, two contents");
    uint64_t queued = 0;
    for (uint64_t sequence = 1; sequence < FAKE_EVENTS_MAX; sequence++) {
        if (fake->queued[sequence]) {
            queued++;
            cr_assert_eq(fake->number[sequence], fake->queued[sequence], "event %lu was lost or changed",
                         sequence);
        }
        if (sequence < fake->expected)
            cr_assert_geq(fake->told[sequence], 1, "event %lu was never told", sequence);
    }
    cr_assert_gt(queued, 100);
    cr_assert_leq(fake->expected - 1 - queued, 30, "events that nobody queued");
}
