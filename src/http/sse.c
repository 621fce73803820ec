/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Framing of streams. Frequent: one event of one data line, 100 to 500 bytes, whole in one read.
 * A line that is whole in the input is read where it lies; only the start of a cut line and the
 * data of the pending event are copied into `hold`.
 *
 *   sse_next → take_line → end_line → events_line / json_line → (event) emit
 *
 * `clear` says that the last call handed out the pending event, which goes before anything else.
 */
#include "sse.h"

#include "http_scan_int.h"
#include "num.h"

enum { BOM_BYTES = 3 };
static const uint8_t bom[BOM_BYTES] = {0xef, 0xbb, 0xbf};

void sse_init(struct sse *s, enum sse_kind kind, struct buf *hold)
{
    *s = (struct sse){.hold = hold, .kind = (uint8_t)kind};
    buf_clear(hold);
}

static void forget_event(struct sse *s)
{
    if (s->data_n) {
        buf_drop(s->hold, s->data_n);
        s->data_n = 0;
    }
    s->has_data = s->has_retry = s->clear = false;
    s->name_n = 0;
    s->id_n = 0;
}

/* Offset of the first line end; in.n when there is none. A CR ends no JSON line. */
static size_t find_end(const struct sse *s, struct span in)
{
    return s->kind == SSE_LINES ? span_find(in, 0, '\n') : http_scan_eol(in);
}

/* Data of the pending event: S1. The line it is taken from may be the tail of hold itself, so room
 * is made first and the span recomputed by the caller's offset. */
static struct err add_data(struct sse *s, struct span value)
{
    struct buf *h = s->hold;
    bool inside = value.n && h->n > s->data_n; /* the value lies in hold, behind data_n */
    size_t at = inside ? (size_t)(value.p - h->p) : 0;
    size_t join = s->has_data ? 1 : 0;
    size_t need = s->data_n + join + value.n;
    if (need > h->n)
        TRY(buf_reserve(h, need - h->n));
    if (value.n)
        memmove(h->p + s->data_n + join, inside ? h->p + at : value.p, value.n);
    if (join)
        h->p[s->data_n] = '\n';
    s->data_n = need;
    s->has_data = true;
    return OK;
}

static struct err copy_short(uint8_t *to, size_t max, struct span value)
{
    if (value.n > max)
        return err(ERR_LIMIT);
    if (value.n)
        memcpy(to, value.p, value.n);
    return OK;
}

static struct err events_field(struct sse *s, struct span name, struct span value)
{
    if (span_eq(name, SPAN_LIT("data")))
        return add_data(s, value);
    if (span_eq(name, SPAN_LIT("event"))) {
        TRY(copy_short(s->name, SSE_NAME_MAX, value));
        s->name_n = (uint8_t)value.n;
    } else if (span_eq(name, SPAN_LIT("id")) && span_find(value, 0, 0) == value.n) {
        TRY(copy_short(s->id, SSE_ID_MAX, value));
        s->id_n = (uint16_t)value.n;
    } else if (span_eq(name, SPAN_LIT("retry"))) {
        uint64_t ms;
        if (!failed(num_u64(value, UINT64_MAX, &ms))) {
            s->retry_ms = ms;
            s->has_retry = true;
        }
    }
    return OK;
}

static struct span skip_blank(struct span value)
{
    return value.n && value.p[0] == ' ' ? span_from(value, 1) : value;
}

/* A whole line without its end. *whole: an event is complete. */
static struct err events_line(struct sse *s, struct span line, bool *whole)
{
    if (line.n == 0) {
        *whole = s->has_data;
        if (!s->has_data)
            forget_event(s);
        return OK;
    }
    if (line.p[0] == ':')
        return OK;
    size_t colon = span_find(line, 0, ':');
    return events_field(s, span_cut(line, 0, colon), skip_blank(span_from(line, colon + 1)));
}

static struct err json_line(struct sse *s, struct span line, bool *whole)
{
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    *whole = line.n != 0;
    return line.n ? add_data(s, line) : OK;
}

static void emit(struct sse *s, struct sse_event *e)
{
    *e = (struct sse_event){
        .name = span(s->name, s->name_n),
        .data = span(s->hold->p, s->data_n),
        .id = span(s->id, s->id_n),
        .retry_ms = s->has_retry ? s->retry_ms : 0,
        .has_retry = s->has_retry,
    };
    s->clear = true;
}

