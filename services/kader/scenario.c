/* scenario.c - the events of an ordinary day, right and wrong (scenario.h). */
#include "scenario.h"

#include "generator_names.h"
#include "generator_state.h"

#include <string.h>

#define TRIES           64 /* to find somebody whom an event fits: the rarest, suspended people, are 8 % */
#define LATE_CAPTURE_MS (6 * 3600 * 1000) /* a kader syncs up to six hours after the visit */
#define FREE_SEQUENCES  (9999 - GENERATOR_SEQUENCE_FREE + 1)

/* Shares of the kinds in thousandths of a kader's day. */
static const struct {
    uint16_t kind, permille;
} kinds[] = {
    {CHANGE_ENROL, 240},           {CHANGE_BIRTH, 130},           {CHANGE_MOVE_IN, 100},
    {CHANGE_MOVE_OUT, 80},         {CHANGE_MOVE_WITHIN, 90},      {CHANGE_DEATH, 60},
    {CHANGE_SWITCH_SEGMENT, 140},  {CHANGE_SUSPEND, 30},          {CHANGE_RESUME, 60},
    {CHANGE_CORRECT_IDENTITY, 50}, {CHANGE_ENROL_VULNERABLE, 20},
};

enum mistake {
    MISTAKE_NIK_DATE = 0,
    MISTAKE_NIK_UNKNOWN,
    MISTAKE_REGION,
    MISTAKE_FUTURE,
    MISTAKE_REGISTERED,
    MISTAKE_CLASS,
    MISTAKE_ROLE,
    MISTAKE_APPROVER,
    MISTAKE_MOTHER,
    MISTAKE_FIELD,
    MISTAKE_BEFORE_BIRTH,
    MISTAKE_COUNT
};

static struct text text_of(const char *text) {
    return (struct text){.data = text, .size = (uint16_t)strlen(text)};
}

static unsigned pick(uint64_t hash, unsigned shift, unsigned sides) {
    return (unsigned)(hash >> shift & 0xffff) % sides;
}

static bool anybody(const struct generator_person *person) {
    (void)person;
    return true;
}
static bool may_be_mother(const struct generator_person *person) {
    return person->place == PLACE_SPOUSE;
}
static bool pays_itself(const struct generator_person *person) {
    return person->segment == SEGMENT_PBPU;
}
static bool pays_itself_in_time(const struct generator_person *person) {
    return pays_itself(person) && !person->suspended;
}
static bool is_suspended(const struct generator_person *person) {
    return person->suspended;
}

/* Somebody of the area whom `fits` accepts, or, after many tries, anybody of it. */
static void find_person(const struct scenario *scenario, uint32_t area, bool registered, uint64_t hash,
                        bool (*fits)(const struct generator_person *), struct generator_person *out) {
    uint32_t first, count;
    generator_area(scenario->generator, area, registered, &first, &count);
    if (count == 0) { /* a place so small that nobody is left over: somebody of the city instead */
        first = 0;
        count = generator_population(scenario->generator);
    }
    for (int i = 0; i < TRIES; i++) {
        generator_person(scenario->generator, first + (uint32_t)(generator_hash(hash, (uint64_t)i) % count),
                         out);
        if (fits(out))
            return;
    }
}

/* A NIK that the generator gives to nobody, with that birth date and sex. */
static uint64_t new_nik(const struct generator_person *like, uint32_t region, day_t birth_day, uint8_t sex,
                        uint64_t hash) {
    uint32_t date = calendar_to_number(birth_day);
    uint64_t day = date % 100 + (sex == SEX_FEMALE ? 40 : 0), month = date / 100 % 100,
             year = date / 10000 % 100;
    uint64_t kecamatan = like->kelurahan / 10000 % 100;
    uint64_t digits = ((region * UINT64_C(100) + kecamatan) * 100 + day) * 100 + month;
    return (digits * 100 + year) * 10000 + GENERATOR_SEQUENCE_FREE + hash % FREE_SEQUENCES;
}

static void begin(struct event *event, enum change kind, uint64_t identity) {
    struct text author = event->author;
    int64_t captured_at_ms = event->captured_at_ms;
    *event = (struct event){.kind = (uint8_t)kind,
                            .present = FIELD_IDENTITY,
                            .identity = identity,
                            .author = author,
                            .captured_at_ms = captured_at_ms};
}

