/* static_files.h - the built web pages, loaded once: names with a content hash live for ever, the rest is
 * asked for again. */
#ifndef GATEWAY_STATIC_FILES_H
#define GATEWAY_STATIC_FILES_H

#include "cakupan/result.h"
#include "page.h"

#define STATIC_FILES_MAX 512
#define STATIC_BYTES_MAX (16u << 20)

struct static_files;
/* Reads DIRECTORY/index.json (as build.mjs writes it) and the files it names. `directory` "": no pages at
 * all. */
MUST_USE enum result static_files_open(struct static_files **out, const char *directory, struct failure *why);
void static_files_close(struct static_files **files);
/* The page of a path ("/", "/kader", "/assets/x-HASH.js"); NULL: none. The files' own reference. */
struct page *static_files_page(struct static_files *files, const char *path);

#endif
