/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values: building lists and maps, equality, order. Nesting is bounded where a list or map is built
 * (CEL_VALUE_DEPTH), so the walks below need no bound of their own.
 */
#include "cel_int.h"

#include <math.h>
#include <stdlib.h>

enum {
    SMALL_MAP = 8, /* up to here a map is searched from end to end */
    ANY_OPENS = 8, /* Any inside Any: deeper ones are compared by their bytes */
};

unsigned cel_value_depth(struct cel_value v)
{
    switch (v.kind) {
    case CEL_LIST:
        return v.list->depth;
    case CEL_MAP:
        return v.map->depth;
    case CEL_MESSAGE:
        return v.msg->depth;
    case CEL_OPTIONAL:
        return v.opt ? cel_value_depth(*v.opt) + 1 : 0;
    default:
        return 0;
    }
}

struct err cel_list_of(struct arena *a, const struct cel_value *v, size_t n, struct cel_value *out)
{
    unsigned depth = 0;
    void *m;
    if (n > UINT32_MAX)
        return err(ERR_LIMIT);
    for (size_t i = 0; i < n; i++) {
        if (v[i].kind < CEL_LIST)
            continue;
        unsigned d = cel_value_depth(v[i]);
        depth = d > depth ? d : depth;
    }
    if (depth >= CEL_VALUE_DEPTH)
        return err(ERR_LIMIT);
    TRY(arena_take(a, sizeof(struct cel_list), &m));
    struct cel_list *list = m;
    *list = (struct cel_list){v, (uint32_t)n, depth + 1};
    *out = (struct cel_value){.kind = CEL_LIST, .n = (uint32_t)n, .list = list};
    return OK;
}

