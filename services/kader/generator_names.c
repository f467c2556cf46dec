/* generator_names.c - lists of common Indonesian names, put together at random (generator_names.h). */
#include "generator_names.h"

#include <string.h>

#define NAME_PART_MAX 15
#define LIST_SIZE     64

/* Lists have 64 names, so that six bits choose one. */
static const char women[LIST_SIZE][NAME_PART_MAX + 1] = {
    "Siti",   "Sri",     "Dewi",   "Nur",     "Rina",   "Ratna",   "Wati",     "Yuni",   "Lestari", "Indah",
    "Fitri",  "Ayu",     "Maya",   "Dian",    "Eka",    "Endang",  "Tuti",     "Yanti",  "Lina",    "Nina",
    "Rini",   "Susi",    "Murni",  "Kartini", "Aminah", "Fatimah", "Khadijah", "Zahra",  "Aisyah",  "Salma",
    "Nabila", "Putri",   "Intan",  "Mega",    "Bunga",  "Melati",  "Cahaya",   "Citra",  "Anisa",   "Nadia",
    "Laila",  "Rahma",   "Hasna",  "Mariam",  "Rosa",   "Elisa",   "Kezia",    "Debora", "Meiling", "Lanny",
    "Komala", "Euis",    "Neneng", "Iis",     "Cucu",   "Lilis",   "Enung",    "Tini",   "Wulan",   "Retno",
    "Sekar",  "Ningsih", "Juwita", "Yulia"};
static const char men[LIST_SIZE][NAME_PART_MAX + 1] = {
    "Ahmad",    "Muhammad", "Agus",    "Budi",    "Eko",    "Dwi",     "Tri",      "Joko",
    "Slamet",   "Hendra",   "Rudi",    "Andi",    "Dedi",   "Asep",    "Ujang",    "Dadang",
    "Cecep",    "Yayan",    "Iwan",    "Wawan",   "Arif",   "Rizki",   "Fajar",    "Bayu",
    "Galih",    "Dimas",    "Reza",    "Fauzan",  "Ilham",  "Hasan",   "Husein",   "Ibrahim",
    "Ismail",   "Yusuf",    "Zainal",  "Abdul",   "Rahmat", "Hidayat", "Nugroho",  "Bambang",
    "Sutrisno", "Suryadi",  "Mulyadi", "Supardi", "Wahyu",  "Yoga",    "Teguh",    "Imam",
    "Samsul",   "Anwar",    "Johan",   "Daniel",  "Markus", "Petrus",  "Stefanus", "Hendrik",
    "Kevin",    "Wijaya",   "Santoso", "Gunawan", "Robert", "Made",    "Ketut",    "Poltak"};
static const char last[LIST_SIZE][NAME_PART_MAX + 1] = {
    "Saputra",     "Wibowo",   "Setiawan",   "Kurniawan", "Hidayat",  "Nugraha",   "Pratama",  "Permana",
    "Firmansyah",  "Ramadhan", "Maulana",    "Hakim",     "Susanto",  "Santoso",   "Wijaya",   "Gunawan",
    "Halim",       "Salim",    "Tanjung",    "Siregar",   "Nasution", "Harahap",   "Lubis",    "Sinaga",
    "Simanjuntak", "Hutapea",  "Situmorang", "Purba",     "Ginting",  "Sembiring", "Rangkuti", "Batubara",
    "Chaniago",    "Koto",     "Piliang",    "Sikumbang", "Suparman", "Sudirman",  "Hartono",  "Suharto",
    "Prasetyo",    "Utomo",    "Widodo",     "Purnomo",   "Handoko",  "Raharjo",   "Sukmana",  "Kusuma",
    "Atmaja",      "Wiguna",   "Sanjaya",    "Mahendra",  "Adiputra", "Natsir",    "Syahrial", "Effendi",
    "Fadillah",    "Mustofa",  "Basuki",     "Sumarno",   "Sugiarto", "Winata",    "Lesmana",  "Tarigan"};

static char *put(char *at, const char *part) {
    return stpcpy(at, part);
}

size_t generator_name(uint64_t hash, enum sex sex, char out[48]) {
    const char(*first)[NAME_PART_MAX + 1] = sex == SEX_FEMALE ? women : men;
    char *at = put(out, first[hash % LIST_SIZE]);
    unsigned middle = (unsigned)(hash >> 6) % LIST_SIZE;
    if (hash >> 12 & 1 && middle != hash % LIST_SIZE) {
        *at++ = ' ';
        at = put(at, first[middle]);
    }
    *at++ = ' ';
    at = put(at, last[(hash >> 13) % LIST_SIZE]);
    *at = '\0';
    return (size_t)(at - out);
}
