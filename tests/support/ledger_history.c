/* ledger_history.c - random events through the real registry (ledger_history.h). */
#include "ledger_history.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define TEMPORARY (IDENTITY_TEMPORARY | UINT64_C(1) << 32)
#define RESERVE   (HISTORY_PEOPLE * 2 + 8) /* records that one step may make */

enum { KADER_DEVICE = 1, LABOUR_DEVICE, BPJS_DEVICE, HEALTH_DEVICE };

static const uint32_t places[] = {3671011001, 3671011002, 3671021001, 3671021002};

uint32_t history_roll(struct history *history, uint32_t sides) {
    uint64_t z = history->dice +=
        UINT64_C(0x9e3779b97f4a7c15); /* SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) */
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ (z >> 31)) % sides);
}

static void keep(struct history *history, struct record *record) {
    struct failure why = {0};
    record->offset = registry_next_offset(history->registry);
    enum result result = registry_apply(history->registry, record, &why);
    assert(result == RESULT_OK && "the registry takes its own decisions");
    assert(history->count < HISTORY_RECORDS && "there is room");
    (void)result;
    struct record *kept = &history->records[history->count++];
    *kept = *record;
    kept->author = kept->name = kept->reason = kept->approver = (struct text){0};
    kept->refused_event = kept->refused_value = (struct text){0};
    kept->new_device = NULL;
}

static void add_device(struct history *history, enum role role) {
    uint32_t id = registry_device_count(history->registry) + 1;
    struct device device = {
        .id = id, .role = role, .area = role == ROLE_KADER ? 3671 : 0, .next_sequence = 1};
    device.public_key[0] = (uint8_t)id;
    keep(history, &(struct record){.kind = CHANGE_DEVICE_ADDED, .new_device = &device});
}

static void begin_day(struct history *history, day_t day) {
    struct record record = {.kind = CHANGE_DAY, .effective_day = day};
    history->today = day;
    keep(history, &record);
    uint32_t cursor = 0;
    while (registry_due(history->registry, day, &cursor, &record) == RESULT_OK)
        keep(history, &record);
}

struct history *history_begin(uint64_t seed) {
    struct history *history = calloc(1, sizeof *history);
    assert(history);
    history->dice = seed;
    history->regions = (struct region_table){.city_code = 3671, .population = 4};
    for (size_t i = 0; i < 4; i++)
        region_table_add(&history->regions, places[i], "Kelurahan", i < 2 ? "Tangerang" : "Jatiuwung", 1);
    history->policy = (struct policy){.count = 1,
                                      .rows = {{.valid_from = 1,
                                                .layoff_payer = (uint8_t)history_roll(history, 2),
                                                .grace_months = (uint8_t)history_roll(history, 7),
                                                .activation = (uint8_t)history_roll(history, 2),
                                                .cut_off_day = 19,
                                                .newborn_days = 28,
                                                .newborn_nik_months = 3}}};
    history->registry = registry_new(&history->regions, &history->policy);
    begin_day(history, calendar_day(2026, 11, 1));
    const enum role roles[] = {ROLE_KADER, ROLE_LABOUR_OFFICE, ROLE_BPJS, ROLE_HEALTH_OFFICE};
    for (size_t i = 0; i < 4; i++)
        add_device(history, roles[i]);
    return history;
}

void history_end(struct history **history) {
    registry_destroy(&(*history)->registry);
    free(*history);
    *history = NULL;
}

/* Half of them are newborns of 2026 and later, whom only a birth makes known. */
static identity_t somebody(struct history *history) {
    uint32_t number = history_roll(history, HISTORY_PEOPLE);
    return number < HISTORY_PEOPLE * 3 / 4 ? UINT64_C(3671010101900001) + number : TEMPORARY + number + 1;
}

static identity_t adult(struct history *history) {
    return UINT64_C(3671010101900001) + history_roll(history, HISTORY_PEOPLE * 3 / 4);
}

static void give_work(struct history *history, struct event *event) {
    event->employer = 70 + history_roll(history, 2);
    static const uint32_t wages[] = {0, 3000000, 5399405, 5399407, 8000037, 12000000, 40000000};
    event->wage_rupiah = wages[history_roll(history, 7)];
}

static void give_segment(struct history *history, struct event *event) {
    event->segment = (uint8_t)(1 + history_roll(history, SEGMENT_COUNT - 1));
    if (event->segment == SEGMENT_PPU_BU || event->segment == SEGMENT_PPU_PN)
        give_work(history, event);
    else
        event->care_class = (uint8_t)(1 + history_roll(history, 3));
    if (event->segment == SEGMENT_PBI_JK || event->segment == SEGMENT_PBPU_PEMDA)
        event->care_class = 3;
    event->local_card = event->segment == SEGMENT_PBPU_PEMDA;
}

