/* SPDX-License-Identifier: Apache-2.0 */
/* Messages as the language sees them: building, reading fields, presence, equality. */
#include "cel_int.h"

static bool has_presence(const struct field *f)
{
    return f->label != CEL_IMPLICIT || f->type == FT_MESSAGE || f->type == FT_GROUP || f->oneof;
}

bool cel_is_default(const struct field *f, struct cel_value v)
{
    (void)f;
    switch (v.kind) {
    case CEL_STRING:
    case CEL_BYTES:
        return v.n == 0;
    case CEL_BOOL:
        return !v.b;
    default:
        return v.u == 0; /* of a double too: -0.0 is no default */
    }
}

struct cel_value cel_stored(const struct cel_message *m, uint32_t number)
{
    for (uint32_t i = 0; i < m->n; i++)
        if (m->v[i].field->number == number)
            return m->v[i].value;
    return (struct cel_value){.kind = CEL_UNSET};
}

static const struct set_field *find_set(const struct cel_message *m, const struct field *f)
{
    for (uint32_t i = 0; i < m->n; i++)
        if (m->v[i].field == f)
            return &m->v[i];
    return NULL;
}

static void remove_field(struct message_build *b, uint32_t i)
{
    memmove(b->v + i, b->v + i + 1, (b->n - i - 1) * sizeof *b->v);
    b->n--;
}

struct err cel_build_set(struct message_build *b, const struct field *f, struct cel_value v)
{
    for (uint32_t i = b->n; i-- > 0;)
        if (b->v[i].field == f || (f->oneof && b->v[i].field->oneof == f->oneof))
            remove_field(b, i);
    if (!has_presence(f) && cel_is_default(f, v))
        return OK;
    if (b->n == b->cap) {
        uint32_t cap = b->cap ? b->cap * 2 : 4;
        void *m;
        TRY(arena_take(b->a, cap * sizeof *b->v, &m));
        if (b->n)
            memcpy(m, b->v, b->n * sizeof *b->v);
        b->v = m;
        b->cap = cap;
    }
    uint32_t at = b->n;
    while (at > 0 && b->v[at - 1].field->number > f->number)
        at--;
    memmove(b->v + at + 1, b->v + at, (b->n - at) * sizeof *b->v);
    b->v[at] = (struct set_field){f, v};
    b->n++;
    return OK;
}

struct err cel_build_done(struct message_build *b, const struct cel_message **out)
{
    unsigned depth = 0;
    void *p;
    for (uint32_t i = 0; i < b->n; i++) {
        unsigned d = cel_value_depth(b->v[i].value);
        depth = d > depth ? d : depth;
    }
    if (depth >= CEL_VALUE_DEPTH)
        return err(ERR_LIMIT);
    TRY(arena_take(b->a, sizeof(struct cel_message), &p));
    struct cel_message *m = p;
    *m = (struct cel_message){b->type, b->schema, b->v, b->n, depth + 1, b->unknown};
    *out = m;
    return OK;
}

/* ---- storing: a CEL value into a field ---- */

static struct err whole(struct cel_value v, int64_t min, int64_t max)
{
    return v.kind == CEL_INT && v.i >= min && v.i <= max ? OK : err(ERR_INPUT);
}

static struct err store_scalar(uint8_t type, const struct field *f, struct cel_value v,
                               struct cel_value *out)
{
    *out = v;
    switch (type) {
    case FT_DOUBLE:
        return v.kind == CEL_DOUBLE ? OK : err(ERR_INPUT);
    case FT_FLOAT:
        out->d = (double)(float)v.d;
        return v.kind == CEL_DOUBLE ? OK : err(ERR_INPUT);
    case FT_UINT32:
    case FT_FIXED32:
        return v.kind == CEL_UINT && v.u <= UINT32_MAX ? OK : err(ERR_INPUT);
    case FT_UINT64:
    case FT_FIXED64:
        return v.kind == CEL_UINT ? OK : err(ERR_INPUT);
    case FT_BOOL:
        return v.kind == CEL_BOOL ? OK : err(ERR_INPUT);
    case FT_STRING:
        return v.kind == CEL_STRING ? OK : err(ERR_INPUT);
    case FT_BYTES:
        return v.kind == CEL_BYTES ? OK : err(ERR_INPUT);
    case FT_ENUM:
        if (v.kind == CEL_ENUM && v.enumeration == f->enumeration)
            *out = cel_int((int32_t)v.n);
        else if (v.kind == CEL_NULL && span_is(f->enumeration->name, "google.protobuf.NullValue"))
            *out = cel_int(0);
        return whole(*out, INT32_MIN, INT32_MAX);
    case FT_INT32:
    case FT_SINT32:
    case FT_SFIXED32:
        return whole(v, INT32_MIN, INT32_MAX);
    default:
        return whole(v, INT64_MIN, INT64_MAX);
    }
}

