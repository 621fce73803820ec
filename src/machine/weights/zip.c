/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zip archives as an attacker writes them: readers differ in whether they believe the central
 * directory or the local headers, so both are read, members in neither's reach are searched for in
 * the gaps, and everything found is looked at.
 * Source: PKWARE's APPNOTE.TXT 6.3, sections 4.3 and 4.5.
 */
#include "rd.h"
#include "zip_int.h"

#include <stdlib.h>

enum {
    COMMENT_MAX = 65535,
    MEMBERS_MAX = 65536,
    DESCRIPTOR_MAX = 24,
    END64_LOCATOR = 20,
    END64_MIN = 56,
};

struct end {
    uint64_t at, entries, directory, size;
    uint64_t tail; /* bytes behind record and comment */
};

static uint64_t le(struct span s, size_t at, unsigned width)
{
    uint64_t v = 0;
    for (unsigned i = width; i-- > 0;)
        v = v << 8 | (at + i < s.n ? s.p[at + i] : 0);
    return v;
}

/* The zip64 record that the locator before `e` points at. */
static void wide_end(struct span s, struct end *e)
{
    if (e->at < END64_LOCATOR || le(s, (size_t)e->at - END64_LOCATOR, 4) != 0x07064b50)
        return;
    uint64_t at = le(s, (size_t)e->at - END64_LOCATOR + 8, 8);
    if (at > s.n || s.n - at < END64_MIN || le(s, (size_t)at, 4) != 0x06064b50)
        return;
    e->entries = le(s, (size_t)at + 32, 8);
    e->size = le(s, (size_t)at + 40, 8);
    e->directory = le(s, (size_t)at + 48, 8);
}

/* Lowest place where a reader looks for the end record. */
static size_t lowest_end(struct span s)
{
    return s.n > ZIP_END_MIN + COMMENT_MAX ? s.n - ZIP_END_MIN - COMMENT_MAX : 0;
}

/* The last end record whose directory lies before it. */
static bool find_end(struct span s, struct end *out)
{
    size_t low = lowest_end(s);
    for (size_t at = s.n >= ZIP_END_MIN ? s.n - ZIP_END_MIN + 1 : 0; at-- > low;) {
        if (memcmp(s.p + at, "PK\5\6", 4) != 0)
            continue;
        struct end e = {at, le(s, at + 10, 2), le(s, at + 16, 4), le(s, at + 12, 4), 0};
        uint64_t comment = le(s, at + 20, 2);
        e.tail = s.n - at - ZIP_END_MIN > comment ? s.n - at - ZIP_END_MIN - comment : 0;
        wide_end(s, &e);
        if (e.size > at || e.directory > at - e.size)
            continue;
        *out = e;
        return true;
    }
    return false;
}

bool zip_is(struct span s)
{
    return span_starts(s, SPAN_LIT("PK\3\4")) || span_starts(s, SPAN_LIT("PK\5\6")) ||
           span_starts(s, SPAN_LIT("PK\1\2")) || span_starts(s, SPAN_LIT("PK00PK\3\4"));
}

bool zip_tail_is(struct span s, size_t *at)
{
    struct end e;
    if (!find_end(s, &e))
        return false;
    *at = (size_t)e.at;
    /* An archive behind other bytes keeps its own offsets or had them moved: both are read. */
    uint64_t moved = e.at - e.size;
    return e.entries &&
           (le(s, (size_t)e.directory, 4) == 0x02014b50 || le(s, (size_t)moved, 4) == 0x02014b50);
}

static struct zip_member *add(struct zip *z, struct zip_member m)
{
    if (z->n == MEMBERS_MAX) {
        look_note(z->look, WEIGHTS_SUSPICIOUS, "limit", m.at, "more than %d members", MEMBERS_MAX);
        return NULL;
    }
    if (z->n == z->cap) {
        size_t cap = z->cap ? 2 * z->cap : 32;
        struct zip_member *v = realloc(z->v, cap * sizeof *v);
        if (!v) {
            z->look->e = err(ERR_NOMEM);
            return NULL;
        }
        z->v = v;
        z->cap = cap;
    }
    z->v[z->n] = m;
    return &z->v[z->n++];
}

