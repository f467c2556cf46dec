/* dice.h - the simulation's only source of chance: one seed, one course of events, on any machine. */
#ifndef SIM_DICE_H
#define SIM_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

/* SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
static inline uint64_t dice_next(struct dice *dice) {
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}
/* 0 .. sides - 1. */
static inline uint32_t dice_roll(struct dice *dice, uint32_t sides) {
    return (uint32_t)(dice_next(dice) % sides);
}
static inline bool dice_chance(struct dice *dice, uint32_t permille) {
    return dice_roll(dice, 1000) < permille;
}

#endif
