/* main.c - the gateway program: options in, exit code out. */
#include "gateway.h"

#include "runtime/core_files.h"
#include "runtime/log.h"
#include "runtime/service_options.h"

#include <stddef.h>

enum { LISTEN, COVERAGE, DOOR, WEB, TLS_CERT, TLS_KEY, RATE, PROGRAM };

int main(int argc, char **argv) {
    struct service_option options[] = {
        [LISTEN] = {"listen", "127.0.0.1:7302", "ADDRESS:PORT where browsers connect"},
        [COVERAGE] = {"coverage", "", "endpoint of coverage; default: a unix socket in STATE/run"},
        [DOOR] = {"door", "", "endpoint of enrollment's door; default: a unix socket in STATE/run"},
        [WEB] = {"web", "", "directory of the built web pages; default: none are served"},
        [TLS_CERT] = {"tls-cert", "", "PEM file with the certificate and its chain; default: plain HTTP"},
        [TLS_KEY] = {"tls-key", "", "PEM file with its key, mode 0600"},
        [RATE] = {"requests-per-second", "200",
                  "of an address (50 of a token); 0: no limits, a proxy has its own"},
        [PROGRAM] = {"program", "", "the cakupan program; default: the one beside this one"},
        {NULL, NULL, NULL}};
    struct service service;
    struct failure why;
    core_files_forbid();
    if (service_start(&service, "gateway", "serves browsers and offices over HTTP: totals, people, bills",
                      argc, argv, options, &why) != RESULT_OK) {
        log_alarm("%s: %s", why.code, why.sentence);
        return SERVICE_EXIT_CANNOT_START;
    }
    struct gateway_config config = {
        .listen = options[LISTEN].value,
        .coverage = options[COVERAGE].value,
        .door = options[DOOR].value,
        .web = options[WEB].value,
        .tls_cert = options[TLS_CERT].value,
        .tls_key = options[TLS_KEY].value,
        .requests_per_second = service_option_number(&service, &options[RATE], 0, 1000000),
        .program = options[PROGRAM].value,
    };
    int code = gateway_run(&service, &config);
    service_end(&service);
    return code;
}
