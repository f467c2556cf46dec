/* detach.h - `cakupan up --detach`: the work goes on in a process of its own session, the caller waits
 * until it is ready.
 */
#ifndef CLI_DETACH_H
#define CLI_DETACH_H

/* To be called before any thread or ZeroMQ context exists. Returns only in the new process, with the
 * descriptor for detach_ready; the calling process waits and exits with 0, or with the new one's exit code
 * where it failed. Ctrl-C meanwhile stops the new process, too. */
int detach_begin(void);
/* Lets the caller go; from here on standard output and error go to the file `log`; one of
 * more than 10 MiB becomes LOG.1 first, as with the services' logs. */
void detach_ready(int ready_fd, const char *log);

#endif
