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
    if (top->count)
        return OK;
    return sops_item_add(y->d,
                         (struct sops_item){.node = top->node,
                                            .start = (uint32_t)top->start,
                                            .end = (uint32_t)y->at,
                                            .type = top->map ? SOPS_EMPTY_MAP : SOPS_EMPTY_LIST,
                                            .flow = true});
}

/* The node of the next element, cursor at its value. */
static struct err element(struct yaml *y, struct frame *top, uint32_t *node)
{
    if (!top->map)
        return sops_node_add(y->d, top->node, SPAN_NONE, top->count++, node);
    struct span key;
    bool found;
    size_t at = y->at;
    TRY(yaml_key(y, true, &key, &found));
    if (!found)
        return yaml_bad(y, at, "a member without a key");
    top->count++;
    struct err e = sops_node_add(y->d, top->node, key, UINT32_MAX, node);
    if (failed(e))
        return err_cat(e) == ERR_INPUT ? yaml_bad(y, at, "a key comes twice") : e;
    return skip(y, top->node);
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
            TRY(element(y, top, &child));
            c = y->at < y->in.n ? y->in.p[y->at] : 0;
            comma = c == '[' || c == '{';
            if (comma)
                TRY(open_frame(y, stack, &n, child));
            else
                TRY(yaml_scalar(y, child, -1, true));
        }
    }
    return OK;
}
