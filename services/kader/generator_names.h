/* generator_names.h - invented Indonesian names. Pure. Private to the generator and the simulator. */
#ifndef KADER_GENERATOR_NAMES_H
#define KADER_GENERATOR_NAMES_H

#include "cakupan/member.h"

#include <stddef.h>

/* Writes a name of at most 47 bytes with its NUL, chosen by the bits of `hash`; returns its length. */
size_t generator_name(uint64_t hash, enum sex sex, char out[48]);

#endif
