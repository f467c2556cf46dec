/* control_reports.c - layoffs that kaders saw at a door, for the labour office's list (control.h).
 *
 * A report is a refused event (LAYOFF_REPORTED): nothing about the person changed. Whom it is about, and
 * whether there is still something to confirm, is said as of now, from the registry and the person's records.
 */
#include "control_internal.h"

#include "wire/wire_event.h"

#include <string.h>

#define RECORDS_MAX 1000u

/* Open until the labour office's layoff is accepted, or the person is no wage worker for another reason. */
static bool is_employed(const struct member *member) {
    bool registered = member->status != STATUS_DECEASED && member->status != STATUS_MOVED_OUT;
    return registered && (member->segment == SEGMENT_PPU_BU || member->segment == SEGMENT_PPU_PN);
}

/* The person's records from the newest to the report: a layoff among them settles it. The name is in a record
 * that may be older, and is left out where the look's bound is reached before it. */
static enum result read_records(struct control_call *call, uint64_t newest, uint64_t reported_at,
                                Cakupan__LayoffReport *report) {
    uint64_t offset = newest;
    for (uint32_t i = 0; offset != 0 && i < RECORDS_MAX; i++) {
        bool read_enough = call->read_bytes_max && call->read_bytes > call->read_bytes_max;
        if (offset < reported_at && (read_enough || report->name[0] != '\0'))
            break;
        struct control_record found;
        enum result result = control_record(call, offset, &found);
        if (result != RESULT_OK)
            return result;
        if (offset > reported_at && found.record.kind == CHANGE_LAYOFF)
            report->open = false;
        if (report->name[0] == '\0')
            report->name = control_text(call, found.record.name);
        offset = found.record.previous_offset;
    }
    return RESULT_OK;
}

enum result control_report(struct control_call *call, const struct record *refused,
                           Cakupan__LayoffReport **out) {
    const struct registry *registry = call->control->registry;
    struct event event;
    uint32_t id = 0;
    wire_event_decode((const uint8_t *)refused->refused_event.data, refused->refused_event.size,
                      refused->sequence, call->control->arena, &event);
    const struct member *member = registry_find(registry, event.identity, &id);
    *out = NULL;
    if (member && !control_may_see(call->asker, member))
        return RESULT_OK;
    Cakupan__LayoffReport *report = *out = control_take(call, sizeof *report);
    cakupan__layoff_report__init(report);
    report->employer = event.employer;
    if (!member)
        return RESULT_OK;
    report->open = is_employed(member);
    report->kelurahan = member->kelurahan;
    if (report->employer == 0)
        report->employer = member->employer;
    return read_records(call, registry_last_offset(registry, id), refused->offset, report);
}
