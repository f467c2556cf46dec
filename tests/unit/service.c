/* service.c - the start of a service: its options, its state directory, its lock, its signals. */
#include "runtime/clock.h"
#include "runtime/service.h"
#include "runtime/service_options.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char place[64], state[80];
static struct service service, second;
static struct failure why;

static void make_place(void) {
    strcpy(place, "/tmp/service-test-XXXXXX");
    cr_assert_not_null(mkdtemp(place));
    snprintf(state, sizeof state, "%s/state", place);
}

static void remove_place(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", place);
    cr_assert_eq(system(command), 0);
}

static enum result start(struct service *out, const char *name) {
    const char *arguments[] = {"program", "--state", state, NULL};
    return service_start(out, name, "does something", 3, (char **)arguments, NULL, &why);
}

static void read_file(const char *name, char *out, size_t size) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", state, name);
    int descriptor = open(path, O_RDONLY);
    ssize_t count = descriptor < 0 ? 0 : read(descriptor, out, size - 1);
    out[count > 0 ? count : 0] = 0;
    close(descriptor);
}

static void write_file(const char *name, const char *content) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", state, name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file, "%s", path);
    fputs(content, file);
    fclose(file);
}

static unsigned mode_of(const char *name) {
    char path[256];
    struct stat status;
    snprintf(path, sizeof path, "%s%s", state, name);
    return stat(path, &status) == 0 ? status.st_mode & 07777 : 0;
}

Test(service, a_new_state_is_made_private_and_marked) {
    char text[256], pid[16];
    make_place();
    umask(0);
    cr_assert_eq(start(&service, "enrollment"), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(mode_of(""), 0700);
    cr_assert_eq(mode_of("/run"), 0700);
    cr_assert_eq(mode_of("/format"), 0600);
    cr_assert_eq(mode_of("/run/enrollment.lock"), 0600);
    read_file("format", text, sizeof text);
    cr_assert_str_eq(text, "1\n");
    read_file("run/enrollment.lock", text, sizeof text);
    snprintf(pid, sizeof pid, "%d\n", (int)getpid());
    cr_assert_str_eq(text, pid);
    service_end(&service);
    service_end(&service);
    remove_place();
}

Test(service, a_second_instance_is_refused_and_names_the_first) {
    char pid[16];
    make_place();
    cr_assert_eq(start(&service, "enrollment"), RESULT_OK);
    cr_assert_eq(service_ready(&service, NULL, &why), RESULT_OK);
    cr_assert_eq(start(&second, "enrollment"), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "STATE_IN_USE");
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    cr_assert_not_null(strstr(why.sentence, pid), "%s", why.sentence);
    cr_assert_eq(mode_of("/run/enrollment.ready"), 0600, "the first one's readiness is untouched");
    service_end(&second);
    cr_assert_eq(mode_of("/run/enrollment.ready"), 0600);
    cr_assert_eq(start(&second, "coverage"), RESULT_OK, "another service shares the state: %s", why.sentence);
    service_end(&second);
    service_end(&service);
    cr_assert_eq(mode_of("/run/enrollment.ready"), 0);
    cr_assert_eq(start(&service, "enrollment"), RESULT_OK, "free again");
    service_end(&service);
    remove_place();
}

Test(service, state_of_another_version_is_refused_and_left_alone) {
    static const char *const others[] = {
        "2\n", "", "1", "1\n2\n", "10\n", " 1\n", "a long text that is no version of a state at all\n"};
    char text[256];
    make_place();
    cr_assert_eq(mkdir(state, 0700), 0);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        write_file("format", others[i]);
        cr_assert_eq(start(&service, "enrollment"), RESULT_CONFLICT, "%s", others[i]);
        cr_assert_str_eq(why.code, "STATE_VERSION");
        cr_assert_not_null(strstr(why.sentence, state));
        cr_assert_eq(mode_of("/run"), 0, "nothing is made in it");
        read_file("format", text, sizeof text);
        cr_assert_str_eq(text, others[i]);
    }
    remove_place();
}

Test(service, a_directory_that_others_can_enter_is_closed_only_where_it_is_ours) {
    char other[256];
    make_place();
    umask(0);
    cr_assert_eq(mkdir(state, 0777), 0);
    cr_assert_eq(start(&service, "enrollment"), RESULT_OK, "an empty one becomes ours: %s", why.sentence);
    cr_assert_eq(mode_of(""), 0700);
    service_end(&service);
    chmod(state, 0755);
    cr_assert_eq(start(&service, "enrollment"), RESULT_OK, "it holds a state");
    cr_assert_eq(mode_of(""), 0700);
    service_end(&service);
    chmod(state, 0755);
    snprintf(other, sizeof other, "%s/format", state);
    unlink(other);
    cr_assert_eq(start(&service, "enrollment"), RESULT_INVALID, "it holds other things");
    cr_assert_str_eq(why.code, "STATE_OPEN");
    cr_assert_eq(mode_of(""), 0755);
    remove_place();
}