static void set_day(struct event *event, day_t day) {
    event->present |= FIELD_DAY;
    event->day = day;
}

static void set_segment(struct event *event, enum segment segment, uint8_t care_class) {
    event->present |= FIELD_SEGMENT | FIELD_CARE_CLASS | FIELD_LOCAL_CARD;
    event->segment = (uint8_t)segment;
    event->care_class = care_class;
    event->local_card = true;
}

/* Somebody not registered yet: the city pays, as the kader found out at the door. */
static void make_enrol(struct scenario_event *out, bool vulnerable) {
    struct generator_person *person = &out->person;
    struct text author = out->event.author;
    person->care_class = 3;
    person->local_card = !vulnerable;
    generator_enrolment(person, SEGMENT_PBPU_PEMDA, out->event.captured_at_ms, &out->event);
    out->event.author = author;
    if (!vulnerable)
        return;
    out->event.kind = CHANGE_ENROL_VULNERABLE;
    out->event.present &= ~(uint32_t)FIELD_SEGMENT;
    out->event.present |= FIELD_REASON | FIELD_APPROVER;
    out->event.segment = SEGMENT_NONE;
    out->event.reason = text_of("Tinggal di panti, KTP belum diurus");
    out->event.approver = text_of("dr. Ratna Wulandari, Dinas Kesehatan");
}

/* The mother is a member; half of the newborn have no NIK yet. */
static void make_birth(const struct scenario *scenario, const struct scenario_sender *sender, uint64_t hash,
                       struct scenario_event *out) {
    const struct generator_person *mother = &out->person;
    day_t birth_day = (day_t)(scenario->today - pick(hash, 8, 36)); /* some after 28 days: a warning */
    uint8_t sex = hash >> 40 & 1 ? SEX_MALE : SEX_FEMALE;
    uint64_t identity = hash >> 41 & 1 ? new_nik(mother, mother->kelurahan / 1000000, birth_day, sex, hash)
                                       : IDENTITY_TEMPORARY | (uint64_t)sender->device << 32 | (uint32_t)hash;
    begin(&out->event, CHANGE_BIRTH, identity);
    out->event.present |= FIELD_OTHER | FIELD_BIRTH_DAY | FIELD_SEX;
    out->event.other = mother->nik;
    out->event.birth_day = birth_day;
    out->event.sex = sex;
}

/* Somebody from elsewhere, as old as `person`: which, now and then, is the same person under a second
 * number. */
static uint64_t newcomer_nik(const struct generator_person *person, uint64_t hash) {
    return new_nik(person, 3603, person->birth_day, person->sex, hash);
}

static void make_move_in(struct scenario_event *out, uint64_t hash) {
    const struct generator_person *person = &out->person;
    begin(&out->event, CHANGE_MOVE_IN, newcomer_nik(person, hash));
    out->event.present |= FIELD_KELURAHAN | FIELD_NAME | FIELD_BIRTH_DAY | FIELD_SEX;
    out->event.kelurahan = person->kelurahan;
    out->event.birth_day = person->birth_day;
    out->event.sex = person->sex;
    out->event.name = (struct text){.data = person->name, .size = person->name_size};
    set_segment(&out->event, hash >> 50 & 1 ? SEGMENT_PBPU : SEGMENT_PBPU_PEMDA, 3);
}

static void make_move_within(const struct scenario *scenario, uint32_t area, uint64_t hash,
                             struct scenario_event *out) {
    struct generator_person neighbour; /* into whose kelurahan; in another family where it is the same */
    find_person(scenario, area, true, hash + 1, anybody, &neighbour);
    begin(&out->event, CHANGE_MOVE_WITHIN, out->person.nik);
    out->event.present |= FIELD_KELURAHAN | FIELD_FAMILY;
    out->event.kelurahan = neighbour.kelurahan;
    out->event.family = neighbour.family;
}

