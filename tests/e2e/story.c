/* story.c - one office of the end-to-end test of a year: reports what happened to some hundred people,
 * through the kader library, and ends when all is answered.
 *
 * A role "person" enrols, moves, buries, switches, suspends, merges, and reports births; "labour" lays off
 * and hires again. One fact in three is learnt late, by up to four months. The seed decides everything; much
 * is refused, as in life.
 * usage: e2e_story PAIRING OUTBOX CITY person|labour SEED EVENTS TODAY
 */
#include "cakupan/kader.h"
#include "../sim/dice.h"
#include "people.h"
#include "runtime/clock.h"
#include "runtime/socket.h"
#include "store/city.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEOPLE     300u
#define EMPLOYERS  5u
#define LATE_DAYS  120u
#define ANSWERS_MS 60000

struct story {
    struct dice dice;
    struct city city;
    struct kader *kader;
    day_t today;
    uint64_t accepted, refused;
    char name[PERSON_NAME_SIZE];
};

static void die(const struct failure *why) {
    fprintf(stderr, "story: %s: %s\n", why->code, why->sentence);
    exit(1);
}

static void on_outcome(void *context, const struct kader_outcome *outcome) {
    struct story *story = context;
    ++*(outcome->refusal == REFUSAL_NONE ? &story->accepted : &story->refused);
}

static identity_t somebody(struct story *story) {
    return numbered_identity(dice_roll(&story->dice, PEOPLE));
}

static uint32_t somewhere(struct story *story) {
    const struct region_table *regions = &story->city.regions;
    return regions->kelurahan[dice_roll(&story->dice, regions->kelurahan_count)].code;
}

/* Below the floor, between, above the cap; and one whose share must be rounded. */
static void give_work(struct story *story, struct event *event) {
    static const uint32_t wages[] = {3000000, 5399406, 8000037, 11999999, 40000000};
    event->present |= FIELD_EMPLOYER | FIELD_WAGE;
    event->employer = 10000001 + dice_roll(&story->dice, EMPLOYERS);
    event->wage_rupiah = wages[dice_roll(&story->dice, sizeof wages / sizeof *wages)];
}

static void give_segment(struct story *story, struct event *event) {
    static const uint8_t segments[] = {SEGMENT_PBPU_PEMDA, SEGMENT_PBPU_PEMDA, SEGMENT_PBI_JK, SEGMENT_PPU_BU,
                                       SEGMENT_PPU_BU,     SEGMENT_PPU_PN,     SEGMENT_PBPU,   SEGMENT_BP};
    event->segment = segments[dice_roll(&story->dice, sizeof segments)];
    event->present |= FIELD_SEGMENT | FIELD_LOCAL_CARD;
    event->local_card = true;
    if (event->segment == SEGMENT_PPU_BU || event->segment == SEGMENT_PPU_PN) {
        give_work(story, event);
        return;
    }
    bool third = event->segment == SEGMENT_PBPU_PEMDA || event->segment == SEGMENT_PBI_JK;
    event->present |= FIELD_CARE_CLASS;
    event->care_class = third ? 3 : (uint8_t)(1 + dice_roll(&story->dice, 3));
}

static void make_newcomer(struct story *story, struct event *event) {
    uint8_t kind = event->kind;
    person_enrolment(dice_roll(&story->dice, PEOPLE), &story->city.regions, clock_now_ms(), story->name,
                     event);
    event->kind = kind;
    event->kelurahan = somewhere(story);
    event->present &= ~(uint32_t)(FIELD_SEGMENT | FIELD_CARE_CLASS | FIELD_LOCAL_CARD);
    event->local_card = false;
    event->segment = event->care_class = 0;
    if (kind != CHANGE_ENROL_VULNERABLE) {
        give_segment(story, event);
        return;
    }
    event->present |= FIELD_REASON | FIELD_APPROVER;
    event->reason = (struct text){"Tinggal di panti", 16};
    event->approver = (struct text){"dr. Ratna Wulandari", 19};
}

