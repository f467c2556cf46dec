/* example.c - a complete app on the client library: enrols a person without a network, syncs and tells.
 *
 *   kader_example PAIRING_FILE OUTBOX NIK BORN KELURAHAN "NAME"
 *   kader_example siti.device siti.outbox 3671015203910001 1991-03-12 3671011001 "Aminah"
 *
 * Kill it at any point and start it again without a NIK: what was queued is sent, and told, once.
 */
#include "cakupan/kader.h"
#include "cakupan/nik.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_outcome(void *context, const struct kader_outcome *outcome) {
    (void)context; /* a real app looks its own note of the event up by outcome->sequence */
    printf("Event %" PRIu64 ": %s%s%s\n", outcome->sequence,
           outcome->refusal == REFUSAL_NONE ? "accepted" : refusal_name(outcome->refusal),
           outcome->sentence[0] ? ": " : "", outcome->sentence);
}

/* Somebody whom the city pays for from now on: holds the local card, class III. */
static enum result queue_enrolment(struct kader *kader, char **person, struct failure *why) {
    struct event event = {.kind = CHANGE_ENROL,
                          .segment = SEGMENT_PBPU_PEMDA,
                          .care_class = 3,
                          .local_card = true,
                          .kelurahan = (uint32_t)strtoul(person[2], NULL, 10),
                          .name = {person[3], (uint16_t)strlen(person[3])},
                          .author = {"Siti", 4}};
    if (!nik_parse(person[0], strlen(person[0]), &event.identity) ||
        nik_check(event.identity) != REFUSAL_NONE ||
        !calendar_parse(person[1], strlen(person[1]), &event.birth_day))
        return fail(why, RESULT_INVALID, "CARD",
                    "Check the NIK and the birth date (YYYY-MM-DD) against the card.");
    event.sex = person[0][6] >= '4' ? SEX_FEMALE : SEX_MALE; /* the NIK adds 40 to a woman's birth day */
    return kader_queue(kader, &event, NULL, why); /* durable when it returns: the app may be killed now */
}

int main(int count, char **words) {
    if (count != 3 && count != 7) {
        fprintf(stderr, "usage: %s PAIRING_FILE OUTBOX [NIK BORN KELURAHAN NAME]\n", words[0]);
        return 2;
    }
    struct kader_config config = {.device_file = words[1], .outbox = words[2], .language = LANGUAGE_ENGLISH};
    struct failure why;
    struct kader *kader = NULL;
    enum result result = kader_open(&kader, &config, on_outcome, NULL, &why);
    if (result == RESULT_OK && count == 7)
        result = queue_enrolment(kader, words + 3, &why);
    if (result == RESULT_OK)
        result = kader_sync(kader, 10000, &why); /* RESULT_AGAIN: no network, try again later */
    if (result != RESULT_OK)
        fprintf(stderr, "%s: %s\n", why.code, why.sentence);
    kader_close(&kader);
    return result == RESULT_OK ? 0 : 1;
}
