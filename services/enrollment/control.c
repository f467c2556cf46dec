/* control.c - status, devices, digest and single records for the operator's tools (control.h). */
#include "control_internal.h"

#include "wire/wire_bytes.h"
#include "runtime/log.h"
#include "wire/wire_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The longest request names a device; what is longer would only fill the arena that the reply needs. */
#define REQUEST_MAX_BYTES 4096

void control_refuse(struct control_call *call, enum refusal refusal, const char *code, const char *sentence) {
    call->reply.refusal = refusal;
    call->reply.code = (char *)code;
    call->reply.sentence = (char *)sentence;
}

void *control_take(struct control_call *call, size_t size) {
    void *memory = arena_take(call->control->arena, size);
    if (!memory)
        abort(); /* every list below is bounded far under the budget */
    memset(memory, 0, size);
    return memory;
}

static uint64_t resident_bytes(void) {
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file)
        return 0;
    int fields = fscanf(file, "%*u %llu", &pages);
    fclose(file);
    return fields == 1 ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static Cakupan__LatencyHistogram *histogram(struct control_call *call, const struct latency *latency) {
    if (!latency)
        return NULL;
    Cakupan__LatencyHistogram *histogram = control_take(call, sizeof *histogram);
    cakupan__latency_histogram__init(histogram);
    histogram->n_bounds_us = LATENCY_BOUNDS;
    histogram->bounds_us = (uint32_t *)latency_bounds_us;
    histogram->n_counts = LATENCY_BOUNDS + 1;
    histogram->counts = (uint64_t *)latency->counts;
    histogram->sum_us = latency->sum_us;
    return histogram;
}

static void fill_refusals(struct control_call *call, Cakupan__StatusReply *status) {
    const uint64_t *refusals = intake_refusals(call->control->intake);
    status->refusals = control_take(call, INTAKE_REFUSALS * sizeof *status->refusals);
    for (uint32_t refusal = 0; refusal < INTAKE_REFUSALS; refusal++) {
        if (refusals[refusal] == 0)
            continue;
        Cakupan__RefusalCount *count = control_take(call, sizeof *count);
        cakupan__refusal_count__init(count);
        count->refusal = refusal;
        count->events = refusals[refusal];
        status->refusals[status->n_refusals++] = count;
    }
}

enum result control_status(struct control_call *call) {
    struct control *control = call->control;
    Cakupan__StatusReply *status = control_take(call, sizeof *status);
    cakupan__status_reply__init(status);
    struct intake_counts counts;
    intake_count(control->intake, &counts);
    status->version = (char *)CAKUPAN_VERSION;
    status->head = registry_next_offset(control->registry) - 1;
    status->members = registry_member_count(control->registry);
    status->devices = registry_device_count(control->registry);
    status->day = calendar_to_number(registry_day(control->registry));
    status->uptime_ms = (uint64_t)(control->time.monotonic_ms - control->started_ms);
    status->events_accepted = counts.accepted;
    status->events_refused = counts.refused;
    status->events_repeated = counts.repeated;
    status->frames_malformed = counts.frames_malformed;
    status->frames_busy = counts.frames_busy;
    status->ids_reused = counts.ids_reused;
    status->batches = counts.batches;
    status->resident_bytes = resident_bytes();
    status->disk_free_bytes = control->disk_free_bytes;
    status->snapshot_offset = control->snapshotter->done_offset;
    status->startup_ms = (uint64_t)control->startup_ms;
    status->pid = (uint32_t)getpid();
    status->busy = control->busy;
    status->commit = histogram(call, control->commit);
    status->ack = histogram(call, control->ack);
    fill_refusals(call, status);
    call->reply.status = status;
    return RESULT_OK;
}

void control_list_devices(struct control_call *call, uint32_t first, uint32_t count) {
    Cakupan__DeviceInfo **list = control_take(call, (count + 1) * sizeof *list);
    for (uint32_t i = 0; i < count; i++) {
        const struct device *device = registry_device(call->control->registry, first + i);
        Cakupan__DeviceInfo *info = list[i] = control_take(call, sizeof *info);
        cakupan__device_info__init(info);
        info->id = device->id;
        info->name = (char *)device->name;
        info->role = (char *)role_name((enum role)device->role);
        info->area = device->area;
        info->revoked = device->revoked;
        info->public_key = (ProtobufCBinaryData){DEVICE_KEY_SIZE, (uint8_t *)device->public_key};
        info->next_sequence = device->next_sequence;
    }
    call->reply.devices = list;
    call->reply.n_devices = count;
}