Test(service, a_state_without_a_parent_is_said_so) {
    make_place();
    strcat(state, "/in/nothing");
    cr_assert_eq(start(&service, "enrollment"), RESULT_IO);
    cr_assert_not_null(strstr(why.sentence, state), "%s", why.sentence);
    remove_place();
}

Test(service, readiness_tells_pid_and_details) {
    char text[1024], long_details[5000];
    make_place();
    cr_assert_eq(start(&service, "enrollment"), RESULT_OK);
    cr_assert_eq(service_ready(&service, "feed=ipc:///x\n", &why), RESULT_OK, "%s", why.sentence);
    read_file("run/enrollment.ready", text, sizeof text);
    long pid = 0;
    cr_assert_eq(sscanf(text, "pid=%ld\nversion=", &pid), 1);
    cr_assert_eq(pid, (long)getpid());
    cr_assert_not_null(strstr(text, "\nfeed=ipc:///x\n"));
    memset(long_details, 'x', sizeof long_details);
    long_details[sizeof long_details - 1] = 0;
    cr_assert_eq(service_ready(&service, long_details, &why), RESULT_INVALID);
    service_end(&service);
    remove_place();
}

Test(service, readiness_of_a_killed_process_is_taken_back) {
    make_place();
    cr_assert_eq(start(&service, "enrollment"), RESULT_OK);
    service_end(&service);
    write_file("run/enrollment.ready", "pid=1\n");
    cr_assert_eq(start(&service, "enrollment"), RESULT_OK);
    cr_assert_eq(mode_of("/run/enrollment.ready"), 0);
    service_end(&service);
    remove_place();
}

static void stop_by(int signal_number) {
    make_place();
    cr_assert_eq(start(&service, "enrollment"), RESULT_OK);
    struct pollfd item = {.fd = service.signal_fd, .events = POLLIN};
    cr_assert_not(service_stopping(&service));
    cr_assert_eq(poll(&item, 1, 0), 0);
    kill(getpid(), signal_number);
    cr_assert_eq(poll(&item, 1, 2000), 1);
    cr_assert(service_stopping(&service));
    cr_assert(service_stopping(&service), "it stays so");
    service_end(&service);
    remove_place();
}

Test(service, sigterm_stops) {
    stop_by(SIGTERM);
}
Test(service, sigint_stops_even_where_the_starter_ignored_it) {
    signal(SIGINT, SIG_IGN);
    stop_by(SIGINT);
}
Test(service, sigpipe_is_nothing) {
    make_place();
    cr_assert_eq(start(&service, "enrollment"), RESULT_OK);
    raise(SIGPIPE);
    cr_assert_not(service_stopping(&service));
    service_end(&service);
    remove_place();
}

Test(service, options_of_its_own_and_the_common_ones) {
    make_place();
    struct service_option options[] = {{"listen", "tcp://127.0.0.1:7701", "where devices connect"},
                                       {"note", "none", "anything"},
                                       {NULL, NULL, NULL}};
    char equals[128];
    snprintf(equals, sizeof equals, "--state=%s//", state);
    const char *arguments[] = {"program", equals,         "--today",  "2027-03-04", "--city",
                               "a/city",  "--note=a=b=c", "--listen", "--help-me",  NULL};
    cr_assert_eq(service_start(&service, "enrollment", "x", 9, (char **)arguments, options, &why), RESULT_OK,
                 "%s", why.sentence);
    cr_assert_str_eq(service.state, state, "without the slashes at its end");
    cr_assert_str_eq(service.city, "a/city");
    cr_assert_str_eq(options[0].value, "--help-me");
    cr_assert_str_eq(options[1].value, "a=b=c");
    cr_assert_eq(service.today, calendar_day(2027, 3, 4));
    cr_assert_eq(calendar_day_of_time(clock_now_ms()), service.today, "the clock is rehearsing");
    cr_assert_lt(llabs((long long)(clock_now_ms() - clock_wall_ms())) % 86400000, 1000, "by whole days");
    service_end(&service);
    remove_place();
}

Test(service, endpoints_lie_in_the_state) {
    char endpoint[128];
    service_ipc("/var/lib/x", "feed", endpoint, sizeof endpoint);
    cr_assert_str_eq(endpoint, "ipc:///var/lib/x/run/feed.sock");
}

