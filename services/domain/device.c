/* device.c - names of roles, and which places an area holds (device.h). */
#include "cakupan/device.h"

#include <string.h>

static const char *const role_names[ROLE_COUNT] = {
    [ROLE_KADER] = "kader",     [ROLE_LABOUR_OFFICE] = "labour-office",
    [ROLE_BPJS] = "bpjs",       [ROLE_HEALTH_OFFICE] = "health-office",
    [ROLE_FINANCE] = "finance", [ROLE_READER] = "reader",
    [ROLE_SERVICE] = "service",
};

const char *role_name(enum role role) {
    return (unsigned)role < ROLE_COUNT && role_names[role] ? role_names[role] : "none";
}

enum role role_from_name(const char *name) {
    for (int role = 1; name && role < ROLE_COUNT; role++)
        if (strcmp(role_names[role], name) == 0)
            return (enum role)role;
    return ROLE_NONE;
}

bool area_holds(uint32_t area, uint32_t kelurahan) {
    if (area >= 1000u && area <= 9999u)
        return kelurahan / 1000000u == area;
    if (area >= 100000u && area <= 999999u)
        return kelurahan / 10000u == area;
    return area >= 1000000000u && kelurahan == area;
}