const char *control_device_problem(const char *name, const char *role) {
    size_t length = strlen(name);
    if (length == 0 || length > DEVICE_NAME_MAX)
        return "A device's name has 1 to 47 bytes: choose a shorter one.";
    /* Replay and followers refuse a record whose text is unclean: once stored, it stops them for ever. */
    if (!wire_text_clean((const uint8_t *)name, length))
        return "A device's name is UTF-8 without control characters: choose another.";
    if (role_from_name(role) == ROLE_NONE)
        return "No such role: kader, labour-office, bpjs, health-office, finance, reader or service.";
    return NULL;
}

enum result control_stage_device(struct control_call *call, const struct device *device, enum change kind) {
    struct record record = {.kind = (uint8_t)kind,
                            .captured_at_ms = call->control->time.now_ms,
                            .effective_day = call->control->time.today,
                            .new_device = device};
    *call->staged = true;
    return intake_record(call->control->intake, &record, &call->control->time, call->why);
}

static enum result answer_device_add(struct control_call *call, const Cakupan__DeviceAdd *add) {
    const char *problem = control_device_problem(add->name, add->role);
    if (add->public_key.len != DEVICE_KEY_SIZE)
        problem = "A device needs its 32-byte public key: pair it by `cakupan device add`.";
    if (problem) {
        control_refuse(call, REFUSAL_VALUE_RANGE, "DEVICE_INVALID", problem);
        return RESULT_OK;
    }
    struct registry *registry = call->control->registry;
    const struct device *known = registry_device_by_key(registry, add->public_key.data);
    if (known) {
        bool same = !known->revoked && known->role == role_from_name(add->role) && known->area == add->area &&
                    strcmp(known->name, add->name) == 0;
        if (same)
            control_list_devices(call, known->id, 1);
        else
            control_refuse(
                call, REFUSAL_IDENTITY_TAKEN, "DEVICE_KEY_TAKEN",
                "This key belongs to a device already (another name, role or area, or revoked): pair with a "
                "new key.");
        return RESULT_OK;
    }
    struct device device = {.id = registry_device_count(registry) + 1,
                            .role = (uint8_t)role_from_name(add->role),
                            .area = add->area,
                            .next_sequence = 1};
    memcpy(device.public_key, add->public_key.data, DEVICE_KEY_SIZE);
    snprintf(device.name, sizeof device.name, "%s", add->name);
    enum result result = control_stage_device(call, &device, CHANGE_DEVICE_ADDED);
    if (result == RESULT_OK)
        control_list_devices(call, registry_device_count(registry), 1);
    return result;
}

static enum result answer_device_revoke(struct control_call *call, const Cakupan__DeviceRevoke *revoke) {
    const struct device *known = registry_device(call->control->registry, revoke->id);
    if (!known) {
        control_refuse(call, REFUSAL_MEMBER_UNKNOWN, "DEVICE_UNKNOWN",
                       "There is no device of that number: see `cakupan device list`.");
        return RESULT_OK;
    }
    enum result result = RESULT_OK;
    if (!known->revoked) {
        struct device device = *known;
        device.revoked = true;
        result = control_stage_device(call, &device, CHANGE_DEVICE_REVOKED);
    }
    if (result == RESULT_OK)
        control_list_devices(call, revoke->id, 1);
    return result;
}

static enum result answer_digest(struct control_call *call) {
    struct control *control = call->control;
    Cakupan__DigestReply *digest = control_take(call, sizeof *digest);
    cakupan__digest_reply__init(digest);
    struct journal_batch head;
    enum result result = control->journal->operations->head(control->journal, &head, call->why);
    if (result != RESULT_OK)
        return result;
    uint8_t *chain = control_take(call, JOURNAL_HASH_SIZE);
    memcpy(chain, head.hash, JOURNAL_HASH_SIZE);
    digest->offset = registry_next_offset(control->registry) - 1;
    digest->digest = registry_digest(control->registry);
    digest->chain = (ProtobufCBinaryData){JOURNAL_HASH_SIZE, chain};
    digest->members = registry_member_count(control->registry);
    call->reply.digest = digest;
    return RESULT_OK;
}

