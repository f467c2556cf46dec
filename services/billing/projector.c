/* projector.c - keeps audit.db beside billing's journals: decisions, then partition after partition
 * (billing.h).
 *
 * It only reads: the partitions' segment files, and decisions as the coordinator tells them. Killed, removed
 * or left behind it does no harm; audit.db says up to where it is and can be dropped at any time.
 */
#include "projector_internal.h"

#include "paths.h"
#include "runtime/log.h"
#include "runtime/require.h"
#include "wire/wire_billing.h"

#include <poll.h>
#include <sys/resource.h>

#define CHARGES_A_STEP 200000u
#define ARENA_BYTES    (64u << 20)
#define LOW_PRIORITY   15

enum result projector_open(struct projector *projector, const char *state, bool anew, struct failure *why) {
    char directory[BILLING_PATH], path[BILLING_PATH], endpoint[BILLING_PATH];
    *projector = (struct projector){.state = state, .signal_fd = -1};
    arena_init(&projector->arena, ARENA_BYTES);
    enum result result = billing_directory(directory, state, why);
    billing_audit_path(path, state);
    if (result == RESULT_OK)
        result = anew ? audit_store_open_anew(&projector->store, path, why)
                      : audit_store_open(&projector->store, path, why);
    service_ipc(state, "billing", endpoint, sizeof endpoint);
    struct socket_options options = {.max_message_bytes = BILLING_REPLY_MAX_BYTES + 4096};
    if (result == RESULT_OK)
        result = socket_connect(&projector->coordinator, ZMQ_DEALER, endpoint, &options, why);
    if (result != RESULT_OK)
        projector_close(projector);
    return result;
}

void projector_close(struct projector *projector) {
    for (uint32_t i = 0; i < LEDGER_PARTITIONS_MAX; i++)
        if (projector->partitions[i].journal)
            projector->partitions[i].journal->operations->close(&projector->partitions[i].journal);
    zsock_destroy(&projector->coordinator);
    audit_store_close(&projector->store);
    arena_free(&projector->arena);
}

/* One look at everything; `*more`: there is more than a step takes. The coordinator may be away: partitions
 * are read on, once it has said how many there are. */
static enum result look(struct projector *projector, bool *more, struct failure *why) {
    *more = false;
    enum result result = projector_decisions(projector, more, why);
    bool away = result == RESULT_AGAIN;
    if (result != RESULT_OK && !away)
        return result;
    for (uint32_t i = 0; i < projector->partition_count; i++) {
        bool more_here;
        result = projector_partition(projector, i, CHARGES_A_STEP, &more_here, why);
        if (result != RESULT_OK)
            return result;
        *more |= more_here;
    }
    return away && !*more ? fail(why, RESULT_AGAIN, "NO_ANSWER",
                                 "Billing's coordinator gives no answer; it is asked on.")
                          : RESULT_OK;
}

static int exit_code(const struct failure *why) {
    log_alarm("%s: %s", why->code, why->sentence);
    return why->result == RESULT_CORRUPT || why->result == RESULT_CONFLICT ? SERVICE_EXIT_CANNOT_START
                                                                           : SERVICE_EXIT_RECOVER;
}

static int run_loop(struct service *service, struct projector *projector,
                    const struct projector_config *config) {
    struct failure why = {0};
    bool level = false;
    if (service_ready(service, NULL, &why) != RESULT_OK)
        return exit_code(&why);
    while (!service_stopping(service)) {
        bool more;
        enum result result = look(projector, &more, &why);
        if (result != RESULT_OK && (result != RESULT_AGAIN || config->once))
            return exit_code(&why);
        if (result == RESULT_OK && !more && config->once)
            return SERVICE_EXIT_OK;
        if (result == RESULT_OK && !more && !level)
            log_info("audit.db stands where the journals stand");
        level = result == RESULT_OK && !more;
        struct pollfd stop = {.fd = service->signal_fd, .events = POLLIN};
        if (!more)
            poll(&stop, 1, (int)config->pause_ms);
    }
    return SERVICE_EXIT_OK;
}

int projector_run(struct service *service, const struct projector_config *config) {
    static struct projector projector;
    struct failure why;
    if (projector_open(&projector, service->state, config->anew, &why) != RESULT_OK) {
        log_alarm("%s: %s", why.code, why.sentence);
        return SERVICE_EXIT_CANNOT_START;
    }
    projector.signal_fd = service->signal_fd;
    setpriority(PRIO_PROCESS, 0, LOW_PRIORITY); /* auditors can wait, acks and closes can't */
    int code = run_loop(service, &projector, config);
    projector_close(&projector);
    return code;
}
