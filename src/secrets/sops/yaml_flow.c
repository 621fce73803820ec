/* SPDX-License-Identifier: Apache-2.0 */
/* Flow collections of YAML: {a: 1, b: [x, y]}. JSON inside YAML mostly. Not recursive. */
#include "yaml_int.h"

static struct err skip(struct yaml *y, uint32_t node)
{
    for (;;) {
        uint8_t c = y->at < y->in.n ? y->in.p[y->at] : 0;
        if (c == '\n') {
            y->at++;
            y->line = y->at;
        } else if (c == ' ' || c == '\t' || c == '\r') {
            y->at++;
        } else if (c == '#') {
            TRY(yaml_comment(y, node));
        } else if (y->at >= y->in.n) {
            return yaml_bad(y, y->at, "brackets that are not closed");
        } else {
            return OK;
        }
    }
}

struct frame {
    uint32_t node, count;
    size_t start;
    bool map;
};

static struct err open_frame(struct yaml *y, struct frame *stack, uint32_t *n, uint32_t node)
{
    if (*n == SOPS_DEPTH)
        return yaml_bad(y, y->at, "nested too deep");
    stack[(*n)++] = (struct frame){node, 0, y->at, y->in.p[y->at] == '{'};
    y->at++;
    return OK;
}

/* The closing bracket: an empty collection is an item of its own. */
static struct err close_frame(struct yaml *y, const struct frame *top)
{
    if ((y->in.p[y->at] == '}') != top->map)
        return yaml_bad(y, y->at, "the wrong closing bracket");
    y->at++;
    y->d->nodes[top->node].end = (uint32_t)y->at;
    if (top->count || y->d->nodes[top->node].parent == SOPS_NO_NODE)
        return OK;
    return sops_item_add(y->d,
                         (struct sops_item){.node = top->node,
                                            .start = (uint32_t)top->start,
                                            .end = (uint32_t)y->at,
                                            .type = top->map ? SOPS_EMPTY_MAP : SOPS_EMPTY_LIST,
                                            .flow = true});
}

static void place(struct yaml *y, uint32_t node, size_t at)
{
    struct sops_node *n = &y->d->nodes[node];
    n->at = (uint32_t)at;
    n->behind = (uint32_t)y->at;
    n->flow = true;
}

/* A member that the mapping `map` gets: "key: value", or a key alone, which is null. Cursor at the
 * value, if one comes: *node is SOPS_NO_NODE where none does. */
static struct err member(struct yaml *y, uint32_t map, const struct yaml_props *p, uint32_t *node)
{
    struct span key;
    bool found;
    size_t at = y->at;
    TRY(yaml_key(y, true, p, &key, &found));
    if (!found) {
        struct sops_item it;
        if (at < y->in.n && (y->in.p[at] == '[' || y->in.p[at] == '{' || y->in.p[at] == '*'))
            return yaml_bad(y, at, "a key that is no text");
        TRY(yaml_text(y, -1, true, p, &it));
        if (it.type != SOPS_STR)
            return yaml_bad(y, at, "a member without a key");
        key = it.text;
    }
    TRY(yaml_anchor_key(y, p, key));
    struct err e = sops_node_add(y->d, map, key, UINT32_MAX, node);
    if (failed(e))
        return yaml_twice(y, at, e);
    if (found)
        TRY(skip(y, map));
    place(y, *node, at);
    uint8_t c = y->at < y->in.n ? y->in.p[y->at] : 0;
    if (found && c != ',' && c != '}' && c != ']')
        return OK;
    struct sops_item null = {.node = *node,
                             .start = (uint32_t)y->at,
                             .end = (uint32_t)y->at,
                             .type = SOPS_NULL,
                             .flow = true};
    *node = SOPS_NO_NODE;
    return sops_item_add(y->d, null);
}

/* Does a key stand here, inside of a list: "[a: b]", a mapping of one member? */
static bool is_pair(struct yaml *y)
{
    static const struct yaml_props none = {0};
    size_t at = y->at, line = y->line;
    struct span key;
    bool found;
    uint8_t c = y->in.p[at];
    if (c == '[' || c == '{' || c == '*')
        return false;
    bool pair = !failed(yaml_key(y, true, &none, &key, &found)) && found;
    y->at = at;
    y->line = line;
    return pair;
}

/* The node of the next element, cursor at its value; SOPS_NO_NODE: it was null. */
static struct err element(struct yaml *y, struct frame *top, struct yaml_props *p, uint32_t *node)
{
    size_t at = y->at;
    bool explicit = y->in.p[y->at] == '?' && y->in.n - y->at > 1 && y->in.p[y->at + 1] == ' ';
    if (explicit) {
        y->at++;
        TRY(skip(y, top->node));
    }
    TRY(yaml_props(y, p));
    if (y->at >= y->in.n)
        return yaml_bad(y, y->at, "brackets that are not closed");
    bool pair = !top->map && (explicit || is_pair(y));
    uint32_t map = top->node;
    top->count++;
    if (!top->map) {
        TRY(sops_node_add(y->d, top->node, SPAN_NONE, top->count - 1, node));
        place(y, *node, at);
        map = *node;
    }
    if (!top->map && !pair)
        return OK;
    TRY(member(y, map, p, node));
    *p = (struct yaml_props){0};
    if (*node != SOPS_NO_NODE)
        TRY(yaml_props(y, p));
    return OK;
}

/* The value of `node` at the cursor: a bracket that opens, or all of it. */
static struct err one_value(struct yaml *y, struct frame *stack, uint32_t *n, uint32_t node,
                            const struct yaml_props *p, bool *opened)
{
    uint8_t c = y->at < y->in.n ? y->in.p[y->at] : 0;
    *opened = c == '[' || c == '{';
    if (!*opened && (c == ',' || c == ']' || c == '}')) { /* an anchor or a tag of nothing */
        struct sops_item it = {.node = node,
                               .start = (uint32_t)y->at,
                               .end = (uint32_t)y->at,
                               .type = SOPS_NULL,
                               .flow = true};
        TRY(yaml_anchor_node(y, p, node));
        TRY(yaml_tagged(y, p, &it));
        return p->any ? sops_item_add(y->d, it) : yaml_bad(y, y->at, "a comma too many");
    }
    if (!*opened)
        return yaml_value(y, node, -1, true, p);
    TRY(yaml_anchor_node(y, p, node));
    return open_frame(y, stack, n, node);
}

struct err yaml_flow(struct yaml *y, uint32_t node)
{
    struct frame stack[SOPS_DEPTH];
    uint32_t n = 0;
    bool comma = true; /* an element may come */
    TRY(open_frame(y, stack, &n, node));
    while (n) {
        struct frame *top = &stack[n - 1];
        TRY(skip(y, top->node));
        uint8_t c = y->in.p[y->at];
        if (c == ']' || c == '}') {
            TRY(close_frame(y, top));
            n--;
            comma = false;
        } else if (c == ',') {
            if (comma)
                return yaml_bad(y, y->at, "a comma too many");
            y->at++;
            comma = true;
        } else if (!comma) {
            return yaml_bad(y, y->at, "no comma between two values");
        } else {
            uint32_t child;
            struct yaml_props props;
            comma = false;
            TRY(element(y, top, &props, &child));
            if (child != SOPS_NO_NODE)
                TRY(one_value(y, stack, &n, child, &props, &comma));
        }
    }
    return OK;
}
