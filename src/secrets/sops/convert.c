/* SPDX-License-Identifier: Apache-2.0 */
/* A clear document in another format. Once a command. */
#include "sops_int.h"

static struct err no_way(struct fault *f, const char *why)
{
    return sops_fail(f, SOPS_NO_CLASS, 0, why);
}

static bool is_comment(const struct sops_item *it)
{
    return it->type == SOPS_COMMENT || it->plain_type == SOPS_COMMENT;
}

/* One document of a stream as block mappings. */
static struct err as_yaml(const struct sops_doc *d, uint32_t root, struct buf *out)
{
    static const struct sops_style style = {.indent = 4};
    BUF_AUTO text = buf_init(SOPS_BYTES_MAX);
    TRY(sops_emit_value(d, root, &style, &text));
    if (text.n == 0)
        return buf_puts(out, "{}\n");
    TRY(buf_put(out, span_from(buf_span(&text), 1))); /* without its first line end */
    return buf_puts(out, "\n");
}

static struct err all_yaml(const struct sops_doc *d, struct buf *out)
{
    for (uint32_t n = 0; n < d->n_nodes; n++) {
        if (d->nodes[n].parent != SOPS_NO_NODE)
            continue;
        TRY(buf_puts(out, n ? "---\n" : ""));
        TRY(as_yaml(d, n, out));
    }
    return OK;
}

/* A name=value line, or what is said of a value that fits on none. */
static struct err line(const struct sops_doc *d, const struct sops_item *it,
                       enum sops_format format, struct buf *out, struct fault *f)
{
    const struct sops_doc lines = {.format = format};
    const struct sops_item place = {.type = SOPS_STR};
    struct span name = d->nodes[it->node].name;
    if (it->plain_type >= SOPS_NULL)
        return no_way(f, "null, {} and [] have no form in this format");
    TRY(buf_put(out, name));
    TRY(buf_puts(out, format == SOPS_INI ? " = " : "="));
    TRY(sops_spell(&lines, &place, (enum sops_type)it->plain_type, it->plain, out));
    return buf_puts(out, "\n");
}

static struct err comment(const struct sops_item *it, enum sops_format format, struct buf *out)
{
    const struct sops_doc lines = {.format = format};
    const struct sops_item place = {.type = SOPS_COMMENT};
    TRY(sops_spell(&lines, &place, SOPS_COMMENT, it->plain, out));
    return buf_puts(out, "\n");
}

static struct err as_lines(const struct sops_doc *d, enum sops_format format, struct buf *out,
                           struct fault *f)
{
    uint32_t section = 0, deep = format == SOPS_INI ? 1 : 0, end = sops_node_last(d, 0);
    for (uint32_t i = 0; i < d->n_items; i++) {
        const struct sops_item *it = &d->items[i];
        if (it->node >= end || d->nodes[it->node].meta)
            continue;
        if (is_comment(it)) {
            TRY(comment(it, format, out));
            continue;
        }
        uint32_t up = d->nodes[it->node].parent, depth = 0;
        for (uint32_t at = up; at != 0; at = d->nodes[at].parent)
            depth++;
        if (depth != deep || d->nodes[it->node].index != UINT32_MAX)
            return no_way(f, deep ? "an INI file holds sections of values, and nothing else"
                                  : "a dotenv file holds names and values only");
        if (deep && section != up)
            TRY(buf_printf(out, "%s[%.*s]\n", out->n ? "\n" : "", SPAN_ARG(d->nodes[up].name)));
        section = up;
        TRY(line(d, it, format, out, f));
    }
    return OK;
}

struct err sops_write_as(struct sops_doc *d, enum sops_format format, struct buf *out,
                         struct fault *f)
{
    if (!d->open)
        TRY(sops_take_plain(d, f));
    if (format == SOPS_DOTENV || format == SOPS_INI)
        return as_lines(d, format, out, f);
    if (format == SOPS_YAML)
        return all_yaml(d, out);
    if (format == SOPS_JSON) {
        struct err e = sops_emit_json(d, 0, SPAN_LIT("\t"), 0, out);
        if (err_cat(e) == ERR_INPUT)
            return no_way(f, "JSON has no .inf, .nan and no bytes that are no text");
        TRY(e);
        return buf_puts(out, "\n");
    }
    uint32_t data = sops_node_child(d, 0, SPAN_LIT("data"), 0);
    if (data == SOPS_NO_NODE || d->nodes[data].item == 0)
        return no_way(f, "a binary document is one value called data");
    return buf_put(out, d->items[d->nodes[data].item - 1].plain);
}