/* The line in `line`, or in hold behind data_n, has ended. */
static struct err end_line(struct sse *s, struct span line, bool *whole)
{
    if (s->hold->n > s->data_n) {
        TRY(buf_put(s->hold, line));
        line = span_from(buf_span(s->hold), s->data_n);
    }
    TRY(s->kind == SSE_LINES ? json_line(s, line, whole) : events_line(s, line, whole));
    s->hold->n = s->data_n;
    return OK;
}

/* Skip a byte order mark at the very start, even in pieces. Its bytes are held back in `bom` as a
 * count until the question is settled. */
static struct err skip_bom(struct sse *s, struct span in, size_t *used)
{
    while (s->bom < BOM_BYTES && *used < in.n) {
        if (in.p[*used] != bom[s->bom]) {
            struct span held = span(bom, s->bom);
            s->bom = BOM_BYTES;
            return buf_put(s->hold, held);
        }
        s->bom++;
        ++*used;
    }
    return OK;
}

/* Does S1's event plus the line so far pass the ceiling? Counted here too for lines read in place.
 */
static bool too_long(const struct sse *s, size_t more)
{
    return more > s->hold->max - s->hold->n;
}

struct err sse_next(struct sse *s, struct span in, size_t *used, struct sse_event *e)
{
    *used = 0;
    if (s->clear)
        forget_event(s);
    if (s->bom < BOM_BYTES)
        TRY(skip_bom(s, in, used));
    while (*used < in.n) {
        if (s->after_cr) {
            s->after_cr = false;
            *used += in.p[*used] == '\n';
            continue;
        }
        struct span rest = span_from(in, *used);
        size_t end = find_end(s, rest);
        if (too_long(s, end))
            return err(ERR_LIMIT);
        *used += end;
        if (end == rest.n) {
            TRY(buf_put(s->hold, rest));
            break;
        }
        s->after_cr = rest.p[end] == '\r';
        ++*used;
        bool whole = false;
        TRY(end_line(s, span(rest.p, end), &whole));
        if (whole) {
            emit(s, e);
            return OK;
        }
    }
    return err(ERR_AGAIN);
}

struct err sse_end(struct sse *s, struct sse_event *e)
{
    if (s->clear)
        forget_event(s);
    bool whole = false;
    if (s->hold->n > s->data_n)
        TRY(end_line(s, SPAN_NONE, &whole));
    if (!s->has_data)
        return err(ERR_CLOSED);
    emit(s, e);
    return OK;
}

static bool is_line(struct span s)
{
    return span_find(s, 0, '\n') == s.n && span_find(s, 0, '\r') == s.n;
}

static void append(struct buf *out, struct span s)
{
    if (s.n)
        memcpy(out->p + out->n, s.p, s.n);
    out->n += s.n;
}

struct err sse_write(struct buf *out, struct span name, struct span data)
{
    const struct span event = SPAN_LIT("event: "), field = SPAN_LIT("data: ");
    if (!is_line(name) || !is_line(data))
        return err(ERR_INPUT);
    size_t head = name.n ? event.n + name.n + 1 : 0, need;
    TRY(num_add(head + field.n + 2, data.n, &need));
    TRY(buf_reserve(out, need));
    if (name.n) {
        append(out, event);
        append(out, name);
        append(out, SPAN_LIT("\n"));
    }
    append(out, field);
    append(out, data);
    append(out, SPAN_LIT("\n\n"));
    return OK;
}

/* head, text, tail; text without line ends. */
static struct err write_framed(struct buf *out, struct span head, struct span text,
                               struct span tail)
{
    if (!is_line(text))
        return err(ERR_INPUT);
    size_t need;
    TRY(num_add(head.n + tail.n, text.n, &need));
    TRY(buf_reserve(out, need));
    append(out, head);
    append(out, text);
    append(out, tail);
    return OK;
}

struct err sse_write_comment(struct buf *out, struct span text)
{
    return write_framed(out, SPAN_LIT(": "), text, SPAN_LIT("\n\n"));
}

struct err sse_write_line(struct buf *out, struct span data)
{
    return write_framed(out, SPAN_NONE, data, SPAN_LIT("\n"));
}