/* Whom a kind of event can be about, as far as the baseline knows. */
static bool (*whom_fits(enum change kind))(const struct generator_person *) {
    switch (kind) {
    case CHANGE_BIRTH:
        return may_be_mother;
    case CHANGE_SWITCH_SEGMENT:
        return pays_itself;
    case CHANGE_SUSPEND:
        return pays_itself_in_time;
    case CHANGE_RESUME:
        return is_suspended;
    default:
        return anybody;
    }
}

static void make_right(const struct scenario *scenario, const struct scenario_sender *sender,
                       enum change kind, uint64_t hash, struct scenario_event *out) {
    struct generator_person *person = &out->person;
    day_t recent = (day_t)(scenario->today - pick(hash, 20, 6));
    bool newcomer = kind == CHANGE_ENROL || kind == CHANGE_ENROL_VULNERABLE;
    find_person(scenario, sender->area, !newcomer, hash, whom_fits(kind), person);
    switch (kind) {
    case CHANGE_ENROL:
    case CHANGE_ENROL_VULNERABLE:
        if (pick(hash, 28, 4) != 0) /* most were on nobody's list, or those on it would soon be used up */
            person->nik = new_nik(person, person->kelurahan / 1000000, person->birth_day, person->sex, hash);
        make_enrol(out, kind == CHANGE_ENROL_VULNERABLE);
        break;
    case CHANGE_BIRTH:
        make_birth(scenario, sender, hash, out);
        break;
    case CHANGE_MOVE_IN:
        make_move_in(out, hash);
        break;
    case CHANGE_MOVE_WITHIN:
        make_move_within(scenario, sender->area, hash, out);
        break;
    case CHANGE_SWITCH_SEGMENT: /* in arrears: the city takes over */
        begin(&out->event, kind, person->nik);
        set_segment(&out->event, SEGMENT_PBPU_PEMDA, 3);
        break;
    case CHANGE_CORRECT_IDENTITY:
        begin(&out->event, kind, person->nik);
        out->event.present |= FIELD_BIRTH_DAY;
        out->event.birth_day = (day_t)(person->birth_day - 1 - pick(hash, 24, 300));
        break;
    default:
        begin(&out->event, kind, person->nik);
        set_day(&out->event, recent);
        break;
    }
    if (kind == CHANGE_MOVE_OUT) {
        out->event.present |= FIELD_DESTINATION;
        out->event.destination = 3603;
    }
}

static void make_wrong(const struct scenario *scenario, const struct scenario_sender *sender, uint64_t hash,
                       struct scenario_event *out) {
    struct generator_person *person = &out->person;
    struct event *event = &out->event;
    enum mistake mistake = (enum mistake)pick(hash, 12, MISTAKE_COUNT);
    find_person(scenario, sender->area,
                mistake != MISTAKE_CLASS && mistake != MISTAKE_APPROVER && mistake != MISTAKE_REGION, hash,
                anybody, person);
    begin(event, CHANGE_DEATH, person->nik);
    switch (mistake) {
    case MISTAKE_NIK_DATE: /* month 13 to 19 */
        event->identity = person->nik - person->nik / 1000000 % 100 * 1000000 +
                          (13 + pick(hash, 30, 7)) * UINT64_C(1000000);
        break;
    case MISTAKE_NIK_UNKNOWN:
        event->identity = new_nik(person, 3174, person->birth_day, person->sex, hash);
        break;
    case MISTAKE_REGION:
        make_enrol(out, false);
        event->kelurahan = person->kelurahan / 1000 * 1000 + 999;
        break;
    case MISTAKE_FUTURE:
        set_day(event, (day_t)(scenario->today + 1 + pick(hash, 30, 300)));
        break;
    case MISTAKE_REGISTERED:
        make_enrol(out, false);
        break;
    case MISTAKE_CLASS:
        make_enrol(out, false);
        event->care_class = 1;
        break;
    case MISTAKE_ROLE:
        begin(event, CHANGE_REHIRE, person->nik);
        event->present |= FIELD_EMPLOYER;
        event->employer = person->employer ? person->employer : 1;
        break;
    case MISTAKE_APPROVER:
        make_enrol(out, true);
        event->present &= ~(uint32_t)FIELD_APPROVER;
        event->approver = (struct text){0};
        break;
    case MISTAKE_MOTHER:
        make_birth(scenario, sender, hash, out);
        event->other = new_nik(person, 3174, person->birth_day, SEX_FEMALE, hash);
        break;
    case MISTAKE_FIELD:
        event->kind = CHANGE_MOVE_WITHIN; /* whereto was forgotten */
        break;
    default:
        set_day(event, (day_t)(person->birth_day - 1));
        break;
    }
}