static void make_birth(struct story *story, struct event *event) {
    struct failure why;
    event->present |= FIELD_OTHER | FIELD_BIRTH_DAY | FIELD_SEX;
    event->other = somebody(story);
    event->birth_day = (day_t)(story->today - dice_roll(&story->dice, 90));
    event->sex = (uint8_t)(1 + dice_roll(&story->dice, 2));
    if (kader_temporary_id(story->kader, &event->identity, &why) != RESULT_OK)
        die(&why);
}

static void fill(struct story *story, struct event *event) {
    switch (event->kind) {
    case CHANGE_ENROL:
    case CHANGE_ENROL_VULNERABLE:
    case CHANGE_MOVE_IN:
        make_newcomer(story, event);
        return;
    case CHANGE_BIRTH:
        make_birth(story, event);
        return;
    case CHANGE_MOVE_WITHIN:
        event->present |= FIELD_KELURAHAN;
        event->kelurahan = somewhere(story);
        return;
    case CHANGE_SWITCH_SEGMENT:
        give_segment(story, event);
        return;
    case CHANGE_MERGE:
        event->present |= FIELD_OTHER;
        event->other = somebody(story);
        return;
    case CHANGE_REHIRE:
        give_work(story, event);
        return;
    case CHANGE_LAYOFF:
        event->present |= FIELD_PROOF | FIELD_DISPUTED;
        event->proof = (uint8_t)dice_roll(&story->dice, PROOF_COUNT);
        event->disputed = dice_chance(&story->dice, 150);
        return;
    default:
        return;
    }
}

static void queue_one(struct story *story, bool labour) {
    static const uint8_t of_people[] = {
        CHANGE_ENROL,       CHANGE_ENROL,       CHANGE_ENROL,          CHANGE_ENROL_VULNERABLE,
        CHANGE_BIRTH,       CHANGE_MOVE_IN,     CHANGE_DEATH,          CHANGE_MOVE_OUT,
        CHANGE_MOVE_WITHIN, CHANGE_MOVE_WITHIN, CHANGE_SWITCH_SEGMENT, CHANGE_SWITCH_SEGMENT,
        CHANGE_SUSPEND,     CHANGE_RESUME,      CHANGE_MERGE};
    static const uint8_t of_work[] = {CHANGE_LAYOFF, CHANGE_LAYOFF, CHANGE_REHIRE};
    struct event event = {0};
    struct failure why;
    event.kind = labour ? of_work[dice_roll(&story->dice, sizeof of_work)]
                        : of_people[dice_roll(&story->dice, sizeof of_people)];
    event.identity = somebody(story);
    event.present = FIELD_IDENTITY;
    fill(story, &event);
    event.captured_at_ms = clock_now_ms();
    event.author = (struct text){"Petugas Dinas", 13};
    if (dice_roll(&story->dice, 3) == 0 && event.kind != CHANGE_BIRTH) {
        event.present |= FIELD_DAY;
        event.day = (day_t)(story->today - dice_roll(&story->dice, LATE_DAYS));
    }
    if (kader_queue(story->kader, &event, NULL, &why) != RESULT_OK)
        die(&why);
}

int main(int argc, char **argv) {
    static struct story story;
    struct failure why;
    if (argc != 8) {
        fprintf(stderr, "usage: e2e_story PAIRING OUTBOX CITY person|labour SEED EVENTS TODAY\n");
        return 2;
    }
    story.dice.state = strtoull(argv[5], NULL, 10);
    if (!calendar_parse(argv[7], strlen(argv[7]), &story.today))
        return 2;
    clock_set_today(story.today);
    socket_setup();
    struct kader_config config = {.device_file = argv[1], .outbox = argv[2]};
    if (city_load(&story.city, argv[3], &why) != RESULT_OK ||
        kader_open(&story.kader, &config, on_outcome, &story, &why) != RESULT_OK)
        die(&why);
    for (uint64_t left = strtoull(argv[6], NULL, 10); left > 0; left--)
        queue_one(&story, strcmp(argv[4], "labour") == 0);
    enum result result = kader_sync(story.kader, ANSWERS_MS, &why);
    if (result != RESULT_OK)
        die(&why);
    printf("%" PRIu64 " accepted, %" PRIu64 " refused\n", story.accepted, story.refused);
    kader_close(&story.kader);
    return story.accepted ? 0 : 1;
}
