/* life.c - what may happen to people of the city, likely or not: most events fit, many are refused,
 * some are no events at all. */
#include "people.h"
#include "world.h"

#include <string.h>

static const uint8_t of_families[] = {
    CHANGE_ENROL,   CHANGE_ENROL,           CHANGE_ENROL,  CHANGE_ENROL, CHANGE_ENROL,
    CHANGE_MOVE_IN, CHANGE_MOVE_WITHIN,     CHANGE_DEATH,  CHANGE_BIRTH, CHANGE_MOVE_OUT,
    CHANGE_SUSPEND, CHANGE_SWITCH_SEGMENT,  CHANGE_RESUME, CHANGE_MERGE, CHANGE_CORRECT_IDENTITY,
    CHANGE_MERGE,   CHANGE_ENROL_VULNERABLE};
static const uint8_t of_work[] = {CHANGE_LAYOFF, CHANGE_LAYOFF, CHANGE_REHIRE};

/* What this device would report, now and then what it may not. */
static enum change any_kind(struct world *world, const struct device_node *device) {
    bool office = device->number == LABOUR_OFFICE;
    if (dice_chance(&world->dice, 30))
        office = !office;
    return office ? of_work[dice_roll(&world->dice, sizeof of_work)]
                  : of_families[dice_roll(&world->dice, sizeof of_families)];
}

static uint32_t any_kelurahan(struct world *world) {
    return world->regions.kelurahan[dice_roll(&world->dice, world->regions.kelurahan_count)].code;
}

static identity_t anybody(struct world *world) {
    return numbered_identity(dice_roll(&world->dice, PEOPLE));
}

static void set_text(struct text *text, const char *data) {
    *text = (struct text){data, (uint16_t)strlen(data)};
}

/* Fields that each kind needs or often has; what is foreign to a kind gets it refused, which is fine, too. */
static void fill(struct world *world, const struct device_node *device, struct event *event) {
    switch (event->kind) {
    case CHANGE_MOVE_WITHIN:
        event->kelurahan = any_kelurahan(world);
        break;
    case CHANGE_MOVE_OUT:
        event->destination = 3171;
        break;
    case CHANGE_LAYOFF:
        event->proof = PROOF_NOTICE_RECEIPT;
        event->disputed = dice_chance(&world->dice, 200);
        break;
    case CHANGE_REHIRE:
        event->employer = 1000 + dice_roll(&world->dice, 5);
        event->wage_rupiah = 5200000;
        break;
    case CHANGE_SWITCH_SEGMENT:
        event->segment = (uint8_t)(1 + dice_roll(&world->dice, SEGMENT_COUNT - 1));
        event->care_class = 3;
        event->local_card = event->segment == SEGMENT_PBPU_PEMDA;
        break;
    case CHANGE_MERGE:
    case CHANGE_CORRECT_IDENTITY:
        event->other = anybody(world);
        break;
    case CHANGE_ENROL:
        if (device->number != HEALTH_OFFICE)
            break; /* only the office enrols workers */
        event->segment = SEGMENT_PPU_BU;
        event->employer = 1000 + dice_roll(&world->dice, 5);
        event->wage_rupiah = 5200000;
        break;
    default:
        break;
    }
}

static void newborn(struct world *world, const struct device_node *device, struct event *event) {
    event->other = event->identity;
    event->identity =
        IDENTITY_TEMPORARY | (uint64_t)device->number << 32 | (1 + dice_roll(&world->dice, PEOPLE));
    event->birth_day = (day_t)(calendar_day_of_time(event->captured_at_ms) - dice_roll(&world->dice, 40));
}

static void vulnerable(struct event *event) {
    event->segment = 0;
    event->care_class = 0;
    event->local_card = false;
    event->wage_rupiah = event->employer = 0;
    set_text(&event->reason, "no identity card, lives by the river");
    set_text(&event->approver, "camat");
}

size_t life_event(struct world *world, const struct device_node *device, uint8_t *out, size_t capacity) {
    char name[PERSON_NAME_SIZE];
    struct event event;
    int64_t captured_at_ms = world_business_ms(world);
    uint64_t person = dice_roll(&world->dice, PEOPLE);
    if (dice_chance(&world->dice, 30)) { /* no event at all */
        for (size_t i = 0; i < 20; i++)
            out[i] = (uint8_t)dice_next(&world->dice);
        return dice_roll(&world->dice, 20);
    }
    person_enrolment(person, &world->regions, captured_at_ms, name, &event);
    enum change kind = any_kind(world, device);
    bool enrols = kind == CHANGE_ENROL || kind == CHANGE_MOVE_IN || kind == CHANGE_ENROL_VULNERABLE;
    if (!enrols) {
        struct text author = event.author;
        memset(&event, 0, sizeof event);
        event.identity = numbered_identity(person);
        event.captured_at_ms = captured_at_ms;
        event.author = author;
    }
    event.kind = (uint8_t)kind;
    if (kind == CHANGE_BIRTH)
        newborn(world, device, &event);
    else if (kind == CHANGE_ENROL_VULNERABLE)
        vulnerable(&event);
    else
        fill(world, device, &event);
    if (dice_chance(&world->dice, 20))
        event.identity = 1234; /* a typing error */
    return wire_event_encode(&event, out, capacity);
}
