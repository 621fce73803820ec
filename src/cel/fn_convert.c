/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions between types. Out-of-range doubles are tested before C converts them. */
#include "builtin_int.h"

#include "utf8.h"

#include <math.h>

#define FN(name)                                                                                   \
    struct cel_value cel_fn_##name(struct run *r, const struct node *n, const struct cel_value *a, \
                                   unsigned count)

static struct cel_value out_of_range(const struct node *n)
{
    return cel_error(n, CEL_E_RANGE, "number out of range");
}

static struct cel_value unreadable(const struct node *n)
{
    return cel_error(n, CEL_E_CONVERT, "the text cannot be converted");
}

FN(type)
{
    (void)r, (void)n, (void)count;
    struct span s = cel_type_name(a[0]);
    return (struct cel_value){.kind = CEL_TYPE, .n = (uint32_t)s.n, .s = s.p};
}

FN(dyn)
{
    (void)r, (void)n, (void)count;
    return a[0];
}

FN(to_bool)
{
    static const char *const yes[] = {"1", "t", "true", "TRUE", "True"};
    static const char *const no[] = {"0", "f", "false", "FALSE", "False"};
    (void)r, (void)count;
    if (a[0].kind == CEL_BOOL)
        return a[0];
    if (a[0].kind != CEL_STRING)
        return cel_no_overload(n);
    for (size_t i = 0; i < 5; i++) {
        if (span_is(cel_text(a[0]), yes[i]))
            return cel_bool(true);
        if (span_is(cel_text(a[0]), no[i]))
            return cel_bool(false);
    }
    return unreadable(n);
}

FN(to_int)
{
    int64_t v;
    (void)r, (void)count;
    switch (a[0].kind) {
    case CEL_INT:
        return a[0];
    case CEL_UINT:
        return a[0].u > INT64_MAX ? out_of_range(n) : cel_int((int64_t)a[0].u);
    case CEL_DOUBLE:
        if (!(a[0].d > -0x1p63 && a[0].d < 0x1p63))
            return out_of_range(n);
        return cel_int((int64_t)a[0].d);
    case CEL_STRING:
        return cel_parse_int(cel_text(a[0]), &v) ? cel_int(v) : unreadable(n);
    case CEL_TIMESTAMP:
        return cel_int(a[0].i);
    case CEL_DURATION:
        return cel_int(a[0].i / 1000000000);
    case CEL_ENUM:
        return cel_int((int32_t)a[0].n);
    default:
        return cel_no_overload(n);
    }
}

FN(to_uint)
{
    uint64_t v;
    (void)r, (void)count;
    switch (a[0].kind) {
    case CEL_UINT:
        return a[0];
    case CEL_INT:
        return a[0].i < 0 ? out_of_range(n) : cel_uint((uint64_t)a[0].i);
    case CEL_DOUBLE:
        if (!(a[0].d >= 0 && a[0].d < 0x1p64))
            return out_of_range(n);
        return cel_uint((uint64_t)a[0].d);
    case CEL_STRING:
        return cel_parse_uint(cel_text(a[0]), &v) ? cel_uint(v) : unreadable(n);
    default:
        return cel_no_overload(n);
    }
}

FN(to_double)
{
    double d;
    (void)r, (void)count;
    switch (a[0].kind) {
    case CEL_DOUBLE:
        return a[0];
    case CEL_INT:
        return cel_double((double)a[0].i);
    case CEL_UINT:
        return cel_double((double)a[0].u);
    case CEL_STRING:
        return cel_parse_double(cel_text(a[0]), &d) ? cel_double(d) : unreadable(n);
    default:
        return cel_no_overload(n);
    }
}

FN(to_string)
{
    char text[128];
    size_t size;
    (void)count;
    switch (a[0].kind) {
    case CEL_STRING:
        return a[0];
    case CEL_BYTES:
        if (!cel_pay(r, a[0].n / 10))
            return cel_exhausted(n);
        return utf8_valid(cel_text(a[0])) ? cel_string(cel_text(a[0])) : unreadable(n);
    case CEL_IP:
    case CEL_CIDR:
        size = cel_format_net(a[0], text);
        return cel_copy_text(r, n, CEL_STRING, span(text, size));
    case CEL_BOOL:
    case CEL_INT:
    case CEL_UINT:
    case CEL_DOUBLE:
    case CEL_TIMESTAMP:
    case CEL_DURATION: {
        BUF_AUTO b = buf_init(sizeof text);
        if (failed(cel_format_value(&b, a[0])))
            return cel_exhausted(n);
        return cel_copy_text(r, n, CEL_STRING, buf_span(&b));
    }
    default:
        return cel_no_overload(n);
    }
}

FN(to_bytes)
{
    (void)r, (void)count;
    if (a[0].kind == CEL_BYTES)
        return a[0];
    return a[0].kind == CEL_STRING ? cel_bytes(cel_text(a[0])) : cel_no_overload(n);
}

FN(to_timestamp)
{
    struct cel_value v;
    (void)r, (void)count;
    switch (a[0].kind) {
    case CEL_TIMESTAMP:
        return a[0];
    case CEL_STRING:
        return cel_parse_timestamp(cel_text(a[0]), &v) ? v : unreadable(n);
    case CEL_INT:
        return failed(cel_timestamp_of(a[0].i, 0, &v)) ? out_of_range(n) : v;
    default:
        return cel_no_overload(n);
    }
}

FN(to_duration)
{
    int64_t v;
    (void)r, (void)count;
    if (a[0].kind == CEL_DURATION)
        return a[0];
    if (a[0].kind == CEL_INT) {
        if (__builtin_mul_overflow(a[0].i, (int64_t)1000000000, &v))
            return out_of_range(n);
        return (struct cel_value){.kind = CEL_DURATION, .i = v};
    }
    if (a[0].kind != CEL_STRING)
        return cel_no_overload(n);
    if (!cel_parse_duration(cel_text(a[0]), &v))
        return unreadable(n);
    return (struct cel_value){.kind = CEL_DURATION, .i = v};
}
