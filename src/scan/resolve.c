/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Overlaps, decided once. Findings that overlap form a cluster; within it the set of disjoint
 * findings with the greatest sum of (length x score) squared x type weight wins (dynamic
 * programming over the ends), and what the losers covered beyond the winners goes to the nearest
 * winner, so that no detected byte is left bare and no value is masked by halves.
 *
 * V1 The result is disjoint and sorted. V2 Its union holds the union of the input, but for blanks
 * between a name and a number that it held.
 * V3 It does not depend on the order of the input.
 */
#include <stdlib.h>

#include "scan_int.h"

static const uint8_t weights[] = {
#define ENTITY(name, weight) weight,
#include "entity.def"
#undef ENTITY
};

static unsigned weight_of(const struct finding *f)
{
    if (f->entity >= ENTITY_OWN)
        return weights[ENTITY_CUSTOM];
    return f->entity < ENTITY_COUNT ? weights[f->entity] : 1;
}

static double worth(const struct finding *f)
{
    /* Square: one long value is worth more than the pieces that others see in it. */
    double n = (double)(f->end - f->start);
    return n * n * f->score * f->score * weight_of(f);
}

static int by_place(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->entity != y->entity)
        return x->entity < y->entity ? -1 : 1;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return (int)x->rule - (int)y->rule;
}

static int by_start(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return by_place(a, b);
}

/* What holds a secret, a card or a mail address does not own those bytes. A name does not hold the
 * number whose label it took for one ("NINO AB123456C"). */
static bool container(unsigned entity)
{
    return entity == ENTITY_URL || entity == ENTITY_LOCATION || entity == ENTITY_PERSON ||
           entity == ENTITY_ORGANIZATION;
}

static bool is_name(const struct finding *f)
{
    return f->entity == ENTITY_PERSON || f->entity == ENTITY_ORGANIZATION;
}

/* Does `in` keep its bytes inside the container `u`? An address is full of numbers that look like
 * others, but none is a phone for sure. */
static bool owns_inside(const struct finding *u, const struct finding *in)
{
    unsigned least = u->entity == ENTITY_URL || u->entity == ENTITY_LOCATION ? 25 : 20;
    bool phone = u->entity == ENTITY_LOCATION && in->entity == ENTITY_PHONE_NUMBER;
    return in->entity != ENTITY_IP_ADDRESS &&
           (weight_of(in) >= least || (phone && in->score >= 0.8F));
}

/* Partly overlapping findings of one type are one value; equal or contained ones the better. */
static size_t join_same(struct finding *v, size_t n)
{
    size_t keep = 0;
    uint32_t reach = 0;
    for (size_t i = 0; i < n; i++) {
        bool joined = false, overlaps = v[i].start < reach;
        reach = v[i].end > reach ? v[i].end : reach;
        for (size_t k = keep; overlaps && k-- > 0 && keep - k <= 16;) {
            struct finding *a = &v[k];
            if (a->entity != v[i].entity || v[i].start >= a->end)
                continue;
            if (v[i].end > a->end)
                a->end = v[i].end;
            if (v[i].score > a->score) {
                a->score = v[i].score;
                a->rule = v[i].rule;
            }
            joined = true;
            break;
        }
        if (!joined)
            v[keep++] = v[i];
    }
    return keep;
}

/* Of two secrets that overlap the better says what it is (secret.h) and covers both. */
static size_t best_secrets(struct finding *v, size_t n)
{
    size_t keep = 0;
    uint32_t reach = 0;
    for (size_t i = 0; i < n; i++) {
        bool lost = false, overlaps = v[i].start < reach && v[i].entity == ENTITY_SECRET;
        reach = v[i].end > reach ? v[i].end : reach;
        for (size_t k = keep; overlaps && k-- > 0 && !lost && keep - k <= 16;) {
            struct finding *a = &v[k];
            if (a->entity != ENTITY_SECRET || v[i].start >= a->end || a->start >= v[i].end)
                continue;
            uint32_t start = a->start < v[i].start ? a->start : v[i].start;
            uint32_t end = a->end > v[i].end ? a->end : v[i].end;
            if (secret_better(&v[i], a))
                *a = v[i];
            a->start = start;
            a->end = end;
            lost = true;
        }
        if (!lost)
            v[keep++] = v[i];
    }
    return keep;
}

/* Links and addresses that hold something heavier fall to pieces: the heavier keeps its bytes and
 * the container keeps the rest, as one piece before and one behind. */
