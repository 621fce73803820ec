/* SPDX-License-Identifier: Apache-2.0 */
/* getFullYear … getMilliseconds, of timestamps with or without a zone, and of durations. */
#include "builtin_int.h"

enum { BILLION = 1000000000 };

/* The local calendar of a[0] in zone a[1]; an error, or CEL_NULL when it is there. */
static struct cel_value local(struct run *r, const struct node *n, const struct cel_value *a,
                              unsigned count, struct civil *out)
{
    int64_t offset = 0;
    if (a[0].kind != CEL_TIMESTAMP || (count == 2 && a[1].kind != CEL_STRING))
        return cel_no_overload(n);
    if (count == 2 && !cel_pay(r, 20))
        return cel_exhausted(n);
    if (count == 2 && !cel_zone_offset(r->in, cel_text(a[1]), a[0].i, &offset))
        return cel_error(n, CEL_E_ARGUMENT, "unknown time zone");
    *out = cel_civil(a[0].i + offset);
    return cel_null();
}

#define CALENDAR(name, expr)                                                                       \
    struct cel_value cel_fn_##name(struct run *r, const struct node *n, const struct cel_value *a, \
                                   unsigned count)                                                 \
    {                                                                                              \
        struct civil c = {0};                                                                      \
        struct cel_value v = local(r, n, a, count, &c);                                            \
        return is_error(v) ? v : cel_int(expr);                                                    \
    }

CALENDAR(get_full_year, c.year)
CALENDAR(get_month, c.month - 1)
CALENDAR(get_date, c.day)
CALENDAR(get_day_of_month, c.day - 1)
CALENDAR(get_day_of_year, c.yday)
CALENDAR(get_day_of_week, c.wday)

/* The clock's parts; of a duration its whole length in that unit. */
#define CLOCK(name, expr, unit)                                                                    \
    struct cel_value cel_fn_##name(struct run *r, const struct node *n, const struct cel_value *a, \
                                   unsigned count)                                                 \
    {                                                                                              \
        struct civil c = {0};                                                                      \
        if (a[0].kind == CEL_DURATION && count == 1)                                               \
            return cel_int(a[0].i / ((unit) * (int64_t)BILLION));                                  \
        struct cel_value v = local(r, n, a, count, &c);                                            \
        return is_error(v) ? v : cel_int(expr);                                                    \
    }

CLOCK(get_hours, c.hour, 3600)
CLOCK(get_minutes, c.minute, 60)
CLOCK(get_seconds, c.second, 1)

/* Of a duration too it is the part below a second. */
struct cel_value cel_fn_get_milliseconds(struct run *r, const struct node *n,
                                         const struct cel_value *a, unsigned count)
{
    struct civil c = {0};
    if (a[0].kind == CEL_DURATION && count == 1)
        return cel_int(a[0].i % BILLION / 1000000);
    struct cel_value v = local(r, n, a, count, &c);
    return is_error(v) ? v : cel_int(a[0].n / 1000000);
}
