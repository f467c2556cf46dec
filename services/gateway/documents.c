/* documents.c - answers that change only with the program or the city's data (documents.h). */
#include "documents.h"

#include "cakupan/device.h"
#include "cakupan/refusal.h"
#include "domain/event_rules.h"
#include "problem.h"
#include "runtime/require.h"
#include "wire/wire_event.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct documents {
    struct page *pages[DOCUMENT_COUNT];
};

static struct page *page_of_text(const char *text, size_t size) {
    char etag[PAGE_ETAG_MAX];
    snprintf(etag, sizeof etag, "W/\"%016" PRIx64 "\"", (uint64_t)XXH3_64bits(text, size));
    const struct page_plan plan = {
        .type = "application/json", .etag = etag, .cache = "no-cache", .compress = true};
    return page_new(&plan, text, size);
}

static struct page *page_of_json(json_t *body) {
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    require(text, "a document of ours is JSON");
    struct page *page = page_of_text(text, strlen(text));
    free(text);
    return page;
}

/* Every problem's code once: ours, then the refusals of events (422 each, where ours has not the same). */
static json_t *problems_json(void) {
    json_t *problems = json_array();
    for (unsigned i = 0; problem_at(i); i++) {
        const struct problem_kind *kind = problem_at(i);
        json_array_append_new(problems,
                              json_pack("{s:s, s:i, s:s, s:s}", "code", kind->code, "status",
                                        (int)kind->status, "id", kind->indonesian, "en", kind->english));
    }
    for (size_t i = 0; refusal_at(i) != REFUSAL_NONE; i++) {
        enum refusal refusal = refusal_at(i);
        const struct problem_kind *kind = problem_kind(refusal_name(refusal));
        if (kind->code[0] || refusal >= WARNING_NIK_BIRTH_DIFFERS)
            continue;
        json_array_append_new(problems,
                              json_pack("{s:s, s:i, s:s, s:s}", "code", refusal_name(refusal), "status",
                                        (int)kind->status, "id", refusal_form(refusal, LANGUAGE_INDONESIAN),
                                        "en", refusal_form(refusal, LANGUAGE_ENGLISH)));
    }
    return json_pack("{s:o}", "problems", problems);
}

static json_t *region_json(uint32_t code, const char *name, uint32_t population) {
    char text[16];
    snprintf(text, sizeof text, "%u", code);
    return json_pack("{s:s, s:s, s:I}", "code", text, "name", name, "population", (json_int_t)population);
}

static json_t *regions_json(const struct region_table *regions) {
    json_t *kecamatan = json_array(), *kelurahan = json_array();
    for (size_t i = 0; i < regions->kecamatan_count; i++) {
        const struct kecamatan *region = &regions->kecamatan[i];
        json_array_append_new(kecamatan, region_json(region->code, region->name, region->population));
    }
    for (size_t i = 0; i < regions->kelurahan_count; i++) {
        const struct kelurahan *region = &regions->kelurahan[i];
        char parent[16];
        json_t *object = region_json(region->code, region->name, region->population);
        snprintf(parent, sizeof parent, "%u", regions->kecamatan[region->kecamatan].code);
        json_object_set_new(object, "kecamatan", json_string(parent));
        json_array_append_new(kelurahan, object);
    }
    json_t *source = json_pack("{s:s, s:s}", "id", regions->population_source_indonesian, "en",
                               regions->population_source);
    json_t *city = region_json(regions->city_code, regions->city_name, regions->population);
    json_object_set_new(city, "population_source", source);
    return json_pack("{s:o, s:o, s:o}", "city", city, "kecamatan", kecamatan, "kelurahan", kelurahan);
}

static json_t *code_json(enum refusal code) {
    return json_pack("{s:i, s:s, s:s, s:b, s:s, s:s}", "number", (int)code, "code", refusal_name(code),
                     "field", refusal_field(code), "warning", code >= WARNING_NIK_BIRTH_DIFFERS, "id",
                     refusal_form(code, LANGUAGE_INDONESIAN), "en", refusal_form(code, LANGUAGE_ENGLISH));
}

static json_t *fields_json(uint32_t fields) {
    json_t *names = json_array();
    for (uint32_t bit = 1; bit && bit <= FIELD_LOCAL_CARD; bit <<= 1)
        if (fields & bit)
            json_array_append_new(names, json_string(event_field_name((enum event_field)bit)));
    return names;
}

static json_t *roles_json(unsigned roles) {
    json_t *names = json_array();
    for (int role = ROLE_NONE + 1; role < ROLE_COUNT; role++)
        if (roles & (1u << role))
            json_array_append_new(names, json_string(role_name((enum role)role)));
    return names;
}

static json_t *kind_json(enum change kind, const struct event_rule *rule) {
    return json_pack("{s:s, s:o, s:o, s:o, s:o}", "kind", change_name(kind), "needed",
                     fields_json(rule->needed), "optional", fields_json(rule->allowed), "roles",
                     roles_json(rule->roles), "reporters", roles_json(rule->reporters));
}

static json_t *codes_json(void) {
    json_t *codes = json_array(), *kinds = json_array();
    for (size_t i = 0; refusal_at(i) != REFUSAL_NONE; i++)
        json_array_append_new(codes, code_json(refusal_at(i)));
    for (unsigned kind = 1; kind < CHANGE_DEVICE_COUNT; kind++)
        if (event_rule(kind))
            json_array_append_new(kinds, kind_json((enum change)kind, event_rule(kind)));
    json_t *limits = json_pack("{s:i, s:i}", "text_bytes", TEXT_MAX, "events_a_batch", (int)FRAME_MAX_EVENTS);
    return json_pack("{s:o, s:o, s:o}", "codes", codes, "kinds", kinds, "limits", limits);
}

struct documents *documents_new(const struct region_table *regions) {
    struct documents *documents = calloc(1, sizeof *documents);
    if (!documents)
        abort();
    documents->pages[DOCUMENT_OPENAPI] = page_of_text(openapi_json, openapi_json_size);
    documents->pages[DOCUMENT_PROBLEMS] = page_of_json(problems_json());
    documents->pages[DOCUMENT_REGIONS] = page_of_json(regions_json(regions));
    documents->pages[DOCUMENT_CODES] = page_of_json(codes_json());
    return documents;
}

void documents_destroy(struct documents **documents) {
    if (!*documents)
        return;
    for (int i = 0; i < DOCUMENT_COUNT; i++)
        page_release(&(*documents)->pages[i]);
    free(*documents);
    *documents = NULL;
}

struct page *documents_page(struct documents *documents, enum document document) {
    return documents->pages[document];
}
