/* log.h - one line per happening on standard error: time, service, level, sentence. Never a whole NIK:
 * callers mask. */
#ifndef RUNTIME_LOG_H
#define RUNTIME_LOG_H

/* Name of this process in its lines ("enrollment"); call once at start. */
void log_open(const char *service);
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Something that an operator must look at. */
void log_alarm(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
