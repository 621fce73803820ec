/* SPDX-License-Identifier: Apache-2.0 */
/* The flat list of a document's values, as the readers build it. Once a value. */
#define _DEFAULT_SOURCE
#include "sops_int.h"
#include "wr.h"

#include <stdlib.h>

struct err sops_fail(struct fault *f, enum sops_failure class, size_t at, const char *why)
{
    static const enum err_cat cats[] = {[SOPS_NO_CLASS] = ERR_INPUT,
                                        [SOPS_FORMAT] = ERR_INPUT,
                                        [SOPS_NO_KEY] = ERR_DENIED,
                                        [SOPS_DECRYPT] = ERR_CORRUPT,
                                        [SOPS_MAC] = ERR_CORRUPT};
    if (f)
        *f = (struct fault){at, why};
    return err_make(cats[class], class);
}

const char *sops_failure_text(struct err e)
{
    static const char *const texts[] = {NULL, "format", "key", "decrypt", "mac"};
    enum err_cat c = err_cat(e);
    if (c != ERR_INPUT && c != ERR_DENIED && c != ERR_CORRUPT)
        return NULL;
    return err_detail(e) < 5 ? texts[err_detail(e)] : NULL;
}

/* Room for one more element of `size` bytes; arrays double. */
static struct err grow(void **v, uint32_t n, uint32_t *cap, size_t size)
{
    if (n < *cap)
        return OK;
    uint32_t more = *cap ? *cap * 2 : 64;
    if (more > 2 * SOPS_ITEMS_MAX)
        return err(ERR_LIMIT);
    void *bigger = realloc(*v, more * size);
    if (!bigger)
        return err(ERR_NOMEM);
    *v = bigger;
    *cap = more;
    return OK;
}

static uint64_t hash_name(uint32_t parent, struct span name)
{
    uint64_t h = 0x9e3779b97f4a7c15 ^ parent;
    for (size_t i = 0; i < name.n; i++)
        h = (h ^ name.p[i]) * 0x100000001b3;
    return h ^ h >> 29;
}

/* Slot of (parent, name): that of the node with this name, or the free one. */
static uint32_t *name_slot(const struct sops_doc *d, uint32_t parent, struct span name)
{
    uint32_t mask = d->names_cap - 1, i = (uint32_t)hash_name(parent, name) & mask;
    while (d->names[i]) {
        const struct sops_node *n = &d->nodes[d->names[i] - 1];
        if (n->parent == parent && span_eq(n->name, name))
            break;
        i = (i + 1) & mask;
    }
    return &d->names[i];
}

static struct err names_grow(struct sops_doc *d)
{
    if (d->n_nodes * 2 < d->names_cap)
        return OK;
    uint32_t *old = d->names;
    d->names_cap = d->names_cap ? d->names_cap * 2 : 256;
    d->names = calloc(d->names_cap, sizeof *d->names);
    free(old);
    if (!d->names)
        return err(ERR_NOMEM);
    for (uint32_t i = 0; i < d->n_nodes; i++)
        if (d->nodes[i].index == UINT32_MAX && d->nodes[i].parent != SOPS_NO_NODE) {
            uint32_t *slot = name_slot(d, d->nodes[i].parent, d->nodes[i].name);
            *slot = *slot ? *slot : i + 1; /* the first of one name */
        }
    return OK;
}

static struct err path_below(struct sops_doc *d, const struct sops_node *parent, struct span name,
                             struct span *out)
{
    void *memory;
    TRY(arena_take(&d->arena, parent->path.n + name.n + 1, &memory));
    struct wr w = wr_of(memory, parent->path.n + name.n + 1);
    wr_put(&w, parent->path);
    wr_put(&w, name);
    wr_u8(&w, ':');
    *out = wr_span(&w);
    return OK;
}

/* Readers of dotenv take any name again, those of INI a section. */
static bool may_repeat(const struct sops_doc *d, uint32_t parent, struct span name)
{
    bool top = d->nodes[parent].parent == SOPS_NO_NODE;
    return (d->format == SOPS_DOTENV && !d->nodes[parent].meta) ||
           (d->format == SOPS_INI && top && !span_is(name, "sops"));
}

