/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ONNX: a protobuf message, walked with an explicit stack. Which fields hold messages is one table;
 * everything else is skipped by its length. Cost: the fields, not the weights.
 *
 *   model ─► graph ─► node ─► attribute ─► tensor, graph (subgraphs: depth is bounded)
 *              └────► initializer ─► tensor ─► external_data
 */
#include "onnx_int.h"

enum { DEPTH_MAX = 100 };

enum message {
    M_MODEL,
    M_GRAPH,
    M_NODE,
    M_ATTRIBUTE,
    M_TENSOR,
    M_SPARSE,
    M_FUNCTION,
    M_TRAINING,
    M_ENTRY,
    M_NONE
};

static const struct child {
    uint8_t in, field, message;
} children[] = {
    {M_MODEL, 7, M_GRAPH},       {M_MODEL, 20, M_TRAINING},     {M_MODEL, 25, M_FUNCTION},
    {M_GRAPH, 1, M_NODE},        {M_GRAPH, 5, M_TENSOR},        {M_GRAPH, 15, M_SPARSE},
    {M_NODE, 5, M_ATTRIBUTE},    {M_ATTRIBUTE, 5, M_TENSOR},    {M_ATTRIBUTE, 6, M_GRAPH},
    {M_ATTRIBUTE, 10, M_TENSOR}, {M_ATTRIBUTE, 11, M_GRAPH},    {M_ATTRIBUTE, 22, M_SPARSE},
    {M_ATTRIBUTE, 23, M_SPARSE}, {M_SPARSE, 1, M_TENSOR},       {M_SPARSE, 2, M_TENSOR},
    {M_FUNCTION, 7, M_NODE},     {M_FUNCTION, 11, M_ATTRIBUTE}, {M_TRAINING, 1, M_GRAPH},
    {M_TRAINING, 2, M_GRAPH},    {M_TENSOR, 13, M_ENTRY},
};

struct node {
    size_t at;
    struct span op, domain;
};

struct walk {
    struct look *look;
    struct rd r;
    struct {
        enum message message;
        size_t end;
    } open[DEPTH_MAX];
    size_t depth;
    struct onnx_tensor tensor;
    struct onnx_files files;
    struct onnx_functions own;   /* operators that the model brings itself */
    struct node node[DEPTH_MAX]; /* by depth: nodes nest through subgraphs */
};

static enum message child_of(enum message in, uint64_t number)
{
    for (size_t i = 0; i < sizeof children / sizeof children[0]; i++)
        if (children[i].in == in && children[i].field == number)
            return (enum message)children[i].message;
    return M_NONE;
}

static void on_dimension(struct onnx_tensor *t, uint64_t d)
{
    if (d >> 63 || __builtin_mul_overflow(t->elements, d, &t->elements))
        t->bad_dims = true;
}

/* dims of a tensor come packed or one by one. */
static void on_tensor(struct onnx_tensor *t, const struct onnx_field *f)
{
    if (f->number == 1 && f->wire == 0) {
        on_dimension(t, f->value);
    } else if (f->number == 1 && f->wire == 2) {
        struct rd r = rd_of(f->bytes);
        uint64_t d;
        while (r.at < r.n && !onnx_varint(&r, r.n, &d))
            on_dimension(t, d);
    } else if (f->number == 2 && f->wire == 0) {
        t->type = f->value;
    } else if (f->number == 9 && f->wire == 2) {
        t->has_raw = true;
        t->raw_bytes = f->bytes.n;
    } else if (f->number == 14 && f->wire == 0) {
        t->external = f->value == 1;
    } else {
        onnx_typed_data(t, f);
    }
}

static void on_field(struct walk *w, const struct onnx_field *f)
{
    switch (w->open[w->depth - 1].message) {
    case M_TENSOR:
        on_tensor(&w->tensor, f);
        break;
    case M_ENTRY:
        if (f->wire == 2 && f->number == 1)
            w->tensor.key = f->bytes;
        if (f->wire == 2 && f->number == 2)
            w->tensor.value = f->bytes;
        break;
    case M_NODE:
        if (f->wire == 2 && f->number == 4)
            w->node[w->depth - 1].op = f->bytes;
        if (f->wire == 2 && f->number == 7)
            w->node[w->depth - 1].domain = f->bytes;
        break;
    default:
        break;
    }
}

