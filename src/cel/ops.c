/* SPDX-License-Identifier: Apache-2.0 */
/* Operators on values that are no errors: arithmetic, order, membership, index, select. */
#include "cel_int.h"

#include <math.h>

static struct cel_value overflow(const struct node *n)
{
    return cel_error(n, CEL_E_RANGE, "integer overflow");
}

static struct cel_value int_op(const struct node *n, int64_t a, int64_t b)
{
    int64_t v = 0;
    bool over = false;
    switch (n->op) {
    case N_ADD:
        over = __builtin_add_overflow(a, b, &v);
        break;
    case N_SUB:
        over = __builtin_sub_overflow(a, b, &v);
        break;
    case N_MUL:
        over = __builtin_mul_overflow(a, b, &v);
        break;
    default:
        if (b == 0)
            return cel_error(n, CEL_E_DIVIDE, "division by zero");
        over = a == INT64_MIN && b == -1;
        if (!over)
            v = n->op == N_DIV ? a / b : a % b;
    }
    return over ? overflow(n) : cel_int(v);
}

static struct cel_value uint_op(const struct node *n, uint64_t a, uint64_t b)
{
    uint64_t v = 0;
    bool over = false;
    switch (n->op) {
    case N_ADD:
        over = __builtin_add_overflow(a, b, &v);
        break;
    case N_SUB:
        over = __builtin_sub_overflow(a, b, &v);
        break;
    case N_MUL:
        over = __builtin_mul_overflow(a, b, &v);
        break;
    default:
        if (b == 0)
            return cel_error(n, CEL_E_DIVIDE, "division by zero");
        v = n->op == N_DIV ? a / b : a % b;
    }
    return over ? overflow(n) : cel_uint(v);
}

static struct cel_value double_op(const struct node *n, double a, double b)
{
    switch (n->op) {
    case N_ADD:
        return cel_double(a + b);
    case N_SUB:
        return cel_double(a - b);
    case N_MUL:
        return cel_double(a * b);
    case N_DIV:
        return cel_double(a / b);
    default:
        return cel_no_overload(n);
    }
}

static struct cel_value join_text(struct run *r, const struct node *n, struct cel_value a,
                                  struct cel_value b)
{
    uint8_t *p;
    struct cel_value v = cel_new_text(r, n, (enum cel_kind)a.kind, (size_t)a.n + b.n, &p);
    if (is_error(v))
        return v;
    if (a.n)
        memcpy(p, a.s, a.n);
    if (b.n)
        memcpy(p + a.n, b.s, b.n);
    return v;
}

static struct cel_value join_lists(struct run *r, const struct node *n, struct cel_value a,
                                   struct cel_value b)
{
    if (a.n == 0 || b.n == 0)
        return a.n ? a : b;
    size_t count = (size_t)a.n + b.n;
    struct cel_value *v = cel_pay(r, count) ? cel_take(r, count * sizeof *v) : NULL;
    if (!v)
        return cel_exhausted(n);
    memcpy(v, a.list->v, a.n * sizeof *v);
    memcpy(v + a.n, b.list->v, b.n * sizeof *v);
    return cel_new_list(r, n, v, count);
}

/* Seconds and nanoseconds plus a duration. */
static struct cel_value move(const struct node *n, struct cel_value t, int64_t nanos)
{
    int64_t seconds = nanos / 1000000000, rest = (int64_t)t.n + nanos % 1000000000;
    if (rest < 0) {
        rest += 1000000000;
        seconds--;
    } else if (rest >= 1000000000) {
        rest -= 1000000000;
        seconds++;
    }
    t.i += seconds; /* |t.i| < 2^38, |seconds| < 2^34 */
    t.n = (uint32_t)rest;
    return cel_timestamp_valid(t.i) ? t : cel_error(n, CEL_E_RANGE, "timestamp out of range");
}

