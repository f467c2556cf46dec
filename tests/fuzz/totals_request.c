/* totals_request.c - fuzzes the decoder of requests for totals: whatever it takes, it takes again as encoded.
 */
#include "wire/wire_totals.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct wire_totals_request request, again;
    struct failure why;
    uint8_t bytes[TOTALS_REQUEST_MAX_BYTES];
    if (wire_totals_request_decode(data, size, &request, &why) != RESULT_OK)
        return 0;
    size_t encoded = wire_totals_request_encode(&request, bytes, sizeof bytes);
    if (encoded == 0 || wire_totals_request_decode(bytes, encoded, &again, &why) != RESULT_OK ||
        again.region != request.region || again.watch != request.watch || again.history != request.history ||
        again.since_offset != request.since_offset || again.from_day != request.from_day ||
        again.to_day != request.to_day)
        abort();
    return 0;
}