static void node_end(struct walk *w, const struct node *n)
{
    static const char *const known[] = {"",
                                        "ai.onnx",
                                        "ai.onnx.ml",
                                        "ai.onnx.training",
                                        "ai.onnx.preview",
                                        "ai.onnx.preview.training",
                                        "com.microsoft"};
    static const char *const python[] = {"PyOp",        "PythonOp", "PyFunc",     "PyFuncStateless",
                                         "EagerPyFunc", "ATen",     "PyCustomOp", "PyOpFunction"};
    for (size_t i = 0; i < sizeof python / sizeof python[0]; i++)
        if (span_is(n->op, python[i])) {
            bool aten = span_is(n->op, "ATen");
            look_note(w->look, aten ? WEIGHTS_SUSPICIOUS : WEIGHTS_MALICIOUS, "custom-op", n->at,
                      "an operator that runs Python: %s", look_text(w->look, n->op));
            return;
        }
    if (span_starts(n->op, SPAN_LIT("PythonOp"))) {
        look_note(w->look, WEIGHTS_MALICIOUS, "custom-op", n->at,
                  "an operator that runs Python: %s", look_text(w->look, n->op));
        return;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (span_is(n->domain, known[i]))
            return;
    if (onnx_functions_have(&w->own, n->domain, n->op))
        return;
    look_note(w->look, WEIGHTS_SUSPICIOUS, "custom-op", n->at,
              "an operator that needs a native library: %s of %s", look_text(w->look, n->op),
              look_text(w->look, n->domain));
}

static void close_one(struct walk *w)
{
    w->depth--;
    switch (w->open[w->depth].message) {
    case M_TENSOR:
        onnx_tensor_end(w->look, &w->tensor, &w->files);
        break;
    case M_ENTRY:
        onnx_external_entry(w->look, &w->tensor, w->r.at);
        break;
    case M_NODE:
        node_end(w, &w->node[w->depth]);
        break;
    default:
        break;
    }
}

static bool open_one(struct walk *w, enum message m, size_t at, size_t end)
{
    if (w->depth == DEPTH_MAX) {
        look_note(w->look, WEIGHTS_MALFORMED, "onnx", at, "messages nested more than %d deep",
                  DEPTH_MAX);
        return false;
    }
    if (m == M_TENSOR)
        w->tensor = (struct onnx_tensor){.at = at, .elements = 1};
    w->node[w->depth] = (struct node){.at = at};
    w->open[w->depth].message = m;
    w->open[w->depth++].end = end;
    return true;
}

void onnx_look(struct look *k, struct span s)
{
    struct walk w = {.look = k, .r = rd_of(s)};
    bool graph = false;
    onnx_functions_find(k, s, &w.own);
    if (!open_one(&w, M_MODEL, 0, s.n))
        return;
    while (w.depth) {
        size_t end = w.open[w.depth - 1].end;
        if (w.r.at == end) {
            close_one(&w);
            continue;
        }
        struct onnx_field f = {0};
        const char *why = onnx_field(&w.r, end, &f);
        if (why) {
            look_note(k, WEIGHTS_MALFORMED, "onnx", f.at, "%s", why);
            return;
        }
        enum message m = child_of(w.open[w.depth - 1].message, f.number);
        if (m == M_GRAPH && w.depth == 1 && graph)
            look_note(k, WEIGHTS_SUSPICIOUS, "onnx", f.at,
                      "a second graph: some readers merge them, some take the last");
        graph = graph || m == M_GRAPH || m == M_FUNCTION;
        if (m == M_NONE || f.wire != 2) {
            on_field(&w, &f);
            continue;
        }
        w.r.at = (size_t)(f.bytes.p - w.r.p);
        if (!open_one(&w, m, f.at, w.r.at + f.bytes.n))
            return;
    }
    if (!graph)
        look_note(k, WEIGHTS_MALFORMED, "onnx", 0, "a model without a graph");
}

bool onnx_is(struct span s)
{
    struct rd r = rd_of(s);
    bool version = false, graph = false;
    while (r.at < r.n) {
        struct onnx_field f = {0};
        if (onnx_field(&r, r.n, &f))
            return version && graph;
        if (f.number > 30 || (f.number == 1 && (f.wire != 0 || f.value > 1000)) ||
            (f.number == 7 && f.wire != 2))
            return false;
        version = version || f.number == 1;
        graph = graph || f.number == 7;
    }
    return version && graph;
}
