/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a config file: a tree whose keys are unique and whose counts are true, or a fault
 * with a line of the file. */
#include "conf.h"

#include <stdlib.h>

/* covers: src/conf/parse.c */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_level(const struct conf_node *node)
{
    uint32_t n = 0;
    for (const struct conf_node *m = node->first; m; m = m->next, n++) {
        must(m->line >= node->line);
        must(node->kind != CONF_MAPPING || conf_member(node, m->key) == m);
    }
    must(n == node->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = arena_init(8 << 20);
    const struct conf_node *root;
    struct conf_fault f;
    struct err e = conf_parse(span(data, size), "fuzz.yaml", &a, &root, &f);
    if (failed(e)) {
        must(err_cat(e) != ERR_INPUT || *f.text);
        must(f.line <= size + 2);
    } else {
        /* Depth first without recursion: the stack is as deep as the parser allows. */
        const struct conf_node *stack[CONF_DEPTH_MAX + 2];
        size_t depth = 0;
        stack[depth++] = root;
        while (depth) {
            const struct conf_node *node = stack[--depth];
            check_level(node);
            if (node->next)
                stack[depth++] = node->next;
            if (node->first)
                stack[depth++] = node->first;
            must(depth <= CONF_DEPTH_MAX + 1);
        }
    }
    arena_free(&a);
    return 0;
}