struct err sops_node_add(struct sops_doc *d, uint32_t parent, struct span name, uint32_t index,
                         uint32_t *out)
{
    struct sops_node n = {.name = name, .parent = parent, .index = index};
    bool member = parent != SOPS_NO_NODE && index == UINT32_MAX;
    TRY(grow((void **)&d->nodes, d->n_nodes, &d->cap_nodes, sizeof n));
    TRY(names_grow(d));
    if (member) {
        uint32_t *slot = name_slot(d, parent, name);
        bool twice = *slot != 0;
        if (twice && !may_repeat(d, parent, name))
            return err(ERR_INPUT);
        *slot = twice ? *slot : d->n_nodes + 1;
    }
    if (parent != SOPS_NO_NODE) {
        struct sops_node *up = &d->nodes[parent];
        up->children++;
        n.path = up->path;
        n.meta = up->meta || (member && up->parent == SOPS_NO_NODE && span_is(name, "sops"));
        if (member)
            TRY(path_below(d, up, name, &n.path));
    }
    *out = d->n_nodes;
    d->nodes[d->n_nodes++] = n;
    return OK;
}

struct err sops_item_add(struct sops_doc *d, struct sops_item item)
{
    if (d->n_items >= SOPS_ITEMS_MAX)
        return err(ERR_LIMIT);
    TRY(grow((void **)&d->items, d->n_items, &d->cap_items, sizeof item));
    d->items[d->n_items++] = item;
    if (item.type != SOPS_COMMENT) {
        struct sops_node *n = &d->nodes[item.node];
        n->item = d->n_items;
        n->end = item.start == item.end ? n->behind : item.end;
    }
    return OK;
}

uint32_t sops_node_last(const struct sops_doc *d, uint32_t node)
{
    uint32_t m = node + 1; /* parents come before their children */
    while (m < d->n_nodes && d->nodes[m].parent != SOPS_NO_NODE && d->nodes[m].parent >= node)
        m++;
    return m;
}

void sops_node_items(const struct sops_doc *d, uint32_t node, uint32_t *lo, uint32_t *hi)
{
    uint32_t end = sops_node_last(d, node), first = node, last = end;
    while (first < end && d->nodes[first].item == 0)
        first++;
    *lo = *hi = 0;
    if (first == end)
        return;
    while (d->nodes[last - 1].item == 0)
        last--;
    *lo = d->nodes[first].item - 1;
    *hi = d->nodes[last - 1].item;
    for (; *lo > 0; --*lo) {
        const struct sops_item *it = &d->items[*lo - 1];
        if (it->type != SOPS_COMMENT || it->node < node || it->node >= end)
            break;
    }
    for (; *hi < d->n_items; ++*hi) {
        const struct sops_item *it = &d->items[*hi];
        if (it->type != SOPS_COMMENT || it->node < node || it->node >= end)
            break;
    }
}

uint32_t sops_node_end(const struct sops_doc *d, uint32_t node)
{
    uint32_t end = d->nodes[node].end, last = sops_node_last(d, node);
    if (end)
        return end;
    for (uint32_t m = node; m < last; m++)
        end = d->nodes[m].end > end ? d->nodes[m].end : end;
    return end;
}

bool sops_node_is_list(const struct sops_doc *d, uint32_t node)
{
    const struct sops_node *n = &d->nodes[node];
    if (n->item)
        return d->items[n->item - 1].type == SOPS_EMPTY_LIST;
    return n->children && d->nodes[node + 1].index != UINT32_MAX;
}

static bool is_comment_node(const struct sops_doc *d, uint32_t node)
{
    uint32_t item = d->nodes[node].item;
    return item && d->items[item - 1].plain_type == SOPS_COMMENT;
}

uint32_t sops_node_child(const struct sops_doc *d, uint32_t parent, struct span name,
                         uint64_t index)
{
    if (name.p) {
        uint32_t slot = d->names_cap ? *name_slot(d, parent, name) : 0;
        return slot ? slot - 1 : SOPS_NO_NODE;
    }
    for (uint32_t m = parent + 1; m < d->n_nodes; m++) {
        const struct sops_node *n = &d->nodes[m];
        if (n->parent == SOPS_NO_NODE || n->parent < parent)
            break;
        if (n->parent == parent && n->index == index && !is_comment_node(d, m))
            return m;
    }
    return SOPS_NO_NODE;
}

struct err sops_cut_add(struct sops_doc *d, size_t start, size_t end)
{
    TRY(grow((void **)&d->cuts, d->n_cuts, &d->cap_cuts, sizeof *d->cuts));
    d->cuts[d->n_cuts++] = (struct sops_cut){(uint32_t)start, (uint32_t)end};
    return OK;
}

