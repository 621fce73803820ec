/* SPDX-License-Identifier: Apache-2.0 */
/* docs/CONFIG.md, made from the same table that reads the config. */
#include "settings_int.h"
#include "settings_load.h"

static const char head[] =
    "# Configuration reference\n\n"
    "This page is made by `sanctum config reference`; a test keeps it and the program the same.\n\n"
    "The file is YAML without anchors, aliases, tags, tabs in the indentation or repeated keys, at "
    "most 256 KiB. A setting that is unknown, twice there or out of range stops the start and "
    "names "
    "file, line and what was expected; at a reload the settings in force stay. "
    "`sanctum config check` says the same without starting anything.\n\n"
    "Sizes: `512`, `64KiB`, `32MiB`, `1GiB`. Durations: `200ms`, `30s`, `15m`, `12h`, `7d`. "
    "Amounts "
    "of money are USD with at most nine decimals.\n\n"
    "Without a file this holds:\n\n```yaml\n";

static struct err cell(const struct conf_setting *row, struct buf *out)
{
    BUF_AUTO text = buf_init(16384);
    if (row->type == CONF_NESTED)
        return buf_puts(out, "see there");
    TRY(conf_expect(row, &text));
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '|') /* it would end the cell */
            TRY(buf_put_u8(out, '\\'));
        TRY(buf_put_u8(out, text.p[i]));
    }
    return OK;
}

static struct err default_cell(const struct conf_setting *row, struct buf *out)
{
    if (row->flags & CONF_REQUIRED)
        return buf_puts(out, "required");
    if (!row->def || !*row->def)
        return buf_puts(out, "none");
    TRY(buf_put_u8(out, '`'));
    for (const char *c = row->def; *c; c++)
        TRY(*c == ',' ? buf_puts(out, ", ") : buf_put_u8(out, (uint8_t)*c));
    return buf_put_u8(out, '`');
}

static struct err put_row(const struct conf_setting *row, struct buf *out)
{
    TRY(buf_printf(out, "| `%s` | ", row->name));
    TRY(cell(row, out));
    TRY(buf_puts(out, " | "));
    if (row->type != CONF_NESTED)
        TRY(default_cell(row, out));
    return buf_printf(out, " | %s | %s |\n", row->reload == CONF_RELOAD ? "reload" : "restart",
                      row->help);
}

static struct err put_entities(struct buf *out)
{
    TRY(buf_puts(out, "\n## entity types\n\nWhat `masking.entities` may name. SECRET stands for "
                      "`masking.secrets`.\n\n"));
    for (int e = 0; e < ENTITY_COUNT; e++)
        TRY(buf_printf(out, "%s`%s`", e ? ", " : "", entity_name((enum entity)e)));
    return buf_puts(out, "\n");
}

struct err settings_reference(struct buf *out)
{
    TRY(buf_puts(out, head));
    TRY(buf_puts(out, settings_default_yaml));
    TRY(buf_puts(out, "```\n"));
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        const struct conf_table *t = &settings_tables[i];
        TRY(buf_printf(out, "\n## %s\n\n%s\n\n", t->name, settings_about[i]));
        TRY(buf_puts(out, "| setting | expects | default | takes effect at | meaning |\n"
                          "|---|---|---|---|---|\n"));
        for (size_t k = 0; k < t->n; k++)
            TRY(put_row(&t->v[k], out));
    }
    return put_entities(out);
}
