/* kader_link.c - the conversation between a device and enrollment (kader_link.h). Pure. */
#include "kader_link.h"

#include "runtime/require.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define BACKOFF_MAX_TIMES 4 /* a silent enrollment is greeted every resend_us, at last every 4 of them */
#define PAUSE_DEFAULT_US  INT64_C(100000) /* enrollment asked for patience and named no time */
#define PAUSE_MAX_US      INT64_C(600000000)

enum link_state { LINK_GREETING, LINK_OPEN, LINK_REFUSED };

/* A frame keeps its bounds when it is repeated: its ack is known by them. */
struct link_frame {
    uint64_t first_sequence;
    uint32_t count;
    int64_t sent_us; /* for the first time */
};

struct link {
    struct link_config config;
    enum link_state state;
    uint64_t oldest;          /* first sequence without an answer; 0: not known yet */
    uint64_t end;             /* one past the last queued */
    uint64_t greeted;         /* number of the hello that is on its way */
    uint64_t inherited_end;   /* enrollment holds the events below from an earlier life of the outbox */
    uint64_t greeting_oldest; /* `oldest` when this greeting began: enrollment can't expect less */
    bool hello_sent;
    bool probing; /* after a pause one frame tries the way before the window opens again */
    int64_t hello_due_us, hello_wait_us;
    int64_t paused_until_us;
    int64_t heard_us;    /* last progress, or the sending that ended an idle time */
    uint64_t rewound_to; /* one rewind per cause: the other acks that tell of the same gap are late news */
    struct link_frame *frames; /* ring: from `oldest` on, without gaps */
    uint32_t capacity, head, count;
    uint32_t cursor;  /* frames [0, cursor) are on the way, those from cursor on go out again */
    uint32_t allowed; /* frames on the way at most: 1 .. capacity, as patient as enrollment last asked for */
    uint32_t widened; /* answered since `allowed` last changed */
    uint64_t framed;  /* one past the last sequence in `frames` */
    struct link_counts counts;
    struct failure failure;
};

static struct link_frame *frame_at(const struct link *link, uint32_t index) {
    return &link->frames[(link->head + index) % link->capacity];
}

/* Index of the frame that holds `sequence`, `count` where none does. */
static uint32_t frame_find(const struct link *link, uint64_t sequence) {
    for (uint32_t i = 0; i < link->count; i++) {
        const struct link_frame *frame = frame_at(link, i);
        if (sequence >= frame->first_sequence && sequence - frame->first_sequence < frame->count)
            return i;
    }
    return link->count;
}

struct link *link_new(const struct link_config *config) {
    require(config->frame_events >= 1 && config->frame_events <= FRAME_MAX_EVENTS &&
                config->window_events >= config->frame_events && config->resend_us > 0 &&
                config->end >= config->oldest,
            "the configuration is out of bounds");
    struct link *link = calloc(1, sizeof *link);
    require(link, "out of memory");
    link->config = *config;
    link->oldest = link->framed = config->oldest;
    link->end = config->end;
    link->hello_wait_us = config->resend_us;
    link->greeted = 1;
    link->greeting_oldest = link->oldest;
    link->capacity = link->allowed = config->window_events / config->frame_events;
    link->frames = calloc(link->capacity, sizeof *link->frames);
    require(link->frames, "out of memory");
    return link;
}

void link_destroy(struct link **link) {
    if (!*link)
        return;
    free((*link)->frames);
    free(*link);
    *link = NULL;
}

bool link_knows_sequence(const struct link *link) {
    return link->oldest != 0;
}
uint64_t link_oldest(const struct link *link) {
    return link->oldest;
}
uint64_t link_end(const struct link *link) {
    return link->end;
}
const struct link_counts *link_count(const struct link *link) {
    return &link->counts;
}

const struct failure *link_failure(const struct link *link) {
    return link->state == LINK_REFUSED ? &link->failure : NULL;
}

bool link_is_idle(const struct link *link) {
    return link_knows_sequence(link) && link->oldest == link->end;
}

void link_extend(struct link *link, uint64_t end) {
    require(link_knows_sequence(link) && end >= link->end,
            "events were queued before their numbers were known");
    link->end = end;
}

/* What can't be healed by repeating: all sending ends. */
static void refuse(struct link *link, const char *code, const char *sentence) {
    link->state = LINK_REFUSED;
    (void)fail(&link->failure, RESULT_INVALID, code, "%s", sentence);
}

static void greet(struct link *link) {
    link->state = LINK_GREETING;
    link->greeted++;
    link->greeting_oldest = link->oldest;
    link->hello_sent = false;
    link->hello_wait_us = link->config.resend_us;
}

static bool is_silent(const struct link *link, int64_t now_us) {
    return link->cursor > 0 && now_us - link->heard_us >= link->config.resend_us;
}

static struct link_send next_hello(const struct link *link, int64_t now_us) {
    struct link_send hello = {.what = LINK_SEND_HELLO, .first_sequence = link->greeted};
    bool due = !link->hello_sent || now_us >= link->hello_due_us;
    return due && !link_is_idle(link) ? hello : (struct link_send){.what = LINK_SEND_NOTHING};
}

