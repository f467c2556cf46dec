/* problem.c - the table of problems (problem.h). Codes and statuses are public: only add. */
#include "problem.h"

#include "cakupan/nik.h"

#include <stdio.h>
#include <stdlib.h>
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
    {"PATH_UNKNOWN", 404, "Alamat ini[, {},] tidak ada di sini. Lihat /v1/openapi.json.",
     "There is no such address[, {},] here. See /v1/openapi.json."},
    {"REGION_UNKNOWN", 404, "Wilayah[ {}] tidak ada di kota ini. Lihat /v1/regions.",
     "The region[ {}] is none of this city's. See /v1/regions."},
    {"REGION_AMBIGUOUS", 409,
     "Ada beberapa kelurahan dengan nama yang sama[, {}]. Tulis kodenya, atau kecamatan/kelurahan.",
     "Several kelurahan have the same name[, {}]. Give the code, or kecamatan/kelurahan."},
    {"HISTORY_LEVEL", 400, "Riwayat hanya ada untuk kota dan kecamatan.",
     "There is a history of the city and its kecamatan only."},
    {"DAY_UNKNOWN", 404, "Tidak ada angka untuk tanggal[ {}].", "There are no figures of that day[, {}]."},
    {"METHOD_NOT_ALLOWED", 405, "Alamat ini hanya menerima[ {}].", "This address takes[ {}] only."},
    {"REQUEST_SLOW", 408, "Permintaan datang terlalu lambat. Kirim lagi.",
     "The request came too slowly. Send it again."},
    {"BODY_TOO_LARGE", 413, "Isi permintaan lebih dari[ {}] byte. Bagi menjadi beberapa bagian.",
     "The body is longer than[ {}] bytes. Send it in parts."},
    {"URI_TOO_LONG", 414, "Alamat terlalu panjang.", "The address is too long."},
    {"MEDIA_TYPE", 415, "Jenis isi ini tidak diterima di sini[, hanya {}].",
     "A body of this type is not taken here[, only {}]."},
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
    {"TOTALS_EMPTY", 503, "Belum ada wilayah yang dihitung. Coba lagi sebentar.",
     "No region is counted yet. Try again in a moment."},
    {"BUSY", 503, "Sedang sibuk. Coba lagi sebentar.", "Busy just now. Try again in a moment."},
    {"STOPPING", 503, "Layanan sedang berhenti. Coba lagi sebentar.", "Stopping. Try again in a moment."},
    /* people */
    {"MEMBER_UNKNOWN", 404, "Tidak ada peserta dengan NIK ini. Periksa angkanya, atau daftarkan orangnya.",
     "Nobody is registered under this NIK. Check its digits, or enrol the person."},
    {"REASON_MISSING", 400,
     "Tulis alasan melihat data orang ini (3 sampai 120 huruf) di header Cakupan-Reason.",
     "Say why this person is looked up (3 to 120 characters) in the header Cakupan-Reason."},
    {"PAIRING_UNKNOWN", 404, "Kode pemasangan ini tidak dikenal. Periksa hurufnya, atau minta kode baru.",
     "This pairing code is not known. Check its characters, or ask for a new one."},
    {"PAIRING_EXPIRED", 410, "Kode pemasangan ini sudah kedaluwarsa. Minta kode baru.",
     "This pairing code is too old. Ask for a new one."},
    {"PAIRING_USED", 410, "Kode pemasangan ini sudah dipakai di perangkat lain. Minta kode baru.",
     "This pairing code was used by another device. Ask for a new one."},
    {"FRAME_MALFORMED", 400, "Kiriman ini bukan paket kejadian yang dapat dibaca.",
     "What was sent is no batch of events that can be read."},
    {"SEQUENCE_GAP", 409, "Ada nomor urut yang terlewat. Kirim mulai dari expected_sequence.",
     "A sequence is missing. Send from expected_sequence on."},
    {"ID_REUSED", 409, "Nomor urut ini sudah dipakai untuk isi yang lain. Pasangkan perangkat kembali.",
     "This sequence has brought another content before. Pair the device anew."},
    {"DOOR_CLOSED", 429, "Terlalu banyak kiriman rusak. Tunggu sebentar, lalu coba lagi.",
     "Too much of what was sent can't be read. Wait a moment, then try again."},
    /* offices */
    {"JOB_UNKNOWN", 404,
     "Pekerjaan ini tidak dikenal, atau hasilnya sudah dihapus (disimpan paling lama satu jam).",
     "This job is not known, or its result is gone (they are kept an hour at most)."},
    {"JOB_LOST", 404,
     "Layanan dimulai ulang dan kehilangan pekerjaan ini. Kirim lagi: tidak ada yang tercatat dua kali.",
     "The gateway was restarted and lost this job. Send it again: nothing is done twice."},
    {"JOB_NO_FILE", 404, "Pekerjaan ini tidak menghasilkan berkas.", "This job has made no file."},
    {"JOB_UNFINISHED", 409, "Pekerjaan ini belum selesai. Coba lagi sebentar.",
     "This job has not ended yet. Try again in a moment."},
    {"JOBS_FULL", 503, "Terlalu banyak pekerjaan menunggu. Coba lagi setelah yang lain selesai.",
     "Too much work waits. Try again when some of it has ended."},
    {"JOB_CRASHED", 500,
     "Pekerjaan ini berhenti karena kesalahan di sisi kami. Kirim lagi; bila berulang, hubungi "
     "pengelola.",
     "This job ended by a mistake on our side. Send it again; if it stays, tell the operator."},
    {"JOB_SLOW", 504,
     "Pekerjaan ini terlalu lama dan dihentikan. Kirim lagi; yang sudah tercatat tidak tercatat dua kali.",
     "This job took too long and was ended. Send it again; what is done is not done twice."},
    {"ANSWER_SLOW", 504, "Jawaban terlalu lama. Coba lagi.", "The answer took too long. Try again."},
    {"BILLING_AWAY", 503, "Layanan tagihan sedang tidak terjangkau. Coba lagi sebentar.",
     "Billing can't be reached just now. Try again in a moment."},
    {"BILL_WAITS", 503, "Tagihan sedang menunggu penghitungan selesai. Coba lagi beberapa detik lagi.",
     "The bill waits until all is counted. Try again in some seconds."},
    {"BILLING_NOT_BEGUN", 409, "Penagihan belum dimulai: belum ada peserta yang terdaftar.",
     "Billing has not begun: nobody is enrolled yet."},
    {"BILL_MONTH_NOT_CLOSED", 404,
     "Bulan ini belum ditutup, jadi belum ada tagihannya. Lihat pratinjau, atau tutup dahulu.",
     "This month is not closed, so it has no invoice. Preview it, or close it first."},
    {"BILL_MONTH_CLOSED", 409, "Bulan ini sudah ditutup. Lihat tagihannya[; bulan yang terbuka: {}].",
     "This month is closed. See its invoice[; the open month is {}]."},
    {"BILL_MONTH_NOT_OPEN", 409,
     "Bulan ditutup berurutan[; yang terbuka sekarang {}]. Tutup yang itu dahulu.",
     "Months close in order[; the open one is {}]. Close that first."},
    {"BILL_MONTH_BEFORE_STATE", 409, "Bulan ini sebelum pencatatan dimulai[; bulan pertama {}].",
     "This month is before the records began[; the first one is {}]."},
    {"BILL_TOO_EARLY", 409,
     "Bulan ini belum dapat ditutup[; paling cepat {}]. Sampai saat itu lihat pratinjau.",
     "This month can't be closed yet[; from {} on]. Until then see its preview."},
    {"BILL_FAILURE_PARKED", 409, "Ada kesalahan penagihan yang harus diselesaikan dahulu oleh pengelola.",
     "A failure of billing must be settled by the operator first."},
    {"FROZEN_DIFFERS", 409, "Berkas tagihan tidak sama dengan yang dibekukan. Hubungi pengelola.",
     "The invoice's records are not what was frozen. Tell the operator."},
    {"SP2D_TAKEN", 409, "Nomor SP2D ini sudah dipakai untuk pembayaran lain[ ({})]. Periksa nomornya.",
     "This SP2D number has paid something else[ ({})]. Check the number."},
    {"SP2D_INVALID", 422, "Nomor SP2D terdiri dari huruf, angka, titik, garis miring, dan tanda hubung.",
     "An SP2D number has letters, digits, dots, slashes and hyphens."},
    {"PAYMENT_RANGE", 422, "Pembayaran ini melebihi sisa tagihan[ ({})], atau tanggalnya tidak mungkin.",
     "The payment is above what is owed still[ ({})], or its day can't be."},
    {"BUDGET_RANGE", 422, "Pagu harus lebih dari nol dan dalam batas yang wajar.",
     "A ceiling is above zero and within bounds."},
    {"BUDGET_YEAR", 422, "Tahun ini tidak memiliki anggaran di sini.", "This year has no budget here."},
    {"MONTH_INVALID", 422, "Bulan ditulis seperti 2026-12.", "A month is written like 2026-12."},
    {"RECONCILIATION_NONE", 404, "Belum ada rekonsiliasi bulan ini yang tersimpan. Unggah daftar BPJS.",
     "No reconciliation of this month is kept. Upload BPJS's list."},
    {"CSV_INVALID", 422,
     "Berkas CSV tidak dapat dibaca[ ({})]. Simpan sebagai CSV UTF-8 dengan nama kolom di baris pertama.",
     "The CSV file can't be read[ ({})]. Save it as CSV in UTF-8 with the columns' names in the first line."},
    {"REGION_OUTSIDE_AREA", 403, "Perangkat ini hanya untuk sebagian kota.",
     "This device is for a part of the city only."},
    {"JSON_INVALID", 400, "Isi JSON tidak sesuai[: {}]. Lihat /v1/openapi.json.",
     "The JSON is not as it should be[: {}]. See /v1/openapi.json."},
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

/* Without whole NIKs, which a value or a sentence may repeat. NULL: it is no UTF-8. */
static json_t *masked(const char *sentence) {
    char *text = strdup(sentence);
    if (!text)
        abort();
    nik_mask_text(text);
    json_t *said = json_string(text);
    free(text);
    return said;
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
    json_t *said = masked(sentence ? sentence : detail);
    if (!said) { /* a value that somebody sent is no UTF-8 */
        refusal_fill(kind->code[0] ? form : "", NULL, detail, sizeof detail);
        said = json_string(detail);
    }
    json_object_set_new(body, "detail", said);
    json_object_set_new(body, "instance", json_string(instance));
    return body;
}
