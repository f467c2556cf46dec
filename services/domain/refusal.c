/* refusal.c - the table of refusals and warnings, and the sentences that go with them (refusal.h).
 *
 * A sentence is read by a kader at somebody's door: what was wrong with which value, and what to do now.
 * Its form: "{}" is where the value stands, and what is between [ and ] is left out where there is no
 * value. The value is copied as text, never used as a format.
 */
#include "cakupan/refusal.h"

#include <stdbool.h>
#include <string.h>

struct row {
    enum refusal code;
    const char *name;
    const char *field; /* as proto/event.proto spells it, "" where it is none in particular */
    const char *indonesian;
    const char *english;
};

/* Ascending by code. The comment at the end of a name says what the value is, where it is not the field's
 * own. */
static const struct row table[] = {
    {REFUSAL_FRAME_MALFORMED, "FRAME_MALFORMED", "", /* what is wrong with it */
     "Kiriman tidak dapat dibaca[: {}]. Data tetap ada di perangkat ini; perbarui aplikasi, lalu kirim lagi.",
     "The message could not be read[: {}]. The data is still on this device; update the app, then send "
     "again."},
    {REFUSAL_SEQUENCE_GAP, "SEQUENCE_GAP", "", /* the sequence expected */
     "Ada data yang belum diterima server[, mulai nomor urut {}]. Aplikasi mengirim ulang dari sana; biarkan "
     "tetap terhubung.",
     "Some data has not reached the server[, from sequence {} on]. The app sends again from there; stay "
     "connected."},
    {REFUSAL_BUSY, "BUSY", "", /* milliseconds to wait */
     "Server sedang sibuk. Data aman di perangkat ini dan dikirim ulang otomatis[ dalam {} milidetik].",
     "The server is busy. The data is safe on this device and is sent again by itself[ in {} ms]."},
    {REFUSAL_DOOR_CLOSED, "DOOR_CLOSED", "", /* milliseconds to wait */
     "Perangkat ini terlalu sering mengirim kiriman rusak dan ditutup sementara[ selama {} milidetik]. "
     "Perbarui aplikasi, lalu coba lagi.",
     "This device sent too many broken messages and is shut out for a while[, {} ms]. Update the app, then "
     "try again."},
    {REFUSAL_DEVICE_REVOKED, "DEVICE_REVOKED", "", /* the device */
     "Izin perangkat ini[ ({})] sudah dicabut. Hubungi Dinas Kesehatan untuk mendaftarkan perangkat kembali.",
     "This device's permission[ ({})] was revoked. Ask the health office to pair the device again."},
    {REFUSAL_ID_REUSED, "ID_REUSED", "", /* the sequence */
     "Nomor urut[ {}] sudah dipakai untuk data lain dari perangkat ini. Jangan kirim lagi; laporkan kepada "
     "Dinas Kesehatan.",
     "Sequence[ {}] was used for other data of this device already. Do not send again; report it to the "
     "health office."},

    {REFUSAL_EVENT_MALFORMED, "EVENT_MALFORMED", "", /* what is wrong with it */
     "Satu data tidak dapat dibaca[: {}]. Perbarui aplikasi, lalu isi data ini kembali.",
     "One entry could not be read[: {}]. Update the app, then enter it again."},
    {REFUSAL_KIND_UNKNOWN, "KIND_UNKNOWN", "kind",
     "Jenis perubahan[ {}] tidak dikenal. Perbarui aplikasi, lalu isi data ini kembali.",
     "This kind of change[, {},] is not known. Update the app, then enter it again."},
    {REFUSAL_FIELD_MISSING, "FIELD_MISSING", "", /* the field's name */
     "Isian[ {}] masih kosong padahal wajib. Lengkapi, lalu kirim lagi.",
     "The field[ {}] is empty but needed. Fill it in, then send again."},
    {REFUSAL_FIELD_FOREIGN, "FIELD_FOREIGN", "", /* the field's name */
     "Isian[ {}] tidak berlaku untuk jenis perubahan ini. Kosongkan, lalu kirim lagi.",
     "The field[ {}] does not belong to this kind of change. Empty it, then send again."},
    {REFUSAL_TEXT_INVALID, "TEXT_INVALID", "", /* the field's name */
     "Teks[ pada isian {}] terlalu panjang (lebih dari 120 byte) atau berisi tanda yang tidak boleh. Ketik "
     "ulang dengan huruf biasa.",
     "The text[ in the field {}] is too long (over 120 bytes) or holds signs that are not allowed. Type it "
     "again in plain letters."},
    {REFUSAL_VALUE_RANGE, "VALUE_RANGE", "", /* the field's name or its value */
     "Angka atau pilihan[ {}] di luar batas yang berlaku. Periksa, perbaiki, lalu kirim lagi.",
     "The number or choice[ {}] is outside what is allowed. Check and correct it, then send again."},

    {REFUSAL_NIK_LENGTH, "NIK_LENGTH", "nik",
     "NIK[ {}] tidak terdiri dari 16 angka. Baca ulang dari KTP atau KK, angka demi angka.",
     "The NIK[ {}] does not have 16 digits. Read it again from the identity or family card, digit by digit."},
    {REFUSAL_NIK_REGION, "NIK_REGION", "nik",
     "Enam angka pertama NIK[ {}] bukan kode wilayah yang mungkin. Baca ulang dari KTP atau KK; kode kota "
     "lain boleh.",
     "The first six digits of the NIK[ {}] can be no region's code. Read it again from the card; another "
     "city's code is fine."},
    {REFUSAL_NIK_DATE, "NIK_DATE", "nik",
     "Angka ke-7 sampai ke-12 NIK[ {}] bukan tanggal lahir yang mungkin (perempuan: tanggal ditambah 40). "
     "Baca ulang dari KTP atau KK.",
     "Digits 7 to 12 of the NIK[ {}] can be no birth date (a woman's day has 40 added). Read it again from "
     "the card."},
    {REFUSAL_NIK_SEQUENCE, "NIK_SEQUENCE", "nik",
     "Empat angka terakhir NIK[ {}] tidak mungkin 0000. Baca ulang dari KTP atau KK.",
     "The last four digits of the NIK[ {}] can not be 0000. Read it again from the card."},
    {REFUSAL_KK_LENGTH, "KK_LENGTH", "kk",
     "Nomor KK[ {}] bukan 16 angka yang diawali kode wilayah. Baca ulang dari bagian atas KK, angka demi "
     "angka.",
     "The family card number[ {}] is not 16 digits that begin with a region's code. Read it again from the "
     "top of the card."},
    {REFUSAL_KK_DATE, "KK_DATE", "kk",
     "Angka ke-7 sampai ke-12 nomor KK[ {}] bukan tanggal yang mungkin. Baca ulang dari bagian atas KK.",
     "Digits 7 to 12 of the family card number[ {}] can be no date. Read it again from the top of the card."},
    {REFUSAL_KK_SEQUENCE, "KK_SEQUENCE", "kk",
     "Empat angka terakhir nomor KK[ {}] tidak mungkin 0000. Baca ulang dari bagian atas KK.",
     "The last four digits of the family card number[ {}] can not be 0000. Read it again from the top of the "
     "card."},
    {REFUSAL_IDENTITY_MISSING, "IDENTITY_MISSING", "nik",
     "NIK belum diisi. Isi NIK dari KTP atau KK; hanya bayi baru lahir yang boleh memakai nomor sementara.",
     "There is no NIK. Enter it from the identity or family card; only a newborn may have a temporary "
     "number."},
    {REFUSAL_TEMPORARY_NOT_ALLOWED, "TEMPORARY_NOT_ALLOWED", "temporary_id",
     "Nomor sementara[ {}] hanya untuk bayi baru lahir. Isi NIK orang ini dari KTP atau KK.",
     "A temporary number[ such as {}] is for a newborn only. Enter this person's NIK from the card."},
    {REFUSAL_IDENTITY_TAKEN, "IDENTITY_TAKEN", "other_nik",
     "NIK pengganti[ {}] sudah milik peserta lain. Periksa NIK; bila orangnya sama, laporkan sebagai data "
     "ganda.",
     "The corrected NIK[ {}] belongs to another member already. Check it; if it is the same person, report a "
     "duplicate."},

    {REFUSAL_REGION_UNKNOWN, "REGION_UNKNOWN", "kelurahan",
     "Kelurahan[ {}] tidak ada di kota ini. Pilih kelurahan tempat tinggal dari daftar; untuk kota lain "
     "pakai pindah keluar.",
     "Kelurahan[ {}] is none of this city's. Choose the one from the list; for another city report a move "
     "out."},
    {REFUSAL_REGION_OUTSIDE_AREA, "REGION_OUTSIDE_AREA", "kelurahan",
     "Kelurahan[ {}] di luar wilayah tugas perangkat ini. Teruskan data ini kepada kader kelurahan tersebut.",
     "Kelurahan[ {}] is outside this device's area. Hand this entry to the kader of that kelurahan."},
    {REFUSAL_ROLE_NOT_ALLOWED, "ROLE_NOT_ALLOWED", "kind", /* the kind of change */
     "Perangkat ini tidak berwenang mengirim perubahan[ {}]. Sampaikan kepada dinas yang berwenang.",
     "This device may not send a change[ of kind {}]. Pass it on to the office in charge."},
    {REFUSAL_DATE_INVALID, "DATE_INVALID", "date",
     "Tanggal[ {}] tidak ada di kalender. Periksa hari, bulan dan tahun, lalu kirim lagi.",
     "The date[ {}] is not in the calendar. Check day, month and year, then send again."},
    {REFUSAL_DATE_FUTURE, "DATE_FUTURE", "date",
     "Tanggal[ {}] belum tiba. Isi tanggal kejadian, paling lambat hari ini.",
     "The date[ {}] is still to come. Enter the day it happened, today at the latest."},
    {REFUSAL_DATE_BEFORE_BIRTH, "DATE_BEFORE_BIRTH", "date",
     "Tanggal[ {}] sebelum orang ini lahir. Periksa tanggal kejadian dan tanggal lahir.",
     "The date[ {}] is before this person's birth. Check the day it happened and the birth date."},
    {REFUSAL_CAPTURED_FUTURE, "CAPTURED_FUTURE", "captured_at_ms",
     "Jam perangkat ini lebih cepat dari waktu sebenarnya[ ({})]. Setel tanggal dan jam otomatis, lalu isi "
     "data kembali.",
     "This device's clock is ahead of the real time[ ({})]. Set date and time to automatic, then enter it "
     "again."},

    {REFUSAL_MEMBER_UNKNOWN, "MEMBER_UNKNOWN", "nik",
     "Tidak ada peserta terdaftar dengan nomor[ {}]. Periksa NIK; bila benar, daftarkan orang ini lebih "
     "dahulu.",
     "No member is registered under the number[ {}]. Check the NIK; if it is right, enrol the person first."},
    {REFUSAL_MEMBER_DECEASED, "MEMBER_DECEASED", "nik", /* the day of death or the NIK */
     "Orang ini tercatat sudah meninggal[ ({})]. Bila keliru, minta Dinas Kesehatan memeriksanya dengan akta "
     "Dukcapil dan membatalkannya.",
     "This person is recorded as dead[ ({})]. If that is wrong, ask the health office to check it with the "
     "civil registry and to take it back."},
    {REFUSAL_MEMBER_MOVED_OUT, "MEMBER_MOVED_OUT", "nik", /* the day of the move or the NIK */
     "Orang ini tercatat sudah pindah dari kota[ ({})]. Bila tinggal di sini lagi, laporkan pindah masuk "
     "lebih dahulu; bila tidak pernah pindah, minta Dinas Kesehatan membatalkannya.",
     "This person is recorded as moved out of the city[ ({})]. If living here again, report a move in "
     "first; if they never moved, ask the health office to take it back."},
    {REFUSAL_ALREADY_REGISTERED, "ALREADY_REGISTERED", "nik", /* the segment */
     "Orang ini sudah terdaftar di segmen yang sama[, {}]. Tidak perlu mendaftarkan lagi.",
     "This person is registered in the same segment already[, {}]. There is no need to enrol again."},
    {REFUSAL_COVERED_ELSEWHERE, "COVERED_ELSEWHERE", "segment", /* the segment that covers */
     "Orang ini sudah ditanggung di segmen lain[, {}]. Bila keadaannya berubah, laporkan pindah segmen, "
     "bukan pendaftaran.",
     "Another segment covers this person already[, {}]. If that has changed, report a switch of segment, not "
     "an enrolment."},
    {REFUSAL_SEGMENT_TRANSITION, "SEGMENT_TRANSITION", "segment", /* the segment now */
     "Perubahan ini tidak mungkin dari segmen sekarang[, {}]. Periksa segmen peserta dan pilih perubahan "
     "yang sesuai.",
     "This change is not possible from the present segment[, {}]. Check the member's segment and choose the "
     "change that fits."},
    {REFUSAL_NOT_ELIGIBLE_CARD, "NOT_ELIGIBLE_CARD", "local_card",
     "Tanggungan kota memerlukan KTP kota ini. Untuk warga rentan tanpa KTP kota, pakai pendaftaran rentan "
     "dengan alasan dan pemberi izin.",
     "The city pays for holders of its identity card. For vulnerable people without it, use the vulnerable "
     "enrolment with reason and approver."},
    {REFUSAL_CLASS_NOT_ALLOWED, "CLASS_NOT_ALLOWED", "care_class",
     "Kelas[ {}] tidak berlaku: peserta PBI dan tanggungan kota hanya kelas III. Ubah menjadi kelas 3.",
     "Class[ {}] is not possible: who is paid for by the centre or the city has class III. Change it to "
     "class 3."},
    {REFUSAL_NOT_EMPLOYED, "NOT_EMPLOYED", "nik", /* the segment now */
     "Orang ini bukan pekerja penerima upah[, melainkan {}], jadi tidak ada PHK yang dapat dicatat. Periksa "
     "NIK.",
     "This person is no wage worker[ but {}], so there is no layoff to record. Check the NIK."},
    {REFUSAL_EMPLOYER_DIFFERS, "EMPLOYER_DIFFERS", "employer", /* the employer given */
     "Perusahaan[ {}] bukan pemberi kerja orang ini. Periksa nomor perusahaan dan NIK pada daftar PHK.",
     "Employer[ {}] is not this worker's. Check the employer's number and the NIK on the layoff list."},
    {REFUSAL_ALREADY_LAID_OFF, "ALREADY_LAID_OFF", "date", /* the day */
     "PHK ini sudah tercatat[ pada {}]. Tidak ada yang perlu dikirim lagi.",
     "This layoff is recorded already[, on {}]. Nothing needs to be sent again."},
    {REFUSAL_APPROVER_MISSING, "APPROVER_MISSING", "approver",
     "Warga rentan tanpa KTP kota memerlukan pemberi izin. Isi nama pejabat yang menyetujui.",
     "Vulnerable people without the local card need an approver. Enter the name of the official who agreed."},
    {REFUSAL_MOTHER_UNKNOWN, "MOTHER_UNKNOWN", "other_nik",
     "Ibu[ dengan nomor {}] tidak terdaftar sebagai peserta. Periksa NIK ibu, atau daftarkan ibu lebih "
     "dahulu.",
     "The mother[, number {},] is not a registered member. Check her NIK, or enrol her first."},
    {REFUSAL_NEWBORN_TOO_OLD, "NEWBORN_TOO_OLD", "birth_date",
     "Anak ini[, lahir {},] bukan bayi baru lahir lagi. Daftarkan dengan NIK sebagai peserta biasa.",
     "This child[, born {},] is no newborn any more. Enrol the child with its NIK like any other person."},
    {REFUSAL_SAME_MEMBER, "SAME_MEMBER", "other_nik",
     "Kedua nomor[, {},] milik peserta yang sama. Untuk data ganda, isi dua nomor yang berbeda.",
     "Both numbers[, {},] belong to the same member. To merge a duplicate, enter two different ones."},
    {REFUSAL_NOT_SUSPENDED, "NOT_SUSPENDED", "nik", /* the status now */
     "Kepesertaan orang ini tidak sedang dihentikan[, statusnya {}]. Tidak ada yang perlu diaktifkan "
     "kembali.",
     "This membership is not suspended[ but {}]. There is nothing to resume."},
    {REFUSAL_ALREADY_SUSPENDED, "ALREADY_SUSPENDED", "nik",
     "Kepesertaan orang ini sudah dihentikan sementara[ ({})]. Tidak ada yang perlu dikirim lagi.",
     "This membership is suspended already[ ({})]. Nothing needs to be sent again."},
    {REFUSAL_NOTHING_CHANGES, "NOTHING_CHANGES", "",
     "Data peserta sudah sama dengan yang dikirim[ ({})]. Tidak ada yang perlu diubah.",
     "The member's data is already as sent[ ({})]. There is nothing to change."},
    {REFUSAL_PROOF_MISSING, "PROOF_MISSING", "proof",
     "PHK memerlukan bukti: pemberitahuan atau perjanjian bersama dengan tanda terima Disnaker, atau putusan "
     "pengadilan. Pilih jenis buktinya.",
     "A layoff needs a proof: notice or joint agreement with the labour office's receipt, or a court ruling. "
     "Choose which one."},
    {REFUSAL_DUPLICATE_DIFFERS, "DUPLICATE_DIFFERS", "other_nik",
     "Tanggal lahir atau jenis kelamin kedua peserta berbeda[ ({})]. Perbaiki data yang salah, baru "
     "gabungkan.",
     "Birth date or sex of the two members differ[ ({})]. Correct the wrong one first, then merge."},
    {REFUSAL_LAYOFF_REPORTED, "LAYOFF_REPORTED", "",
     "PHK ini disimpan sebagai laporan untuk Disnaker, yang mencatatnya dengan bukti. Tidak ada yang perlu "
     "diperbaiki.",
     "This layoff is kept as a report for the labour office, which records it with the proof. There is "
     "nothing to correct."},
    {REFUSAL_OLDER_THAN_KNOWN, "OLDER_THAN_KNOWN", "date", /* its day, < and the day that is known */
     "Data yang tercatat lebih baru daripada yang dikirim[ ({})]: tidak ada yang berubah. Bila ini bukan "
     "kiriman ulang, periksa tanggalnya.",
     "What is known is newer than this[ ({})]: nothing changes. If it is not an old entry sent again, check "
     "its date."},

    {WARNING_NIK_BIRTH_DIFFERS, "NIK_BIRTH_DIFFERS", "birth_date",
     "Diterima, tetapi tanggal lahir atau jenis kelamin[ {}] berbeda dari yang tertulis di NIK. Cocokkan "
     "dengan KTP atau KK.",
     "Accepted, but the birth date or sex[ {}] differs from the one in the NIK. Compare it with the card."},
    {WARNING_NEWBORN_LATE, "NEWBORN_LATE", "birth_date",
     "Diterima, tetapi bayi[ lahir {},] didaftarkan setelah 28 hari: iuran dihitung sejak lahir. Beri tahu "
     "orang tuanya.",
     "Accepted, but the baby[, born {},] was registered after 28 days: the premium goes back to birth. Tell "
     "the parents."},
    {WARNING_LAYOFF_DISPUTED, "LAYOFF_DISPUTED", "disputed",
     "Diterima sebagai PHK yang disengketakan: perusahaan dan pekerja tetap membayar iuran sampai ada "
     "putusan. Kirim lagi setelah putus.",
     "Accepted as a disputed layoff: employer and worker go on paying until it is settled. Send it again "
     "then."},
    {WARNING_NIK_NEEDED, "NIK_NEEDED", "temporary_id", /* the last day */
     "Diterima dengan nomor sementara. Urus NIK bayi di Dukcapil dan laporkan[ paling lambat {}]; batasnya "
     "tiga bulan.",
     "Accepted with a temporary number. Get the baby's NIK from the civil registry and report it[ by {}]; "
     "the limit is three months."},
    {WARNING_LATE_REPORT, "LATE_REPORT", "date",
     "Diterima, tetapi tanggal[ {}] jatuh pada bulan yang sudah ditagih. Selisihnya dihitung pada tagihan "
     "berikutnya.",
     "Accepted, but the date[ {}] lies in a month that is billed already. The difference goes into the next "
     "bill."},
};

