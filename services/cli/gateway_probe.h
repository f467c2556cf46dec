/* gateway_probe.h - asks the gateway whether it is ready, as a load balancer would. */
#ifndef CLI_GATEWAY_PROBE_H
#define CLI_GATEWAY_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether somebody serves `url` ("http://127.0.0.1:7302"); `remark` says what is wrong, or "". By https
 * only the connection is tried, and `*offset` is 0. */
bool gateway_probe(const char *url, uint64_t *offset, char *remark, size_t size);

#endif
