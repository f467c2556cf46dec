/* jobs_failure.c - why a command failed, as problems that its asker understands (jobs_internal.h). */
#include "jobs_internal.h"

#include "problem.h"
#include "runtime/log.h"

#include <stdio.h>
#include <string.h>

enum { EXIT_ANSWERED = 0, EXIT_ANSWER_IS_NO = 1 }; /* of cli/options.h; both print what was asked for */

static void set(struct job_failure *failure, const char *code) {
    snprintf(failure->code, sizeof failure->code, "%s", code);
}

/* The command's file is its standard input, which whoever asks over HTTP never saw. */
static void sentence_set(struct job_failure *failure, const char *sentence) {
    static const char input[] = "standard input";
    if (strncmp(sentence, input, sizeof input - 1) == 0)
        snprintf(failure->sentence, sizeof failure->sentence, "The file%.300s", sentence + sizeof input - 1);
    else
        snprintf(failure->sentence, sizeof failure->sentence, "%s", sentence);
}

bool job_outcome_judge(const struct child_outcome *outcome, const struct child_order *order, bool enrollment,
                       bool read, struct job_failure *failure) {
    char code[CHILD_CODE_MAX], sentence[CHILD_SENTENCE_MAX];
    *failure = (struct job_failure){0};
    bool ended = !outcome->too_slow && !outcome->too_long && outcome->exit_code >= 0;
    bool failed = child_failure_decode(outcome->errors, outcome->errors_size, code, sentence);
    if (ended &&
        (outcome->exit_code == EXIT_ANSWERED || (outcome->exit_code == EXIT_ANSWER_IS_NO && !failed)))
        return true;
    const char *problem = ended && failed ? child_failure_problem(code, enrollment) : NULL;
    if (problem) {
        set(failure, problem);
        sentence_set(failure, sentence);
        child_failure_value(problem, sentence, failure->value);
        return false;
    }
    if (outcome->too_slow)
        set(failure, read ? "ANSWER_SLOW" : "JOB_SLOW");
    else
        set(failure, read ? "INTERNAL" : "JOB_CRASHED");
    log_warning("`cakupan %s` %s: exit code %d%s%s", order->bytes,
                outcome->too_slow   ? "took too long and was ended"
                : outcome->too_long ? "printed too much and was ended"
                                    : "failed",
                outcome->exit_code, failed ? ", " : "", failed ? code : "");
    return false;
}

void job_failure_answer(const struct job_failure *failure, struct request *request) {
    if (failure->sentence[0] && request_language(request) == LANGUAGE_ENGLISH)
        request_problem_said(request, failure->code, failure->sentence, NULL);
    else
        request_problem(request, failure->code, failure->value);
}

json_t *job_failure_json(const struct job_failure *failure, enum language language, const char *instance) {
    bool own = failure->sentence[0] && language == LANGUAGE_ENGLISH;
    return problem_json(failure->code, language, failure->value, own ? failure->sentence : NULL, instance,
                        NULL);
}
