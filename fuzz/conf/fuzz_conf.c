/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a config file: a tree whose keys are unique and whose counts are true, or a fault
 * with a line of the file. Read by a table with a setting of each type: what is taken is in its
 * range, and printed it is a config that says the same.
 */
#include "conf.h"

#include <stdlib.h>

/* covers: src/conf/parse.c src/conf/value.c src/conf/table.c src/conf/word.c */
/* planted: src/conf/value.c | return *v < s->min || *v > s->max ? err(ERR_LIMIT) : OK; | return *v
 * < s->min || *v > s->max + 1 ? err(ERR_LIMIT) : OK; */

struct all {
    bool yes;
    uint64_t count, size, wait, usd;
    double part;
    uint32_t word;
    unsigned __int128 set;
    struct span text, secret;
    struct conf_texts list, pairs;
};

#define WORDS "one|two|three|four|five|six|seven|eight|nine|ten"
#define ROW(kind, field, low, high, of, given, flag)                                               \
    {                                                                                              \
        .name = #field, .type = kind, .offset = offsetof(struct all, field), .min = low,           \
        .max = high, .words = of, .def = given, .flags = flag                                      \
    }
static const struct conf_setting rows[] = {
    ROW(CONF_BOOL, yes, 0, 1, NULL, "true", 0),
    ROW(CONF_COUNT, count, 2, 1000, NULL, "3", 0),
    ROW(CONF_SIZE, size, 1, 1 << 30, NULL, "64KiB", 0),
    ROW(CONF_DURATION, wait, 10, 86400000, NULL, "5s", 0),
    ROW(CONF_USD, usd, 0, 1000000000000, NULL, "2.50", 0),
    ROW(CONF_FRACTION, part, 0, 1000000, NULL, "0.7", 0),
    ROW(CONF_WORD, word, 0, 9, WORDS, "two", 0),
    ROW(CONF_WORDS, set, 0, 0, WORDS, "one,three", 0),
    ROW(CONF_TEXT, text, 1, 20, NULL, NULL, CONF_REQUIRED),
    ROW(CONF_TEXT, secret, 0, 20, NULL, NULL, CONF_SENSITIVE),
    ROW(CONF_TEXTS, list, 1, 20, NULL, "a,b", 0),
    ROW(CONF_TEXTS, pairs, 1, 20, NULL, NULL, CONF_PAIRS),
    {.name = "more", .type = CONF_NESTED},
};
enum { ROWS = sizeof rows / sizeof *rows };
static const struct conf_table table = {"the test", rows, ROWS, sizeof(struct all)};

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

static void check_ranges(const struct all *a)
{
    must(a->count >= 2 && a->count <= 1000 && a->size >= 1 && a->size <= 1 << 30);
    must(a->wait >= 10 && a->wait <= 86400000 && a->usd <= 1000000000000);
    must(a->part >= 0 && a->part <= 1 && a->word < 10 && !(a->set >> 10));
    must(a->text.n >= 1 && a->text.n <= 20 && a->secret.n <= 20);
    for (size_t i = 0; i < a->list.n; i++)
        must(a->list.v[i].n >= 1 && a->list.v[i].n <= 20);
}

/* All but the nested one, as a config. */
static void print(const struct all *a, struct buf *out)
{
    for (size_t i = 0; i + 1 < ROWS; i++) {
        must(!failed(buf_puts(out, rows[i].name)) && !failed(buf_puts(out, ": ")));
        must(!failed(conf_print(&rows[i], (const uint8_t *)a + rows[i].offset, out)));
        must(!failed(buf_put_u8(out, '\n')));
    }
}

static void check_table(const struct conf_node *root, struct arena *arena)
{
    struct all all = {0}, again = {0};
    struct conf_fault f = {0};
    const struct conf_node *printed;
    BUF_AUTO one = buf_init(CONF_BYTES_MAX), two = buf_init(CONF_BYTES_MAX);
    must(!failed(conf_defaults(&table, arena, &all)));
    struct err e = conf_read(&table, root, arena, &all, &f);
    if (failed(e)) {
        must(err_cat(e) != ERR_INPUT || (*f.text && f.line));
        must(!failed(conf_fault_text(&f, &one)) && one.n);
        return;
    }
    check_ranges(&all);
    print(&all, &one);
    e = conf_parse(buf_span(&one), "printed", arena, &printed, &f);
    must(!failed(e) || err_cat(e) == ERR_LIMIT);
    if (failed(e))
        return;
    must(!failed(conf_read(&table, printed, arena, &again, &f)));
    print(&again, &two);
    must(span_eq(buf_span(&one), buf_span(&two)));
}

/* Depth first without recursion: the stack is as deep as the parser allows. */
static void check_tree(const struct conf_node *root)
{
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
        check_tree(root);
        check_table(root, &a);
    }
    arena_free(&a);
    return 0;
}
