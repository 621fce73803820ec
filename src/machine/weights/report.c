/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings: kept in order up to a ceiling, their texts in one arena. Called by every reader when
 * something is not as it must be, which for a clean file is never.
 */
#include "weights_look_int.h"

#include "b64.h"
#include "wr.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_SHOWN = 120, REASON_BYTES = 400, TEXT_ARENA = 1 << 20 };

const char *weights_verdict_name(enum weights_verdict v)
{
    static const char *const names[] = {"ok", "suspicious", "malformed", "malicious"};
    return names[v];
}

void weights_report_free(struct weights_report *r)
{
    free(r->v);
    arena_free(&r->text);
    buf_free(&r->data);
    *r = (struct weights_report){.format = "unknown", .text = arena_init(TEXT_ARENA)};
}

/* A copy in the report's arena; "" when that is full. */
static const char *keep(struct look *k, const char *text, size_t n)
{
    void *p;
    if (failed(arena_take(&k->report->text, n + 1, &p)))
        return "";
    memcpy(p, text, n);
    return p;
}

void look_note(struct look *k, enum weights_verdict level, const char *rule, uint64_t at,
               const char *fmt, ...)
{
    struct weights_report *r = k->report;
    if (k->now && k->now->setting == IN_TORCH_STORAGE && level != WEIGHTS_MALICIOUS)
        return;
    if (level > r->verdict)
        r->verdict = level;
    if (r->n == WEIGHTS_FINDINGS_MAX) {
        r->more = true;
        return;
    }
    if (!r->v)
        r->v = calloc(WEIGHTS_FINDINGS_MAX, sizeof *r->v);
    if (!r->v) {
        k->e = err(ERR_NOMEM);
        return;
    }
    char reason[REASON_BYTES];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(reason, sizeof reason, fmt, ap);
    va_end(ap);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof reason ? (size_t)n : sizeof reason - 1;
    if (k->now && at > k->now->bytes.n)
        at = k->now->bytes.n; /* where the file says that something is: behind its end */
    r->v[r->n++] =
        (struct weights_finding){at, rule, keep(k, reason, len), k->now ? k->now->name : "", level};
}

const char *look_text(struct look *k, struct span s)
{
    uint8_t shown[TEXT_SHOWN * 4 + 4];
    struct wr w = wr_of(shown, sizeof shown);
    for (size_t i = 0; i < s.n && i < TEXT_SHOWN; i++) {
        uint8_t c = s.p[i];
        if (c >= 0x20 && c < 0x7f && c != '\\') {
            wr_u8(&w, c);
        } else {
            wr_str(&w, "\\x");
            hex_encode(&w, span_cut(s, i, 1));
        }
    }
    if (s.n > TEXT_SHOWN)
        wr_str(&w, "...");
    return keep(k, (const char *)shown, w.n);
}

struct span look_name(const struct look *k)
{
    if (k->now->name[0])
        return span_str(k->now->name);
    return k->path && k->now->depth == 0 ? span_str(k->path) : SPAN_NONE;
}

bool look_path_leaves(struct span p)
{
    if (p.n && (p.p[0] == '/' || p.p[0] == '\\'))
        return true;
    if (p.n > 1 && p.p[1] == ':')
        return true;
    for (size_t at = 0; at <= p.n;) {
        size_t end = at;
        while (end < p.n && p.p[end] != '/' && p.p[end] != '\\')
            end++;
        if (span_is(span_cut(p, at, end - at), ".."))
            return true;
        at = end + 1;
    }
    return span_find(p, 0, 0) < p.n;
}

struct look_point look_point(const struct look *k)
{
    return (struct look_point){k->report->n, k->report->verdict, k->report->more};
}

void look_rewind(struct look *k, struct look_point p)
{
    k->report->n = p.n;
    k->report->verdict = p.verdict;
    k->report->more = p.more;
}