/* Sizes and offset from the zip64 extra field, where the short ones say so. */
static void wide_member(struct span extra, struct zip_member *m)
{
    struct rd r = rd_of(extra);
    uint64_t id, n;
    struct span body;
    while (!failed(rd_le(&r, 2, &id)) && !failed(rd_le(&r, 2, &n)) &&
           !failed(rd_take(&r, n, &body))) {
        if (id != 1)
            continue;
        struct rd b = rd_of(body);
        if ((m->plain == 0xffffffff && failed(rd_le(&b, 8, &m->plain))) ||
            (m->packed == 0xffffffff && failed(rd_le(&b, 8, &m->packed))) ||
            (m->at == 0xffffffff && failed(rd_le(&b, 8, &m->at))))
            return;
    }
}

/* One entry of the central directory at *r. */
static bool entry(struct zip *z, struct rd *r)
{
    struct span head, name, extra, comment;
    size_t at = r->at;
    if (failed(rd_take(r, ZIP_CENTRAL_MIN, &head)) || le(head, 0, 4) != 0x02014b50 ||
        failed(rd_take(r, le(head, 28, 2), &name)) || failed(rd_take(r, le(head, 30, 2), &extra)) ||
        failed(rd_take(r, le(head, 32, 2), &comment))) {
        look_note(z->look, WEIGHTS_MALFORMED, "zip-directory", at, "a broken directory entry");
        return false;
    }
    struct zip_member m = {.name = name,
                           .at = le(head, 42, 4),
                           .packed = le(head, 20, 4),
                           .plain = le(head, 24, 4),
                           .method = (uint16_t)le(head, 10, 2),
                           .flags = (uint16_t)le(head, 8, 2),
                           .central = true};
    m.link = le(head, 5, 1) == 3 && (le(head, 38, 4) >> 28) == 0xa;
    wide_member(extra, &m);
    zip_other_name(z, extra, name, at);
    zip_comment(z, comment, r->at - comment.n);
    if (le(head, 34, 2) && le(head, 34, 2) != 0xffff)
        look_note(z->look, WEIGHTS_MALFORMED, "zip-directory", at, "a member on another disk");
    m.at = m.at > UINT64_MAX - z->shift ? UINT64_MAX : m.at + z->shift;
    struct zip_member *kept = add(z, m);
    if (kept)
        zip_local(z, kept);
    return kept != NULL;
}

static void directory(struct zip *z, const struct end *e)
{
    /* Bytes put before a whole archive move its directory; readers find it by its size. */
    uint64_t moved = e->at - e->size;
    if (e->entries && le(z->in, (size_t)e->directory, 4) != 0x02014b50 &&
        le(z->in, (size_t)moved, 4) == 0x02014b50)
        z->shift = moved - e->directory;
    z->directory = e->directory + z->shift;
    z->directory_end = z->directory + e->size;
    struct rd r = rd_of(span_cut(z->in, 0, (size_t)z->directory_end));
    r.at = (size_t)z->directory;
    uint64_t n = 0;
    while (r.at < r.n && entry(z, &r))
        n++;
    if (n != e->entries)
        look_note(z->look, WEIGHTS_MALFORMED, "zip-directory", e->at,
                  "the end record counts other members than the directory holds");
    if (z->directory_end != e->at && le(z->in, (size_t)z->directory_end, 4) != 0x06064b50)
        look_note(z->look, WEIGHTS_MALFORMED, "zip-directory", z->directory_end,
                  "bytes between the directory and the end record");
    uint64_t disk = le(z->in, (size_t)e->at + 4, 2), first = le(z->in, (size_t)e->at + 6, 2);
    if ((disk && disk != 0xffff) || (first && first != 0xffff))
        look_note(z->look, WEIGHTS_MALFORMED, "zip-end", e->at, "an archive of several disks");
    zip_comment(
        z, span_cut(z->in, (size_t)e->at + ZIP_END_MIN, (size_t)le(z->in, (size_t)e->at + 20, 2)),
        e->at + ZIP_END_MIN);
    if (e->tail)
        look_note(z->look, WEIGHTS_MALFORMED, "polyglot", z->in.n - e->tail,
                  "bytes behind the archive");
}

