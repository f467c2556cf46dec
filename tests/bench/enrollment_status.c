/* enrollment_status.c - what a running enrollment says of itself: --target is its state directory. */
#include "support/measure.h"
#include "support/workload.h"

#include "cli/control_client.h"
#include "runtime/socket.h"

#include <stdio.h>

static void report(const char *prefix, const char *what, double value) {
    char name[96];
    snprintf(name, sizeof name, "%s.%s", prefix, what);
    measure_report(name, value);
}

int main(int argc, char **argv) {
    struct workload_options options;
    Cakupan__ControlReply *reply;
    struct failure why;
    workload_options(&options, argc, argv);
    socket_setup();
    if (control_status(options.target, &reply, &why) != RESULT_OK)
        measure_die("%s: %s", why.code, why.sentence);
    report(options.prefix, "members", reply->status->members);
    report(options.prefix, "resident_bytes", (double)reply->status->resident_bytes);
    report(options.prefix, "startup_ms", (double)reply->status->startup_ms);
    report(options.prefix, "head", (double)reply->status->head);
    report(options.prefix, "batches", (double)reply->status->batches);
    control_reply_free(&reply);
    return 0;
}
