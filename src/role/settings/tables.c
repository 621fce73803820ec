/* SPDX-License-Identifier: Apache-2.0 */
/* settings.def as tables. */
#include "settings_int.h"

/* Every entity type as one list of words; bit i of a set is entity i. The first bar is cut off. */
#define ENTITY(name, weight) "|" #name
static const char entity_words[] =
#include "entity.def"
    ;
#undef ENTITY
#define ENTITY_WORDS (entity_words + 1)
_Static_assert(ENTITY_COUNT <= 128, "settings_masking.entities has a bit for each type");

#define T_top        struct settings
#define T_listener   struct settings_listener
#define T_provider   struct settings_provider
#define T_price      struct settings_price
#define T_budget     struct settings_budget
#define T_masking    struct settings_masking
#define T_recogniser struct settings_recogniser
#define T_audit      struct settings_audit
#define T_limits     struct settings_limits
#define T_timeouts   struct settings_timeouts

#define SECTION(s, title, about) static const struct conf_setting s##_rows[] = {
#define SETTING(s, name, field, type, min, max, words, def, flags, reload, help)                   \
    {#name, CONF_##type, offsetof(T_##s, field), min, max, words, def, flags, reload, help},
#define NESTED(s, name, reload, help) {#name, CONF_NESTED, 0, 0, 0, NULL, NULL, 0, reload, help},
#define END(s)                                                                                     \
    }                                                                                              \
    ;
#include "settings.def"
#undef SECTION
#undef SETTING
#undef NESTED
#undef END

#define SETTING(...)
#define NESTED(...)
#define END(s)
const struct conf_table settings_tables[SECTION_COUNT] = {
#define SECTION(s, title, about)                                                                   \
    {title, s##_rows, sizeof s##_rows / sizeof *s##_rows, sizeof(T_##s)},
#include "settings.def"
#undef SECTION
};

const char *const settings_about[SECTION_COUNT] = {
#define SECTION(s, title, about) about,
#include "settings.def"
#undef SECTION
};