static int by_place(const void *a, const void *b)
{
    uint64_t x = ((const struct zip_member *)a)->at, y = ((const struct zip_member *)b)->at;
    return x < y ? -1 : x > y;
}

/* Bytes from `at` to `limit` belong to no member: search them for local headers. */
static void search_gap(struct zip *z, uint64_t at, uint64_t limit)
{
    struct span gap = span_cut(z->in, 0, (size_t)limit);
    struct span mark = SPAN_LIT("PK\3\4");
    for (size_t i = span_search(gap, (size_t)at, mark); i < gap.n;
         i = span_search(gap, i + 4, mark)) {
        struct zip_member *m = add(z, (struct zip_member){.at = i});
        if (!m)
            return;
        zip_local(z, m);
        look_note(z->look, WEIGHTS_MALFORMED, "zip-hidden", i,
                  "a member that the directory does not name: %s", look_text(z->look, m->name));
    }
}

/* Members neither overlap nor leave room between them; what lies there is searched. */
static void gaps(struct zip *z)
{
    size_t n = z->n;
    uint64_t at = 0;
    if (n)
        qsort(z->v, n, sizeof *z->v, by_place);
    for (size_t i = 0; i <= n; i++) {
        uint64_t next = i < n ? z->v[i].at : z->directory;
        bool descriptor = i && z->v[i - 1].flags & 8;
        if (next > at + (descriptor ? DESCRIPTOR_MAX : 0)) {
            look_note(z->look, WEIGHTS_MALFORMED, i ? "zip-hole" : "polyglot", at,
                      i ? "bytes that belong to no member" : "bytes before the archive");
            search_gap(z, at, next);
        } else if (next < at) {
            look_note(z->look, WEIGHTS_MALFORMED, "zip-overlap", next, "members that overlap");
        }
        if (i < n && z->v[i].data) {
            uint64_t room = z->in.n - z->v[i].data;
            uint64_t end = z->v[i].data + (z->v[i].packed < room ? z->v[i].packed : room);
            at = end > at ? end : at;
        }
    }
}

/* End records beside the one in use, where readers might find them. Those inside a member are an
 * archive of its own, looked at there. z->v is sorted by place. */
static void other_ends(struct zip *z, uint64_t used)
{
    struct span s = z->in, mark = SPAN_LIT("PK\5\6");
    size_t i = 0;
    for (size_t at = span_search(s, lowest_end(s), mark); at < s.n;
         at = span_search(s, at + mark.n, mark)) {
        while (i < z->n && (z->v[i].data == 0 || z->v[i].data + z->v[i].packed <= at))
            i++;
        if (at == used || (i < z->n && z->v[i].data <= at))
            continue;
        look_note(z->look, WEIGHTS_MALFORMED, "zip-end", at, "several end records");
        return;
    }
}

void zip_look(struct look *k, struct span s)
{
    struct zip z = {.look = k, .in = s, .directory = s.n, .directory_end = s.n};
    struct end e;
    if (find_end(s, &e)) {
        directory(&z, &e);
        gaps(&z);
        other_ends(&z, e.at);
    } else {
        look_note(k, WEIGHTS_MALFORMED, "zip-end", s.n, "no end record");
        search_gap(&z, 0, s.n);
    }
    if (!z.n)
        look_note(k, WEIGHTS_MALFORMED, "zip-empty", 0, "an archive without members");
    zip_names(&z);
    if (z.n)
        qsort(z.v, z.n, sizeof *z.v, by_place);
    for (size_t i = 0; i < z.n; i++) {
        bool again = i && z.v[i].at == z.v[i - 1].at && z.v[i].method == z.v[i - 1].method;
        if (again) /* told as an overlap; the same bytes say the same */
            continue;
        zip_later(&z, &z.v[i],
                  i + 1 < z.n && z.v[i + 1].at > z.v[i].data ? z.v[i + 1].at
                  : z.directory > z.v[i].data                ? z.directory
                                                             : s.n);
    }
    free(z.v);
}