struct err sops_end_add(struct sops_doc *d, size_t at)
{
    TRY(grow((void **)&d->ends, d->n_ends, &d->cap_ends, sizeof *d->ends));
    d->ends[d->n_ends++] = (uint32_t)at;
    return OK;
}

struct err sops_flat_name(const struct sops_doc *d, uint32_t node, struct buf *out)
{
    uint32_t way[SOPS_DEPTH + 2], n = 0;
    for (uint32_t at = node; at != SOPS_NO_NODE && n < SOPS_DEPTH + 2; at = d->nodes[at].parent)
        way[n++] = at;
    if (n < 3)
        return OK;
    for (uint32_t i = n - 2; i-- > 0;) { /* without the root and "sops" itself */
        const struct sops_node *step = &d->nodes[way[i]];
        if (step->index != UINT32_MAX)
            TRY(buf_printf(out, "__list_%u", step->index));
        else {
            TRY(buf_puts(out, out->n ? "__map_" : ""));
            TRY(buf_put(out, step->name));
        }
    }
    return OK;
}

bool sops_format_named(const char *name, enum sops_format *out)
{
    static const char *const names[] = {"yaml", "json", "dotenv", "ini", "binary"};
    for (size_t i = 0; i < 5; i++)
        if (strcmp(names[i], name) == 0) {
            *out = (enum sops_format)i;
            return true;
        }
    return false;
}

enum sops_format sops_format_of(const char *path)
{
    struct span p = span_str(path);
    if (span_ends(p, SPAN_LIT(".yaml")) || span_ends(p, SPAN_LIT(".yml")))
        return SOPS_YAML;
    if (span_ends(p, SPAN_LIT(".json")))
        return SOPS_JSON;
    if (span_ends(p, SPAN_LIT(".env")))
        return SOPS_DOTENV;
    return span_ends(p, SPAN_LIT(".ini")) ? SOPS_INI : SOPS_BINARY;
}

struct err sops_read(struct sops_doc *d, struct span source, enum sops_format format,
                     struct fault *f)
{
    *d = (struct sops_doc){.format = format, .source = source};
    d->arena = arena_init((size_t)SOPS_BYTES_MAX * 8);
    if (source.n > SOPS_BYTES_MAX)
        return sops_fail(f, SOPS_NO_CLASS, 0, "the document is too large");
    if (f)
        *f = (struct fault){0, "a key comes twice, or too many values"};
    struct err e = OK;
    switch (format) {
    case SOPS_YAML:
        e = sops_read_yaml(d, f);
        break;
    case SOPS_JSON:
    case SOPS_BINARY:
        e = sops_read_json(d, f);
        break;
    case SOPS_DOTENV:
        e = sops_read_dotenv(d, f);
        break;
    case SOPS_INI:
        e = sops_read_ini(d, f);
        break;
    }
    if (err_cat(e) == ERR_INPUT && err_detail(e) == 0)
        e = err_make(ERR_INPUT, SOPS_FORMAT);
    return failed(e) ? e : sops_meta_read(d, f);
}

struct err sops_read_bytes(struct sops_doc *d, struct span bytes)
{
    uint32_t root, node;
    *d = (struct sops_doc){.format = SOPS_BINARY, .source = SPAN_LIT("{\n\t\"data\": \"\"\n}\n")};
    d->arena = arena_init((size_t)SOPS_BYTES_MAX * 8);
    TRY(sops_node_add(d, SOPS_NO_NODE, SPAN_NONE, UINT32_MAX, &root));
    TRY(sops_node_add(d, root, SPAN_LIT("data"), UINT32_MAX, &node));
    size_t value = d->source.n - 5; /* the empty string */
    TRY(sops_item_add(d, (struct sops_item){.node = node,
                                            .start = (uint32_t)value,
                                            .end = (uint32_t)value + 2,
                                            .type = SOPS_STR,
                                            .text = bytes}));
    return sops_end_add(d, value + 2);
}

void sops_forget(struct sops_doc *d)
{
    d->n_nodes = d->n_items = d->n_cuts = d->n_ends = 0;
    if (d->names)
        memset(d->names, 0, d->names_cap * sizeof *d->names);
}

void sops_drop(struct sops_doc *d)
{
    arena_free(&d->arena);
    free(d->nodes);
    free(d->items);
    free(d->cuts);
    free(d->ends);
    free(d->names);
    explicit_bzero(d, sizeof *d);
}
