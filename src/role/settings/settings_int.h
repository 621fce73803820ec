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
/* The members recognisers and recogniser_files of the config's root (recognisers.c). */
MUST struct err settings_read_recognisers(struct settings *s, const struct conf_node *root,
                                          struct conf_fault *f);
/* Entries of thresholds and operators that do not hold; *at is the first wrong one's number. */
MUST struct err settings_check_masking(const struct settings *s, const struct settings_masking *m,
                                       bool *operators, size_t *at, const char **expected);
/* Type names and entries, without the expressions themselves. */
MUST struct err settings_check_recognisers(const struct settings *s, const char **expected);
/* A type's name as recognisers may have it: capitals, digits and underscores. */
bool settings_type_ok(struct span name);
/* entities and secrets say the same about SECRET. */
void settings_masking_join(struct settings_masking *m);

#endif
