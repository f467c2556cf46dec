/* documents.h - answers that change only with the program or the city's data: openapi, problems, regions,
 * codes. */
#ifndef GATEWAY_DOCUMENTS_H
#define GATEWAY_DOCUMENTS_H

#include "cakupan/region.h"
#include "page.h"

enum document { DOCUMENT_OPENAPI, DOCUMENT_PROBLEMS, DOCUMENT_REGIONS, DOCUMENT_CODES, DOCUMENT_COUNT };
struct documents;
struct documents *documents_new(const struct region_table *regions);
void documents_destroy(struct documents **documents);
struct page *documents_page(struct documents *documents, enum document document);

/* proto/openapi.json, put in by the build. */
extern const char openapi_json[];
extern const size_t openapi_json_size;

#endif
