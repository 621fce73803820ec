/* SPDX-License-Identifier: Apache-2.0 */
/* From the settings' masking section to the engine that carries it out. */
#ifndef SANCTUM_ROLE_GATE_RULES_H
#define SANCTUM_ROLE_GATE_RULES_H

#include "mask.h"
#include "settings.h"

/* Would both give the same engine? */
bool rules_equal(const struct settings_masking *a, const struct settings_masking *b);
/* Make the engine; `all` holds the recognisers. `ner` is borrowed. Errors as mask_engine_new. */
MUST struct err rules_engine(const struct settings *all, const struct settings_masking *s,
                             const struct ner *ner, struct mask_engine **out);

#endif
