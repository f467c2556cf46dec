/* local_device.h - pairs devices with enrollment: those that the operator adds, and those that this
 * command line uses. */
#ifndef CLI_LOCAL_DEVICE_H
#define CLI_LOCAL_DEVICE_H

#include "cakupan/device.h"
#include "control_client.h"
#include "instance.h"

/* Makes keys, adds the device to enrollment and writes its pairing file, which must not exist yet. */
MUST_USE enum result device_pair(struct control_client *client, const char *state, const char *endpoint,
                                 const char *name, enum role role, uint32_t area, const char *path,
                                 uint32_t *id, struct failure *why);

/* Adds a program that has keys of its own to enrollment, by the file of its public key (socket.h). */
MUST_USE enum result device_register(struct control_client *client, const char *name, enum role role,
                                     uint32_t area, const char *path, uint32_t *id, struct failure *why);

/* The devices of this command line, one per office; each has the city as its area. */
enum local_device { LOCAL_BASELINE, LOCAL_DESK, LOCAL_LABOUR, LOCAL_BPJS, LOCAL_FINANCE, LOCAL_DEVICE_COUNT };

/* Pairs all that are not paired yet: STATE/keys/devices/NAME.device. */
MUST_USE enum result local_devices_pair(const char *state, const char *endpoint, uint32_t city_code,
                                        struct failure *why);
void local_device_path(char out[INSTANCE_PATH], const char *state, enum local_device device);
/* Where that device keeps its outbox. */
void local_device_outbox(char out[INSTANCE_PATH], const char *state, enum local_device device);

#endif
