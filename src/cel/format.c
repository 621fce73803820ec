/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as text, and format(): the format text may be an attacker's, so it is read strictly and
 * its output has a ceiling.
 */
#include "builtin_int.h"

#include "utf8.h"

#include <stdlib.h>

enum { FORMAT_MAX = 16 * 1024 * 1024, PRECISION_MAX = 500 };

struct err cel_quote(struct buf *out, struct span s)
{
    static const char letters[] = "abfnrtv";
    TRY(buf_put_u8(out, '"'));
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (c == '"' || c == '\\') {
            TRY(buf_put_u8(out, '\\'));
        } else if (c >= 7 && c <= 13) {
            static const uint8_t order[] = {0, 1, 5, 3, 6, 2, 4}; /* \a \b \t \n \v \f \r */
            TRY(buf_put_u8(out, '\\'));
            c = (uint8_t)letters[order[c - 7]];
        }
        TRY(buf_put_u8(out, c));
    }
    return buf_put_u8(out, '"');
}

static struct err scalar(struct buf *out, struct cel_value v)
{
    char text[128];
    switch (v.kind) {
    case CEL_NULL:
        return buf_puts(out, "null");
    case CEL_BOOL:
        return buf_puts(out, v.b ? "true" : "false");
    case CEL_INT:
        return buf_printf(out, "%lld", (long long)v.i);
    case CEL_UINT:
        return buf_put_u64(out, v.u);
    case CEL_DOUBLE:
        return buf_put(out, span(text, cel_format_double(v.d, text)));
    case CEL_STRING:
    case CEL_TYPE:
        return buf_put(out, cel_text(v));
    case CEL_BYTES:
        return utf8_valid(cel_text(v)) ? buf_put(out, cel_text(v)) : err(ERR_INPUT);
    case CEL_TIMESTAMP:
        return buf_put(out, span(text, cel_format_timestamp(v, text)));
    case CEL_DURATION:
        return buf_put(out, span(text, cel_format_duration(v.i, text)));
    case CEL_IP:
    case CEL_CIDR:
        return buf_put(out, span(text, cel_format_net(v, text)));
    default:
        return err(ERR_INPUT);
    }
}

static struct err list(struct buf *out, const struct cel_list *l)
{
    TRY(buf_put_u8(out, '['));
    for (uint32_t i = 0; i < l->n; i++) {
        if (i)
            TRY(buf_puts(out, ", "));
        TRY(cel_format_value(out, l->v[i]));
    }
    return buf_put_u8(out, ']');
}

/* An entry's formatted key: where it stands in a scratch buffer. */
struct key_text {
    struct span text;
    uint32_t at;
};

static int by_text(const void *a, const void *b)
{
    return span_cmp(((const struct key_text *)a)->text, ((const struct key_text *)b)->text);
}

static struct err map_sorted(struct buf *out, const struct cel_map *m, struct key_text *keys,
                             struct buf *text)
{
    for (uint32_t i = 0; i < m->n; i++) {
        size_t from = text->n;
        TRY(scalar(text, m->v[i].key));
        keys[i] = (struct key_text){{NULL, text->n - from}, i};
    }
    size_t at = 0;
    for (uint32_t i = 0; i < m->n; i++) {
        keys[i].text.p = text->p + at;
        at += keys[i].text.n;
    }
    qsort(keys, m->n, sizeof *keys, by_text);
    TRY(buf_put_u8(out, '{'));
    for (uint32_t i = 0; i < m->n; i++) {
        if (i)
            TRY(buf_puts(out, ", "));
        TRY(buf_put(out, keys[i].text));
        TRY(buf_puts(out, ": "));
        TRY(cel_format_value(out, m->v[keys[i].at].value));
    }
    return buf_put_u8(out, '}');
}

static struct err map(struct buf *out, const struct cel_map *m)
{
    BUF_AUTO text = buf_init(FORMAT_MAX);
    struct key_text *keys = malloc((m->n + 1) * sizeof *keys);
    if (!keys)
        return err(ERR_NOMEM);
    struct err e = map_sorted(out, m, keys, &text);
    free(keys);
    return e;
}

/* As deep as values are. */
struct err cel_format_value(struct buf *out, struct cel_value v)
{
    if (v.kind == CEL_LIST)
        return list(out, v.list);
    return v.kind == CEL_MAP ? map(out, v.map) : scalar(out, v);
}

struct err cel_print(struct cel_value v, struct buf *out)
{
    switch (v.kind) {
    case CEL_ERROR:
        return buf_puts(out, v.why);
    case CEL_STRING:
        return cel_quote(out, cel_text(v));
    case CEL_BYTES:
    case CEL_MESSAGE:
    case CEL_OPTIONAL:
    case CEL_ENUM:
        TRY(buf_put(out, cel_type_name(v)));
        if (v.kind == CEL_OPTIONAL && !v.opt)
            return buf_puts(out, "()");
        TRY(buf_put_u8(out, '('));
        if (v.kind == CEL_OPTIONAL)
            TRY(cel_print(*v.opt, out));
        else if (v.kind == CEL_ENUM)
            TRY(buf_printf(out, "%d", (int32_t)v.n));
        for (uint32_t i = 0; v.kind == CEL_BYTES && i < v.n; i++)
            TRY(buf_printf(out, "%02x", v.s[i]));
        return buf_put_u8(out, ')');
    default:
        return cel_format_value(out, v);
    }
}