/* Each of these must leave the process with exit code 2 and a sentence; coming back is a failure (code 1). */
static void use_wrongly(int count, const char **arguments) {
    struct service_option options[] = {{"listen", "x", "y"}, {NULL, NULL, NULL}};
    enum result result = service_start(&service, "enrollment", "x", count, (char **)arguments, options, &why);
    cr_assert_fail("it came back with %d", result);
}
Test(service, an_unknown_option, .exit_code = 2) {
    use_wrongly(3, (const char *[]){"program", "--listening", "x", NULL});
}
Test(service, a_shortened_option, .exit_code = 2) {
    use_wrongly(3, (const char *[]){"program", "--li", "x", NULL});
}
Test(service, no_option_at_all, .exit_code = 2) {
    use_wrongly(2, (const char *[]){"program", "start", NULL});
}
Test(service, two_dashes, .exit_code = 2) {
    use_wrongly(3, (const char *[]){"program", "--", "x", NULL});
}
Test(service, a_missing_value, .exit_code = 2) {
    use_wrongly(2, (const char *[]){"program", "--listen", NULL});
}
Test(service, an_impossible_date, .exit_code = 2) {
    use_wrongly(3, (const char *[]){"program", "--today", "2026-02-30", NULL});
}
Test(service, numbers_and_answers_of_options) {
    service.name = "billing";
    struct service_option option = {"lease-ms", "200", "x"};
    cr_assert_eq(service_option_number(&service, &option, 200, 60000), 200);
    option.value = "60000";
    cr_assert_eq(service_option_number(&service, &option, 200, 60000), 60000);
    option.value = "yes";
    cr_assert(service_option_yes(&service, &option));
    option.value = "no";
    cr_assert_not(service_option_yes(&service, &option));
}
/* Comes back only where the number was taken. */
static void take_number(const char *value) {
    struct service_option option = {"lease-ms", value, "x"};
    service.name = "billing";
    uint32_t number = service_option_number(&service, &option, 200, 60000);
    cr_assert_fail("%s was taken as %u", value, number);
}
Test(service, a_number_below, .exit_code = 2) {
    take_number("199");
}
Test(service, a_number_above, .exit_code = 2) {
    take_number("60001");
}
Test(service, a_number_far_above, .exit_code = 2) {
    take_number("99999999999999999999");
}
Test(service, a_negative_number, .exit_code = 2) {
    take_number(" -18446744073709551000"); /* 616, to strtoul */
}
Test(service, a_number_and_more, .exit_code = 2) {
    take_number("300 ms");
}
Test(service, no_number, .exit_code = 2) {
    take_number("");
}
Test(service, neither_yes_nor_no, .exit_code = 2) {
    struct service_option option = {"once", "maybe", "x"};
    service.name = "billing";
    bool yes = service_option_yes(&service, &option);
    cr_assert_fail("it was taken as %d", yes);
}
Test(service, an_empty_state, .exit_code = 2) {
    use_wrongly(2, (const char *[]){"program", "--state=", NULL});
}
Test(service, a_long_state, .exit_code = 2) {
    char path[200];
    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = 0;
    use_wrongly(3, (const char *[]){"program", "--state", path, NULL});
}

Test(service, help_shows_every_option_and_leaves_with_success) {
    char text[4096] = "";
    int ends[2], status = -1;
    size_t size = 0;
    ssize_t count;
    struct service_option options[] = {{"listen", "tcp://127.0.0.1:7701", "where devices connect"},
                                       {NULL, NULL, NULL}};
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        const char *arguments[] = {"/usr/bin/program mode", "--help", NULL};
        enum result result =
            service_start(&service, "enrollment", "takes in changes", 2, (char **)arguments, options, &why);
        fprintf(stderr, "it came back with %d", result);
        raise(SIGKILL);
    }
    close(ends[1]);
    while ((count = read(ends[0], text + size, sizeof text - 1 - size)) > 0)
        size += (size_t)count;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    static const char *const expected[] = {"enrollment - takes in changes",
                                           "Usage: program mode [",
                                           "Example: program mode --state",
                                           "--listen",
                                           "tcp://127.0.0.1:7701",
                                           "where devices connect",
                                           "--state",
                                           "--city",
                                           "--today",
                                           "Exit codes"};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        cr_assert_not_null(strstr(text, expected[i]), "%s in: %s", expected[i], text);
}

Test(service, a_crash_leaves_no_core_file_with_the_members_data) {
    struct rlimit limit;
    make_place();
    cr_assert_eq(getrlimit(RLIMIT_CORE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    cr_assert_eq(setrlimit(RLIMIT_CORE, &limit), 0, "allowed, as an administrator may have it");
    cr_assert_eq(start(&service, "enrollment"), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(getrlimit(RLIMIT_CORE, &limit), 0);
    cr_assert_eq(limit.rlim_cur, 0);
    cr_assert_eq(limit.rlim_max, 0);
    service_end(&service);
    remove_place();
}