static struct cel_value duration(const struct node *n, bool over, int64_t nanos)
{
    if (over)
        return cel_error(n, CEL_E_RANGE, "duration out of range");
    return (struct cel_value){.kind = CEL_DURATION, .i = nanos};
}

static struct cel_value time_op(const struct node *n, struct cel_value a, struct cel_value b)
{
    int64_t v = 0;
    if (a.kind == CEL_DURATION && b.kind == CEL_DURATION) {
        bool wide = n->op == N_ADD ? __builtin_add_overflow(a.i, b.i, &v)
                                   : __builtin_sub_overflow(a.i, b.i, &v);
        return duration(n, wide, v);
    }
    if (n->op == N_ADD && a.kind == CEL_DURATION)
        return move(n, b, a.i);
    if (b.kind == CEL_DURATION) {
        if (n->op == N_ADD)
            return move(n, a, b.i);
        if (b.i == INT64_MIN) /* its opposite is no int64 */
            return cel_error(n, CEL_E_RANGE, "duration out of range");
        return move(n, a, -b.i);
    }
    if (n->op != N_SUB)
        return cel_no_overload(n);
    bool over = __builtin_mul_overflow(a.i - b.i, (int64_t)1000000000, &v) ||
                __builtin_add_overflow(v, (int64_t)a.n - (int64_t)b.n, &v);
    return duration(n, over, v);
}

static bool is_time(struct cel_value v)
{
    return v.kind == CEL_TIMESTAMP || v.kind == CEL_DURATION;
}

static struct cel_value compare(struct run *r, const struct node *n, struct cel_value a,
                                struct cel_value b)
{
    if (a.kind >= CEL_STRING && !cel_pay_value(r, a))
        return cel_exhausted(n);
    int c = cel_order(a, b);
    if (c == 3)
        return cel_no_overload(n);
    if (c == 2)
        return cel_bool(false);
    switch (n->op) {
    case N_LT:
        return cel_bool(c < 0);
    case N_LE:
        return cel_bool(c <= 0);
    case N_GT:
        return cel_bool(c > 0);
    default:
        return cel_bool(c >= 0);
    }
}

struct cel_value cel_binary(struct run *r, const struct node *n, struct cel_value a,
                            struct cel_value b)
{
    if (n->op >= N_LT)
        return compare(r, n, a, b);
    if (is_time(a) && is_time(b) && (n->op == N_ADD || n->op == N_SUB))
        return time_op(n, a, b);
    if (a.kind != b.kind)
        return cel_no_overload(n);
    switch (a.kind) {
    case CEL_INT:
        return int_op(n, a.i, b.i);
    case CEL_UINT:
        return uint_op(n, a.u, b.u);
    case CEL_DOUBLE:
        return double_op(n, a.d, b.d);
    case CEL_STRING:
    case CEL_BYTES:
        return n->op == N_ADD ? join_text(r, n, a, b) : cel_no_overload(n);
    case CEL_LIST:
        return n->op == N_ADD ? join_lists(r, n, a, b) : cel_no_overload(n);
    default:
        return cel_no_overload(n);
    }
}

struct cel_value cel_in(struct run *r, const struct node *n, struct cel_value a, struct cel_value b)
{
    if (b.kind == CEL_MAP)
        return cel_bool(cel_map_get(b.map, a).kind != CEL_UNSET);
    if (b.kind != CEL_LIST)
        return cel_no_overload(n);
    if (!cel_pay(r, b.n))
        return cel_exhausted(n);
    for (uint32_t i = 0; i < b.n; i++) {
        struct cel_value one = b.list->v[i];
        if (one.kind == a.kind && a.kind == CEL_STRING) {
            if (one.n == a.n && memcmp(one.s, a.s, a.n) == 0)
                return cel_bool(true);
            continue;
        }
        if (one.kind >= CEL_STRING && !cel_pay_value(r, one))
            return cel_exhausted(n);
        if (cel_equal(a, one))
            return cel_bool(true);
    }
    return cel_bool(false);
}