static enum change kind_of(uint64_t hash) {
    unsigned permille = pick(hash, 32, 1000);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (permille < kinds[i].permille)
            return (enum change)kinds[i].kind;
        permille -= kinds[i].permille;
    }
    return CHANGE_ENROL;
}

/* The number of `sender`'s event in a sequence of numbers that no two senders share. */
static uint64_t hash_of(const struct scenario *scenario, uint32_t device, uint64_t number) {
    return generator_hash(generator_hash(scenario->seed, device), number);
}

static bool is_wrong(const struct scenario *scenario, uint64_t hash) {
    return pick(hash, 48, 1000) < scenario->mistakes_permille;
}

void scenario_kader(const struct scenario *scenario, const struct scenario_sender *sender, uint64_t number,
                    int64_t now_ms, struct scenario_event *out) {
    uint64_t hash = hash_of(scenario, sender->device, number);
    generator_name(generator_hash(scenario->seed, sender->device), SEX_FEMALE, out->author);
    out->event.author = text_of(out->author);
    out->event.captured_at_ms = now_ms - (int64_t)(hash % LATE_CAPTURE_MS);
    if (is_wrong(scenario, hash)) {
        make_wrong(scenario, sender, hash, out);
        return;
    }
    /* After a newcomer who is a member already, sometimes somebody notices: the duplicate is merged. */
    uint64_t before = number > 0 ? hash_of(scenario, sender->device, number - 1) : 0;
    bool newcomer = number > 0 && !is_wrong(scenario, before) && kind_of(before) == CHANGE_MOVE_IN;
    if (newcomer && hash % 4 == 0) {
        find_person(scenario, sender->area, true, before, anybody, &out->person);
        begin(&out->event, CHANGE_MERGE, out->person.nik);
        out->event.present |= FIELD_OTHER;
        out->event.other = newcomer_nik(&out->person, before);
        return;
    }
    make_right(scenario, sender, kind_of(hash), hash, out);
}

void scenario_layoff(const struct scenario *scenario, uint32_t company, uint32_t rank, int64_t now_ms,
                     struct scenario_event *out) {
    generator_person(scenario->generator, generator_worker(scenario->generator, company, rank), &out->person);
    out->event.author = text_of("Dinas Ketenagakerjaan");
    out->event.captured_at_ms = now_ms;
    begin(&out->event, CHANGE_LAYOFF, out->person.nik);
    out->event.present |= FIELD_EMPLOYER | FIELD_PROOF;
    out->event.employer = generator_employer_number(company);
    out->event.proof = PROOF_NOTICE_RECEIPT;
    set_day(&out->event, scenario->today);
    uint64_t hash = generator_hash(scenario->seed, out->person.nik);
    if (hash % 50 == 0) { /* one in fifty goes to court */
        out->event.present |= FIELD_DISPUTED;
        out->event.disputed = true;
    } else if (hash % 100 == 1) { /* the employer has sent no paper yet: the policy says what comes of it */
        out->event.present &= ~(uint32_t)FIELD_PROOF;
        out->event.proof = PROOF_NONE;
    }
}

void scenario_office(const struct scenario *scenario, uint64_t number, int64_t now_ms,
                     struct scenario_event *out) {
    uint64_t hash = hash_of(scenario, UINT32_MAX, number);
    uint32_t company = (uint32_t)(hash % generator_employers(scenario->generator));
    uint32_t rank = (uint32_t)(hash >> 32) % generator_workers(scenario->generator, company);
    scenario_layoff(scenario, company, rank, now_ms, out);
    if (pick(hash, 40, 10) >= 3)
        return;
    begin(&out->event, CHANGE_REHIRE, out->person.nik);
    out->event.present |= FIELD_EMPLOYER | FIELD_WAGE;
    out->event.employer = generator_employer_number((company + 1) % generator_employers(scenario->generator));
    out->event.wage_rupiah = out->person.wage_rupiah;
}
