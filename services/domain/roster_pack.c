/* roster_pack.c - packs a roster and reads it back (charge_pack.h).
 *
 * Layout: version 1; the number of terms and the terms (segment, class, vulnerable, kelurahan, amount); the
 * number of entries and the entries: difference of the member, number of the term, difference of the cause's
 * offset to a guess (as charge_terms.h has it), identity in 8 bytes. Terms are numbered as entries first
 * name them.
 */
#include "roster_terms.h"

#include "pack_bytes.h"
#include "term_table.h"

#include <assert.h>
#include <stdlib.h>

#define ROSTER_VERSION 1u
#define TERM_BYTES_MIN 5u
#define IDENTITY_BYTES 8u

struct roster_packer {
    struct term_table terms;
    uint64_t entry_count;
    uint32_t member_id; /* of the entry before */
    uint64_t cause_offset;
    struct pack_out entries, bytes;
    bool sealed; /* the bytes were handed out */
};

struct roster_packer *roster_packer_new(void) {
    struct roster_packer *packer = calloc(1, sizeof *packer);
    assert(packer && "no memory for a packer of rosters");
    term_table_init(&packer->terms, sizeof(struct roster_term));
    return packer;
}

void roster_packer_destroy(struct roster_packer **packer) {
    if (!*packer)
        return;
    term_table_free(&(*packer)->terms);
    pack_free(&(*packer)->entries);
    pack_free(&(*packer)->bytes);
    free(*packer);
    *packer = NULL;
}

void roster_packer_clear(struct roster_packer *packer) {
    term_table_clear(&packer->terms);
    packer->member_id = 0;
    packer->entry_count = packer->cause_offset = 0;
    packer->entries.size = packer->bytes.size = 0;
    packer->sealed = false;
}

uint32_t roster_packer_term(struct roster_packer *packer, const struct roster_term *term) {
    return term_table_number(&packer->terms, term);
}

void roster_packer_member(struct roster_packer *packer, const struct roster_member *member) {
    assert(!packer->sealed && "entries were added behind those handed out as bytes");
    assert(member->member_id > packer->member_id && "a roster is in order of its members");
    uint64_t step = member->member_id - packer->member_id;
    uint8_t *next = pack_room(&packer->entries, 3 * LEB_MAX + IDENTITY_BYTES);
    next = leb_put(next, step);
    next = leb_put(next, member->term);
    next = leb_put(next, zigzag(member->cause_offset - packer->cause_offset - step));
    pack_end(&packer->entries, word_put(next, member->identity));
    packer->member_id = member->member_id;
    packer->cause_offset = member->cause_offset;
    packer->entry_count++;
}

void roster_packer_add(void *context, const struct roster_entry *entry) {
    struct roster_packer *packer = context;
    assert(entry->segment < SEGMENT_COUNT && entry->care_class < CARE_CLASS_COUNT &&
           "an entry is of a segment and a class");
    struct roster_term term = {.kelurahan = entry->kelurahan,
                               .segment = entry->segment,
                               .care_class = entry->care_class,
                               .vulnerable = entry->vulnerable,
                               .amount_rupiah = entry->amount_rupiah};
    struct roster_member member = {.member_id = entry->member_id,
                                   .term = roster_packer_term(packer, &term),
                                   .cause_offset = entry->cause_offset,
                                   .identity = entry->identity};
    roster_packer_member(packer, &member);
}

const uint8_t *roster_packer_bytes(struct roster_packer *packer, size_t *size) {
    struct pack_out *bytes = &packer->bytes;
    if (!packer->sealed) {
        pack_leb(bytes, ROSTER_VERSION);
        pack_leb(bytes, packer->terms.count);
        for (uint32_t i = 0; i < packer->terms.count; i++) {
            const struct roster_term *term = term_table_at(&packer->terms, i);
            pack_leb(bytes, term->segment);
            pack_leb(bytes, term->care_class);
            pack_leb(bytes, term->vulnerable);
            pack_leb(bytes, term->kelurahan);
            pack_leb(bytes, zigzag((uint64_t)term->amount_rupiah));
        }
        pack_leb(bytes, packer->entry_count);
        pack_bytes(bytes, packer->entries.data, packer->entries.size);
        packer->sealed = true;
    }
    *size = bytes->size;
    return bytes->data;
}

static enum result corrupt(struct failure *why, const char *sentence) {
    return fail(why, RESULT_CORRUPT, "ROSTER_CORRUPT", "A packed roster can't be read: %s.", sentence);
}

static struct roster_term take_term(struct pack_in *in) {
    struct roster_term term = {0};
    term.segment = (uint8_t)pack_take_leb_to(in, SEGMENT_COUNT - 1);
    term.care_class = (uint8_t)pack_take_leb_to(in, CARE_CLASS_COUNT - 1);
    term.vulnerable = (uint8_t)pack_take_leb_to(in, 1);
    term.kelurahan = (uint32_t)pack_take_leb_to(in, UINT32_MAX);
    term.amount_rupiah = (int64_t)unzigzag(pack_take_leb(in));
    return term;
}

static enum result take_entries(struct pack_in *in, const struct roster_term *terms, uint32_t term_count,
                                ledger_on_roster *on_entry, void *context, struct failure *why) {
    struct roster_entry entry = {0};
    uint32_t named = 0; /* terms so far */
    uint64_t count = pack_take_leb(in);
    for (uint64_t i = 0; i < count && !in->failed; i++) {
        uint64_t step = pack_take_leb_to(in, UINT32_MAX - entry.member_id);
        uint32_t number = (uint32_t)pack_take_leb_to(in, named);
        entry.member_id += (uint32_t)step;
        entry.cause_offset += step + unzigzag(pack_take_leb(in));
        entry.identity = pack_take_fixed(in, IDENTITY_BYTES);
        if (in->failed)
            break;
        if (step == 0 || number >= term_count)
            return corrupt(why, "a member or a term is out of range");
        named += number == named;
        entry.segment = terms[number].segment;
        entry.care_class = terms[number].care_class;
        entry.vulnerable = terms[number].vulnerable;
        entry.kelurahan = terms[number].kelurahan;
        entry.amount_rupiah = terms[number].amount_rupiah;
        if (on_entry)
            on_entry(context, &entry);
    }
    if (in->failed)
        return corrupt(why, "its members end too early, or a number is none");
    if (pack_left(in) != 0 || named != term_count)
        return corrupt(why, "it holds more than it says");
    return RESULT_OK;
}

enum result roster_unpack(const uint8_t *data, size_t size, ledger_on_roster *on_entry, void *context,
                          struct failure *why) {
    struct pack_in in = pack_in_of(data, size);
    if (pack_take_leb(&in) != ROSTER_VERSION)
        return corrupt(why, "it is of no known version");
    uint64_t term_count = pack_take_leb_to(&in, pack_left(&in) / TERM_BYTES_MIN);
    struct roster_term *terms = malloc((term_count + 1) * sizeof *terms);
    assert(terms && "no memory for terms of a roster");
    for (uint64_t i = 0; i < term_count && !in.failed; i++)
        terms[i] = take_term(&in);
    enum result result = in.failed ? corrupt(why, "a term is none")
                                   : take_entries(&in, terms, (uint32_t)term_count, on_entry, context, why);
    free(terms);
    return result;
}
