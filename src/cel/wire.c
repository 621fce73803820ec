/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The protobuf encoding, both ways. Decoding takes every byte through the read cursor; messages
 * nest at most WIRE_DEPTH deep. A message holds its fields as CEL values: wrappers as their inner
 * value, Struct, Value and ListValue as map and list, Any as itself.
 */
#include "cel_int.h"

#include "rd.h"
#include "utf8.h"

enum { WIRE_DEPTH = 40, VARINT = 0, FIXED64 = 1, LENGTH = 2, START = 3, END = 4, FIXED32 = 5 };

/* ---- writing ---- */

static struct err put_varint(struct buf *out, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        TRY(buf_put_u8(out, (uint8_t)(v | 0x80)));
    return buf_put_u8(out, (uint8_t)v);
}

static struct err put_fixed(struct buf *out, uint64_t v, unsigned width)
{
    uint8_t b[8];
    struct wr w = wr_of(b, sizeof b);
    wr_le(&w, width, v);
    return buf_put(out, wr_span(&w));
}

static struct err put_tag(struct buf *out, uint32_t number, unsigned kind)
{
    return put_varint(out, (uint64_t)number << 3 | kind);
}

static unsigned wire_kind(uint8_t type)
{
    switch (type) {
    case FT_DOUBLE:
    case FT_FIXED64:
    case FT_SFIXED64:
        return FIXED64;
    case FT_FLOAT:
    case FT_FIXED32:
    case FT_SFIXED32:
        return FIXED32;
    case FT_STRING:
    case FT_BYTES:
    case FT_MESSAGE:
        return LENGTH;
    case FT_GROUP:
        return START;
    default:
        return VARINT;
    }
}

static struct err put_scalar(struct buf *out, uint8_t type, struct cel_value v)
{
    union {
        float f;
        uint32_t u;
    } single;
    union {
        double d;
        uint64_t u;
    } wide;
    switch (type) {
    case FT_DOUBLE:
        wide.d = v.d;
        return put_fixed(out, wide.u, 8);
    case FT_FLOAT:
        single.f = (float)v.d;
        return put_fixed(out, single.u, 4);
    case FT_FIXED64:
    case FT_SFIXED64:
        return put_fixed(out, v.u, 8);
    case FT_FIXED32:
    case FT_SFIXED32:
        return put_fixed(out, v.u, 4);
    case FT_BOOL:
        return put_varint(out, v.b);
    case FT_SINT32:
    case FT_SINT64:
        return put_varint(out, v.u << 1 ^ (v.i < 0 ? UINT64_MAX : 0));
    case FT_STRING:
    case FT_BYTES:
        TRY(put_varint(out, v.n));
        return buf_put(out, cel_text(v));
    default:
        return put_varint(out, v.u);
    }
}

/* A length-delimited piece: written behind, measured, then moved into place. */
static struct err put_piece(struct buf *out, struct buf *piece)
{
    TRY(put_varint(out, piece->n));
    return buf_put(out, buf_span(piece));
}

static struct err put_one(struct buf *out, const struct field *f, uint32_t number,
                          struct cel_value v, struct arena *a)
{
    TRY(put_tag(out, number, wire_kind(f->type)));
    if (f->type == FT_GROUP) {
        TRY(cel_wire_value(f->message, v, a, out));
        return put_tag(out, number, END);
    }
    if (f->type != FT_MESSAGE)
        return put_scalar(out, f->type, v);
    BUF_AUTO piece = buf_init(out->max);
    TRY(cel_wire_value(f->message, v, a, &piece));
    return put_piece(out, &piece);
}

static struct err put_map(struct buf *out, const struct field *f, const struct cel_map *m,
                          struct arena *a)
{
    for (uint32_t i = 0; i < m->n; i++) {
        BUF_AUTO piece = buf_init(out->max);
        TRY(put_tag(&piece, 1, wire_kind(f->key)));
        TRY(put_scalar(&piece, f->key, m->v[i].key));
        TRY(put_one(&piece, f, 2, m->v[i].value, a));
        TRY(put_tag(out, f->number, LENGTH));
        TRY(put_piece(out, &piece));
    }
    return OK;
}

static struct err put_list(struct buf *out, const struct field *f, const struct cel_list *l,
                           struct arena *a)
{
    unsigned kind = wire_kind(f->type);
    if (!f->proto3 || kind == LENGTH || kind == START) {
        for (uint32_t i = 0; i < l->n; i++)
            TRY(put_one(out, f, f->number, l->v[i], a));
        return OK;
    }
    BUF_AUTO piece = buf_init(out->max);
    for (uint32_t i = 0; i < l->n; i++)
        TRY(put_scalar(&piece, f->type, l->v[i]));
    TRY(put_tag(out, f->number, LENGTH));
    return put_piece(out, &piece);
}

