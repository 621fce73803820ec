/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share: the tables, and what is derived from text. */
#ifndef SANCTUM_ROLE_SETTINGS_SETTINGS_INT_H
#define SANCTUM_ROLE_SETTINGS_SETTINGS_INT_H

#include "conf.h"
#include "settings.h"

enum section {
#define SECTION(s, title, about) SECTION_##s,
#define SETTING(...)
#define NESTED(...)
#define END(s)
#include "settings.def"
#undef SECTION
#undef SETTING
#undef NESTED
#undef END
    SECTION_COUNT,
};

extern const struct conf_table settings_tables[SECTION_COUNT];
extern const char *const settings_about[SECTION_COUNT];

/* Fill the derived fields from the text and check them. On failure *expected says what the text
 * should have been, as a constant sentence behind "expected ". */
MUST struct err settings_derive_listener(struct settings_listener *l, const char **expected);
MUST struct err settings_derive_provider(struct settings_provider *p, const char **expected);
/* A provider's name: letters, digits, dot, dash, underscore. */
bool settings_name_ok(struct span name);
/* Is there no order, or this one? Sort models as settings_route needs them. */
bool settings_models_ordered(const struct settings *s);
void settings_models_sort(struct settings *s);
/* entities and secrets say the same about SECRET. */
void settings_masking_join(struct settings_masking *m);

#endif
