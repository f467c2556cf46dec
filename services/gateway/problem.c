/* problem.c - the table of problems (problem.h). Codes and statuses are public: only add. */
#include "problem.h"

#include <stdio.h>
#include <string.h>

static const struct problem_kind kinds[] = {
    {"PARAMETER_INVALID", 400, "Parameter[ {}] tidak berlaku. Lihat /v1/openapi.json.",
     "The parameter[ {}] is not valid. See /v1/openapi.json."},
    {"REQUEST_MALFORMED", 400, "Permintaan ini tidak dapat dibaca[: {}].",
     "This request can't be read[: {}]."},
    {"TOKEN_MISSING", 401, "Permintaan ini memerlukan token. Pasangkan perangkat lebih dahulu.",
     "This needs a token. Pair the device first."},
    {"TOKEN_UNKNOWN", 401, "Token ini tidak dikenal. Pasangkan perangkat kembali.",
     "This token is not known. Pair the device again."},
    {"DEVICE_REVOKED", 401, "Izin perangkat ini sudah dicabut. Hubungi pengelola.",
     "This device was revoked. Ask the operator."},
    {"ROLE_NOT_ALLOWED", 403, "Peran perangkat ini tidak berwenang[ ({})].",
     "This device's role may not do this[ ({})]."},
    {"PATH_UNKNOWN", 404, "Tidak ada yang bernama[ {}] di sini. Lihat /v1/openapi.json.",
     "There is nothing called[ {}] here. See /v1/openapi.json."},
    {"REGION_UNKNOWN", 404, "Wilayah[ {}] tidak ada di kota ini.", "The region[ {}] is none of this city's."},
    {"METHOD_NOT_ALLOWED", 405, "Alamat ini hanya menerima[ {}].", "This address takes[ {}] only."},
    {"REQUEST_SLOW", 408, "Permintaan datang terlalu lambat. Kirim lagi.",
     "The request came too slowly. Send it again."},
    {"BODY_TOO_LARGE", 413, "Isi permintaan lebih dari[ {}] byte. Bagi menjadi beberapa bagian.",
     "The body is longer than[ {}] bytes. Send it in parts."},
    {"URI_TOO_LONG", 414, "Alamat terlalu panjang.", "The address is too long."},
    {"MEDIA_TYPE", 415, "Jenis isi[ {}] tidak diterima di sini.", "A body of type[ {}] is not taken here."},
    {"HEADERS_TOO_LARGE", 431, "Header permintaan lebih dari 8 KiB.",
     "The request's headers are over 8 KiB."},
    {"PAIRING_LIMITED", 429, "Terlalu banyak percobaan pemasangan perangkat. Coba lagi[ dalam {} detik].",
     "Too many tries to pair a device. Try again[ in {} s]."},
    {"RATE_LIMITED", 429, "Terlalu banyak permintaan. Coba lagi[ dalam {} detik].",
     "Too many requests. Try again[ in {} s]."},
    {"INTERNAL", 500, "Ada kesalahan di sisi kami. Coba lagi; bila berulang, hubungi pengelola.",
     "Something is wrong on our side. Try again; if it stays, tell the operator."},
    {"ENROLLMENT_AWAY", 503, "Layanan pendaftaran sedang tidak terjangkau. Coba lagi sebentar.",
     "Enrollment can't be reached just now. Try again in a moment."},
    {"DISK_FULL", 503, "Ruang penyimpanan hampir penuh. Beri tahu pengelola.",
     "The disk is nearly full. Tell the operator."},
    {"NOT_READY", 503, "Angka belum tersedia. Coba lagi sebentar.",
     "The figures are not there yet. Try again in a moment."},
    {"BUSY", 503, "Sedang sibuk. Coba lagi sebentar.", "Busy just now. Try again in a moment."},
    {"STOPPING", 503, "Layanan sedang berhenti. Coba lagi sebentar.", "Stopping. Try again in a moment."},
};
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

const struct problem_kind *problem_at(unsigned index) {
    return index < KIND_COUNT ? &kinds[index] : NULL;
}

const struct problem_kind *problem_kind(const char *code) {
    static const struct problem_kind refused = {"", 422, "", ""}, internal = {"", 500, "", ""};
    for (unsigned i = 0; i < KIND_COUNT; i++)
        if (strcmp(kinds[i].code, code) == 0)
            return &kinds[i];
    return refusal_from_name(code) != REFUSAL_NONE ? &refused : &internal;
}

const char *problem_title(unsigned status) {
    static const struct {
        unsigned status;
        const char *title;
    } titles[] = {{400, "Bad Request"},
                  {401, "Unauthorized"},
                  {403, "Forbidden"},
                  {404, "Not Found"},
                  {405, "Method Not Allowed"},
                  {406, "Not Acceptable"},
                  {408, "Request Timeout"},
                  {409, "Conflict"},
                  {410, "Gone"},
                  {413, "Content Too Large"},
                  {414, "URI Too Long"},
                  {415, "Unsupported Media Type"},
                  {422, "Unprocessable Content"},
                  {429, "Too Many Requests"},
                  {431, "Request Header Fields Too Large"},
                  {503, "Service Unavailable"},
                  {504, "Gateway Timeout"}};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (titles[i].status == status)
            return titles[i].title;
    return "Internal Server Error";
}

json_t *problem_json(const char *code, enum language language, const char *value, const char *sentence,
                     const char *instance, json_t *members) {
    const struct problem_kind *kind = problem_kind(code);
    char detail[400], type[64];
    const char *form = language == LANGUAGE_ENGLISH ? kind->english : kind->indonesian;
    refusal_fill(kind->code[0] ? form : refusal_form(refusal_from_name(code), language), value, detail,
                 sizeof detail);
    snprintf(type, sizeof type, "/v1/problems#%.40s", code);
    json_t *body = members ? members : json_object();
    json_object_set_new(body, "type", json_string(type));
    json_object_set_new(body, "title", json_string(problem_title(kind->status)));
    json_object_set_new(body, "status", json_integer((json_int_t)kind->status));
    json_object_set_new(body, "code", json_string(code));
    json_t *said = json_string(sentence ? sentence : detail);
    if (!said) { /* a value that somebody sent is no UTF-8 */
        refusal_fill(kind->code[0] ? form : "", NULL, detail, sizeof detail);
        said = json_string(detail);
    }
    json_object_set_new(body, "detail", said);
    json_object_set_new(body, "instance", json_string(instance));
    return body;
}