struct cel_value cel_optional(struct run *r, const struct node *n, const struct cel_value *v)
{
    struct cel_value out = {.kind = CEL_OPTIONAL};
    if (!v)
        return out;
    if (cel_value_depth(*v) >= CEL_VALUE_DEPTH)
        return cel_exhausted(n);
    struct cel_value *copy = cel_take(r, sizeof *copy);
    if (!copy)
        return cel_exhausted(n);
    *copy = *v;
    out.opt = copy;
    return out;
}

/* A list index as the language takes it: an int, or a number that is one. */
static bool as_index(struct cel_value key, int64_t *out)
{
    if (key.kind == CEL_INT)
        *out = key.i;
    else if (key.kind == CEL_UINT && key.u <= INT64_MAX)
        *out = (int64_t)key.u;
    else if (key.kind == CEL_DOUBLE && key.d > -0x1p53 && key.d < 0x1p53 && key.d == trunc(key.d))
        *out = (int64_t)key.d;
    else
        return false;
    return true;
}

/* CEL_UNSET: not there; CEL_ERROR: cannot be. */
static struct cel_value look_up(const struct node *n, struct cel_value v, struct cel_value key)
{
    const struct cel_value none = {.kind = CEL_UNSET};
    int64_t i;
    if (v.kind == CEL_MAP)
        return cel_map_get(v.map, key);
    if (v.kind != CEL_LIST)
        return cel_no_overload(n);
    if (!as_index(key, &i))
        return cel_error(n, CEL_E_INDEX, "a list's index is a whole number");
    return i >= 0 && i < v.n ? v.list->v[i] : none;
}

struct cel_value cel_index(struct run *r, const struct node *n, struct cel_value v,
                           struct cel_value key)
{
    bool optional = n->flag & F_OPTIONAL;
    if (v.kind == CEL_OPTIONAL) {
        if (!v.opt)
            return v;
        v = *v.opt;
        optional = true;
    }
    struct cel_value found = look_up(n, v, key);
    if (found.kind == CEL_ERROR)
        return found;
    if (optional)
        return cel_optional(r, n, found.kind == CEL_UNSET ? NULL : &found);
    if (found.kind == CEL_UNSET)
        return v.kind == CEL_LIST ? cel_error(n, CEL_E_INDEX, "index out of range")
                                  : cel_error(n, CEL_E_KEY, "no such key");
    return found;
}

static struct cel_value no_field(const struct node *n)
{
    return cel_error(n, CEL_E_KEY, "no such field");
}

static struct cel_value select_message(struct run *r, const struct node *n,
                                       const struct cel_message *m, bool optional)
{
    const struct field *f = n->bind;
    if (!f)
        f = cel_field_find(m->type, n->name);
    if (!f)
        return no_field(n);
    if (n->flag & F_TEST)
        return cel_bool(cel_has_field(m, f));
    if (optional && !cel_has_field(m, f))
        return (struct cel_value){.kind = CEL_UNSET};
    return cel_get_field(r, n, m, f);
}

struct cel_value cel_select(struct run *r, const struct node *n, struct cel_value v)
{
    bool optional = n->flag & F_OPTIONAL;
    bool test = n->flag & F_TEST;
    if (v.kind == CEL_OPTIONAL) {
        if (!v.opt)
            return test ? cel_bool(false) : v;
        v = *v.opt;
        optional = true;
    }
    struct cel_value found;
    if (v.kind == CEL_MAP) {
        found = cel_map_get(v.map, cel_string(n->name));
        if (test)
            return cel_bool(found.kind != CEL_UNSET);
    } else if (v.kind == CEL_MESSAGE) {
        found = select_message(r, n, v.msg, optional);
    } else {
        return no_field(n);
    }
    if (found.kind == CEL_ERROR || test)
        return found;
    if (optional)
        return cel_optional(r, n, found.kind == CEL_UNSET ? NULL : &found);
    return found.kind == CEL_UNSET ? cel_error(n, CEL_E_KEY, "no such key") : found;
}
