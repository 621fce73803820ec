/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators that a model defines from others (FunctionProto): they need no native library. Found in
 * one pass over the model's own fields before the walk, for they stand behind the graph.
 */
#include "onnx_int.h"

#include <stdlib.h>

enum { FUNCTIONS_MAX = 10000, MODEL_FUNCTIONS = 25, NAME = 1, DOMAIN = 10 };

static int compare(const void *x, const void *y)
{
    const struct onnx_function *a = x, *b = y;
    int order = span_cmp(a->name, b->name);
    return order ? order : span_cmp(a->domain, b->domain);
}

static struct onnx_function read_function(struct span bytes)
{
    struct onnx_function f = {SPAN_NONE, SPAN_NONE};
    struct rd r = rd_of(bytes);
    struct onnx_field in = {0};
    while (r.at < r.n && !onnx_field(&r, r.n, &in)) {
        if (in.number == NAME && in.wire == 2)
            f.name = in.bytes;
        if (in.number == DOMAIN && in.wire == 2)
            f.domain = in.bytes;
    }
    return f;
}

/* How many there are; into `v` where it is given. */
static size_t pass(struct span model, struct onnx_function *v)
{
    struct rd r = rd_of(model);
    struct onnx_field f = {0};
    size_t n = 0;
    while (n < FUNCTIONS_MAX && r.at < r.n && !onnx_field(&r, r.n, &f)) {
        if (f.number != MODEL_FUNCTIONS || f.wire != 2)
            continue;
        if (v)
            v[n] = read_function(f.bytes);
        n++;
    }
    return n;
}

void onnx_functions_find(struct look *k, struct span model, struct onnx_functions *out)
{
    *out = (struct onnx_functions){NULL, pass(model, NULL)};
    if (out->n == 0)
        return;
    void *v;
    if (failed(arena_take(&k->report->text, out->n * sizeof *out->v, &v))) {
        out->n = 0;
        return;
    }
    out->v = v;
    pass(model, out->v);
    qsort(out->v, out->n, sizeof *out->v, compare);
}

bool onnx_functions_have(const struct onnx_functions *f, struct span domain, struct span name)
{
    struct onnx_function key = {domain, name};
    return f->n && bsearch(&key, f->v, f->n, sizeof *f->v, compare) != NULL;
}
