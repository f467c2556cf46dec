/* routes.c - the one table of what the gateway answers (routes.h). */
#include "routes.h"

#include "rights.h"

#include <stdio.h>
#include <string.h>

static const struct route routes[] = {
    /* totals */
    {"GET", "/v1/totals", 0, ROUTE_TOKEN_OPTIONAL, 0, "", handle_totals, "region level as-of"},
    /* people */
    /* offices */
    /* operation */
    {"GET", "/v1/openapi.json", 0, 0, 0, "", handle_openapi, NULL},
    {"GET", "/v1/problems", 0, 0, 0, "", handle_problems, NULL},
    {"GET", "/v1/regions", 0, 0, 0, "", handle_regions, NULL},
    {"GET", "/v1/codes", 0, 0, 0, "", handle_codes, NULL},
    {"GET", "/metrics", ROLE_BIT(ROLE_SERVICE) | ROLE_BIT(ROLE_READER), ROUTE_LOCAL, 0, "", handle_metrics,
     NULL},
    {"GET", "/healthz", 0, 0, 0, "", handle_health, NULL},
    {"GET", "/readyz", 0, 0, 0, "", handle_ready, NULL},
    /* last; no path that anybody can ask for */
    {"GET", "pages", 0, 0, 0, "", handle_file, ROUTE_ANY_PARAMETER},
};
enum { ROUTE_COUNT = sizeof routes / sizeof *routes };

/* The web pages' files: found by their whole paths in what the build made. */
const struct route *route_of_pages(void) {
    return &routes[ROUTE_COUNT - 1];
}

const struct route *route_at(unsigned index) {
    return index < ROUTE_COUNT ? &routes[index] : NULL;
}

/* Segment by segment; {} stands for one that is not empty. */
static bool path_matches(const char *pattern, const char *path, char parts[ROUTE_PARTS_MAX][ROUTE_PART_MAX]) {
    unsigned count = 0;
    while (*pattern) {
        if (pattern[0] != '{') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        size_t size = strcspn(path, "/");
        if (size == 0 || size >= ROUTE_PART_MAX || count == ROUTE_PARTS_MAX)
            return false;
        memcpy(parts[count], path, size);
        parts[count++][size] = '\0';
        path += size;
        pattern += 2;
    }
    return *path == '\0';
}

const struct route *route_find(const char *method, const char *path,
                               char parts[ROUTE_PARTS_MAX][ROUTE_PART_MAX], bool *path_known,
                               char allow[64]) {
    size_t length = 0;
    *path_known = false;
    allow[0] = '\0';
    for (unsigned i = 0; i < ROUTE_COUNT; i++) {
        const struct route *route = &routes[i];
        if (!path_matches(route->path, path, parts))
            continue;
        bool head = strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0;
        if (head || strcmp(method, route->method) == 0)
            return route;
        *path_known = true;
        const char *name = strcmp(route->method, "GET") == 0 ? "GET, HEAD" : route->method;
        length += (size_t)snprintf(allow + length, 64 - length, "%s%s", length ? ", " : "", name);
    }
    return NULL;
}
