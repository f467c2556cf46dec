/* routes.c - tests of the table of routes: paths, methods, and that it agrees with the interface's
 * document. */
#include "gateway/documents.h"
#include "gateway/rights.h"
#include "gateway/routes.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <string.h>

static char parts[ROUTE_PARTS_MAX][ROUTE_PART_MAX];
static char allow[64];
static bool known;

static const struct route *find(const char *method, const char *path) {
    memset(parts, 0x5a, sizeof parts);
    return route_find(method, path, parts, &known, allow);
}

Test(routes, methods_of_a_path) {
    cr_assert_not_null(find("GET", "/healthz"));
    cr_assert_eq(find("HEAD", "/healthz"), find("GET", "/healthz"));
    cr_assert_null(find("POST", "/healthz"));
    cr_assert(known);
    cr_assert_str_eq(allow, "GET, HEAD");
    cr_assert_null(find("get", "/healthz"));
    cr_assert(known);
}

Test(routes, paths_match_whole) {
    static const char *const none[] = {
        "",    "/healthz/", "/healthzz",  "/health",          "//healthz",
        "/v1", "/v1/",      "/v1/bills/", "/v1/bills//close", "/v1/jobs/x/result/"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        cr_assert_null(find("GET", none[i]), "%s", none[i]);
        cr_assert_not(known, "%s", none[i]);
    }
}

Test(routes, a_part_has_a_bound) {
    char path[128] = "/v1/jobs/";
    memset(path + 9, 'a', ROUTE_PART_MAX - 1);
    path[9 + ROUTE_PART_MAX - 1] = '\0';
    cr_assert_not_null(find("GET", path));
    cr_assert_eq(strlen(parts[0]), ROUTE_PART_MAX - 1);
    strcat(path, "a");
    cr_assert_null(find("GET", path));
    cr_assert_not_null(find("GET", "/v1/bills/2026-11/preview"));
    cr_assert_str_eq(parts[0], "2026-11");
}

/* "/v1/jobs/{id}" -> "/v1/jobs/{}" */
static void pattern_of(const char *path, char out[128]) {
    size_t length = 0;
    bool inside = false;
    for (; *path; path++) {
        if (*path == '}')
            inside = false;
        if (!inside)
            out[length++] = *path;
        if (*path == '{')
            inside = true;
    }
    out[length] = '\0';
}

static const struct route *row_of(const char *method, const char *path) {
    for (unsigned i = 0; route_at(i); i++)
        if (strcmp(route_at(i)->method, method) == 0 && strcmp(route_at(i)->path, path) == 0)
            return route_at(i);
    return NULL;
}

static bool takes_parameter(const struct route *route, const char *name) {
    const char *at = route->parameters ? strstr(route->parameters, name) : NULL;
    return strcmp(name, "language") == 0 || at != NULL;
}

static void operation_check(const struct route *route, const json_t *operation) {
    const json_t *roles = json_object_get(operation, "x-roles"),
                 *needs = json_object_get(operation, "security");
    uint32_t told = 0;
    for (size_t i = 0; i < json_array_size(roles); i++)
        told |= ROLE_BIT(role_from_name(json_string_value(json_array_get(roles, i))));
    bool is_open = json_array_size(needs) == 0, is_optional = json_array_size(needs) == 2;
    if (is_open)
        cr_assert_eq(route->roles, 0, "%s", route->path);
    else if (!(route->flags & ROUTE_TOKEN_OPTIONAL))
        cr_assert_eq(route->roles, told, "%s: roles", route->path);
    cr_assert_eq(is_optional, (route->flags & (ROUTE_TOKEN_OPTIONAL | ROUTE_LOCAL)) != 0, "%s: token",
                 route->path);
    cr_assert_eq(json_object_get(operation, "requestBody") != NULL, route->body_max > 0, "%s: body",
                 route->path);
    const json_t *parameters = json_object_get(operation, "parameters");
    for (size_t i = 0; i < json_array_size(parameters); i++) {
        const json_t *parameter = json_array_get(parameters, i);
        const char *name = json_string_value(json_object_get(parameter, "name"));
        if (strcmp(json_string_value(json_object_get(parameter, "in")), "query") == 0)
            cr_assert(takes_parameter(route, name), "%s: parameter %s", route->path, name);
    }
}

Test(routes, table_and_document_are_one) {
    json_t *document = json_loadb(openapi_json, openapi_json_size, 0, NULL), *paths, *operations, *operation;
    const char *path, *method;
    unsigned rows = 0, found = 0;
    paths = json_object_get(document, "paths");
    json_object_foreach(paths, path, operations) {
        char pattern[128], upper[8];
        pattern_of(path, pattern);
        json_object_foreach(operations, method, operation) {
            size_t size = strlen(method);
            cr_assert_lt(size, sizeof upper);
            for (size_t i = 0; i <= size; i++)
                upper[i] = (char)toupper((unsigned char)method[i]);
            const struct route *route = row_of(upper, pattern);
            cr_assert_not_null(route, "%s %s is not in the table", upper, path);
            operation_check(route, operation);
            found++;
        }
    }
    while (route_at(rows))
        rows++;
    cr_assert_eq(rows, found + 1, "a route, besides that of the pages, is not in the document");
    json_decref(document);
}

Test(routes, rights_follow_the_table) {
    unsigned count[ROLE_COUNT] = {0};
    for (int role = ROLE_NONE + 1; role < ROLE_COUNT; role++)
        for (unsigned i = 0; right_at((enum role)role, i); i++, count[role]++)
            for (unsigned j = 0; j < i; j++)
                cr_assert_str_neq(right_at((enum role)role, i), right_at((enum role)role, j));
    cr_assert_null(right_at(ROLE_NONE, 0));
    cr_assert_str_eq(right_at(ROLE_SERVICE, 0), "metrics.read");
    cr_assert_eq(count[ROLE_SERVICE], 1);
    cr_assert_gt(count[ROLE_FINANCE], count[ROLE_READER]);
}
