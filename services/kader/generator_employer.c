/* generator_employer.c - which company a family's worker works for, and who works for a company
 * (generator.h).
 *
 * The city's workers are shuffled, and companies take them in turn: so a company's workers live all over
 * the city.
 */
#include "generator_state.h"

#include <assert.h>

#define COMPANY_FIRST 10000001

/* Companies of a row of the profile when `left` workers are left. */
static uint32_t companies_in(const struct profile_employers *row, uint32_t left) {
    uint32_t needed = left / row->workers + (left % row->workers != 0);
    return row->count == 0 || row->count > needed ? needed : row->count;
}

uint32_t generator_employer_count(const struct profile *profile, uint32_t workers) {
    uint32_t count = 0;
    for (unsigned i = 0; i < profile->employer_rows && workers > 0; i++) {
        uint32_t companies = companies_in(&profile->employers[i], workers);
        uint64_t taken = (uint64_t)companies * profile->employers[i].workers;
        workers = taken < workers ? workers - (uint32_t)taken : 0;
        count += companies;
    }
    return count;
}

/* The shuffled ranks of workers that company `index` has: from `*first`, as many as returned. */
static uint32_t ranks_of(const struct generator *generator, uint32_t index, uint32_t *first) {
    uint32_t left = generator->workers.count, start = 0;
    for (unsigned i = 0; i < generator->profile.employer_rows && left > 0; i++) {
        const struct profile_employers *row = &generator->profile.employers[i];
        uint32_t companies = companies_in(row, left);
        if (index < companies) {
            uint32_t before = index * row->workers; /* below `left`: no overflow */
            *first = start + before;
            return row->workers < left - before ? row->workers : left - before;
        }
        index -= companies;
        uint64_t taken = (uint64_t)companies * row->workers;
        start += taken < left ? (uint32_t)taken : left;
        left = taken < left ? left - (uint32_t)taken : 0;
    }
    assert(!"a company of the city");
    return 0;
}

uint32_t generator_employer_of(const struct generator *generator, uint32_t family_rank) {
    uint32_t rank = shuffle_value(&generator->workers, family_rank);
    uint32_t left = generator->workers.count, index = 0;
    for (unsigned i = 0; i < generator->profile.employer_rows; i++) {
        const struct profile_employers *row = &generator->profile.employers[i];
        uint32_t companies = companies_in(row, left);
        uint64_t taken = (uint64_t)companies * row->workers;
        if (rank < taken)
            return index + rank / row->workers;
        rank -= (uint32_t)taken;
        left -= (uint32_t)taken;
        index += companies;
    }
    assert(!"the last row of employers takes all workers who are left");
    return 0;
}

uint32_t generator_employers(const struct generator *generator) {
    return generator->employer_count;
}

uint32_t generator_employer_number(uint32_t index) {
    return COMPANY_FIRST + index;
}

uint32_t generator_workers(const struct generator *generator, uint32_t index) {
    uint32_t first;
    return ranks_of(generator, index, &first);
}

uint32_t generator_worker(const struct generator *generator, uint32_t index, uint32_t rank) {
    uint32_t first;
    uint32_t workers = ranks_of(generator, index, &first);
    assert(rank < workers && "a worker of the company");
    uint32_t family = shuffle_back(&generator->workers, first + rank);
    uint32_t low = 0, high = generator->kelurahan_count - 1;
    while (low < high) {
        uint32_t middle = (low + high + 1) / 2;
        if (generator->cells[middle * SEGMENTS + SEGMENT_PPU_BU - 1].first_worker <= family)
            low = middle;
        else
            high = middle - 1;
    }
    const struct cell *cell = &generator->cells[low * SEGMENTS + SEGMENT_PPU_BU - 1];
    uint32_t in_deck = family - cell->first_worker + cell->phase;
    uint32_t position = in_deck / DECK_FAMILIES * generator->deck_people +
                        generator->deck_first[in_deck % DECK_FAMILIES] - generator->deck_first[cell->phase];
    return cell->first_person + position;
}