static void grow(struct finding *win, size_t wins, struct finding lost)
{
    for (size_t i = 0; i < wins; i++) {
        uint32_t floor = i ? win[i - 1].end : lost.start;
        uint32_t roof = i + 1 < wins ? win[i + 1].start : lost.end;
        if (win[i].start >= lost.end || win[i].end <= lost.start)
            continue;
        if (lost.start < win[i].start && floor <= lost.start)
            win[i].start = lost.start;
        else if (lost.start < win[i].start && floor < win[i].start && floor > lost.start)
            win[i].start = floor;
        if (lost.end > win[i].end)
            win[i].end = lost.end < roof ? lost.end : roof;
    }
}

struct choice {
    double worth;
    int32_t before; /* index + 1 into the sorted cluster of the last that fits before, 0 none */
    bool take;
};

/* The best disjoint subset of v[0..n), sorted by end; marks entity ENTITY_COUNT on the losers. */
static void choose(const struct finding *v, size_t n, struct choice *c)
{
    for (size_t i = 0; i < n; i++) {
        size_t lo = 0, hi = i;
        while (lo < hi) {
            size_t mid = lo + (hi - lo) / 2;
            if (v[mid].end <= v[i].start)
                lo = mid + 1;
            else
                hi = mid;
        }
        double with = worth(&v[i]) + (lo ? c[lo - 1].worth : 0);
        double without = i ? c[i - 1].worth : 0;
        c[i] = (struct choice){with > without ? with : without, (int32_t)lo, with > without};
    }
}

/* Resolve one cluster in place; returns how many remain. `c` and `win` have room for n. */
static size_t cluster(struct finding *v, size_t n, struct choice *c, struct finding *win)
{
    if (n == 1)
        return 1;
    qsort(v, n, sizeof *v, by_place);
    choose(v, n, c);
    size_t wins = 0;
    for (size_t i = n; i > 0;) {
        if (c[i - 1].take) {
            win[wins++] = v[i - 1];
            i = (size_t)c[i - 1].before;
        } else {
            i--;
        }
    }
    for (size_t i = 0; i < wins / 2; i++) {
        struct finding swap = win[i];
        win[i] = win[wins - 1 - i];
        win[wins - 1 - i] = swap;
    }
    for (size_t i = 0; i < n; i++)
        grow(win, wins, v[i]);
    memcpy(v, win, wins * sizeof *v);
    return wins;
}

/* The end of a name that goes before a number at `end`: without the blanks. */
static uint32_t name_end(struct span text, uint32_t start, uint32_t end)
{
    while (end > start + 1 && end <= text.n && text.p[end - 1] == ' ')
        end--;
    return end;
}

/* Cut from containers what heavier findings inside them own, so that they do not compete. What is
 * left behind the last is appended. */
static size_t split_containers(struct span text, struct findings *f)
{
    size_t n = f->n;
    for (size_t i = 0; i < n; i++) {
        size_t at = i; /* the container's last piece */
        if (!container(f->v[i].entity))
            continue;
        for (size_t k = i + 1; k < n && f->v[k].start < f->v[at].end; k++) {
            struct finding *u = &f->v[at], *in = &f->v[k];
            if (in->end > u->end || in->start <= u->start || container(in->entity) ||
                !owns_inside(u, in))
                continue;
            struct finding rest = *u;
            rest.start = in->end;
            u->end = is_name(u) ? name_end(text, u->start, in->start) : in->start;
            if (rest.start == rest.end)
                break;
            if (f->n == f->max || failed(findings_add(f, rest))) {
                f->v[k].end = rest.end; /* out of room: the inner one takes the rest */
                break;
            }
            at = f->n - 1;
        }
    }
    return f->n;
}

/* password@host, percent-encoded or not: what a link's user information ends with is no mail
 * address. It keeps the host. */
static void trim_mails(struct span text, struct findings *f)
{
    for (size_t i = 0; i < f->n; i++) {
        const struct finding *in = &f->v[i];
        if (in->entity != ENTITY_SECRET || in->rule != SECRET_url_password ||
            in->end + 3 > text.n || (text.p[in->end] != '@' && text.p[in->end] != '%'))
            continue;
        for (size_t k = i; k-- > 0 && f->v[k].start >= in->start;)
            if (f->v[k].entity == ENTITY_EMAIL_ADDRESS && f->v[k].end > in->end)
                f->v[k].start = in->end;
        for (size_t k = i + 1; k < f->n && f->v[k].start < in->end; k++)
            if (f->v[k].entity == ENTITY_EMAIL_ADDRESS && f->v[k].end > in->end)
                f->v[k].start = in->end;
    }
}