enum result control_record(struct control_call *call, uint64_t offset, struct control_record *out) {
    struct control *control = call->control;
    const struct journal_batch *batch = &call->batch;
    enum result result = RESULT_OK;
    if (offset - batch->header.first_offset >= batch->header.count)
        result = control->journal->operations->read(control->journal, offset, &call->batch, call->why);
    if (result != RESULT_OK)
        return result;
    call->read_bytes += batch->size;
    size_t position = 0;
    struct wire_record_entry entry;
    do
        result = wire_record_next(batch->records, batch->size, &position, &entry);
    while (result == RESULT_OK && entry.offset != offset);
    if (result != RESULT_OK)
        return fail(call->why, RESULT_CORRUPT, "JOURNAL_CORRUPT", "The journal's batch lacks record %llu.",
                    (unsigned long long)offset);
    uint8_t *copy = control_take(call, entry.size);
    memcpy(copy, entry.data, entry.size);
    out->bytes = (ProtobufCBinaryData){entry.size, copy};
    out->header = batch->header;
    return wire_record_decode(copy, entry.size, control->arena, &out->record);
}

static enum result answer_record(struct control_call *call, const Cakupan__RecordRequest *ask) {
    if (ask->offset == 0 || ask->offset >= registry_next_offset(call->control->registry)) {
        control_refuse(call, REFUSAL_VALUE_RANGE, "OFFSET_UNKNOWN", "There is no record of that offset.");
        return RESULT_OK;
    }
    struct control_record found;
    enum result result = control_record(call, ask->offset, &found);
    if (result != RESULT_OK)
        return result;
    call->reply.record = found.bytes;
    call->reply.record_time_ms = found.header.time_ms;
    return RESULT_OK;
}

static enum result dispatch(struct control_call *call, const Cakupan__ControlRequest *request) {
    switch (request->ask_case) {
    case CAKUPAN__CONTROL_REQUEST__ASK_STATUS:
        return control_status(call);
    case CAKUPAN__CONTROL_REQUEST__ASK_DEVICE_ADD:
        return answer_device_add(call, request->device_add);
    case CAKUPAN__CONTROL_REQUEST__ASK_DEVICE_REVOKE:
        return answer_device_revoke(call, request->device_revoke);
    case CAKUPAN__CONTROL_REQUEST__ASK_DEVICE_LIST:
        control_list_devices(call, 1, registry_device_count(call->control->registry));
        return RESULT_OK;
    case CAKUPAN__CONTROL_REQUEST__ASK_MEMBER:
        return control_member(call, request->member);
    case CAKUPAN__CONTROL_REQUEST__ASK_NEWBORNS:
        control_newborns(call, request->newborns);
        return RESULT_OK;
    case CAKUPAN__CONTROL_REQUEST__ASK_REFUSALS:
        return control_refusals(call, request->refusals);
    case CAKUPAN__CONTROL_REQUEST__ASK_DIGEST:
        return answer_digest(call);
    case CAKUPAN__CONTROL_REQUEST__ASK_PAIRING_OPEN:
        control_pairing_open(call, request->pairing_open);
        return RESULT_OK;
    case CAKUPAN__CONTROL_REQUEST__ASK_RECORD:
        return answer_record(call, request->record);
    default:
        control_refuse(call, REFUSAL_FRAME_MALFORMED, "ASK_UNKNOWN",
                       "Enrollment does not know this request: use tools of the same version.");
        return RESULT_OK;
    }
}

enum result control_answer(struct control *control, const uint8_t *request, size_t size, uint8_t **out,
                           size_t *out_size, bool *staged, struct failure *why) {
    arena_reset(control->arena);
    struct control_call call = {.control = control, .staged = staged, .why = why};
    cakupan__control_reply__init(&call.reply);
    Cakupan__ControlRequest *decoded = NULL;
    if (size <= REQUEST_MAX_BYTES)
        decoded = cakupan__control_request__unpack(&control->arena->allocator, size, request);
    enum result result = RESULT_OK;
    if (!decoded || decoded->version != 1)
        control_refuse(&call, REFUSAL_FRAME_MALFORMED, "REQUEST_MALFORMED",
                       "This is no control request of version 1: use tools of the same version.");
    else
        result = dispatch(&call, decoded);
    if (result == RESULT_CORRUPT &&
        !*staged) { /* old bytes rotted: said, and no reason to stop taking events */
        log_alarm("%s: %s", why->code, why->sentence);
        cakupan__control_reply__init(&call.reply);
        control_refuse(&call, REFUSAL_VALUE_RANGE, why->code, why->sentence);
        result = RESULT_OK;
    }
    if (result != RESULT_OK)
        return result;
    *out_size = cakupan__control_reply__get_packed_size(&call.reply);
    *out = malloc(*out_size + 1);
    if (!*out)
        abort();
    cakupan__control_reply__pack(&call.reply, *out);
    return RESULT_OK;
}
