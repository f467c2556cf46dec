/* minutes.c - the minutes of a month's bill, Berita Acara, in Indonesian (bill_files.h). */
#include "bill_files.h"

#include "view/format.h"
#include "output_file.h"
#include "pdf_page.h"
#include "words_rupiah.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 64, SENTENCE = 900 };

static const char *const months[] = {"Januari", "Februari", "Maret",     "April",   "Mei",      "Juni",
                                     "Juli",    "Agustus",  "September", "Oktober", "November", "Desember"};

static void month_text(month_t month, char out[CELL]) {
    int year, number, day;
    calendar_civil(calendar_first_day(month), &year, &number, &day);
    snprintf(out, CELL, "%s %d", months[number - 1], year);
}

/* "Jumat, 25 Desember 2026"; 1900-01-01, day 1, was a Monday. */
static void day_text(day_t day, bool weekday, char out[CELL]) {
    static const char *const weekdays[] = {"Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"};
    int year, number, day_of_month;
    if (day == DAY_NONE) {
        snprintf(out, CELL, "-");
        return;
    }
    calendar_civil(day, &year, &number, &day_of_month);
    snprintf(out, CELL, "%s%s%d %s %d", weekday ? weekdays[(day - 1) % 7] : "", weekday ? ", " : "",
             day_of_month, months[number - 1], year);
}

/* Indonesian: points between the thousands. */
static const char *number_text(int64_t number, char out[FORMAT_TEXT]) {
    format_count(number < 0 ? -(uint64_t)number : (uint64_t)number, out);
    for (char *at = out; (at = strchr(at, ',')); at++)
        *at = '.';
    if (number < 0) {
        memmove(out + 1, out, strlen(out) + 1);
        out[0] = '-';
    }
    return out;
}

static void parties_write(struct pdf *pdf, const struct minutes *minutes) {
    char day[CELL], text[SENTENCE];
    day_text(calendar_day_of_time(minutes->bill->closed_ms), true, day);
    snprintf(text, sizeof text, "Pada hari %s, kami yang bertanda tangan di bawah ini:", day);
    pdf_paragraph(pdf, text);
    pdf_space(pdf, 4);
    snprintf(text, sizeof text,
             "1. Pemerintah %.47s, selanjutnya disebut PIHAK PERTAMA, selaku pembayar iuran penduduk yang "
             "didaftarkan oleh pemerintah daerah (PBPU dan BP Pemda);",
             minutes->regions->city_name);
    pdf_paragraph(pdf, text);
    pdf_paragraph(pdf, "2. BPJS Kesehatan, selanjutnya disebut PIHAK KEDUA, selaku penyelenggara Jaminan "
                       "Kesehatan Nasional,");
    pdf_space(pdf, 4);
}

static void agreement_write(struct pdf *pdf, const struct minutes *minutes) {
    const struct bill_view *bill = minutes->bill;
    char month[CELL], due[CELL], offset[FORMAT_TEXT], people[FORMAT_TEXT], text[SENTENCE];
    month_text(bill->month, month);
    day_text(bill->due_day, false, due);
    snprintf(text, sizeof text,
             "menetapkan tagihan iuran bulan %s menurut data kepesertaan sampai dengan catatan jurnal nomor "
             "%s, untuk %s peserta, dengan jatuh tempo pembayaran tanggal %s. Perubahan yang diketahui "
             "kemudian dibukukan sebagai koreksi pada tagihan bulan berikutnya.",
             month, number_text((int64_t)bill->as_of_offset, offset),
             number_text((int64_t)bill->city.people, people), due);
    pdf_paragraph(pdf, text);
}

struct figures {
    char people[FORMAT_TEXT], amount[FORMAT_TEXT], corrections[FORMAT_TEXT], owed[FORMAT_TEXT];
};

static void figures_fill(struct figures *figures, const struct ledger_line *sum) {
    number_text((int64_t)sum->people, figures->people);
    number_text(sum->amount_rupiah, figures->amount);
    number_text(sum->corrections_rupiah, figures->corrections);
    number_text(sum->amount_rupiah + sum->corrections_rupiah, figures->owed);
}

static const struct pdf_column line_columns[] = {
    {"Mata anggaran", 98, false}, {"Segmen", 88, false},      {"Kelas", 34, true},      {"Peserta", 51, true},
    {"Iuran (Rp)", 76, true},     {"Koreksi (Rp)", 60, true}, {"Jumlah (Rp)", 76, true}};
enum { LINE_COLUMNS = sizeof line_columns / sizeof line_columns[0] };

static void line_row(struct pdf *pdf, const char *budget_line, const char *segment, const char *care_class,
                     const struct ledger_line *sum, bool bold) {
    struct figures figures;
    figures_fill(&figures, sum);
    const char *cells[LINE_COLUMNS] = {
        budget_line, segment, care_class, figures.people, figures.amount, figures.corrections, figures.owed};
    pdf_table_row(pdf, line_columns, LINE_COLUMNS, cells, bold);
}