struct err cel_wire_encode(const struct cel_message *m, struct arena *a, struct buf *out)
{
    for (uint32_t i = 0; i < m->n; i++) {
        const struct field *f = m->v[i].field;
        struct cel_value v = m->v[i].value;
        if (f->label == CEL_MAP_FIELD)
            TRY(put_map(out, f, v.map, a));
        else if (f->label == CEL_REPEATED)
            TRY(put_list(out, f, v.list, a));
        else
            TRY(put_one(out, f, f->number, v, a));
    }
    return buf_put(out, m->unknown);
}

static struct err put_seconds(struct buf *out, int64_t seconds, int64_t nanos)
{
    if (seconds) {
        TRY(put_tag(out, 1, VARINT));
        TRY(put_varint(out, (uint64_t)seconds));
    }
    if (nanos == 0)
        return OK;
    TRY(put_tag(out, 2, VARINT));
    return put_varint(out, (uint64_t)nanos);
}

static struct err put_json(const struct message_type *t, struct cel_value v, struct arena *a,
                           struct buf *out)
{
    static const uint8_t number[] = {[CEL_NULL] = 1,   [CEL_BOOL] = 4, [CEL_DOUBLE] = 2,
                                     [CEL_STRING] = 3, [CEL_LIST] = 6, [CEL_MAP] = 5};
    const struct field *f = v.kind < sizeof number ? cel_field_number(t, number[v.kind]) : NULL;
    if (!f)
        return err(ERR_INPUT);
    if (v.kind == CEL_NULL)
        v = cel_int(0);
    return put_one(out, f, f->number, v, a);
}

struct err cel_wire_value(const struct message_type *t, struct cel_value v, struct arena *a,
                          struct buf *out)
{
    const struct field *f = cel_field_number(t, 1);
    switch (t->well_known) {
    case WK_TIMESTAMP:
        return put_seconds(out, v.i, v.n);
    case WK_DURATION:
        return put_seconds(out, v.i / 1000000000, v.i % 1000000000);
    case WK_VALUE:
        return put_json(t, v, a, out);
    case WK_STRUCT:
        return v.kind == CEL_MAP ? put_map(out, f, v.map, a) : err(ERR_INPUT);
    case WK_LIST:
        return v.kind == CEL_LIST ? put_list(out, f, v.list, a) : err(ERR_INPUT);
    default:
        break;
    }
    if (t->well_known >= WK_BOOL)
        return cel_is_default(f, v) ? OK : put_one(out, f, 1, v, a);
    return v.kind == CEL_MESSAGE ? cel_wire_encode(v.msg, a, out) : err(ERR_INPUT);
}

struct err cel_message_encode(struct cel_value v, struct arena *scratch, struct buf *out)
{
    if (v.kind == CEL_TIMESTAMP)
        return put_seconds(out, v.i, v.n);
    if (v.kind == CEL_DURATION)
        return put_seconds(out, v.i / 1000000000, v.i % 1000000000);
    return v.kind == CEL_MESSAGE ? cel_wire_encode(v.msg, scratch, out) : err(ERR_INPUT);
}

/* ---- reading ---- */

struct decode {
    struct message_build b;
    struct rd rd;
    unsigned depth;
    struct buf *unknown;
};

static struct err get_varint(struct rd *r, uint64_t *out)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t c;
        TRY(rd_u8(r, &c));
        v |= (uint64_t)(c & 0x7f) << shift;
        if (c < 0x80) {
            *out = v;
            return OK;
        }
    }
    return err(ERR_INPUT);
}

static struct cel_value from_varint(uint8_t type, uint64_t v)
{
    switch (type) {
    case FT_BOOL:
        return cel_bool(v != 0);
    case FT_UINT32:
        return cel_uint((uint32_t)v);
    case FT_UINT64:
        return cel_uint(v);
    case FT_SINT32:
    case FT_SINT64:
        return cel_int((int64_t)(v >> 1 ^ (0 - (v & 1))));
    case FT_INT64:
        return cel_int((int64_t)v);
    default:
        return cel_int((int32_t)(uint32_t)v);
    }
}

static struct cel_value from_fixed(uint8_t type, uint64_t v)
{
    union {
        uint32_t u;
        float f;
    } single = {.u = (uint32_t)v};
    union {
        uint64_t u;
        double d;
    } wide = {.u = v};
    switch (type) {
    case FT_FLOAT:
        return cel_double((double)single.f);
    case FT_DOUBLE:
        return cel_double(wide.d);
    case FT_SFIXED32:
        return cel_int((int32_t)(uint32_t)v);
    case FT_SFIXED64:
        return cel_int((int64_t)v);
    default:
        return cel_uint(v);
    }
}

