/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 8785 in three steps, none recursive: the tokens become a tree in the arena, an object's
 * members are sorted when it closes, then the tree is printed. Called for records and manifests, a
 * few kilobytes at most; never on the data path.
 */
#include "jcs.h"
#include "json.h"

struct node {
    struct node *next, *child; /* sibling; first child */
    struct span name;          /* decoded, when it is a member */
    struct json_token t;
    uint32_t n; /* children */
};

struct canon {
    struct json j;
    struct arena *scratch;
    struct node *open[JSON_DEPTH]; /* containers around the current token */
    struct node **tail[JSON_DEPTH];
    struct span name; /* of the member whose value comes next */
};

/*
 * Order by UTF-16 code units. It differs from byte order in one place: a supplementary character
 * (lead byte from F0) comes before U+E000..U+FFFF (lead byte EE or EF).
 */
static int utf16_cmp(struct span a, struct span b)
{
    size_t n = a.n < b.n ? a.n : b.n, i = 0;
    while (i < n && a.p[i] == b.p[i])
        i++;
    if (i == n)
        return (a.n > b.n) - (a.n < b.n);
    int order = a.p[i] < b.p[i] ? -1 : 1;
    bool swap = a.p[i] >= 0xee && b.p[i] >= 0xee && (a.p[i] >= 0xf0) != (b.p[i] >= 0xf0);
    return swap ? -order : order;
}

static void merge(struct node **to, struct node **from, size_t lo, size_t mid, size_t hi)
{
    size_t a = lo, b = mid;
    for (size_t i = lo; i < hi; i++) {
        bool left = b >= hi || (a < mid && utf16_cmp(from[a]->name, from[b]->name) <= 0);
        to[i] = left ? from[a++] : from[b++];
    }
}

/* Bottom-up merge sort: n log n whatever the input. The sorted array ends up in *v. */
static void sort(struct node ***v, struct node **spare, size_t n)
{
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t lo = 0; lo < n; lo += 2 * width) {
            size_t mid = lo + width < n ? lo + width : n, hi = mid + width < n ? mid + width : n;
            merge(spare, *v, lo, mid, hi);
        }
        struct node **t = *v;
        *v = spare;
        spare = t;
    }
}

static struct err sort_members(struct canon *c, struct node *object, uint32_t at)
{
    size_t n = object->n;
    void *memory;
    TRY(arena_take(c->scratch, 2 * n * sizeof(struct node *), &memory));
    struct node **v = memory, **spare = v + n;
    size_t i = 0;
    for (struct node *m = object->child; m; m = m->next)
        v[i++] = m;
    sort(&v, spare, n);
    for (i = 0; i < n; i++) {
        if (i && span_eq(v[i - 1]->name, v[i]->name))
            return fault_at(&c->j.fault, ERR_INPUT, at, "the same key twice in one object");
        v[i]->next = i + 1 < n ? v[i + 1] : NULL;
    }
    object->child = n ? v[0] : NULL;
    return OK;
}

static struct err decode(struct canon *c, const struct json_token *t, struct span *text)
{
    *text = json_inner(&c->j, t);
    if (!t->escaped)
        return OK;
    if (t->lone)
        return fault_at(&c->j.fault, ERR_INPUT, t->start, "half a surrogate pair in a string");
    void *p;
    TRY(arena_take(c->scratch, text->n, &p));
    struct wr w = wr_of(p, text->n);
    TRY(json_unescape(*text, JSON_LONE_REFUSE, &w, NULL));
    *text = wr_span(&w);
    return OK;
}

static struct err add(struct canon *c, const struct json_token *t, struct node **root)
{
    void *p;
    TRY(arena_take(c->scratch, sizeof(struct node), &p));
    struct node *node = p;
    *node = (struct node){.name = c->name, .t = *t};
    if (t->depth == 0) {
        *root = node;
    } else {
        *c->tail[t->depth - 1] = node;
        c->tail[t->depth - 1] = &node->next;
        c->open[t->depth - 1]->n++;
    }
    if (t->type == JSON_OBJECT || t->type == JSON_ARRAY) {
        c->open[t->depth] = node;
        c->tail[t->depth] = &node->child;
    }
    return OK;
}

static struct err tree(struct canon *c, struct node **root)
{
    for (;;) {
        struct json_token t;
        TRY(json_next(&c->j, &t));
        switch ((enum json_type)t.type) {
        case JSON_END:
            return OK;
        case JSON_KEY:
            TRY(decode(c, &t, &c->name));
            break;
        case JSON_OBJECT_END:
            TRY(sort_members(c, c->open[t.depth], t.start));
            break;
        case JSON_ARRAY_END:
            break;
        default:
            TRY(add(c, &t, root));
        }
    }
}

static struct err put_string(struct span text, struct buf *out)
{
    TRY(buf_put_u8(out, '"'));
    TRY(json_escape(text, out));
    return buf_put_u8(out, '"');
}

static struct err put_number(struct canon *c, const struct node *node, struct span raw,
                             struct buf *out)
{
    double v;
    struct err e = json_get_double(raw, &v);
    if (failed(e))
        return fault_at(&c->j.fault, ERR_INPUT, node->t.start,
                        "number too long or too large for a double");
    uint8_t text[JCS_NUMBER_MAX];
    return buf_put(out, span(text, jcs_number(v, text)));
}

/* A scalar, or the opening of a container. */
static struct err put_value(struct canon *c, const struct node *node, struct buf *out)
{
    struct span raw = json_raw(&c->j, &node->t);
    switch ((enum json_type)node->t.type) {
    case JSON_OBJECT:
        return buf_put_u8(out, '{');
    case JSON_ARRAY:
        return buf_put_u8(out, '[');
    case JSON_NUMBER:
        return put_number(c, node, raw, out);
    case JSON_STRING: {
        struct span text;
        TRY(decode(c, &node->t, &text));
        return put_string(text, out);
    }
    default:
        return buf_put(out, raw);
    }
}

/* Down, right, up: `open` holds the containers around `node`. */
static struct err print(struct canon *c, const struct node *node, struct buf *out)
{
    size_t depth = 0;
    for (;;) {
        if (depth && c->open[depth - 1]->t.type == JSON_OBJECT) {
            TRY(put_string(node->name, out));
            TRY(buf_put_u8(out, ':'));
        }
        TRY(put_value(c, node, out));
        if (node->child) {
            c->open[depth++] = (struct node *)node;
            node = node->child;
            continue;
        }
        if (node->t.type == JSON_OBJECT || node->t.type == JSON_ARRAY)
            TRY(buf_put_u8(out, node->t.type == JSON_OBJECT ? '}' : ']'));
        while (depth && !node->next) {
            node = c->open[--depth];
            TRY(buf_put_u8(out, node->t.type == JSON_OBJECT ? '}' : ']'));
        }
        if (depth == 0)
            return OK;
        node = node->next;
        TRY(buf_put_u8(out, ','));
    }
}

struct err jcs_canonical(struct span in, struct arena *scratch, struct buf *out, struct fault *f)
{
    struct canon c = {.j = json_of(in), .scratch = scratch};
    struct node *root = NULL;
    size_t before = out->n;
    struct err e = tree(&c, &root);
    if (!failed(e))
        e = print(&c, root, out);
    if (!failed(e))
        return OK;
    out->n = before;
    if (f)
        *f = c.j.fault.why ? c.j.fault : (struct fault){in.n, "over the limit of memory"};
    return e;
}