#define ROW_COUNT (sizeof table / sizeof *table)

static const struct row *row_of(enum refusal code) {
    size_t low = 0, high = ROW_COUNT;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (table[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return low < ROW_COUNT && table[low].code == code ? &table[low] : NULL;
}

const char *refusal_name(enum refusal code) {
    const struct row *row = row_of(code);
    return row ? row->name : NULL;
}

enum refusal refusal_from_name(const char *name) {
    for (size_t i = 0; name && i < ROW_COUNT; i++)
        if (strcmp(table[i].name, name) == 0)
            return table[i].code;
    return REFUSAL_NONE;
}

const char *refusal_field(enum refusal code) {
    const struct row *row = row_of(code);
    return row ? row->field : "";
}

enum refusal refusal_at(size_t index) {
    return index < ROW_COUNT ? table[index].code : REFUSAL_NONE;
}

/* Bytes written so far into the caller's memory; what does not fit is dropped. */
struct sink {
    char *data;
    size_t size, capacity; /* capacity without the NUL */
    bool full;
};

static void put(struct sink *sink, char byte) {
    if (sink->size == sink->capacity)
        sink->full = true;
    if (!sink->full)
        sink->data[sink->size++] = byte;
}

/* The value comes from outside: control characters would disturb a terminal or a log line. */
static void put_value(struct sink *sink, const char *value) {
    for (; *value; value++) {
        unsigned char byte = (unsigned char)*value;
        put(sink, byte < 0x20 || byte == 0x7f ? '?' : *value);
    }
}

/* Takes back a UTF-8 character that was cut in its middle. */
static void drop_partial_character(struct sink *sink) {
    size_t tail = 0;
    while (tail < sink->size && tail < 3 && ((unsigned char)sink->data[sink->size - 1 - tail] & 0xC0) == 0x80)
        tail++;
    if (tail >= sink->size)
        return;
    unsigned char lead = (unsigned char)sink->data[sink->size - 1 - tail];
    size_t needs = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (tail < needs)
        sink->size -= tail + 1;
}

const char *refusal_form(enum refusal code, enum language language) {
    const struct row *row = row_of(code);
    return !row ? "" : language == LANGUAGE_ENGLISH ? row->english : row->indonesian;
}

size_t refusal_fill(const char *form, const char *value, char *out, size_t size) {
    if (size == 0)
        return 0;
    struct sink sink = {.data = out, .capacity = size - 1};
    bool has_value = value && *value;
    bool skipped = false;
    for (; *form; form++) {
        if (*form == '[')
            skipped = !has_value;
        else if (*form == ']')
            skipped = false;
        else if (skipped)
            continue;
        else if (form[0] == '{' && form[1] == '}') {
            put_value(&sink, has_value ? value : "");
            form++;
        } else
            put(&sink, *form);
    }
    if (sink.full)
        drop_partial_character(&sink);
    out[sink.size] = '\0';
    return sink.size;
}

size_t refusal_sentence(enum refusal code, enum language language, const char *value, char *out,
                        size_t size) {
    return refusal_fill(refusal_form(code, language), value, out, size);
}
