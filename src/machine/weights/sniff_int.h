/* SPDX-License-Identifier: Apache-2.0 */
/* Which format is it? Called by inspect.c for the file and every member. */
#ifndef SANCTUM_MACHINE_WEIGHTS_SNIFF_INT_H
#define SANCTUM_MACHINE_WEIGHTS_SNIFF_INT_H

#include "weights_look_int.h"

/* Find the format of `s` by its content, look at it, and return the format's name. */
const char *sniff_and_look(struct look *k, struct span s);

#endif
