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
    {"GET", "/healthz", 0, 0, 0, "", handle_health, NULL},
    {"GET", "/readyz", 0, 0, 0, "", handle_ready, NULL},
};
enum { ROUTE_COUNT = sizeof routes / sizeof *routes };

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
        length += (size_t)snprintf(allow + length, 64 - length, "%s%s", length ? ", " : "", route->method);
    }
    return NULL;
}
