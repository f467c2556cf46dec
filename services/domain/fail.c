/* fail.c - fills a struct failure (result.h). */
#include "cakupan/result.h"

#include <stdarg.h>
#include <stdio.h>

enum result fail(struct failure *why, enum result result, const char *code, const char *format, ...) {
    if (!why)
        return result;
    why->result = result;
    snprintf(why->code, sizeof why->code, "%s", code);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why->sentence, sizeof why->sentence, format, arguments);
    va_end(arguments);
    return result;
}
