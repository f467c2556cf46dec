/* doorbell.c - when each bell is rung, and a ring's bytes (doorbell.h). */
#include "doorbell.h"

bool doorbell_due(struct doorbell *doorbell, enum doorbell_bell bell, uint64_t head, int64_t now_us,
                  int64_t *wait_us) {
    const int64_t pace_us = (bell == DOORBELL_PROMPT ? DOORBELL_PROMPT_MS : DOORBELL_SELDOM_MS) * 1000;
    const uint64_t rung = doorbell->bells[bell].head;
    if (head == rung)
        return false;
    bool many = bell == DOORBELL_SELDOM && head - rung >= DOORBELL_MANY_RECORDS;
    int64_t rest_us = doorbell->bells[bell].rung_us + pace_us - now_us;
    if (doorbell->bells[bell].rung_us != 0 && rest_us > 0 && !many) {
        *wait_us = rest_us < *wait_us ? rest_us : *wait_us;
        return false;
    }
    doorbell->bells[bell].head = head;
    doorbell->bells[bell].rung_us = now_us;
    return true;
}

char doorbell_topic(enum doorbell_bell bell) {
    return bell == DOORBELL_PROMPT ? 'p' : 's';
}

void doorbell_write(enum doorbell_bell bell, uint64_t head, uint8_t ring[DOORBELL_RING_SIZE]) {
    ring[0] = (uint8_t)doorbell_topic(bell);
    for (int i = 0; i < 8; i++)
        ring[i + 1] = (uint8_t)(head >> (8 * i));
}

bool doorbell_read(const uint8_t *ring, size_t size, uint64_t *head) {
    if (size != DOORBELL_RING_SIZE)
        return false;
    *head = 0;
    for (int i = 8; i >= 1; i--)
        *head = *head << 8 | ring[i];
    return true;
}
