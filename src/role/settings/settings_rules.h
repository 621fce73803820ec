/* SPDX-License-Identifier: Apache-2.0 */
/* From masking settings to the rules that an engine or a scanner is made of: for the gate and for
 * commands that mask. */
#ifndef SANCTUM_ROLE_SETTINGS_SETTINGS_RULES_H
#define SANCTUM_ROLE_SETTINGS_SETTINGS_RULES_H

#include "mask.h"
#include "settings.h"

/*
 * Fill `out` with what `m` says, the recognisers and types of `s` included. Arrays are taken from
 * `arena` and borrow the texts of the settings: both must live until the engine is made. ERR_INPUT
 * where an entry of a list is none (the config reader and the decoder refuse those), ERR_NOMEM.
 */
MUST struct err settings_rules(const struct settings *s, const struct settings_masking *m,
                               struct arena *arena, struct mask_rules *out);
/* Add "TYPE=operator" to the masking settings, over what they say. ERR_INPUT with *expected. */
MUST struct err settings_add_operator(struct settings *s, struct settings_masking *m,
                                      struct span entry, const char **expected);

#endif
