/* local_device.c - pairs devices with enrollment (local_device.h). */
#include "local_device.h"

#include "cakupan/kader.h"
#include "runtime/socket.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    enum role role;
} local_devices[LOCAL_DEVICE_COUNT] = {
    [LOCAL_BASELINE] = {"baseline", ROLE_BPJS},      [LOCAL_DESK] = {"desk", ROLE_HEALTH_OFFICE},
    [LOCAL_LABOUR] = {"labour", ROLE_LABOUR_OFFICE}, [LOCAL_BPJS] = {"bpjs", ROLE_BPJS},
    [LOCAL_FINANCE] = {"finance", ROLE_FINANCE}, /* sends no events: asks billing */
};

static enum result enrollment_add(struct control_client *client, const struct kader_pairing *pairing,
                                  enum role role, uint32_t area, uint32_t *id, struct failure *why) {
    uint8_t key[DEVICE_KEY_SIZE];
    if (!zmq_z85_decode(key, pairing->public_key))
        abort(); /* we have just made it */
    Cakupan__DeviceAdd add = CAKUPAN__DEVICE_ADD__INIT;
    add.name = (char *)pairing->name;
    add.role = (char *)role_name(role);
    add.area = area;
    add.public_key = (ProtobufCBinaryData){sizeof key, key};
    Cakupan__ControlRequest request = CAKUPAN__CONTROL_REQUEST__INIT;
    request.ask_case = CAKUPAN__CONTROL_REQUEST__ASK_DEVICE_ADD;
    request.device_add = &add;
    Cakupan__ControlReply *reply;
    enum result result = control_ask(client, &request, &reply, why);
    if (result != RESULT_OK)
        return result;
    *id = reply->n_devices == 1 ? reply->devices[0]->id : 0;
    control_reply_free(&reply);
    return *id ? RESULT_OK
               : fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED", "Enrollment named no device in its answer.");
}

enum result device_pair(struct control_client *client, const char *state, const char *endpoint,
                        const char *name, enum role role, uint32_t area, const char *path, uint32_t *id,
                        struct failure *why) {
    char keys[INSTANCE_PATH];
    struct kader_pairing pairing = {0};
    *id = 0;
    if (strlen(name) >= sizeof pairing.name || strlen(endpoint) >= sizeof pairing.endpoint)
        return fail(why, RESULT_INVALID, "TEXT_INVALID",
                    "A device's name has at most 47 bytes, its endpoint 159.");
    if (access(path, F_OK) == 0 || errno != ENOENT)
        return fail(why, RESULT_CONFLICT, "FILE_EXISTS",
                    "%s exists (or can't be looked at) and is not written over; choose another --out.", path);
    memcpy(pairing.name, name, strlen(name) + 1);
    memcpy(pairing.endpoint, endpoint, strlen(endpoint) + 1);
    instance_path(keys, state, "keys");
    enum result result = curve_public_load(pairing.server_key, keys, "enrollment", why);
    if (result != RESULT_OK)
        return result;
    kader_pairing_keys(&pairing);
    result = enrollment_add(client, &pairing, role, area, id, why);
    pairing.device = *id;
    if (result == RESULT_OK)
        result = kader_pairing_save(&pairing, path, why);
    explicit_bzero(&pairing, sizeof pairing);
    return result;
}

enum result device_register(struct control_client *client, const char *name, enum role role, uint32_t area,
                            const char *path, uint32_t *id, struct failure *why) {
    struct kader_pairing program = {0};
    *id = 0;
    if (strlen(name) >= sizeof program.name)
        return fail(why, RESULT_INVALID, "TEXT_INVALID", "A device's name has at most 47 bytes.");
    memcpy(program.name, name, strlen(name) + 1);
    enum result result = curve_public_read(program.public_key, path, why);
    return result == RESULT_OK ? enrollment_add(client, &program, role, area, id, why) : result;
}

void local_device_path(char out[INSTANCE_PATH], const char *state, enum local_device device) {
    instance_path(out, state, "keys/devices/%s.device", local_devices[device].name);
}

void local_device_outbox(char out[INSTANCE_PATH], const char *state, enum local_device device) {
    instance_path(out, state, "outbox/%s.db", local_devices[device].name);
}

enum result local_devices_pair(const char *state, const char *endpoint, uint32_t city_code,
                               struct failure *why) {
    struct control_client *client;
    enum result result = control_open(&client, state, why);
    if (result != RESULT_OK)
        return result;
    for (int i = 0; i < LOCAL_DEVICE_COUNT && result == RESULT_OK; i++) {
        char path[INSTANCE_PATH];
        uint32_t id;
        local_device_path(path, state, (enum local_device)i);
        if (access(path, F_OK) != 0)
            result = device_pair(client, state, endpoint, local_devices[i].name, local_devices[i].role,
                                 city_code, path, &id, why);
    }
    control_close(&client);
    return result;
}
