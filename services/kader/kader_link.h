/* kader_link.h - the conversation between a device and enrollment as a state machine: no sockets, no clock,
 * no memory of contents.
 *
 * The shell asks `link_next` what to send, sends it, says so by `link_sent`, and hands in every ack that
 * comes. Events are known by their sequences only. Acks may be lost, doubled, late and out of order: what
 * enrollment says about a sequence never changes, so a frame is simply repeated until its answer has come,
 * and answers are passed on in the order of sequences. Time is an argument, microseconds that never go back.
 *
 *   state     what goes out                          leaves when
 *   GREETING  a hello (a frame without events)       its ack shows that both sides count alike -> OPEN
 *   OPEN      frames, up to the window               silence, or a gap that can't be -> GREETING
 *   REFUSED   nothing                                never: a person has to look (link_failure)
 * From every state: BUSY and DOOR_CLOSED pause all sending for the time that enrollment names. All that was
 * on the way then goes out again, so the window is halved, too; answers widen it by a frame per window.
 */
#ifndef KADER_LINK_H
#define KADER_LINK_H

#include "cakupan/result.h"
#include "wire/wire_event.h"

struct link_config {
    uint64_t oldest;        /* first sequence without an answer; 0: go on from what enrollment expects */
    uint64_t end;           /* one past the last sequence queued */
    uint32_t frame_events;  /* a frame holds at most so many, 1..FRAME_MAX_EVENTS */
    uint32_t window_events; /* on the way at most, >= frame_events */
    int64_t resend_us;      /* silence after which enrollment is greeted anew */
};

struct link_counts {
    uint64_t sent;   /* events, repeats included */
    uint64_t busy;   /* acks that asked for patience */
    uint64_t resent; /* frames */
};

enum link_what { LINK_SEND_NOTHING = 0, LINK_SEND_HELLO, LINK_SEND_EVENTS };
struct link_send {
    enum link_what what;
    uint64_t first_sequence; /* of a hello: its number, which the ack repeats */
    uint32_t count;
    bool repeat; /* all `count` events must go: the frame was sent before */
};

/* Sequences whose outcomes are to be told now; `count` 0: none. */
struct link_answer {
    uint64_t first_sequence;
    uint32_t count;
    int64_t sent_us; /* when the frame was sent for the first time */
};

struct link;

/* Aborts where memory is out. */
struct link *link_new(const struct link_config *config);
void link_destroy(struct link **link);

/* Events up to but without `end` are queued now. */
void link_extend(struct link *link, uint64_t end);
/* What to send now. Asking again without sending gives the same. */
struct link_send link_next(struct link *link, int64_t now_us);
/* What link_next named was sent; `count` may be less than named where the frame would have been too big. */
void link_sent(struct link *link, const struct link_send *send, uint32_t count, int64_t now_us);
/* An ack came (not one of a dry run). After it was told, what is in `out` counts as answered. */
void link_receive(struct link *link, const struct wire_ack *ack, int64_t now_us, struct link_answer *out);

bool link_knows_sequence(const struct link *link); /* false until a link begun with oldest 0 was greeted */
uint64_t link_oldest(const struct link *link);
uint64_t link_end(const struct link *link);
/* Whether all that was queued is answered (a link that does not know its sequence has not finished). */
bool link_is_idle(const struct link *link);
/* When link_next should be asked again, though no ack comes; INT64_MAX: no need. */
int64_t link_due_us(const struct link *link, int64_t now_us);
/* Why nothing is sent any more, for good; NULL while all is well. */
const struct failure *link_failure(const struct link *link);
const struct link_counts *link_count(const struct link *link);

#endif
