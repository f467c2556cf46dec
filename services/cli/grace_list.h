/* grace_list.h - who is in grace (cover without premium after a layoff): a fold of the journal's records. */
#ifndef CLI_GRACE_LIST_H
#define CLI_GRACE_LIST_H

#include "cakupan/record.h"

struct grace_list;

struct grace_person {
    uint32_t member_id;
    uint32_t kelurahan;
    identity_t identity;
    day_t laid_off; /* DAY_NONE: before the records began */
    day_t last_day; /* without premium */
};

struct grace_list *grace_list_new(void);
void grace_list_destroy(struct grace_list **list);
void grace_list_step(struct grace_list *list, const struct record *record);
/* Those of `area` whose last day lies in `month`, by that day, then by place. The caller frees `*out`. */
size_t grace_list_month(const struct grace_list *list, month_t month, uint32_t area,
                        struct grace_person **out);

#endif
