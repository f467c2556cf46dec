/* redis_ask.h - one question to Redis: connects, asks, waits for the answer, closes. */
#ifndef CLI_REDIS_ASK_H
#define CLI_REDIS_ASK_H

#include "cakupan/result.h"

#include <hiredis/hiredis.h>

/* `url`: unix:///path or redis://host[:port]. The caller frees `*reply` (freeReplyObject). RESULT_IO
 * (REDIS_UNREACHABLE) where there is no answer within 3 s. */
MUST_USE enum result redis_ask(const char *url, int count, const char **words, redisReply **reply,
                               struct failure *why);

#endif