/* A name that the tagger ends in the middle of a number with letters ("passaporto n. AA" of
 * AA9935393) ends before it, and so does an address in a phone's first group. */
static void trim_names(struct span text, struct findings *f)
{
    for (size_t i = 0; i < f->n; i++) {
        struct finding *a = &f->v[i];
        for (size_t k = i + 1; k < f->n && f->v[k].start < a->end; k++) {
            const struct finding *b = &f->v[k];
            bool cut = is_name(a) || a->entity == ENTITY_LOCATION;
            if (cut && owns_inside(a, b) && b->end > a->end && b->start > a->start)
                a->end = name_end(text, a->start, b->start);
        }
    }
}

/* The end of the run in order that begins at `from`. */
static size_t run_end(const struct finding *v, size_t from, size_t n)
{
    for (from++; from < n && by_start(&v[from - 1], &v[from]) <= 0;)
        from++;
    return from < n ? from : n;
}

/* Put v[middle..end) among v[from..middle), both in order. `room` holds the first of them. */
static void merge_two(struct finding *v, size_t from, size_t middle, size_t end,
                      struct finding *room)
{
    size_t n = middle - from, at = from;
    memcpy(room, v + from, n * sizeof *v);
    for (size_t k = 0; k < n;)
        v[at++] = middle < end && by_start(&v[middle], &room[k]) < 0 ? v[middle++] : room[k++];
}

/* Runs in order, of which there are few, two by two. */
static void merge_runs(struct finding *v, size_t n, struct finding *room)
{
    while (run_end(v, 0, n) < n)
        for (size_t from = 0, middle, end; (middle = run_end(v, from, n)) < n; from = end) {
            end = run_end(v, middle, n);
            merge_two(v, from, middle, end, room);
            if (end == n)
                break;
        }
}

/* The scanner finds nearly in order: findings are put in order by insertion, as long as that moves
 * few. Else some lists stand one behind the other. */
static void sort_by_start(struct finding *v, size_t n)
{
    enum { MOVES = 4 }; /* of each, on average */
    size_t left = n * MOVES;
    for (size_t i = 1; i < n && left; i++) {
        struct finding one = v[i];
        size_t k = i;
        for (; k && left && by_start(&v[k - 1], &one) > 0; k--, left--)
            v[k] = v[k - 1];
        v[k] = one;
    }
    if (!n || left)
        return;
    struct finding *room = calloc(n, sizeof *room);
    if (room)
        merge_runs(v, n, room);
    else
        qsort(v, n, sizeof *v, by_start);
    free(room);
}

/* What stands from v[n] on was appended, and is to be put among the others. `room` holds it. */
static void sort_appended(struct finding *v, size_t n, size_t all, struct finding *room)
{
    size_t left = all - n;
    sort_by_start(v, n);
    sort_by_start(v + n, left);
    memcpy(room, v + n, left * sizeof *v);
    for (size_t to = all; left; to--)
        v[to - 1] = n && by_start(&v[n - 1], &room[left - 1]) > 0 ? v[--n] : room[--left];
}

static bool disjoint(const struct findings *f)
{
    for (size_t i = 1; i < f->n; i++)
        if (f->v[i].start < f->v[i - 1].end)
            return false;
    return true;
}

void scan_resolve(struct span text, struct findings *f)
{
    if (f->n < 2)
        return;
    sort_by_start(f->v, f->n);
    if (disjoint(f))
        return;
    f->n = best_secrets(f->v, f->n);
    f->n = join_same(f->v, f->n);
    trim_mails(text, f);
    trim_names(text, f);
    size_t whole = f->n, keep = 0;
    split_containers(text, f);
    struct choice *c = calloc(f->n, sizeof *c);
    struct finding *win = calloc(f->n, sizeof *win);
    if (win)
        sort_appended(f->v, whole, f->n, win);
    else
        sort_by_start(f->v, f->n);
    for (size_t i = 0; i < f->n;) {
        uint32_t end = f->v[i].end;
        size_t k = i + 1;
        for (; k < f->n && f->v[k].start < end; k++)
            end = f->v[k].end > end ? f->v[k].end : end;
        size_t got = 1;
        if (c && win)
            got = cluster(f->v + i, k - i, c, win);
        else
            f->v[i].end = end; /* no memory: one finding covers all, the safe side */
        for (size_t w = 0; w < got; w++)
            f->v[keep++] = f->v[i + w];
        i = k;
    }
    f->n = keep;
    free(c);
    free(win);
}
