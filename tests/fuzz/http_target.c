/* http_target.c - fuzzes what a request line asks for and the finding of its route: all that is decoded
 * is clean text within the bounds, and is found again by its name. */
#include "examples.h"

#include "gateway/routes.h"
#include "gateway/target.h"
#include "wire/wire_bytes.h"

#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    static const char *const forms[] = {"/v1/totals?region=Cipondoh%%2FGondrong&level=all&as-of=2026-11-%02u",
                                        "/v1/bills/2026-%02u/minutes.pdf?city-officer=%%C3%%89+b",
                                        "http://host/v1/jobs/%032u/result?wait-ms=1",
                                        "/v1/members/36710502058800%02u"};
    int length = snprintf((char *)out, capacity, forms[seed % 4], seed);
    return length > 0 && (size_t)length < capacity ? (size_t)length : 0;
}
FUZZ_EXAMPLES(example)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char raw[TARGET_BYTES_MAX + 64], parts[ROUTE_PARTS_MAX][ROUTE_PART_MAX], allow[64];
    struct target target;
    bool known;
    size_t length = size < sizeof raw - 1 ? size : sizeof raw - 1;
    memcpy(raw, data, length);
    raw[length] = '\0';
    const char *wrong = target_decode(raw, &target);
    FUZZ_CHECK(wrong ? !target.path[0] && target.count == 0 : target.path[0] == '/');
    FUZZ_CHECK(wire_text_clean((const uint8_t *)target.path, strlen(target.path)));
    for (unsigned i = 0; i < target.count; i++) {
        const char *value = target.parameters[i].value;
        FUZZ_CHECK(target.parameters[i].name[0] && strlen(value) <= TARGET_BYTES_MAX);
        FUZZ_CHECK(wire_text_clean((const uint8_t *)value, strlen(value)));
        FUZZ_CHECK(target_parameter(&target, target.parameters[i].name));
    }
    (void)target_unknown(&target, "region level as-of", "language");
    const struct route *route = route_find(size % 2 ? "GET" : "POST", target.path, parts, &known, allow);
    FUZZ_CHECK(!route || (!known || route->handle));
    FUZZ_CHECK(strlen(allow) < sizeof allow);
    return 0;
}
