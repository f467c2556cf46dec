/* coverage_link.h - watches coverage's totals (proto/totals.proto): the newest whole picture, kept up to
 * date. */
#ifndef GATEWAY_COVERAGE_LINK_H
#define GATEWAY_COVERAGE_LINK_H

#include "runtime/socket.h"
#include "view/coverage_view.h"

#define COVERAGE_ALIVE_MS   2000 /* a watcher's sign of life, which is answered at once */
#define COVERAGE_RETRY_MS   500  /* while nothing was heard */
#define COVERAGE_SILENCE_MS 6000 /* after so long without an answer coverage counts as away */

struct coverage_link;

/* `endpoint` of coverage's query socket; nobody needs to be there yet. */
MUST_USE enum result coverage_link_open(struct coverage_link **out, const char *endpoint,
                                        struct failure *why);
void coverage_link_close(struct coverage_link **link);
void *coverage_link_socket(struct coverage_link *link); /* libzmq's, to poll */
/* Takes what waits, asks where it is time to (monotonic). True where the picture changed. */
bool coverage_link_work(struct coverage_link *link, int64_t now_ms);
/* NULL before the first answer. Valid until the next work. */
const struct coverage_view *coverage_link_view(const struct coverage_link *link);
bool coverage_link_away(const struct coverage_link *link, int64_t now_ms);
int64_t coverage_link_heard_ms(const struct coverage_link *link); /* when it was heard last; 0: never */

#endif
