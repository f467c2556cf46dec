/* service_options.h - the command line of a service: long options only, a help text, usage errors. */
#ifndef RUNTIME_SERVICE_OPTIONS_H
#define RUNTIME_SERVICE_OPTIONS_H

#include "service.h"

/* Fills service->state, city and today, and the values of `options`. Prints help (exit 0) or what is wrong
 * (exit 2). */
void service_options_parse(struct service *service, const char *summary, int argc, char **argv,
                           struct service_option *options);
/* An option's value as a whole number of that range, or as yes or no; else exits with a usage error. */
uint32_t service_option_number(const struct service *service, const struct service_option *option,
                               uint32_t least, uint32_t most);
bool service_option_yes(const struct service *service, const struct service_option *option);

#endif
