/* member.c - the names of segments, statuses and proofs (member.h), each list in one table. */
#include "cakupan/member.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *name, *title;
} segments[SEGMENT_COUNT] = {
    [SEGMENT_NONE] = {"NONE", "-"},
    [SEGMENT_PBI_JK] = {"PBI_JK", "PBI JK"},
    [SEGMENT_PBPU_PEMDA] = {"PBPU_PEMDA", "PBPU & BP Pemda"},
    [SEGMENT_PPU_PN] = {"PPU_PN", "PPU Penyelenggara Negara"},
    [SEGMENT_PPU_BU] = {"PPU_BU", "PPU Badan Usaha"},
    [SEGMENT_PBPU] = {"PBPU", "PBPU (mandiri)"},
    [SEGMENT_BP] = {"BP", "Bukan Pekerja"},
};

static const char *const statuses[STATUS_COUNT] = {
    [STATUS_NONE] = "NONE",           [STATUS_ACTIVE] = "ACTIVE",       [STATUS_PENDING] = "PENDING",
    [STATUS_GRACE] = "GRACE",         [STATUS_SUSPENDED] = "SUSPENDED", [STATUS_DECEASED] = "DECEASED",
    [STATUS_MOVED_OUT] = "MOVED_OUT", [STATUS_MERGED] = "MERGED",
};

static const char *const proofs[PROOF_COUNT] = {
    [PROOF_NONE] = "NONE",
    [PROOF_NOTICE_RECEIPT] = "NOTICE_RECEIPT",
    [PROOF_AGREEMENT_RECEIPT] = "AGREEMENT_RECEIPT",
    [PROOF_COURT_RULING] = "COURT_RULING",
};

/* An enum's number may come from a wire or a file: anything outside gives NULL. */
static bool inside(unsigned number, unsigned count) {
    return number < count;
}

const char *segment_name(enum segment segment) {
    return inside((unsigned)segment, SEGMENT_COUNT) ? segments[segment].name : NULL;
}

const char *segment_title(enum segment segment) {
    return inside((unsigned)segment, SEGMENT_COUNT) ? segments[segment].title : NULL;
}

const char *status_name(enum status status) {
    return inside((unsigned)status, STATUS_COUNT) ? statuses[status] : NULL;
}

const char *proof_name(enum proof proof) {
    return inside((unsigned)proof, PROOF_COUNT) ? proofs[proof] : NULL;
}

enum segment segment_from_name(const char *name) {
    for (unsigned i = 0; name && i < SEGMENT_COUNT; i++)
        if (strcmp(segments[i].name, name) == 0)
            return (enum segment)i;
    return SEGMENT_NONE;
}

static unsigned find_name(const char *const names[], unsigned count, const char *name) {
    for (unsigned i = 0; name && i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return 0;
}

enum status status_from_name(const char *name) {
    return (enum status)find_name(statuses, STATUS_COUNT, name);
}

enum proof proof_from_name(const char *name) {
    return (enum proof)find_name(proofs, PROOF_COUNT, name);
}
