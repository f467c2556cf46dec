/* session_handler.c - GET /v1/session: who the token belongs to, and what it may do. */
#include "gateway_internal.h"
#include "rights.h"
#include "routes.h"
#include "view/format.h"
#include "view/place.h"

#include <inttypes.h>
#include <stdio.h>

void handle_session(struct request *request) {
    const struct caller *caller = request_caller(request);
    char area[16], place[PLACE_TEXT], day[FORMAT_TEXT];
    json_t *may = json_array();
    const char *right;
    for (unsigned i = 0; (right = right_at((enum role)caller->role, i)); i++)
        json_array_append_new(may, json_string(right));
    snprintf(area, sizeof area, "%" PRIu32, caller->area);
    request_json(
        request, 200,
        json_pack("{s:I, s:s, s:s, s:s, s:s, s:I, s:s, s:o}", "device", (json_int_t)caller->device, "name",
                  caller->name, "role", role_name((enum role)caller->role), "area", area, "area_name",
                  place_name(&request_gateway(request)->city->regions, caller->area, place), "next_sequence",
                  (json_int_t)caller->next_sequence, "day", format_date(caller->day, day), "may", may));
}
