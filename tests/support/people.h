/* people.h - makes valid enrolments by number, for benchmarks, simulation and end-to-end tests.
 *
 * Person 7 is the same person in every run and process, and nobody of the generated city: NIKs begin with
 * 3275 and their sequences with 5000. Pure.
 */
#ifndef SUPPORT_PEOPLE_H
#define SUPPORT_PEOPLE_H

#include "cakupan/event.h"
#include "cakupan/region.h"

#define PERSON_NAME_SIZE 48

identity_t numbered_identity(uint64_t number);
/* Fills an event that enrols person `number`, captured at `captured_at_ms`, anywhere in the city. `name` is
 * the memory that the event's name borrows. */
void person_enrolment(uint64_t number, const struct region_table *regions, int64_t captured_at_ms,
                      char name[PERSON_NAME_SIZE], struct event *out);

#endif