/* One value, also an element of a list or map. CEL_UNSET in *out: null, which clears. */
static struct err store_one(struct arena *a, const struct cel_schema *s, const struct field *f,
                            struct cel_value v, struct cel_value *out)
{
    if (f->type != FT_MESSAGE && f->type != FT_GROUP)
        return store_scalar(f->type, f, v, out);
    uint8_t kind = f->message->well_known;
    bool clears = kind == WK_NONE || kind == WK_TIMESTAMP || kind == WK_DURATION || kind >= WK_BOOL;
    *out = v;
    if (v.kind == CEL_NULL && clears) {
        out->kind = CEL_UNSET;
        return OK;
    }
    switch (kind) {
    case WK_ANY:
        return cel_pack_any(a, s, v, out);
    case WK_VALUE:
        return cel_to_json(a, v, out);
    case WK_STRUCT:
        return v.kind == CEL_MAP ? cel_to_json(a, v, out) : err(ERR_INPUT);
    case WK_LIST:
        return v.kind == CEL_LIST ? cel_to_json(a, v, out) : err(ERR_INPUT);
    case WK_TIMESTAMP:
        return v.kind == CEL_TIMESTAMP ? OK : err(ERR_INPUT);
    case WK_DURATION:
        return v.kind == CEL_DURATION ? OK : err(ERR_INPUT);
    case WK_NONE:
        return v.kind == CEL_MESSAGE && v.msg->type == f->message ? OK : err(ERR_INPUT);
    default:
        return store_scalar(cel_field_number(f->message, 1)->type, NULL, v, out);
    }
}

static struct err store_list(struct arena *a, const struct cel_schema *s, const struct field *f,
                             const struct cel_list *l, struct cel_value *out)
{
    void *m;
    size_t n = 0;
    TRY(arena_take(a, l->n * sizeof(struct cel_value), &m));
    struct cel_value *v = m;
    for (uint32_t i = 0; i < l->n; i++) {
        TRY(store_one(a, s, f, l->v[i], &v[n]));
        n += v[n].kind != CEL_UNSET;
    }
    return cel_list_of(a, v, n, out);
}

static struct err store_map(struct arena *a, const struct cel_schema *s, const struct field *f,
                            const struct cel_map *in, struct cel_value *out)
{
    void *m;
    size_t n = 0;
    TRY(arena_take(a, in->n * sizeof(struct cel_entry), &m));
    struct cel_entry *v = m;
    for (uint32_t i = 0; i < in->n; i++) {
        TRY(store_scalar(f->key, NULL, in->v[i].key, &v[n].key));
        TRY(store_one(a, s, f, in->v[i].value, &v[n].value));
        n += v[n].value.kind != CEL_UNSET;
    }
    return cel_map_of(a, v, n, out);
}

static struct err store(struct message_build *b, const struct field *f, struct cel_value v)
{
    struct cel_value out;
    if (f->label == CEL_REPEATED) {
        if (v.kind != CEL_LIST)
            return err(ERR_INPUT);
        TRY(store_list(b->a, b->schema, f, v.list, &out));
        return out.n ? cel_build_set(b, f, out) : OK;
    }
    if (f->label == CEL_MAP_FIELD) {
        if (v.kind != CEL_MAP)
            return err(ERR_INPUT);
        TRY(store_map(b->a, b->schema, f, v.map, &out));
        return out.n ? cel_build_set(b, f, out) : OK;
    }
    TRY(store_one(b->a, b->schema, f, v, &out));
    return out.kind == CEL_UNSET ? OK : cel_build_set(b, f, out);
}

static struct cel_value refuse(const struct node *n, struct err e)
{
    if (err_cat(e) == ERR_INPUT)
        return cel_error(n, CEL_E_CONVERT, "the value does not fit the field");
    return cel_exhausted(n);
}

struct cel_value cel_build_message(struct run *r, const struct node *n)
{
    struct message_build b = {.type = n->bind, .schema = r->p->env->schema, .a = r->a};
    const struct cel_message *m;
    struct cel_value v;
    for (uint32_t i = 0; i < n->n; i += 2) {
        const struct node *value = n->kid[i + 1];
        v = cel_run(r, value);
        if (is_error(v))
            return v;
        if (value->flag & F_ELEMENT) {
            if (v.kind != CEL_OPTIONAL)
                return cel_no_overload(value);
            if (!v.opt)
                continue;
            v = *v.opt;
        }
        if (!cel_pay_value(r, v))
            return cel_exhausted(n);
        struct err e = store(&b, n->kid[i]->bind, v);
        if (failed(e))
            return refuse(value, e);
    }
    struct err e = cel_build_done(&b, &m);
    if (!failed(e))
        e = cel_unwrap(r->a, m, &v);
    return failed(e) ? refuse(n, e) : v;
}

/* ---- reading ---- */

static bool is_null_enum(const struct field *f)
{
    return f->type == FT_ENUM && span_is(f->enumeration->name, "google.protobuf.NullValue");
}

/* A stored element as the language has it. */
static struct err read_one(struct arena *a, const struct field *f, bool strong, struct cel_value v,
                           struct cel_value *out)
{
    *out = v;
    if (f->type == FT_MESSAGE && f->message->well_known == WK_ANY)
        return cel_open_any(a, v.msg, out);
    if (is_null_enum(f))
        *out = cel_null();
    else if (f->type == FT_ENUM && strong)
        *out = (struct cel_value){
            .kind = CEL_ENUM, .n = (uint32_t)(int32_t)v.i, .enumeration = f->enumeration};
    return OK;
}

