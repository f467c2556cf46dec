/* device.h - who may send: devices, their keys, roles and areas.
 *
 * A device is identified by its CURVE public key. The table is part of enrollment's fold (devices are added
 * and revoked by records of the journal), so a replay knows who was allowed what at every offset. One thread.
 */
#ifndef CAKUPAN_DEVICE_H
#define CAKUPAN_DEVICE_H

#include "cakupan/event.h"
#include "cakupan/result.h"

#define DEVICE_KEY_SIZE 32
#define DEVICE_NAME_MAX 47

/* Numbers are on the wire and in journals: only add. */
enum role {
    ROLE_NONE = 0,
    ROLE_KADER,         /* personal events within its area                    */
    ROLE_LABOUR_OFFICE, /* Disnaker: layoffs and rehires                      */
    ROLE_BPJS,          /* the master list: enrolments and segments of anyone */
    ROLE_HEALTH_OFFICE, /* Dinkes: like a kader city-wide, and corrections    */
    ROLE_FINANCE,       /* BPKD: reads bills and rosters                      */
    ROLE_READER,        /* reads totals                                       */
    ROLE_SERVICE,       /* a service of the system: follows the feed          */
    ROLE_COUNT
};

struct device {
    uint32_t id; /* 1, 2, 3 ...: order of addition */
    uint8_t role;
    bool revoked;
    uint32_t area;          /* 3671 the city, 367101 a kecamatan, 3671011001 a kelurahan */
    uint64_t next_sequence; /* expected next; the first is 1 */
    uint8_t public_key[DEVICE_KEY_SIZE];
    char name[DEVICE_NAME_MAX + 1];
};

const char *role_name(enum role role); /* "kader", "labour-office", "bpjs", "health-office", ... */
enum role role_from_name(const char *name);
/* Whether `kelurahan` (ten digits) lies in `area` (four, six or ten digits). */
bool area_holds(uint32_t area, uint32_t kelurahan);

#endif
