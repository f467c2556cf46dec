/* reconcile.c - BPJS's list against our roster, row by row (reconcile.h). */
#include "cakupan/reconcile.h"

#include "cakupan/nik.h"
#include "ledger_dues.h"
#include "member_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* 16 bytes an entry; of amounts and segments there are few, so an entry has the number of its terms. */
struct ours {
    identity_t identity;
    uint32_t member_id;
    uint16_t terms;
    bool seen;
};
_Static_assert(sizeof(struct ours) == 16, "the header promises 16 bytes an entry");

/* What a newborn is called by now. */
struct known_as {
    identity_t identity;
    uint32_t entry;
};

struct terms {
    int64_t amount_rupiah;
    uint8_t segment, care_class;
};

struct reconcile {
    struct ours *entries; /* in the roster's order */
    size_t count, capacity;
    struct known_as *names; /* NULL: nobody has another one */
    size_t names_count, names_capacity;
    uint32_t *slots; /* number of an entry + 1, after them of a name; made with the first row */
    uint64_t mask;
    struct terms *terms;
    size_t terms_count;
    uint16_t terms_last;
    struct reconcile_sums sums;
};

static const char *const names[DIFFERENCE_COUNT] = {
    [DIFFERENCE_NONE] = "NONE",
    [DIFFERENCE_ONLY_BPJS] = "ONLY_BPJS",
    [DIFFERENCE_ONLY_OURS] = "ONLY_OURS",
    [DIFFERENCE_AMOUNT] = "AMOUNT",
    [DIFFERENCE_SEGMENT] = "SEGMENT",
    [DIFFERENCE_TWICE] = "TWICE",
    [DIFFERENCE_NIK_INVALID] = "NIK_INVALID",
};

const char *difference_name(enum difference difference) {
    return (unsigned)difference < DIFFERENCE_COUNT ? names[difference] : NULL;
}

struct reconcile *reconcile_new(uint32_t roster_hint) {
    struct reconcile *reconcile = calloc(1, sizeof *reconcile);
    if (!reconcile)
        abort();
    reconcile->capacity = roster_hint ? roster_hint : 1024;
    reconcile->entries = malloc(reconcile->capacity * sizeof *reconcile->entries);
    reconcile->terms = malloc(((size_t)UINT16_MAX + 1) * sizeof *reconcile->terms);
    if (!reconcile->entries || !reconcile->terms)
        abort();
    return reconcile;
}

void reconcile_destroy(struct reconcile **reconcile) {
    if (!*reconcile)
        return;
    free((*reconcile)->entries);
    free((*reconcile)->names);
    free((*reconcile)->slots);
    free((*reconcile)->terms);
    free(*reconcile);
    *reconcile = NULL;
}

static bool terms_equal(const struct terms *a, const struct terms *b) {
    return a->amount_rupiah == b->amount_rupiah && a->segment == b->segment && a->care_class == b->care_class;
}

static uint16_t terms_number(struct reconcile *reconcile, const struct terms *terms) {
    size_t at = reconcile->terms_last; /* neighbours in a roster mostly cost the same */
    if (at < reconcile->terms_count && terms_equal(&reconcile->terms[at], terms))
        return (uint16_t)at;
    for (at = 0; at < reconcile->terms_count && !terms_equal(&reconcile->terms[at], terms);)
        at++;
    assert(at <= UINT16_MAX && "a roster has more kinds of amounts than a tariff can give");
    if (at == reconcile->terms_count)
        reconcile->terms[reconcile->terms_count++] = *terms;
    return reconcile->terms_last = (uint16_t)at;
}

void reconcile_entry(void *context, const struct roster_entry *entry) {
    struct reconcile *reconcile = context;
    assert(!reconcile->slots && "the roster comes before the first row");
    if (reconcile->count == reconcile->capacity) {
        reconcile->capacity += reconcile->capacity / 2 + 1024;
        reconcile->entries = realloc(reconcile->entries, reconcile->capacity * sizeof *reconcile->entries);
        if (!reconcile->entries)
            abort();
    }
    struct terms terms = {entry->amount_rupiah, entry->segment, entry->care_class};
    reconcile->entries[reconcile->count++] = (struct ours){
        .identity = entry->identity, .member_id = entry->member_id, .terms = terms_number(reconcile, &terms)};
    amount_add(&reconcile->sums.our_rupiah, entry->amount_rupiah);
}

void reconcile_known_as(struct reconcile *reconcile, uint32_t position, identity_t identity) {
    assert(!reconcile->slots && position < reconcile->count && "names come after entries and before rows");
    if (reconcile->names_count == reconcile->names_capacity) {
        reconcile->names_capacity += reconcile->names_capacity / 2 + 64;
        reconcile->names = realloc(reconcile->names, reconcile->names_capacity * sizeof *reconcile->names);
        if (!reconcile->names)
            abort();
    }
    reconcile->names[reconcile->names_count++] = (struct known_as){identity, position};
}