static struct err get_scalar(struct rd *r, uint8_t type, struct cel_value *out)
{
    uint64_t v;
    unsigned kind = wire_kind(type);
    struct span s;
    if (kind == LENGTH) {
        TRY(get_varint(r, &v));
        TRY(rd_take(r, v, &s));
        if (type == FT_STRING && !utf8_valid(s))
            return err(ERR_INPUT);
        *out = type == FT_STRING ? cel_string(s) : cel_bytes(s);
        return OK;
    }
    if (kind == VARINT) {
        TRY(get_varint(r, &v));
        *out = from_varint(type, v);
        return OK;
    }
    TRY(rd_le(r, kind == FIXED64 ? 8 : 4, &v));
    *out = from_fixed(type, v);
    return OK;
}

static struct err get_message(const struct decode *d, const struct field *f, struct span wire,
                              struct cel_value *out)
{
    const struct cel_message *m;
    TRY(cel_wire_decode(d->b.schema, f->message, wire, d->b.a, d->depth + 1, &m));
    if (f->message->well_known == WK_ANY) {
        *out = (struct cel_value){.kind = CEL_MESSAGE, .msg = m};
        return OK;
    }
    return cel_unwrap(d->b.a, m, out);
}

/* Skip a field of any kind; groups by their depth, without recursion. */
static struct err skip(struct rd *r, unsigned kind)
{
    unsigned open = 0;
    do {
        uint64_t v;
        switch (kind) {
        case VARINT:
            TRY(get_varint(r, &v));
            break;
        case FIXED64:
            TRY(rd_skip(r, 8));
            break;
        case FIXED32:
            TRY(rd_skip(r, 4));
            break;
        case LENGTH:
            TRY(get_varint(r, &v));
            TRY(rd_skip(r, v));
            break;
        case START:
            open++;
            break;
        case END:
            if (open == 0)
                return err(ERR_INPUT);
            open--;
            break;
        default:
            return err(ERR_INPUT);
        }
        if (open) {
            TRY(get_varint(r, &v));
            kind = v & 7;
        }
    } while (open);
    return OK;
}

/* The bytes between a group's tags; the start tag is read. */
static struct err group_bytes(struct rd *r, struct span *out)
{
    size_t from = r->at, before;
    for (;;) {
        uint64_t tag;
        before = r->at;
        TRY(get_varint(r, &tag));
        if ((tag & 7) == END)
            break;
        TRY(skip(r, tag & 7));
    }
    *out = span(r->p + from, before - from);
    return OK;
}

static struct err get_one(struct decode *d, const struct field *f, struct rd *r,
                          struct cel_value *out)
{
    uint64_t size;
    struct span s;
    if (f->type == FT_GROUP) {
        TRY(group_bytes(r, &s));
        return get_message(d, f, s, out);
    }
    if (f->type != FT_MESSAGE)
        return get_scalar(r, f->type, out);
    TRY(get_varint(r, &size));
    TRY(rd_take(r, size, &s));
    return get_message(d, f, s, out);
}

/* Repeated fields grow in place; the array doubles when its count is a power of two. */
static struct err append(struct decode *d, const struct field *f, struct cel_value v)
{
    struct cel_list *l = NULL;
    for (uint32_t i = 0; i < d->b.n; i++)
        if (d->b.v[i].field == f)
            l = (struct cel_list *)d->b.v[i].value.list;
    void *m;
    if (!l) {
        TRY(arena_take(d->b.a, sizeof *l, &m));
        l = m;
        TRY(cel_build_set(&d->b, f, (struct cel_value){.kind = CEL_LIST, .list = l}));
    }
    if ((l->n & (l->n - 1)) == 0) {
        TRY(arena_take(d->b.a, (l->n ? (size_t)l->n * 2 : 1) * sizeof v, &m));
        if (l->n)
            memcpy(m, l->v, l->n * sizeof v);
        l->v = m;
    }
    ((struct cel_value *)l->v)[l->n++] = v;
    return OK;
}

static struct cel_value zero_of(const struct field *f)
{
    if (f->type != FT_MESSAGE)
        return f->fallback;
    return (struct cel_value){.kind = CEL_UNSET};
}