static void lines_write(struct pdf *pdf, const struct bill_view *bill) {
    struct bill_line *lines = calloc(bill->count + 1, sizeof *lines);
    if (!lines)
        abort();
    size_t count = bill_view_sum(bill, lines);
    pdf_heading(pdf, "I. Rincian per mata anggaran, segmen dan kelas rawat");
    pdf_table_begin(pdf, line_columns, LINE_COLUMNS);
    for (size_t i = 0; i < count; i++) {
        const struct bill_line *line = &lines[i];
        struct ledger_line sum = {line->people, line->amount_rupiah, line->corrections,
                                  line->corrections_rupiah};
        char care_class[8];
        snprintf(care_class, sizeof care_class, line->care_class ? "%u" : "-", line->care_class);
        if (payer_is_city((enum payer)line->payer))
            line_row(pdf, bill_budget_line((enum payer)line->payer),
                     segment_title((enum segment)line->segment), care_class, &sum, false);
    }
    line_row(pdf, "Jumlah iuran", "", "", &bill->payers[PAYER_CITY_IURAN], true);
    line_row(pdf, "Jumlah bantuan iuran", "", "", &bill->payers[PAYER_CITY_BANTUAN], true);
    line_row(pdf, "Jumlah seluruhnya", "", "", &bill->city, true);
    if (bill->vulnerable.people || bill->vulnerable.corrections)
        line_row(pdf, "di antaranya rentan", "tanpa KTP kota", "", &bill->vulnerable, false);
    free(lines);
}

static const struct pdf_column place_columns[] = {{"Kecamatan", 135, false},  {"Peserta", 60, true},
                                                  {"Iuran (Rp)", 80, true},   {"Bantuan (Rp)", 72, true},
                                                  {"Koreksi (Rp)", 60, true}, {"Jumlah (Rp)", 76, true}};
enum { PLACE_COLUMNS = sizeof place_columns / sizeof place_columns[0] };

struct place_sum {
    uint64_t people;
    int64_t iuran_rupiah, bantuan_rupiah, corrections_rupiah;
};

/* Each person once: the larger number of the two budget lines, segment by segment and class by class. */
static struct place_sum place_sum(const struct bill_view *bill, uint32_t kecamatan) {
    uint64_t people[2][SEGMENT_COUNT][CARE_CLASS_COUNT] = {0};
    struct place_sum sum = {0};
    for (size_t i = 0; i < bill->count; i++) {
        const struct bill_line *line = &bill->lines[i];
        if (!payer_is_city((enum payer)line->payer) || line->kecamatan != kecamatan)
            continue;
        bool bantuan = line->payer == PAYER_CITY_BANTUAN;
        people[bantuan][line->segment][line->care_class] = line->people;
        *(bantuan ? &sum.bantuan_rupiah : &sum.iuran_rupiah) += line->amount_rupiah;
        sum.corrections_rupiah += line->corrections_rupiah;
    }
    for (int i = 0; i < SEGMENT_COUNT * CARE_CLASS_COUNT; i++) {
        uint64_t iuran = (&people[0][0][0])[i], bantuan = (&people[1][0][0])[i];
        sum.people += iuran > bantuan ? iuran : bantuan;
    }
    return sum;
}

static void place_row(struct pdf *pdf, const char *name, const struct place_sum *sum, bool bold) {
    char people[FORMAT_TEXT], iuran[FORMAT_TEXT], bantuan[FORMAT_TEXT], corrections[FORMAT_TEXT],
        owed[FORMAT_TEXT];
    const char *cells[PLACE_COLUMNS] = {
        name,
        number_text((int64_t)sum->people, people),
        number_text(sum->iuran_rupiah, iuran),
        number_text(sum->bantuan_rupiah, bantuan),
        number_text(sum->corrections_rupiah, corrections),
        number_text(sum->iuran_rupiah + sum->bantuan_rupiah + sum->corrections_rupiah, owed)};
    pdf_table_row(pdf, place_columns, PLACE_COLUMNS, cells, bold);
}

static void places_write(struct pdf *pdf, const struct minutes *minutes) {
    const struct region_table *regions = minutes->regions;
    struct place_sum all = {0};
    pdf_heading(pdf, "II. Rincian per kecamatan");
    pdf_table_begin(pdf, place_columns, PLACE_COLUMNS);
    for (int i = 0; i <= regions->kecamatan_count; i++) {
        bool outside = i == regions->kecamatan_count;
        struct place_sum sum = place_sum(minutes->bill, outside ? 0 : regions->kecamatan[i].code);
        all.people += sum.people;
        all.iuran_rupiah += sum.iuran_rupiah;
        all.bantuan_rupiah += sum.bantuan_rupiah;
        all.corrections_rupiah += sum.corrections_rupiah;
        if (!outside || sum.people || sum.corrections_rupiah)
            place_row(pdf, outside ? "di luar kota" : regions->kecamatan[i].name, &sum, false);
    }
    place_row(pdf, "Jumlah", &all, true);
}