/* Of the key with that number: an entry's own identity, or a name's. */
static identity_t key_of(const struct reconcile *reconcile, uint32_t key, uint32_t *entry) {
    if (key < reconcile->count) {
        *entry = key;
        return reconcile->entries[key].identity;
    }
    *entry = reconcile->names[key - reconcile->count].entry;
    return reconcile->names[key - reconcile->count].identity;
}

static void index_make(struct reconcile *reconcile) {
    size_t keys = reconcile->count + reconcile->names_count;
    assert(keys < UINT32_MAX && "more entries than numbers");
    reconcile->mask = 15;
    while (reconcile->mask < 2 * keys)
        reconcile->mask = 2 * reconcile->mask + 1;
    reconcile->slots = calloc(reconcile->mask + 1, sizeof *reconcile->slots);
    if (!reconcile->slots)
        abort();
    for (uint32_t i = 0, entry; i < keys; i++) {
        uint64_t at = mix64(key_of(reconcile, i, &entry)) & reconcile->mask;
        while (reconcile->slots[at])
            at = (at + 1) & reconcile->mask;
        reconcile->slots[at] = i + 1;
    }
}

/* The first entry of that identity that no row has met; else one that was met (`*again`); else NULL. */
static struct ours *entry_find(const struct reconcile *reconcile, identity_t identity, bool *again) {
    struct ours *met = NULL;
    uint32_t number;
    *again = false;
    for (uint64_t at = mix64(identity) & reconcile->mask; reconcile->slots[at];
         at = (at + 1) & reconcile->mask) {
        if (key_of(reconcile, reconcile->slots[at] - 1, &number) != identity)
            continue;
        struct ours *entry = &reconcile->entries[number];
        if (!entry->seen)
            return entry;
        met = entry;
    }
    *again = met != NULL;
    return met;
}

static enum difference compare(const struct terms *terms, const struct bpjs_row *row) {
    if ((row->segment && row->segment != terms->segment) ||
        (row->care_class && row->care_class != terms->care_class))
        return DIFFERENCE_SEGMENT;
    return row->amount_rupiah == terms->amount_rupiah ? DIFFERENCE_NONE : DIFFERENCE_AMOUNT;
}

/* A newborn has its temporary id in our roster until its NIK comes; of anybody else's it says nothing. */
static bool is_number(identity_t identity, bool ours) {
    return identity & IDENTITY_TEMPORARY ? ours : nik_check(identity) == REFUSAL_NONE;
}

static enum difference judge(struct reconcile *reconcile, const struct bpjs_row *row,
                             struct reconcile_difference *out) {
    bool again;
    if (row->identity == 0)
        return DIFFERENCE_NIK_INVALID;
    struct ours *entry = entry_find(reconcile, row->identity, &again);
    if (again) {
        out->member_id = entry->member_id;
        return DIFFERENCE_TWICE;
    }
    if (!entry)
        return is_number(row->identity, false) ? DIFFERENCE_ONLY_BPJS : DIFFERENCE_NIK_INVALID;
    const struct terms *terms = &reconcile->terms[entry->terms];
    entry->seen = true;
    out->member_id = entry->member_id;
    out->our_rupiah = terms->amount_rupiah;
    if (!is_number(row->identity, true))
        return DIFFERENCE_NIK_INVALID;
    return compare(terms, row);
}

bool reconcile_row(struct reconcile *reconcile, const struct bpjs_row *row,
                   struct reconcile_difference *out) {
    if (!reconcile->slots)
        index_make(reconcile);
    *out = (struct reconcile_difference){
        .line = row->line, .identity = row->identity, .bpjs_rupiah = row->amount_rupiah};
    enum difference difference = judge(reconcile, row, out);
    out->difference = (uint8_t)difference;
    reconcile->sums.rows++;
    amount_add(&reconcile->sums.bpjs_rupiah, row->amount_rupiah);
    if (difference == DIFFERENCE_NONE) {
        reconcile->sums.agreed++;
        return false;
    }
    reconcile->sums.differences[difference]++;
    amount_add(&reconcile->sums.difference_rupiah[difference], row->amount_rupiah - out->our_rupiah);
    return true;
}

void reconcile_end(struct reconcile *reconcile, reconcile_on_difference *on_difference, void *context) {
    for (size_t i = 0; i < reconcile->count; i++) {
        const struct ours *entry = &reconcile->entries[i];
        int64_t amount = reconcile->terms[entry->terms].amount_rupiah;
        if (entry->seen)
            continue;
        struct reconcile_difference difference = {.difference = DIFFERENCE_ONLY_OURS,
                                                  .identity = entry->identity,
                                                  .member_id = entry->member_id,
                                                  .our_rupiah = amount};
        reconcile->sums.differences[DIFFERENCE_ONLY_OURS]++;
        amount_add(&reconcile->sums.difference_rupiah[DIFFERENCE_ONLY_OURS], -amount);
        on_difference(context, &difference);
    }
}

void reconcile_sums(const struct reconcile *reconcile, struct reconcile_sums *out) {
    *out = reconcile->sums;
}