static struct err get_entry(struct decode *d, const struct field *f, struct span s)
{
    struct rd r = rd_of(s);
    struct cel_value k = f->key == FT_STRING           ? cel_string(SPAN_NONE)
                         : f->key == FT_BOOL           ? cel_bool(false)
                         : wire_kind(f->key) == VARINT ? from_varint(f->key, 0)
                                                       : from_fixed(f->key, 0);
    struct cel_value v = zero_of(f);
    while (rd_left(&r)) {
        uint64_t tag;
        TRY(get_varint(&r, &tag));
        if (tag >> 3 == 1 && (tag & 7) == wire_kind(f->key))
            TRY(get_scalar(&r, f->key, &k));
        else if (tag >> 3 == 2 && (tag & 7) == wire_kind(f->type))
            TRY(get_one(d, f, &r, &v));
        else
            TRY(skip(&r, tag & 7));
    }
    if (v.kind == CEL_UNSET)
        TRY(get_message(d, f, SPAN_NONE, &v));
    TRY(append(d, f, k));
    return append(d, f, v);
}

static struct err get_packed(struct decode *d, const struct field *f, struct span s)
{
    struct rd r = rd_of(s);
    while (rd_left(&r)) {
        struct cel_value v;
        TRY(get_scalar(&r, f->type, &v));
        TRY(append(d, f, v));
    }
    return OK;
}

static struct err get_field(struct decode *d, const struct field *f, unsigned kind, bool *known)
{
    uint64_t size;
    struct span s;
    struct cel_value v;
    unsigned want = wire_kind(f->type);
    *known = true;
    if (f->label == CEL_MAP_FIELD && kind == LENGTH) {
        TRY(get_varint(&d->rd, &size));
        TRY(rd_take(&d->rd, size, &s));
        return get_entry(d, f, s);
    }
    if (f->label == CEL_REPEATED && kind == LENGTH && want != LENGTH && want != START) {
        TRY(get_varint(&d->rd, &size));
        TRY(rd_take(&d->rd, size, &s));
        return get_packed(d, f, s);
    }
    *known = kind == want && f->label != CEL_MAP_FIELD;
    if (!*known)
        return OK;
    TRY(get_one(d, f, &d->rd, &v));
    if (f->label == CEL_REPEATED)
        return append(d, f, v);
    return cel_build_set(&d->b, f, v);
}

/* Lists and maps get their depth and index; of a map's equal keys the last one holds. */
static struct err finish_field(struct decode *d, struct set_field *s)
{
    const struct cel_list *l = s->value.list;
    if (s->field->label == CEL_REPEATED)
        return cel_list_of(d->b.a, l->v, l->n, &s->value);
    if (s->field->label != CEL_MAP_FIELD)
        return OK;
    struct cel_entry *e = (struct cel_entry *)(void *)l->v;
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n / 2; i++) {
        uint32_t k = 0;
        while (k < n && n <= 64 && !cel_equal(e[k].key, e[i].key))
            k++;
        if (n > 64)
            k = n;
        e[k] = e[i];
        n += k == n;
    }
    return cel_map_of(d->b.a, e, n, &s->value);
}

static struct err decode_fields(struct decode *d)
{
    while (rd_left(&d->rd)) {
        size_t from = d->rd.at;
        uint64_t tag;
        bool known = false;
        TRY(get_varint(&d->rd, &tag));
        if (tag >> 3 == 0 || tag >> 3 > 0x1fffffff)
            return err(ERR_INPUT);
        const struct field *f = cel_field_number(d->b.type, (uint32_t)(tag >> 3));
        if (f)
            TRY(get_field(d, f, tag & 7, &known));
        if (known)
            continue;
        TRY(skip(&d->rd, tag & 7));
        TRY(buf_put(d->unknown, span(d->rd.p + from, d->rd.at - from)));
    }
    for (uint32_t i = 0; i < d->b.n; i++)
        TRY(finish_field(d, &d->b.v[i]));
    return OK;
}

struct err cel_wire_decode(const struct cel_schema *s, const struct message_type *t,
                           struct span wire, struct arena *a, unsigned depth,
                           const struct cel_message **out)
{
    if (depth > WIRE_DEPTH)
        return err(ERR_LIMIT);
    BUF_AUTO unknown = buf_init(wire.n);
    struct decode d = {.b = {.type = t, .schema = s, .a = a},
                       .rd = rd_of(wire),
                       .depth = depth,
                       .unknown = &unknown};
    TRY(decode_fields(&d));
    TRY(arena_copy(a, buf_span(&unknown), &d.b.unknown));
    return cel_build_done(&d.b, out);
}

struct err cel_message_decode(const struct cel_schema *s, struct span type, struct span wire,
                              struct arena *a, struct cel_value *out)
{
    const struct message_type *t = cel_schema_find(s, type);
    const struct cel_message *m;
    if (!t)
        return err(ERR_INPUT);
    TRY(cel_wire_decode(s, t, wire, a, 0, &m));
    return cel_unwrap(a, m, out);
}
