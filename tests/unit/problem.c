/* problem.c - tests of the problems: every code has a status, a title and clean sentences in both
 * languages, and the interface's document names the same. */
#include "gateway/documents.h"
#include "gateway/problem.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *text_of(const json_t *body, const char *name) {
    return json_string_value(json_object_get(body, name));
}

static json_t *document;

static void begin(void) {
    document = json_loadb(openapi_json, openapi_json_size, 0, NULL);
    cr_assert_not_null(document, "the document is JSON");
}
static void end(void) {
    json_decref(document);
}
TestSuite(problem, .init = begin, .fini = end);

/* What stands at the end of a path of names in the interface's document. */
static const json_t *at_path(const char *const names[]) {
    const json_t *at = document;
    for (; *names; names++)
        at = json_object_get(at, *names);
    cr_assert_not_null(at);
    return at;
}

static bool is_among(const json_t *list, const char *text) {
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    return false;
}

Test(problem, every_row_is_whole) {
    for (unsigned i = 0; problem_at(i); i++) {
        const struct problem_kind *kind = problem_at(i);
        cr_assert_eq(problem_kind(kind->code), kind, "%s stands twice", kind->code);
        cr_assert(kind->status >= 400 && kind->status < 600, "%s", kind->code);
        cr_assert(kind->status == 500 || strcmp(problem_title(kind->status), "Internal Server Error") != 0,
                  "%s", kind->code);
        const char *forms[] = {kind->indonesian, kind->english};
        for (int language = 0; language < 2; language++) {
            char with[400], without[400];
            refusal_fill(forms[language], "VALUE", with, sizeof with);
            refusal_fill(forms[language], NULL, without, sizeof without);
            cr_assert(strlen(without) > 10 && without[strlen(without) - 1] == '.', "%s: %s", kind->code,
                      without);
            cr_assert(!strpbrk(with, "[]{}") && !strpbrk(without, "[]{}"), "%s: %s", kind->code, with);
            cr_assert(!strstr(without, "  ") && !strstr(with, "  "), "%s", kind->code);
        }
    }
}

Test(problem, the_document_names_each_code_with_its_status) {
    const json_t *codes =
        at_path((const char *[]){"components", "schemas", "Problem", "properties", "code", "enum", NULL});
    const json_t *responses = at_path((const char *[]){"components", "responses", NULL});
    for (unsigned i = 0; problem_at(i); i++) {
        const struct problem_kind *kind = problem_at(i);
        char status[8];
        snprintf(status, sizeof status, "%u", kind->status);
        const char *told = text_of(json_object_get(responses, status), "description");
        cr_assert(is_among(codes, kind->code), "%s is not in the enum", kind->code);
        cr_assert(told && strstr(told, kind->code), "%s is not among those of %s", kind->code, status);
    }
    for (size_t i = 0; i < json_array_size(codes); i++) {
        const char *code = json_string_value(json_array_get(codes, i));
        cr_assert(problem_kind(code)->code[0] || refusal_from_name(code) != REFUSAL_NONE,
                  "nobody has the code %s", code);
    }
}

Test(problem, a_document_has_all_members) {
    json_t *body = problem_json("RATE_LIMITED", LANGUAGE_ENGLISH, "7", NULL, "/v1/events",
                                json_pack("{s:i}", "retry_after_ms", 6500));
    cr_assert_str_eq(text_of(body, "type"), "/v1/problems#RATE_LIMITED");
    cr_assert_str_eq(text_of(body, "title"), "Too Many Requests");
    cr_assert_str_eq(text_of(body, "code"), "RATE_LIMITED");
    cr_assert_str_eq(text_of(body, "detail"), "Too many requests. Try again in 7 s.");
    cr_assert_str_eq(text_of(body, "instance"), "/v1/events");
    cr_assert_eq(json_integer_value(json_object_get(body, "status")), 429);
    cr_assert_eq(json_integer_value(json_object_get(body, "retry_after_ms")), 6500);
    json_decref(body);
}

Test(problem, refusals_and_unknown_codes_have_sentences) {
    json_t *refusal = problem_json("NIK_LENGTH", LANGUAGE_INDONESIAN, NULL, NULL, "/", NULL);
    cr_assert_eq(json_integer_value(json_object_get(refusal, "status")), 422);
    cr_assert(strstr(text_of(refusal, "detail"), "NIK"));
    json_decref(refusal);
    json_t *unknown = problem_json("NOBODY_KNOWS", LANGUAGE_ENGLISH, NULL, "It broke.", "/", NULL);
    cr_assert_eq(json_integer_value(json_object_get(unknown, "status")), 500);
    cr_assert_str_eq(text_of(unknown, "detail"), "It broke.");
    json_decref(unknown);
}

Test(problem, foreign_bytes_leave_no_member_out) {
    json_t *body = problem_json("MEDIA_TYPE", LANGUAGE_ENGLISH, "text/\xff\xfe", NULL, "/", NULL);
    cr_assert_str_eq(text_of(body, "detail"), "A body of this type is not taken here.");
    json_decref(body);
    body = problem_json("MEDIA_TYPE", LANGUAGE_ENGLISH, "text/\x1b[1m\"\\", NULL, "/", NULL);
    cr_assert_str_eq(text_of(body, "detail"), "A body of this type is not taken here, only text/?[1m\"\\.");
    json_decref(body);
}

Test(problem, no_whole_nik_is_repeated) {
    json_t *body =
        problem_json("PARAMETER_INVALID", LANGUAGE_ENGLISH, "3671052304990001", NULL, "/v1/totals", NULL);
    cr_assert_str_eq(text_of(body, "detail"),
                     "The parameter 3671**********01 is not valid. See /v1/openapi.json.");
    json_decref(body);
    body = problem_json("CSV_INVALID", LANGUAGE_ENGLISH, NULL, "Line 3: 3671052304990001 is no name.", "/",
                        NULL);
    cr_assert_str_eq(text_of(body, "detail"), "Line 3: 3671**********01 is no name.");
    json_decref(body);
}
