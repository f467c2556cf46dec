/* jobs_answers.c - answers that many may have (jobs_internal.h): a handful of pages by the command that gave
 * them. */
#include "jobs_internal.h"

#include <string.h>

bool order_same(const struct child_order *one, const struct child_order *other) {
    return one->used == other->used && memcmp(one->bytes, other->bytes, one->used) == 0;
}

struct page *answers_find(struct jobs *jobs, const struct child_order *order, int fresh_ms) {
    for (unsigned i = 0; i < ANSWERS_MAX; i++) {
        struct kept_answer *answer = &jobs->answers[i];
        if (answer->page && order_same(&answer->order, order) && jobs->now_ms - answer->at_ms < fresh_ms)
            return answer->page;
    }
    return NULL;
}

/* That of the same order, a free one, or the oldest. */
static struct kept_answer *place(struct jobs *jobs, const struct child_order *order) {
    struct kept_answer *best = &jobs->answers[0];
    for (unsigned i = 0; i < ANSWERS_MAX; i++) {
        struct kept_answer *answer = &jobs->answers[i];
        if (answer->page && order_same(&answer->order, order))
            return answer;
        if (best->page && (!answer->page || answer->at_ms < best->at_ms))
            best = answer;
    }
    return best;
}

void answers_keep(struct jobs *jobs, const struct child_order *order, struct page *page) {
    struct kept_answer *answer = place(jobs, order);
    page_release(&answer->page);
    *answer = (struct kept_answer){.order = *order, .page = page_reference(page), .at_ms = jobs->now_ms};
}

void answers_forget(struct jobs *jobs) {
    for (unsigned i = 0; i < ANSWERS_MAX; i++)
        page_release(&jobs->answers[i].page);
    for (unsigned lane = 0; lane < LANE_COUNT; lane++)
        for (struct work *work = jobs->works[lane]; work; work = work->next)
            work->shared = work->shared && !work->child;
}