static struct link_send next_frame(const struct link *link) {
    struct link_send send = {.what = LINK_SEND_EVENTS};
    if (link->cursor >= (link->probing ? 1 : link->allowed))
        return (struct link_send){.what = LINK_SEND_NOTHING};
    if (link->cursor < link->count) {
        send.first_sequence = frame_at(link, link->cursor)->first_sequence;
        send.count = frame_at(link, link->cursor)->count;
        send.repeat = true;
        return send;
    }
    uint64_t room = link->config.window_events - (link->framed - link->oldest);
    /* What enrollment has is compared before anything new goes out, so a copied outbox does no harm. */
    uint64_t end = link->oldest < link->inherited_end ? link->inherited_end : link->end;
    uint64_t count = end - link->framed;
    count = count < room ? count : room;
    count = count < link->config.frame_events ? count : link->config.frame_events;
    if (count == 0 || link->count == link->capacity)
        return (struct link_send){.what = LINK_SEND_NOTHING};
    send.first_sequence = link->framed;
    send.count = (uint32_t)count;
    return send;
}

struct link_send link_next(struct link *link, int64_t now_us) {
    if (link->state == LINK_REFUSED || now_us < link->paused_until_us)
        return (struct link_send){.what = LINK_SEND_NOTHING};
    if (link->state == LINK_OPEN && is_silent(link, now_us))
        greet(link);
    return link->state == LINK_GREETING ? next_hello(link, now_us) : next_frame(link);
}

static void hello_sent(struct link *link, int64_t now_us) {
    link->hello_sent = true;
    link->hello_due_us = now_us + link->hello_wait_us;
    int64_t longest = BACKOFF_MAX_TIMES * link->config.resend_us;
    link->hello_wait_us = link->hello_wait_us < longest / 2 ? link->hello_wait_us * 2 : longest;
}

void link_sent(struct link *link, const struct link_send *send, uint32_t count, int64_t now_us) {
    if (send->what == LINK_SEND_HELLO) {
        hello_sent(link, now_us);
        return;
    }
    require(count >= 1 && count <= send->count && (!send->repeat || count == send->count),
            "more or less was sent than asked for");
    if (link->cursor == 0)
        link->heard_us = now_us;
    if (send->repeat) {
        require(frame_at(link, link->cursor)->first_sequence == send->first_sequence,
                "another frame was sent");
        link->counts.resent++;
    } else {
        require(send->first_sequence == link->framed && link->count < link->capacity,
                "another frame was sent");
        *frame_at(link, link->count++) = (struct link_frame){link->framed, count, now_us};
        link->framed += count;
    }
    link->cursor++;
    link->counts.sent += count;
}

/* Sends again from frame `index`, whose gap begins at `sequence`; once a gap, until a greeting. */
static void rewind_once(struct link *link, uint32_t index, uint64_t sequence) {
    if (link->rewound_to == sequence || index >= link->cursor)
        return;
    link->rewound_to = sequence;
    link->cursor = index;
}

static void on_hello_answered(struct link *link, const struct wire_ack *ack) {
    if (link->state != LINK_GREETING || ack->first_sequence != link->greeted || ack->expected_sequence == 0)
        return;
    if (!link_knows_sequence(link))
        link->oldest = link->end = link->framed = ack->expected_sequence;
    if (ack->expected_sequence < link->greeting_oldest) {
        char sentence[sizeof link->failure.sentence];
        snprintf(sentence, sizeof sentence,
                 "Enrollment expects event %" PRIu64 " of this device, but has answered all before %" PRIu64
                 ": it has lost data (an old copy was restored?). Nothing was sent; tell its operator.",
                 ack->expected_sequence, link->greeting_oldest);
        refuse(link, "ENROLLMENT_BEHIND", sentence);
        return;
    }
    if (link->framed == link->config.oldest)
        link->inherited_end = ack->expected_sequence;
    link->state = LINK_OPEN;
    link->cursor = 0;
    link->rewound_to = 0;
    link->hello_wait_us = link->config.resend_us;
}

/* Whether the ranges are the frame's sequences, in order, none missing. */
static bool ranges_cover(const struct wire_ack *ack) {
    uint64_t next = ack->first_sequence;
    for (uint32_t i = 0; i < ack->range_count; i++) {
        const struct wire_ack_range *range = &ack->ranges[i];
        if (range->first_sequence != next || range->count == 0)
            return false;
        next += range->count;
    }
    return next == ack->first_sequence + ack->count;
}

static void refuse_reused(struct link *link) {
    refuse(link, "ID_REUSED",
           "Enrollment holds other events under this device's numbers: the outbox was copied or restored, or "
           "two "
           "programs use the same pairing. Pair the device anew and begin a new outbox.");
}

static bool names_reused_id(const struct wire_ack *ack) {
    for (uint32_t i = 0; i < ack->range_count; i++)
        for (uint32_t j = 0; j < ack->ranges[i].outcome_count; j++)
            if (ack->ranges[i].outcomes[j].refusal == REFUSAL_ID_REUSED)
                return true;
    return false;
}

