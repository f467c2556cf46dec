/* bill_audit_run.c - a self-audit beside the services (bill_audit_run.h). */
#include "bill_audit_run.h"

#include "billing_replay.h"
#include "control_client.h"
#include "instance_info.h"
#include "journal_follow.h"
#include "member_names.h"
#include "runtime/clock.h"
#include "wire/wire_billing.h"

#include <stdlib.h>
#include <string.h>

/* What lives while the audit runs. */
struct running {
    struct bill_audit *audit;
    struct city city;
    struct self_audit *fold;
    struct billing_replay *replay;
    struct member_names *names;
    size_t capacity;
};

static enum result on_record(void *context, const struct batch_header *batch, const struct record *record,
                             struct failure *why) {
    struct running *running = context;
    member_names_step(running->names, record);
    return billing_replay_record(running->replay, batch, record, why);
}

static void on_finding(void *context, const struct audit_finding *finding) {
    struct running *running = context;
    struct bill_audit *audit = running->audit;
    if (audit->count == running->capacity) {
        running->capacity += running->capacity / 2 + 256;
        audit->rows = reallocarray(audit->rows, running->capacity, sizeof *audit->rows);
        if (!audit->rows)
            abort();
    }
    struct text name = member_names_of(running->names, finding->entry.member_id);
    struct bill_audit_row *row = &audit->rows[audit->count++];
    *row = (struct bill_audit_row){.finding = *finding};
    snprintf(row->name, sizeof row->name, "%.*s", (int)name.size, name.size ? name.data : "");
    audit->counts[finding->finding]++;
}

static void on_entry(void *context, const struct roster_entry *entry) {
    struct running *running = context;
    running->audit->roster++;
    self_audit_entry(running->fold, entry);
}

/* Up to what is acknowledged now. */
static enum result journal_read(struct running *running, const char *state, struct failure *why) {
    Cakupan__ControlReply *status;
    struct journal_follow *follow = NULL;
    enum result result = control_status(state, &status, why);
    if (result != RESULT_OK)
        return result;
    uint64_t head = status->status->head;
    day_t today = calendar_from_number(status->status->day);
    control_reply_free(&status);
    if (today != DAY_NONE)
        clock_set_today(today);
    result = journal_follow_open(&follow, state, on_record, running, why);
    if (result == RESULT_OK)
        result = journal_follow_until(follow, head, "Auditing", why);
    running->audit->offset = follow ? journal_follow_offset(follow) : 0;
    journal_follow_close(&follow);
    return result;
}

static enum result roster_take(struct running *running, const char *state, bool finance,
                               struct failure *why) {
    const struct ledger *ledger = billing_replay_ledger(running->replay);
    month_t month = running->audit->month;
    struct billing_client *client = NULL;
    if (month < ledger_first_month(ledger))
        return fail(why, RESULT_INVALID, "BILL_MONTH_BEFORE_STATE",
                    "That month is before this state's first.");
    bool frozen = month < ledger_open_month(ledger);
    enum result result = frozen || finance ? billing_open(&client, state, finance, why) : RESULT_OK;
    if (result == RESULT_OK && frozen)
        result = billing_roster(client, wire_month_number(month), on_entry, running, why);
    else if (result == RESULT_OK &&
             finance) /* NIKs that are ours already: asked for and logged all the same */
        result = billing_note_reading(client, wire_month_number(month), why);
    if (result == RESULT_OK && !frozen)
        ledger_roster(ledger, month, on_entry, running);
    billing_close(&client);
    return result;
}

static enum result replay_begin(struct running *running, const char *state, struct failure *why) {
    struct instance_info info;
    struct billing_client *client = NULL;
    enum result result = instance_info_load(state, &info, why);
    if (result == RESULT_OK)
        result = city_load(&running->city, info.city, why);
    if (result == RESULT_OK)
        result = billing_open(&client, state, false, why);
    if (result != RESULT_OK)
        return result;
    running->audit->regions = running->city.regions;
    running->fold = self_audit_new(&running->city.policy);
    running->names = member_names_new();
    result = billing_replay_open(&running->replay, client, &running->city, running->fold, why);
    billing_close(&client);
    return result;
}

enum result bill_audit_run(struct bill_audit *audit, const char *state, month_t month, bool finance,
                           struct failure *why) {
    static struct running running; /* too big for a stack */
    running = (struct running){.audit = audit};
    *audit = (struct bill_audit){.month = month};
    enum result result = replay_begin(&running, state, why);
    if (result == RESULT_OK)
        result = journal_read(&running, state, why);
    if (result == RESULT_OK)
        result = roster_take(&running, state, finance, why);
    if (result == RESULT_OK)
        self_audit_judge(running.fold, month, calendar_day_of_time(clock_now_ms()), on_finding, &running);
    billing_replay_close(&running.replay);
    if (running.fold) {
        self_audit_destroy(&running.fold);
        member_names_destroy(&running.names);
    }
    return result;
}

void bill_audit_free(struct bill_audit *audit) {
    free(audit->rows);
    audit->rows = NULL;
    audit->count = 0;
}
