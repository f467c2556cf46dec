/* control_pairing.c - pairing codes: the operator opens one, a web app exchanges it for a device of its own
 * (control_internal.h, proto/door.proto). */
#include "control_internal.h"

#include "runtime/log.h"

#include <stdio.h>
#include <string.h>

void control_pairing_open(struct control_call *call, const Cakupan__PairingOpen *ask) {
    struct control *control = call->control;
    const char *problem = control_device_problem(ask->name, ask->role);
    if (ask->code_hash.len != PAIRING_HASH_SIZE || ask->valid_ms == 0 || ask->valid_ms > PAIRING_VALID_MS_MAX)
        problem = "A pairing needs the hash of its code, and holds for an hour at most.";
    if (problem) {
        control_refuse(call, REFUSAL_VALUE_RANGE, "DEVICE_INVALID", problem);
        return;
    }
    struct pairing pairing = {.role = (uint8_t)role_from_name(ask->role),
                              .area = ask->area,
                              .until_ms = control->time.monotonic_ms + ask->valid_ms};
    memcpy(pairing.code_hash, ask->code_hash.data, sizeof pairing.code_hash);
    snprintf(pairing.name, sizeof pairing.name, "%s", ask->name);
    if (!pairings_open(control->pairings, &pairing, control->time.monotonic_ms))
        control_refuse(call, REFUSAL_BUSY, "PAIRINGS_FULL",
                       "64 pairing codes wait to be used: use them, or wait until they are too old.");
}

static void refuse_code(struct control_call *call, const struct pairing *pairing) {
    if (!pairing)
        control_refuse(call, REFUSAL_VALUE_RANGE, "PAIRING_UNKNOWN",
                       "There is no such pairing code: check its characters, or ask for a new one.");
    else if (pairing->used)
        control_refuse(call, REFUSAL_VALUE_RANGE, "PAIRING_USED",
                       "This pairing code was used by another browser: ask for a new one.");
    else
        control_refuse(call, REFUSAL_VALUE_RANGE, "PAIRING_EXPIRED",
                       "This pairing code is too old: ask for a new one.");
}

/* The key follows from the code and from what the browser alone knows, so who comes with a key that has a
 * device lost our answer: it is told again, also after a restart. */
enum result control_pair(struct control_call *call, const uint8_t code_hash[PAIRING_HASH_SIZE],
                         const uint8_t key[DEVICE_KEY_SIZE]) {
    struct registry *registry = call->control->registry;
    const struct device *known = registry_device_by_key(registry, key);
    if (known && known->revoked) {
        control_refuse(call, REFUSAL_DEVICE_REVOKED, "DEVICE_REVOKED", "This device was revoked.");
        return RESULT_OK;
    }
    if (known) {
        control_list_devices(call, known->id, 1);
        return RESULT_OK;
    }
    struct pairing *pairing = pairings_find(call->control->pairings, code_hash);
    if (!pairing || pairing->used || pairing->until_ms <= call->control->time.monotonic_ms) {
        refuse_code(call, pairing);
        return RESULT_OK;
    }
    struct device device = {.id = registry_device_count(registry) + 1,
                            .role = pairing->role,
                            .area = pairing->area,
                            .next_sequence = 1};
    memcpy(device.public_key, key, DEVICE_KEY_SIZE);
    snprintf(device.name, sizeof device.name, "%s", pairing->name);
    enum result result = control_stage_device(call, &device, CHANGE_DEVICE_ADDED);
    if (result != RESULT_OK)
        return result;
    pairing->used = true;
    control_list_devices(call, device.id, 1);
    log_info("device %u was paired by its code", device.id);
    return RESULT_OK;
}
