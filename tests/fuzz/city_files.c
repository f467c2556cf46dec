/* city_files.c - fuzzes the readers of a city's data files, which officers edit: regions.csv and the JSON
 * files. The first byte says which; the shipped files are the examples. */
#include "examples.h"
#include "file_input.h"
#include "store/city_files.h"
#include "store/city_payment.h"
#include "store/city_tariff.h"
#include "store/profile.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"population.json", "regions.csv",  "policy.json",  "tariff.json",
                                    "profile.json",    "payment.json", "holidays.json"};
enum { POPULATION, REGIONS, POLICY, TARIFF, PROFILE, PAYMENT, HOLIDAYS, NAMES };

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    unsigned which = (seed >> 8) % NAMES;
    if (capacity < 2)
        return 0;
    out[0] = (uint8_t)which;
    return 1 + file_example(CITY_DIRECTORY, names[which], out + 1, capacity - 1);
}
FUZZ_EXAMPLES(example)

static enum result read_population(const char *path, struct failure *why) {
    struct region_table regions = {0};
    enum result result = city_population_read(&regions, path, why);
    FUZZ_CHECK(result != RESULT_OK || (regions.population > 0 && regions.city_code > 0));
    return result;
}

static enum result read_regions(const char *path, struct failure *why) {
    static struct region_table regions;
    regions = (struct region_table){.city_code = 3671, .population = 1957349};
    enum result result = city_regions_read(&regions, path, why);
    uint64_t sum = 0;
    for (size_t i = 0; i < regions.kelurahan_count; i++) {
        FUZZ_CHECK(regions.kelurahan[i].kecamatan < regions.kecamatan_count);
        FUZZ_CHECK(region_index(&regions, regions.kelurahan[i].code) == i);
        sum += regions.kelurahan[i].population;
    }
    FUZZ_CHECK(result != RESULT_OK || sum == regions.population);
    return result;
}

static enum result read_policy(const char *path, struct failure *why) {
    static struct policy policy;
    enum result result = city_policy_read(&policy, path, why);
    for (unsigned i = 1; result == RESULT_OK && i < policy.count; i++)
        FUZZ_CHECK(policy.rows[i].valid_from > policy.rows[i - 1].valid_from);
    return result;
}

/* The other of the two files is not there: then the law's own terms hold, or no holiday is known. */
static enum result read_payment(const char *directory, struct failure *why) {
    static struct payment_terms terms;
    enum result result = payment_terms_load(&terms, directory, why);
    for (unsigned i = 1; result == RESULT_OK && i < terms.holiday_count; i++)
        FUZZ_CHECK(terms.holidays[i] > terms.holidays[i - 1]);
    for (month_t month = 1; result == RESULT_OK && month < 2155; month += 77) {
        day_t due = payment_due(&terms, month, NULL);
        FUZZ_CHECK(due == DAY_NONE || due >= calendar_first_day(month));
    }
    return result;
}

/* These take a directory: one whose file leads to the input, and that is gone before they are judged. */
static enum result read_in_directory(unsigned which, const char *path, struct failure *why) {
    static struct tariff tariff;
    static struct profile profile;
    char directory[] = "/tmp/fuzz-city-XXXXXX", link[FUZZ_PATH];
    if (!mkdtemp(directory))
        abort();
    snprintf(link, sizeof link, "%s/%s", directory, names[which]);
    if (symlink(path, link) != 0)
        abort();
    enum result result = which == TARIFF    ? tariff_load(&tariff, directory, why)
                         : which == PROFILE ? profile_load(&profile, directory, why)
                                            : read_payment(directory, why);
    if (unlink(link) != 0 || rmdir(directory) != 0)
        abort();
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct failure why = {0};
    if (size == 0)
        return 0;
    int file = file_input_begin();
    file_input_add(file, data + 1, size - 1);
    const char *path = file_input_path(file);
    unsigned which = data[0] % NAMES;
    enum result result = which == POPULATION ? read_population(path, &why)
                         : which == REGIONS  ? read_regions(path, &why)
                         : which == POLICY   ? read_policy(path, &why)
                                             : read_in_directory(which, path, &why);
    FUZZ_CHECK(result == RESULT_OK || (why.code[0] && strstr(why.sentence, "/")));
    return 0;
}
