/* city_people.c - the made-up people of the city that an instance runs (city_people.h). */
#include "city_people.h"

#include "store/profile.h"

enum result city_people(struct generator **out, const char *directory, const struct region_table *regions,
                        struct failure *why) {
    struct profile profile;
    *out = NULL;
    enum result result = profile_load(&profile, directory, why);
    return result == RESULT_OK ? generator_new(out, regions, &profile, CITY_PEOPLE_SEED, why) : result;
}