/* Additive increase, multiplicative decrease (RFC 5681 has it for TCP): where many devices share an
 * enrollment that is short of room, they come to share it evenly, and little is sent in vain. */
static void widen(struct link *link) {
    if (link->allowed < link->capacity && ++link->widened >= link->allowed) {
        link->allowed++;
        link->widened = 0;
    }
}
static void narrow(struct link *link) {
    link->allowed = link->allowed > 1 ? link->allowed / 2 : 1;
    link->widened = 0;
}

static void on_answers(struct link *link, const struct wire_ack *ack, int64_t now_us,
                       struct link_answer *out) {
    uint32_t index = frame_find(link, ack->first_sequence);
    if (index == link->count) /* answered before: a double or late ack */
        return;
    const struct link_frame *frame = frame_at(link, index);
    if (frame->first_sequence != ack->first_sequence || frame->count != ack->count || !ranges_cover(ack))
        return;
    if (names_reused_id(ack)) {
        refuse_reused(link);
        return;
    }
    if (index > 0) { /* the acks of earlier frames were lost: ask for them, and for this one in its turn */
        rewind_once(link, 0, link->oldest);
        return;
    }
    *out = (struct link_answer){frame->first_sequence, frame->count, frame->sent_us};
    link->oldest += frame->count;
    link->head = (link->head + 1) % link->capacity;
    link->count--;
    link->cursor -= link->cursor > 0;
    link->heard_us = now_us;
    link->probing = false;
    widen(link);
}

static void on_gap(struct link *link, const struct wire_ack *ack) {
    if (link->state != LINK_OPEN || frame_find(link, ack->first_sequence) == link->count)
        return;
    if (ack->expected_sequence < link->oldest) { /* late news, or enrollment lost data: a hello tells which */
        greet(link);
        return;
    }
    uint32_t index = frame_find(link, ack->expected_sequence);
    if (index < link->count)
        rewind_once(link, index, ack->expected_sequence);
}

static void on_patience(struct link *link, const struct wire_ack *ack, int64_t now_us) {
    int64_t pause_us = ack->retry_after_ms ? ack->retry_after_ms * INT64_C(1000) : PAUSE_DEFAULT_US;
    int64_t until_us = now_us + (pause_us < PAUSE_MAX_US ? pause_us : PAUSE_MAX_US);
    uint32_t index = frame_find(link, ack->first_sequence);
    link->counts.busy++;
    if (link->state == LINK_OPEN && (ack->count == 0 || index < link->cursor)) /* once for all on the way */
        narrow(link);
    if (ack->count == 0) /* a hello, or a frame that was not even read: ask where we stand */
        greet(link);
    else if (index < link->cursor)
        link->cursor = index;
    else
        return; /* late news about a frame that is answered, or goes out again anyway */
    link->probing = true;
    link->paused_until_us = until_us > link->paused_until_us ? until_us : link->paused_until_us;
}

static void on_outbox_behind(struct link *link, uint64_t expected) {
    char sentence[sizeof link->failure.sentence];
    snprintf(
        sentence, sizeof sentence,
        "Enrollment has %" PRIu64 " events of this device, but only %" PRIu64
        " were ever queued here: the outbox was lost or restored from an old copy, or another program uses "
        "the same pairing. Pair the device anew and begin a new outbox.",
        expected - 1, link->end - 1);
    refuse(link, "OUTBOX_BEHIND", sentence);
}

static void on_final_refusal(struct link *link, const struct wire_ack *ack) {
    if (ack->refusal == REFUSAL_ID_REUSED) {
        refuse_reused(link);
        return;
    }
    const char *name = refusal_name((enum refusal)ack->refusal);
    bool speaks = ack->sentence && ack->sentence[0];
    refuse(link, name ? name : "REFUSED",
           speaks ? ack->sentence : "Enrollment refuses this device's frames: ask its operator why.");
}

void link_receive(struct link *link, const struct wire_ack *ack, int64_t now_us, struct link_answer *out) {
    *out = (struct link_answer){0};
    if (link->state == LINK_REFUSED)
        return;
    if (link_knows_sequence(link) && ack->expected_sequence > link->end) {
        on_outbox_behind(link, ack->expected_sequence);
        return;
    }
    switch (ack->refusal) {
    case REFUSAL_NONE:
        if (ack->count == 0)
            on_hello_answered(link, ack);
        else
            on_answers(link, ack, now_us, out);
        return;
    case REFUSAL_SEQUENCE_GAP:
        on_gap(link, ack);
        return;
    case REFUSAL_BUSY:
    case REFUSAL_DOOR_CLOSED:
        on_patience(link, ack, now_us);
        return;
    default:
        on_final_refusal(link, ack);
    }
}

int64_t link_due_us(const struct link *link, int64_t now_us) {
    if (link->state == LINK_REFUSED || link_is_idle(link))
        return INT64_MAX;
    if (now_us < link->paused_until_us)
        return link->paused_until_us;
    if (link->state == LINK_GREETING)
        return link->hello_sent ? link->hello_due_us : now_us;
    return link->cursor > 0 ? link->heard_us + link->config.resend_us : now_us;
}
