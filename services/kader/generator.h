/* generator.h - the people of a city, made up by a seed: the baseline that a new installation loads.
 *
 * Pure: no I/O, no clock, no random source. Everything about person `number` follows from (regions,
 * profile, seed, number) alone, so any person, family or event is derived again at any time without a table
 * of two million rows. Numbers 0 .. people - 1 are registered, people .. population - 1 live in the city
 * and are not.
 *
 * The stream: for every registered person an ENROL, in order of number; a suspended person's ENROL is
 * followed at once by its SUSPEND. Families are consecutive numbers, the head first. After construction all
 * functions but generator_destroy are thread-safe.
 */
#ifndef KADER_GENERATOR_H
#define KADER_GENERATOR_H

#include "cakupan/event.h"
#include "cakupan/profile.h"
#include "cakupan/region.h"
#include "cakupan/result.h"

#define GENERATOR_NAME_MAX 47
/* Sequences of NIKs and KKs from here on are never given out by the generator: free for people born later. */
#define GENERATOR_SEQUENCE_FREE 9000

struct generator;

enum generator_place { PLACE_HEAD = 0, PLACE_SPOUSE, PLACE_CHILD, PLACE_RELATIVE };

struct generator_person {
    uint32_t number;
    uint32_t family_first; /* number of the head           */
    uint8_t family_size;
    uint8_t place; /* enum generator_place         */
    uint8_t sex;
    uint8_t segment; /* SEGMENT_NONE: not registered */
    uint8_t care_class;
    bool suspended;
    bool local_card;
    bool worker; /* the head of a PPU family: has the wage, may be laid off */
    day_t birth_day;
    uint32_t kelurahan;
    uint32_t wage_rupiah;
    uint32_t employer; /* of the family's worker */
    uint64_t nik;
    uint64_t family; /* KK */
    char name[GENERATOR_NAME_MAX + 1];
    uint8_t name_size;
};

/* The caller owns `*out`; regions and profile are copied. RESULT_INVALID where the figures contradict each
 * other. */
MUST_USE enum result generator_new(struct generator **out, const struct region_table *regions,
                                   const struct profile *profile, uint64_t seed, struct failure *why);
void generator_destroy(struct generator **generator);

uint32_t generator_city(const struct generator *generator);   /* its four-digit code         */
uint32_t generator_people(const struct generator *generator); /* registered                  */
day_t generator_as_of(const struct generator *generator); /* the day for which the profile's figures hold */
uint32_t generator_population(const struct generator *generator); /* and those who are not       */
uint64_t generator_events(const struct generator *generator);     /* length of the stream        */
/* Exactly so many registered (or, of them, suspended) people of a segment in the city. */
uint32_t generator_registered(const struct generator *generator, enum segment segment);
uint32_t generator_suspended(const struct generator *generator, enum segment segment);

/* The people of an area (city, kecamatan or kelurahan), registered or not: `*count` numbers from `*first`
 * on. */
void generator_area(const struct generator *generator, uint32_t area, bool registered, uint32_t *first,
                    uint32_t *count);

/* Person `number`, below generator_population. */
void generator_person(const struct generator *generator, uint32_t number, struct generator_person *out);
/* Event `index` of the stream, below generator_events. Its texts borrow from `person`, which is filled,
 * too. */
void generator_event(const struct generator *generator, uint64_t index, int64_t captured_at_ms,
                     struct generator_person *person, struct event *out);
/* The enrolment of a person, registered or not (into `segment` then); texts borrow from `person`. */
void generator_enrolment(const struct generator_person *person, enum segment segment, int64_t captured_at_ms,
                         struct event *out);

/* Companies, from large to small. */
uint32_t generator_employers(const struct generator *generator);
/* How many workers company `index` has. */
uint32_t generator_workers(const struct generator *generator, uint32_t index);
/* Number of the person who is worker `rank` (below generator_workers) of company `index`. */
uint32_t generator_worker(const struct generator *generator, uint32_t index, uint32_t rank);
uint32_t generator_employer_number(uint32_t index); /* its registration number */

#endif