static int order_int(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int order_uint(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int order_double(double a, double b)
{
    if (isnan(a) || isnan(b))
        return 2;
    return a < b ? -1 : a > b;
}

/* The number line as the specification's tests have it: beyond the integers' range exact, within it
 * by conversion to double. */
static int order_int_double(int64_t i, double d)
{
    if (d > 0x1p63)
        return -1;
    if (d < -0x1p63)
        return 1;
    return order_double((double)i, d);
}

static int order_uint_double(uint64_t u, double d)
{
    if (d > 0x1p64)
        return -1;
    if (d < 0)
        return 1;
    return order_double((double)u, d);
}

static int opposite(int order)
{
    return order == -1 || order == 1 ? -order : order;
}

static bool is_number(struct cel_value v)
{
    return v.kind >= CEL_INT && v.kind <= CEL_DOUBLE;
}

static int order_numbers(struct cel_value a, struct cel_value b)
{
    if (a.kind > b.kind)
        return opposite(order_numbers(b, a));
    if (a.kind == b.kind) {
        if (a.kind == CEL_INT)
            return order_int(a.i, b.i);
        return a.kind == CEL_UINT ? order_uint(a.u, b.u) : order_double(a.d, b.d);
    }
    if (b.kind == CEL_DOUBLE)
        return a.kind == CEL_INT ? order_int_double(a.i, b.d) : order_uint_double(a.u, b.d);
    return a.i < 0 ? -1 : order_uint((uint64_t)a.i, b.u);
}

int cel_order(struct cel_value a, struct cel_value b)
{
    if (is_number(a) && is_number(b))
        return order_numbers(a, b);
    if (a.kind != b.kind)
        return 3;
    int c;
    switch (a.kind) {
    case CEL_BOOL:
        return order_int(a.b, b.b);
    case CEL_STRING:
    case CEL_BYTES:
        c = span_cmp(cel_text(a), cel_text(b));
        return c < 0 ? -1 : c > 0;
    case CEL_TIMESTAMP:
        c = order_int(a.i, b.i);
        return c ? c : order_uint(a.n, b.n);
    case CEL_DURATION:
        return order_int(a.i, b.i);
    default:
        return 3;
    }
}

static bool is_key(struct cel_value v)
{
    return (v.kind >= CEL_BOOL && v.kind <= CEL_UINT) || v.kind == CEL_STRING;
}

/* A total order of keys: bools, numbers, strings. */
static int key_order(struct cel_value a, struct cel_value b)
{
    int ca = is_number(a) ? 1 : a.kind == CEL_STRING ? 2 : 0;
    int cb = is_number(b) ? 1 : b.kind == CEL_STRING ? 2 : 0;
    return ca != cb ? ca - cb : cel_order(a, b);
}

/* An entry's key beside its place, as qsort wants it. */
struct ranked {
    struct cel_value key;
    uint32_t at;
};

static int by_key(const void *a, const void *b)
{
    return key_order(((const struct ranked *)a)->key, ((const struct ranked *)b)->key);
}

static struct err sort_keys(struct arena *a, const struct cel_entry *v, uint32_t n,
                            const uint32_t **out)
{
    void *m, *o;
    TRY(arena_take(a, n * sizeof(struct ranked), &m));
    TRY(arena_take(a, n * sizeof(uint32_t), &o));
    struct ranked *r = m;
    for (uint32_t i = 0; i < n; i++)
        r[i] = (struct ranked){v[i].key, i};
    qsort(r, n, sizeof *r, by_key);
    for (uint32_t i = 0; i < n; i++) {
        if (i && key_order(r[i - 1].key, r[i].key) == 0)
            return err(ERR_INPUT);
        ((uint32_t *)o)[i] = r[i].at;
    }
    *out = o;
    return OK;
}

struct err cel_map_of(struct arena *a, const struct cel_entry *v, size_t n, struct cel_value *out)
{
    unsigned depth = 0;
    void *m;
    if (n > UINT32_MAX / 64)
        return err(ERR_LIMIT);
    for (size_t i = 0; i < n; i++) {
        if (!is_key(v[i].key))
            return err(ERR_INPUT);
        for (size_t j = 0; j < i && n <= SMALL_MAP; j++)
            if (key_order(v[j].key, v[i].key) == 0)
                return err(ERR_INPUT);
        unsigned d = cel_value_depth(v[i].value);
        depth = d > depth ? d : depth;
    }
    if (depth >= CEL_VALUE_DEPTH)
        return err(ERR_LIMIT);
    TRY(arena_take(a, sizeof(struct cel_map), &m));
    struct cel_map *map = m;
    *map = (struct cel_map){v, NULL, (uint32_t)n, depth + 1};
    if (n > SMALL_MAP)
        TRY(sort_keys(a, v, (uint32_t)n, &map->sorted));
    *out = (struct cel_value){.kind = CEL_MAP, .n = (uint32_t)n, .map = map};
    return OK;
}

struct cel_value cel_map_get(const struct cel_map *m, struct cel_value key)
{
    const struct cel_value none = {.kind = CEL_UNSET};
    if (!is_key(key) && key.kind != CEL_DOUBLE)
        return none;
    if (key.kind == CEL_DOUBLE && isnan(key.d))
        return none;
    if (!m->sorted) {
        for (uint32_t i = 0; i < m->n; i++)
            if (key_order(m->v[i].key, key) == 0)
                return m->v[i].value;
        return none;
    }
    uint32_t lo = 0, hi = m->n;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        int c = key_order(m->v[m->sorted[mid]].key, key);
        if (c == 0)
            return m->v[m->sorted[mid]].value;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return none;
}

static bool equal_lists(const struct cel_list *a, const struct cel_list *b, unsigned opens)
{
    if (a->n != b->n)
        return false;
    for (uint32_t i = 0; i < a->n; i++)
        if (!cel_equal_deep(a->v[i], b->v[i], opens))
            return false;
    return true;
}

static bool equal_maps(const struct cel_map *a, const struct cel_map *b, unsigned opens)
{
    if (a->n != b->n)
        return false;
    for (uint32_t i = 0; i < a->n; i++) {
        struct cel_value other = cel_map_get(b, a->v[i].key);
        if (other.kind == CEL_UNSET || !cel_equal_deep(a->v[i].value, other, opens))
            return false;
    }
    return true;
}

bool cel_equal(struct cel_value a, struct cel_value b)
{
    return cel_equal_deep(a, b, ANY_OPENS);
}

bool cel_equal_deep(struct cel_value a, struct cel_value b, unsigned opens)
{
    if (a.kind != b.kind)
        return is_number(a) && is_number(b) && order_numbers(a, b) == 0;
    switch (a.kind) {
    case CEL_NULL:
        return true;
    case CEL_TYPE:
        return span_eq(cel_text(a), cel_text(b));
    case CEL_LIST:
        return equal_lists(a.list, b.list, opens);
    case CEL_MAP:
        return equal_maps(a.map, b.map, opens);
    case CEL_OPTIONAL:
        return a.opt && b.opt ? cel_equal_deep(*a.opt, *b.opt, opens) : a.opt == b.opt;
    case CEL_IP:
    case CEL_CIDR:
        return cel_net_order(a.net, b.net) == 0;
    case CEL_ENUM:
        return a.enumeration == b.enumeration && a.n == b.n;
    case CEL_MESSAGE:
        return cel_message_equal(a.msg, b.msg, opens);
    default:
        return cel_order(a, b) == 0;
    }
}

bool cel_is_zero(struct cel_value v)
{
    switch (v.kind) {
    case CEL_NULL:
        return true;
    case CEL_BOOL:
        return !v.b;
    case CEL_INT:
    case CEL_UINT:
    case CEL_DURATION:
        return v.i == 0;
    case CEL_DOUBLE:
        return v.d == 0;
    case CEL_TIMESTAMP:
        return v.i == 0 && v.n == 0;
    case CEL_ENUM:
    case CEL_STRING:
    case CEL_BYTES:
    case CEL_LIST:
    case CEL_MAP:
        return v.n == 0;
    case CEL_OPTIONAL:
        return v.opt == NULL;
    case CEL_MESSAGE:
        return v.msg->n == 0 && v.msg->unknown.n == 0;
    default:
        return false;
    }
}

/* What comparing or copying it costs, roughly: elements at every level, bytes by tens. Parts may be
 * shared many times over, so the walk itself ends once the sum passes max. */
uint64_t cel_value_size(struct cel_value v, uint64_t max)
{
    uint64_t sum = 1;
    if (v.kind == CEL_STRING || v.kind == CEL_BYTES)
        return 1 + v.n / 10;
    for (uint32_t i = 0; v.kind == CEL_LIST && i < v.list->n && sum <= max; i++)
        sum += cel_value_size(v.list->v[i], max - sum);
    for (uint32_t i = 0; v.kind == CEL_MAP && i < v.map->n && sum <= max; i++)
        sum += 1 + cel_value_size(v.map->v[i].value, max - sum);
    for (uint32_t i = 0; v.kind == CEL_MESSAGE && i < v.msg->n && sum <= max; i++)
        sum += cel_value_size(v.msg->v[i].value, max - sum);
    if (v.kind == CEL_OPTIONAL && v.opt)
        sum += cel_value_size(*v.opt, max);
    return sum;
}

struct span cel_type_name(struct cel_value v)
{
    static const char *const names[] = {
        [CEL_UNSET] = "error",
        [CEL_ERROR] = "error",
        [CEL_NULL] = "null_type",
        [CEL_BOOL] = "bool",
        [CEL_INT] = "int",
        [CEL_UINT] = "uint",
        [CEL_DOUBLE] = "double",
        [CEL_STRING] = "string",
        [CEL_BYTES] = "bytes",
        [CEL_LIST] = "list",
        [CEL_MAP] = "map",
        [CEL_TYPE] = "type",
        [CEL_TIMESTAMP] = "google.protobuf.Timestamp",
        [CEL_DURATION] = "google.protobuf.Duration",
        [CEL_OPTIONAL] = "optional_type",
        [CEL_IP] = "net.IP",
        [CEL_CIDR] = "net.CIDR",
    };
    if (v.kind == CEL_ENUM)
        return v.enumeration->name;
    if (v.kind == CEL_MESSAGE)
        return v.msg->type->name;
    return span_str(names[v.kind]);
}