static void fill_newcomer(struct history *history, struct event *event) {
    event->identity = adult(history);
    event->birth_day = calendar_day(1990, 1, 1);
    event->sex = SEX_MALE;
    event->kelurahan = places[history_roll(history, 4)];
    if (event->kind == CHANGE_ENROL_VULNERABLE) {
        event->reason = event->approver = (struct text){"x", 1};
        return;
    }
    if (event->kind == CHANGE_ENROL || history_roll(history, 2))
        give_segment(history, event);
}

static void fill_details(struct history *history, struct event *event) {
    switch (event->kind) {
    case CHANGE_ENROL:
    case CHANGE_ENROL_VULNERABLE:
    case CHANGE_MOVE_IN:
        fill_newcomer(history, event);
        return;
    case CHANGE_BIRTH:
        event->identity =
            TEMPORARY + HISTORY_PEOPLE * 3 / 4 + history_roll(history, HISTORY_PEOPLE / 4 + 1) + 1;
        event->other = adult(history);
        event->birth_day = (day_t)(history->today - history_roll(history, 90));
        event->day = DAY_NONE;
        return;
    case CHANGE_MOVE_WITHIN:
        event->kelurahan = places[history_roll(history, 4)];
        return;
    case CHANGE_LAYOFF:
        event->proof = PROOF_NOTICE_RECEIPT;
        event->disputed = history_roll(history, 4) == 0;
        return;
    case CHANGE_REHIRE:
        give_work(history, event);
        return;
    case CHANGE_SWITCH_SEGMENT:
        give_segment(history, event);
        return;
    case CHANGE_MERGE:
        event->other = somebody(history);
        return;
    case CHANGE_CORRECT_IDENTITY:
        event->other = UINT64_C(3671010101900100) + history_roll(history, 50);
        return;
    default:
        return;
    }
}

static uint32_t fields_of(const struct event *event) {
    return (event->identity ? FIELD_IDENTITY : 0) | (event->birth_day ? FIELD_BIRTH_DAY : 0) |
           (event->sex ? FIELD_SEX : 0) | (event->kelurahan ? FIELD_KELURAHAN : 0) |
           (event->segment ? FIELD_SEGMENT : 0) | (event->care_class ? FIELD_CARE_CLASS : 0) |
           (event->wage_rupiah ? FIELD_WAGE : 0) | (event->employer ? FIELD_EMPLOYER : 0) |
           (event->day ? FIELD_DAY : 0) | (event->proof ? FIELD_PROOF : 0) |
           (event->disputed ? FIELD_DISPUTED : 0) | (event->other ? FIELD_OTHER : 0) |
           (event->reason.size ? FIELD_REASON : 0) | (event->approver.size ? FIELD_APPROVER : 0) |
           (event->local_card ? FIELD_LOCAL_CARD : 0);
}

/* Beginnings are more frequent than ends, so that the city does not die out. */
static const uint8_t kinds[] = {
    CHANGE_ENROL,       CHANGE_ENROL,   CHANGE_ENROL,   CHANGE_ENROL_VULNERABLE, CHANGE_BIRTH,
    CHANGE_BIRTH,       CHANGE_MOVE_IN, CHANGE_MOVE_IN, CHANGE_MOVE_OUT,         CHANGE_MOVE_WITHIN,
    CHANGE_MOVE_WITHIN, CHANGE_DEATH,   CHANGE_LAYOFF,  CHANGE_LAYOFF,           CHANGE_LAYOFF,
    CHANGE_REHIRE,      CHANGE_REHIRE,  CHANGE_REHIRE,  CHANGE_SWITCH_SEGMENT,   CHANGE_SWITCH_SEGMENT,
    CHANGE_SUSPEND,     CHANGE_SUSPEND, CHANGE_RESUME,  CHANGE_RESUME,           CHANGE_CORRECT_IDENTITY,
    CHANGE_MERGE,       CHANGE_ENROL,   CHANGE_MOVE_IN};

static uint32_t sender_of(struct history *history, uint8_t kind) {
    if (kind == CHANGE_LAYOFF || kind == CHANGE_REHIRE)
        return LABOUR_DEVICE;
    static const uint32_t senders[] = {KADER_DEVICE, BPJS_DEVICE, BPJS_DEVICE, HEALTH_DEVICE};
    return senders[history_roll(history, 4)];
}

bool history_go(struct history *history) {
    if (history->count + RESERVE > HISTORY_RECORDS)
        return false;
    if (history_roll(history, 3) == 0)
        begin_day(history, (day_t)(history->today + 1 + history_roll(history, 16)));
    struct event event = {.kind = kinds[history_roll(history, sizeof kinds)]};
    event.identity = somebody(history);
    if (history_roll(history, 3) == 0) /* learnt late, by up to five months */
        event.day = (day_t)(history->today - history_roll(history, 150));
    fill_details(history, &event);
    event.captured_at_ms = calendar_time_of_day(history->today);
    event.present = fields_of(&event);
    const struct device *device = registry_device(history->registry, sender_of(history, event.kind));
    event.sequence = device->next_sequence;
    struct record record;
    char value[64];
    registry_decide(history->registry, device, &event, history->today, event.captured_at_ms, &record, value);
    keep(history, &record);
    return true;
}