static struct err read_many(struct arena *a, const struct field *f, bool strong, struct cel_value v,
                            struct cel_value *out)
{
    bool map = f->label == CEL_MAP_FIELD, plain = f->type != FT_ENUM;
    void *m;
    if (f->type == FT_MESSAGE && f->message->well_known == WK_ANY)
        plain = false;
    *out = v;
    if (plain)
        return OK;
    TRY(arena_take(a, v.n * (map ? sizeof(struct cel_entry) : sizeof v), &m));
    struct cel_entry *e = m;
    struct cel_value *l = m;
    for (uint32_t i = 0; i < v.n; i++) {
        if (map) {
            e[i].key = v.map->v[i].key;
            TRY(read_one(a, f, strong, v.map->v[i].value, &e[i].value));
        } else {
            TRY(read_one(a, f, strong, v.list->v[i], &l[i]));
        }
    }
    return map ? cel_map_of(a, e, v.n, out) : cel_list_of(a, l, v.n, out);
}

static struct err read_unset(struct arena *a, const struct cel_message *m, const struct field *f,
                             bool strong, struct cel_value *out)
{
    struct message_build b = {.type = f->message, .schema = m->schema, .a = a};
    const struct cel_message *empty;
    if (f->label == CEL_REPEATED)
        return cel_list_of(a, NULL, 0, out);
    if (f->label == CEL_MAP_FIELD)
        return cel_map_of(a, NULL, 0, out);
    if (f->type != FT_MESSAGE && f->type != FT_GROUP)
        return read_one(a, f, strong, f->fallback, out);
    *out = cel_null();
    if (f->message->well_known >= WK_BOOL || f->message->well_known == WK_VALUE)
        return OK;
    TRY(cel_build_done(&b, &empty));
    return cel_unwrap(a, empty, out);
}

struct cel_value cel_get_field(struct run *r, const struct node *n, const struct cel_message *m,
                               const struct field *f)
{
    const struct set_field *s = find_set(m, f);
    bool strong = r->p->env->flags & CEL_STRONG_ENUMS;
    struct cel_value v;
    struct err e;
    bool any = f->type == FT_MESSAGE && f->message->well_known == WK_ANY;
    if (s && any && !cel_pay_value(r, s->value)) /* it is decoded anew */
        return cel_exhausted(n);
    if (!s)
        e = read_unset(r->a, m, f, strong, &v);
    else if (f->label == CEL_REPEATED || f->label == CEL_MAP_FIELD)
        e = cel_pay(r, s->value.n) ? read_many(r->a, f, strong, s->value, &v) : err(ERR_LIMIT);
    else
        e = read_one(r->a, f, strong, s->value, &v);
    if (!failed(e))
        return v;
    return err_cat(e) == ERR_INPUT ? cel_error(n, CEL_E_CONVERT, "the field cannot be read")
                                   : cel_exhausted(n);
}

bool cel_has_field(const struct cel_message *m, const struct field *f)
{
    return find_set(m, f) != NULL;
}

static bool equal_any(const struct cel_message *a, const struct cel_message *b, unsigned opens)
{
    struct arena scratch = arena_init(16 * 1024 * 1024);
    struct cel_value x, y;
    bool opened =
        opens && !failed(cel_open_any(&scratch, a, &x)) && !failed(cel_open_any(&scratch, b, &y));
    bool equal = opened && cel_equal_deep(x, y, opens - 1);
    arena_free(&scratch);
    if (opened)
        return equal;
    for (uint32_t i = 1; i <= 2; i++) {
        x = cel_stored(a, i);
        y = cel_stored(b, i);
        if (x.kind != y.kind || (x.kind != CEL_UNSET && !span_eq(cel_text(x), cel_text(y))))
            return false;
    }
    return span_eq(a->unknown, b->unknown);
}

bool cel_message_equal(const struct cel_message *a, const struct cel_message *b, unsigned opens)
{
    if (a->type != b->type)
        return false;
    if (a->type->well_known == WK_ANY)
        return equal_any(a, b, opens);
    if (a->n != b->n || !span_eq(a->unknown, b->unknown))
        return false;
    for (uint32_t i = 0; i < a->n; i++)
        if (a->v[i].field != b->v[i].field || !cel_equal_deep(a->v[i].value, b->v[i].value, opens))
            return false;
    return true;
}

bool cel_message_next(const struct cel_message *m, size_t *iter, struct cel_message_item *item)
{
    if (*iter >= m->n)
        return false;
    const struct set_field *s = &m->v[(*iter)++];
    *item = (struct cel_message_item){.name = s->field->name,
                                      .extension = s->field->extension,
                                      .type = s->field->type_text,
                                      .key = s->field->key_text,
                                      .label = (enum cel_field_label)s->field->label,
                                      .value = s->value};
    if (s->field->message)
        item->message = s->field->message->name;
    return true;
}

struct span cel_message_type(const struct cel_message *m)
{
    return m->type->name;
}
