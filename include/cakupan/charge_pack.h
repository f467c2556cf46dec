/* charge_pack.h - charges and rosters as few bytes: what a partition's journal stores and others read back.
 *
 * Pure. A close of the city has some 2.5 million charges; packed by member against a table of terms (segment,
 * class, place, amounts of all payers) they take some 7 bytes a member, so that freezing them costs
 * milliseconds. Layout: version, terms, then members ascending as differences (LEB128); little-endian.
 * The same charges always give the same bytes. Unpacking reads stored bytes that others may have damaged:
 * it never trusts a length, and what it does not understand is RESULT_CORRUPT.
 */
#ifndef CAKUPAN_CHARGE_PACK_H
#define CAKUPAN_CHARGE_PACK_H

#include "cakupan/ledger.h"

struct charge_packer;

/* Aborts where memory is out. One packer is used again and again: memory stays. */
struct charge_packer *charge_packer_new(void);
void charge_packer_destroy(struct charge_packer **packer);
void charge_packer_clear(struct charge_packer *packer);
/* Adds a charge, in the order in which the ledger tells them; a ledger_on_charge with the packer as its
 * context. */
void charge_packer_add(void *packer, const struct charge *charge);
uint64_t charge_packer_count(const struct charge_packer *packer);
/* All charges added since the last clear; lent until the next clear, before which nothing is added. */
const uint8_t *charge_packer_bytes(struct charge_packer *packer, size_t *size);
/* Calls `on_charge` (may be NULL: only checks) for each in the order in which they were added. */
MUST_USE enum result charges_unpack(const uint8_t *data, size_t size, ledger_on_charge *on_charge,
                                    void *context, struct failure *why);

/* Rosters, by the same rules. A ledger_on_roster with the packer as its context. */
struct roster_packer;
struct roster_packer *roster_packer_new(void);
void roster_packer_destroy(struct roster_packer **packer);
void roster_packer_clear(struct roster_packer *packer);
void roster_packer_add(void *packer, const struct roster_entry *entry);
const uint8_t *roster_packer_bytes(struct roster_packer *packer, size_t *size);
MUST_USE enum result roster_unpack(const uint8_t *data, size_t size, ledger_on_roster *on_entry,
                                   void *context, struct failure *why);

/* Sums: only lines that are not zero; kecamatan by code, so that they outlive a table of regions.
 * `LEDGER_SUMS_PACKED_MAX` is room for all of them. */
#define LEDGER_SUMS_PACKED_MAX                                                                               \
    (64u + 44u * (PAYER_COUNT * SEGMENT_COUNT * CARE_CLASS_COUNT * (KECAMATAN_MAX + 1) + PAYER_COUNT))
/* Returns the size; 0 where it does not fit. */
size_t ledger_sums_pack(const struct ledger_sums *sums, const struct region_table *regions, uint8_t *out,
                        size_t capacity);
/* RESULT_CONFLICT where a kecamatan is not in `regions`. */
MUST_USE enum result ledger_sums_unpack(struct ledger_sums *sums, const struct region_table *regions,
                                        const uint8_t *data, size_t size, struct failure *why);

/* A tariff, all rows: what a ledger was kept by goes with it. */
#define TARIFF_PACKED_MAX (16u + TARIFF_ROWS_MAX * 64u)
size_t tariff_pack(const struct tariff *tariff, uint8_t out[TARIFF_PACKED_MAX]);
MUST_USE enum result tariff_unpack(struct tariff *tariff, const uint8_t *data, size_t size,
                                   struct failure *why);

#endif