static void words_write(struct pdf *pdf, const struct bill_view *bill) {
    char words[WORDS_RUPIAH_TEXT], amount[FORMAT_TEXT], text[SENTENCE];
    int64_t owed = bill->city.amount_rupiah + bill->city.corrections_rupiah;
    pdf_heading(pdf, "III. Jumlah tagihan kepada Pemerintah Kota");
    snprintf(text, sizeof text, "Rp %s (%s).", number_text(owed, amount), words_rupiah(owed, words));
    pdf_paragraph(pdf, text);
}

static void audit_write(struct pdf *pdf, const struct minutes *minutes) {
    static const char *const titles[FINDING_COUNT] = {
        [FINDING_CHARGED_TWICE] = "diduga ditagih dua kali",
        [FINDING_DECEASED] = "telah meninggal sebelum bulan tagihan",
        [FINDING_MOVED_OUT] = "telah pindah ke luar kota",
        [FINDING_ALSO_PPU] = "diduga juga terdaftar sebagai pekerja (PPU)",
        [FINDING_NIK_INVALID] = "NIK tidak sah",
        [FINDING_TEMPORARY_OLD] = "tanpa NIK melewati batas waktu",
        [FINDING_VULNERABLE_UNAPPROVED] = "kelompok rentan tanpa pemberi persetujuan",
        [FINDING_LAYOFF_UNPROVED] = "PHK tanpa bukti",
        [FINDING_LAYOFF_DISPUTED] = "PHK yang disengketakan"};
    static const struct pdf_column columns[] = {{"Temuan", 383, false}, {"Peserta", 100, true}};
    char text[SENTENCE], number[FORMAT_TEXT];
    pdf_heading(pdf, "IV. Pemeriksaan mandiri atas daftar peserta");
    if (!minutes->audit_counts) {
        pdf_paragraph(pdf, "Tidak dilakukan.");
        return;
    }
    snprintf(text, sizeof text, "Dilakukan atas catatan jurnal sampai dengan nomor %s.",
             number_text((int64_t)minutes->audit_offset, number));
    pdf_paragraph(pdf, text);
    pdf_space(pdf, 3);
    pdf_table_begin(pdf, columns, 2);
    for (int finding = 0; finding < FINDING_COUNT; finding++) {
        const char *cells[] = {titles[finding], number_text((int64_t)minutes->audit_counts[finding], number)};
        pdf_table_row(pdf, columns, 2, cells, false);
    }
}

static void end_write(struct pdf *pdf, const struct minutes *minutes) {
    char text[SENTENCE];
    pdf_heading(pdf, "V. Keabsahan");
    snprintf(text, sizeof text, "Tagihan ini dibekukan dengan sidik BLAKE2b-256 %.32s %s.",
             minutes->bill->hash, minutes->bill->hash + 32);
    pdf_paragraph(pdf, text);
    pdf_paragraph(pdf, "Demikian berita acara ini dibuat untuk dipergunakan sebagaimana mestinya.");
    pdf_space(pdf, 14);
    const char *above[] = {"PIHAK PERTAMA", "PIHAK KEDUA"};
    const char *below[] = {minutes->city_officer ? minutes->city_officer : "",
                           minutes->bpjs_officer ? minutes->bpjs_officer : ""};
    pdf_signatures(pdf, above, below);
}

enum result minutes_write(const struct minutes *minutes, const char *path, struct failure *why) {
    char begun[OUTPUT_PATH], month[CELL], title[2 * CELL], footer[SENTENCE];
    struct pdf pdf;
    month_text(minutes->bill->month, month);
    snprintf(title, sizeof title, "BULAN %s", month);
    for (char *at = title; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    snprintf(footer, sizeof footer, "Berita Acara tagihan iuran %s, sidik %.16s", month, minutes->bill->hash);
    enum result result = output_begin(path, begun, why);
    if (result != RESULT_OK)
        return result;
    result = pdf_begin(&pdf, footer, footer, why);
    if (result == RESULT_OK) {
        pdf_title(&pdf, "BERITA ACARA PENETAPAN TAGIHAN IURAN");
        pdf_title(&pdf, "JAMINAN KESEHATAN NASIONAL");
        pdf_title(&pdf, title);
        pdf_space(&pdf, 12);
        parties_write(&pdf, minutes);
        agreement_write(&pdf, minutes);
        lines_write(&pdf, minutes->bill);
        places_write(&pdf, minutes);
        words_write(&pdf, minutes->bill);
        audit_write(&pdf, minutes);
        end_write(&pdf, minutes);
        result = pdf_save(&pdf, begun, why);
    }
    if (result == RESULT_OK)
        return output_end(path, begun, why);
    output_abandon(begun);
    return result;
}