/* Magnitude and sign of an int or uint. */
static bool whole(struct cel_value v, uint64_t *size, bool *negative)
{
    *negative = v.kind == CEL_INT && v.i < 0;
    *size = *negative ? 0 - v.u : v.u;
    return v.kind == CEL_INT || v.kind == CEL_UINT;
}

static struct err in_base(struct buf *out, uint64_t v, bool negative, unsigned base, bool upper)
{
    uint8_t digits[64];
    size_t at = sizeof digits;
    do
        digits[--at] = (uint8_t)(upper ? "0123456789ABCDEF" : "0123456789abcdef")[v % base];
    while ((v /= base) != 0);
    if (negative)
        TRY(buf_put_u8(out, '-'));
    return buf_put(out, span(digits + at, sizeof digits - at));
}

static struct err hexadecimal(struct buf *out, struct cel_value v, bool upper)
{
    if (v.kind != CEL_STRING && v.kind != CEL_BYTES)
        return err(ERR_INPUT);
    for (uint32_t i = 0; i < v.n; i++)
        TRY(buf_printf(out, upper ? "%02X" : "%02x", v.s[i]));
    return OK;
}

static struct err real(struct buf *out, struct cel_value v, char how, int precision)
{
    double d = v.kind == CEL_DOUBLE ? v.d : v.kind == CEL_INT ? (double)v.i : (double)v.u;
    if (v.kind < CEL_INT || v.kind > CEL_DOUBLE)
        return err(ERR_INPUT);
    return cel_print_double(out, how, precision, d);
}

static struct err clause(struct buf *out, struct cel_value v, char how, int precision)
{
    uint64_t size;
    bool negative, number = whole(v, &size, &negative);
    if (v.kind == CEL_BOOL && how == 'b')
        return buf_put_u8(out, v.b ? '1' : '0');
    switch (how) {
    case 's':
        return cel_format_value(out, v);
    case 'f':
    case 'e':
        return real(out, v, how, precision);
    case 'd':
        if (v.kind == CEL_DOUBLE && (v.d != v.d || v.d - v.d != 0)) /* NaN, infinities */
            return real(out, v, 'f', 0);
        return number ? in_base(out, size, negative, 10, false) : err(ERR_INPUT);
    case 'b':
        return number ? in_base(out, size, negative, 2, false) : err(ERR_INPUT);
    case 'o':
        return number ? in_base(out, size, negative, 8, false) : err(ERR_INPUT);
    case 'x':
    case 'X':
        if (!number)
            return hexadecimal(out, v, how == 'X');
        return in_base(out, size, negative, 16, how == 'X');
    default:
        return err(ERR_INPUT);
    }
}

/* ".N" before f and e; -1 when it is malformed. */
static int read_precision(struct span s, size_t *at)
{
    int v = 0;
    if (*at >= s.n || s.p[*at] != '.')
        return 6;
    size_t from = ++*at;
    for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9' && v <= PRECISION_MAX; ++*at)
        v = v * 10 + (s.p[*at] - '0');
    return *at > from && v <= PRECISION_MAX ? v : -1;
}

static struct err format(struct buf *out, struct span s, const struct cel_list *args)
{
    uint32_t used = 0;
    for (size_t at = 0; at < s.n; at++) {
        size_t plain = span_find(s, at, '%');
        TRY(buf_put(out, span_cut(s, at, plain - at)));
        if (plain == s.n)
            break;
        at = plain + 1;
        if (at < s.n && s.p[at] == '%') {
            TRY(buf_put_u8(out, '%'));
            continue;
        }
        size_t from = at;
        int precision = read_precision(s, &at);
        if (precision < 0 || at >= s.n || used >= args->n)
            return err(ERR_INPUT);
        char how = (char)s.p[at];
        if (at > from && how != 'f' && how != 'e')
            return err(ERR_INPUT);
        TRY(clause(out, args->v[used++], how, precision));
    }
    return used == args->n ? OK : err(ERR_INPUT);
}

struct cel_value cel_fn_format(struct run *r, const struct node *n, const struct cel_value *a,
                               unsigned count)
{
    (void)count;
    BUF_AUTO b = buf_init(FORMAT_MAX);
    if (a[0].kind != CEL_STRING || a[1].kind != CEL_LIST)
        return cel_no_overload(n);
    if (!cel_pay(r, a[0].n / 10) || !cel_pay_value(r, a[1]))
        return cel_exhausted(n);
    struct err e = format(&b, cel_text(a[0]), a[1].list);
    if (failed(e))
        return err_cat(e) == ERR_INPUT
                   ? cel_error(n, CEL_E_ARGUMENT, "the format does not fit its arguments")
                   : cel_exhausted(n);
    return cel_copy_text(r, n, CEL_STRING, buf_span(&b));
}
