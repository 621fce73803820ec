/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens: made, kept, found. One session per request in flight. Frequent: a handful of values.
 * Never happens: a token changed or taken back once issued; a value left in memory after reset.
 */
#define _GNU_SOURCE
#include "session_int.h"

#include "b64.h"
#include "random.h"

#include <stdlib.h>

/* ---- keys ---- */

struct err mask_key_init(struct mask_key *k, struct span root, struct span principal)
{
    if (root.n != MASK_ROOT_BYTES)
        return err(ERR_INPUT);
    struct hash_mac_key outer;
    TRY(hash_mac_key_init(&outer, root));
    const struct span parts[] = {SPAN_LIT("sanctum mask token key 1"), SPAN_LIT("\0"), principal};
    uint8_t key[HASH_BYTES];
    hash_mac_parts(&outer, parts, 3, key);
    hash_mac_key_free(&outer);
    struct err e = hash_mac_key_init(&k->mac, span(key, sizeof key));
    if (!failed(e)) {
        const struct span purpose = SPAN_LIT("sanctum mask findings key 1");
        hash_mac_parts(&k->mac, &purpose, 1, key);
        memcpy(k->findings, key, sizeof k->findings);
    }
    explicit_bzero(key, sizeof key);
    return e;
}

void mask_key_free(struct mask_key *k)
{
    hash_mac_key_free(&k->mac);
    explicit_bzero(k->findings, sizeof k->findings);
}

/* ---- tables ---- */

static uint64_t fold_mul(uint64_t a, uint64_t b)
{
    __uint128_t m = (__uint128_t)a * b;
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

uint64_t table_hash(const uint64_t seed[2], uint64_t salt, struct span s)
{
    uint64_t h = fold_mul(seed[0] ^ salt, seed[1] ^ s.n), w;
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8) {
        memcpy(&w, s.p + i, 8);
        h = fold_mul(h ^ w, seed[1] | 1);
    }
    w = 0;
    if (s.n > i)
        memcpy(&w, s.p + i, s.n - i);
    return fold_mul(h ^ w, seed[0] | 1);
}

/* Room for n entries; *refill when the table was emptied and must be filled again. */
static struct err table_room(struct token_table *t, size_t n, bool *refill)
{
    size_t cap = t->cap ? t->cap : 64;
    *refill = false;
    while (n * 2 > cap)
        cap *= 2;
    if (cap == t->cap)
        return OK;
    uint32_t *slot = calloc(cap, sizeof *slot);
    if (!slot)
        return err(ERR_NOMEM);
    free(t->slot);
    *t = (struct token_table){slot, cap, 0};
    *refill = true;
    return OK;
}

static void table_add(struct token_table *t, uint64_t hash, size_t index)
{
    size_t i = hash & (t->cap - 1);
    while (t->slot[i])
        i = (i + 1) & (t->cap - 1);
    t->slot[i] = (uint32_t)index + 1;
    t->n++;
}

static void table_clear(struct token_table *t)
{
    if (t->n)
        memset(t->slot, 0, t->cap * sizeof *t->slot);
    t->n = 0;
}

static uint64_t value_salt(enum entity e, enum token_form form)
{
    return (uint64_t)e << 8 | form;
}

static uint64_t value_hash(const struct mask_session *s, const struct mask_token *t)
{
    return table_hash(s->seed, value_salt((enum entity)t->entity, (enum token_form)t->form),
                      token_value(s, t));
}

static uint64_t name_hash(const struct mask_session *s, struct span name)
{
    return table_hash(s->seed, 1U << 24, name);
}

/* Tokens that are known by a stand-in alone have no name, and their values are not asked for. */
static struct err index_token(struct mask_session *s, size_t index)
{
    bool refill;
    TRY(table_room(&s->by_value, index + 1, &refill));
    for (size_t i = refill ? 0 : index; i <= index; i++)
        if (s->v[i].n)
            table_add(&s->by_value, value_hash(s, &s->v[i]), i);
    TRY(table_room(&s->by_name, index + 1, &refill));
    for (size_t i = refill ? 0 : index; i <= index; i++)
        if (s->v[i].n)
            table_add(&s->by_name, name_hash(s, span(s->v[i].name, s->v[i].n)), i);
    return OK;
}

static size_t find_value(const struct mask_session *s, enum entity e, enum token_form form,
                         struct span value)
{
    const struct token_table *t = &s->by_value;
    if (!t->cap)
        return SIZE_MAX;
    size_t i = table_hash(s->seed, value_salt(e, form), value) & (t->cap - 1);
    for (; t->slot[i]; i = (i + 1) & (t->cap - 1)) {
        const struct mask_token *k = &s->v[t->slot[i] - 1];
        if (k->entity == e && k->form == form && span_eq(token_value(s, k), value))
            return t->slot[i] - 1;
    }
    return SIZE_MAX;
}

const struct mask_token *session_find(const struct mask_session *s, struct span name)
{
    const struct token_table *t = &s->by_name;
    if (!t->n)
        return NULL;
    size_t i = name_hash(s, name) & (t->cap - 1);
    for (; t->slot[i]; i = (i + 1) & (t->cap - 1)) {
        const struct mask_token *k = &s->v[t->slot[i] - 1];
        if (span_eq(span(k->name, k->n), name))
            return k;
    }
    return NULL;
}

static bool was_seen(const struct mask_session *s, struct span name)
{
    const struct token_table *t = &s->by_seen;
    if (!t->n)
        return false;
    size_t i = name_hash(s, name) & (t->cap - 1);
    for (; t->slot[i]; i = (i + 1) & (t->cap - 1)) {
        const struct seen_name *k = &s->seen[t->slot[i] - 1];
        if (span_eq(span(k->name, k->n), name))
            return true;
    }
    return false;
}

struct err session_see(struct mask_session *s, struct span name)
{
    if (name.n > TOKEN_NAME_MAX || was_seen(s, name))
        return OK;
    if (s->seen_n == s->seen_cap) {
        size_t cap = s->seen_cap ? s->seen_cap * 2 : 16;
        if (cap > s->max / sizeof *s->seen)
            return err(ERR_LIMIT);
        struct seen_name *v = realloc(s->seen, cap * sizeof *v);
        if (!v)
            return err(ERR_NOMEM);
        s->seen = v;
        s->seen_cap = cap;
    }
    struct seen_name *one = &s->seen[s->seen_n++];
    one->n = (uint8_t)name.n;
    memcpy(one->name, name.p, name.n);
    bool refill;
    struct err e = table_room(&s->by_seen, s->seen_n, &refill);
    if (failed(e)) {
        s->seen_n--;
        return e;
    }
    for (size_t i = refill ? 0 : s->seen_n - 1; i < s->seen_n; i++)
        table_add(&s->by_seen, name_hash(s, span(s->seen[i].name, s->seen[i].n)), i);
    return OK;
}

/* ---- making a token ---- */

static uint64_t low_bits(const uint8_t *p)
{
    uint64_t v = 0;
    for (size_t i = 0; i < 8; i++)
        v = v << 8 | p[i];
    return v;
}

/*
 * Write the name for attempt `k` (0: 8 characters; later: 12 of another digest). `base_n` gets the
 * length up to the dot.
 */
static void make_name(const struct mask_session *s, struct mask_token *t, struct span normal,
                      struct span spelling, unsigned k, size_t *base_n)
{
    struct span type = style_type(s->style, t->entity);
    static const uint8_t kinds[] = {[TOKEN_LITERAL] = 1, [TOKEN_PIECE] = 2, [TOKEN_JOINED] = 3};
    const uint8_t kind = t->form < sizeof kinds ? kinds[t->form] : 0;
    const uint8_t mark[3] = {0, (uint8_t)k, kind};
    const struct span parts[] = {type, span(mark, sizeof mark), normal};
    uint8_t digest[HASH_BYTES];
    hash_mac_parts(&s->key->mac, parts, 3, digest);
    struct wr w = wr_of(t->text, sizeof t->text);
    wr_u8(&w, '<');
    wr_put(&w, type);
    wr_u8(&w, '_');
    base32_crockford(&w, low_bits(digest), k ? TOKEN_LONG : TOKEN_SHORT);
    *base_n = w.n - 1;
    if (t->form == TOKEN_NUMBER || !span_eq(normal, spelling)) {
        const uint8_t how[2] = {1, t->form};
        const struct span again[] = {type, span(how, 2), spelling};
        hash_mac_parts(&s->key->mac, again, 3, digest);
        wr_u8(&w, '.');
        base32_crockford(&w, low_bits(digest + (k & 7)), TOKEN_VARIANT);
    }
    t->n = (uint8_t)(w.n - 1);
    wr_u8(&w, '>');
    for (size_t i = 0; i < t->n; i++)
        t->name[i] = ascii_lower(t->text[i + 1]);
}

/* May this name be issued for this value? Not when another value has it, when the request itself
 * held it as text, or when its part before the dot belongs to another normal form. */
static bool name_free(const struct mask_session *s, const struct mask_token *t, size_t base_n,
                      struct span normal, uint8_t *scratch)
{
    struct span name = span(t->name, t->n), base = span(t->name, base_n);
    if (session_find(s, name) || was_seen(s, name))
        return false;
    if (base_n == t->n)
        return true;
    const struct mask_token *owner = session_find(s, base);
    if (!owner)
        return true;
    struct span v = token_value(s, owner);
    return span_eq(span(scratch, normal_form((enum entity)owner->entity, v, scratch)), normal);
}

static struct err room_for_token(struct mask_session *s)
{
    _Static_assert(sizeof *s->v * (1 << 18) > MASK_SESSION_MAX,
                   "a request has at most 131,072 values");
    if (s->n < s->cap)
        return OK;
    size_t cap = s->cap ? s->cap * 2 : 16;
    if (cap > s->max / sizeof *s->v)
        return err(ERR_LIMIT);
    struct mask_token *v = realloc(s->v, cap * sizeof *v);
    if (!v)
        return err(ERR_NOMEM);
    s->v = v;
    s->cap = cap;
    return OK;
}

/* Name the token; values' normal forms are worked out behind the values in session.text. */
static struct err name_token(struct mask_session *s, struct mask_token *t, struct span value)
{
    enum { ATTEMPTS = 8 };
    if (value.n > s->longest)
        s->longest = value.n;
    TRY(buf_reserve(&s->text, value.n + s->longest));
    uint8_t *scratch = s->text.p + s->text.n;
    value = token_value(s, t);
    struct span normal = value;
    bool as_is = t->form == TOKEN_LITERAL || t->form == TOKEN_PIECE;
    if (!as_is)
        normal = span(scratch, normal_form((enum entity)t->entity, value, scratch));
    for (unsigned k = 0; k < ATTEMPTS; k++) {
        size_t base_n;
        make_name(s, t, normal, value, k, &base_n);
        if (name_free(s, t, base_n, normal, scratch + value.n))
            return OK;
    }
    return err(ERR_LIMIT);
}

struct err session_token(struct mask_session *s, enum entity e, enum token_form form,
                         struct span value, uint32_t *index)
{
    size_t at = find_value(s, e, form, value);
    if (at == SIZE_MAX) {
        TRY(room_for_token(s));
        struct mask_token t = {.value = (uint32_t)s->text.n,
                               .value_n = (uint32_t)value.n,
                               .entity = (uint16_t)e,
                               .form = (uint8_t)form};
        TRY(buf_put(&s->text, value));
        struct err failure = name_token(s, &t, value);
        if (failed(failure)) {
            s->text.n = t.value;
            return failure;
        }
        at = s->n;
        s->v[s->n++] = t;
        failure = index_token(s, at);
        if (failed(failure)) {
            s->n--;
            return failure;
        }
        s->numbers |= form == TOKEN_NUMBER;
        s->first[t.name[0]] = s->first[t.name[0] & 0xdf] = true;
        if (s->style && s->style->any)
            TRY(style_apply(s, (uint32_t)at));
    }
    *index = (uint32_t)at;
    return OK;
}

/* "<PERSON_k7f3q2mx.a4>": fills name, text and type. */
static bool parse_token(struct span token, struct mask_token *t)
{
    if (token.n < 4 || token.n - 2 > TOKEN_NAME_MAX || token.p[0] != '<' ||
        token.p[token.n - 1] != '>')
        return false;
    struct span name = span_cut(token, 1, token.n - 2);
    size_t end = span_find(name, 0, '.'), dash = end;
    while (dash && name.p[dash - 1] != '_')
        dash--;
    if (dash < 2 || (end - dash != TOKEN_SHORT && end - dash != TOKEN_LONG))
        return false;
    struct span type = span_cut(name, 0, dash - 1);
    enum entity e = entity_find(type);
    for (size_t i = 0; e == ENTITY_COUNT && i < type.n; i++) /* an owner's type: capitals */
        if ((uint8_t)(type.p[i] - 'A') >= 26 && (uint8_t)(type.p[i] - '0') >= 10 &&
            type.p[i] != '_')
            return false;
    if (e == ENTITY_COUNT)
        e = ENTITY_CUSTOM;
    t->entity = (uint16_t)e;
    t->n = (uint8_t)name.n;
    memcpy(t->text, token.p, token.n);
    for (size_t i = 0; i < name.n; i++)
        t->name[i] = ascii_lower(name.p[i]);
    return true;
}

static uint64_t stand_in_hash(const struct mask_session *s, struct span text)
{
    return table_hash(s->seed, 1U << 25, text);
}

struct err session_stand_in(struct mask_session *s, uint32_t index)
{
    struct mask_token *t = &s->v[index];
    uint8_t c = s->text.p[t->with];
    bool refill;
    TRY(table_room(&s->by_stand_in, s->stand_ins + 1, &refill));
    for (unsigned k = 0; refill && k < 256; k++)
        for (uint32_t i = s->stand_in[k]; i; i = s->v[i - 1].next)
            table_add(&s->by_stand_in, stand_in_hash(s, token_shown(s, &s->v[i - 1])), i - 1);
    table_add(&s->by_stand_in, stand_in_hash(s, token_shown(s, t)), index);
    t->next = s->stand_in[c];
    s->stand_in[c] = index + 1;
    s->stand_in_n[c][t->with_n / 64] |= (uint64_t)1 << t->with_n % 64;
    s->first[c] = true;
    s->stand_ins++;
    return OK;
}

const struct mask_token *session_stand_in_of(const struct mask_session *s, struct span text)
{
    const struct token_table *t = &s->by_stand_in;
    if (!t->n)
        return NULL;
    size_t i = stand_in_hash(s, text) & (t->cap - 1);
    for (; t->slot[i]; i = (i + 1) & (t->cap - 1)) {
        const struct mask_token *k = &s->v[t->slot[i] - 1];
        if (span_eq(token_shown(s, k), text))
            return k;
    }
    return NULL;
}

/* A stand-in of a map that was kept. */
static struct err add_stand_in(struct mask_session *s, struct span text, struct span value)
{
    struct mask_token t = {.value_n = (uint32_t)value.n,
                           .with_n = (uint32_t)text.n,
                           .entity = ENTITY_CUSTOM,
                           .styled = true,
                           .restores = true};
    if (text.n < STAND_IN_MIN || text.n > STAND_IN_MAX || session_stand_in_of(s, text))
        return err(ERR_INPUT);
    if (s->stand_ins == STAND_INS_MAX)
        return err(ERR_LIMIT);
    TRY(room_for_token(s));
    t.value = (uint32_t)s->text.n;
    TRY(buf_put(&s->text, value));
    t.with = (uint32_t)s->text.n;
    TRY(buf_put(&s->text, text));
    s->v[s->n++] = t;
    return session_stand_in(s, (uint32_t)s->n - 1);
}

struct err mask_session_add(struct mask_session *s, struct span token, struct span value)
{
    if (token.n && token.p[0] != '<')
        return add_stand_in(s, token, value);
    struct mask_token t = {.value = (uint32_t)s->text.n, .value_n = (uint32_t)value.n};
    if (!parse_token(token, &t) || session_find(s, span(t.name, t.n)))
        return err(ERR_INPUT);
    TRY(room_for_token(s));
    TRY(buf_put(&s->text, value));
    s->v[s->n++] = t;
    TRY(index_token(s, s->n - 1));
    s->first[t.name[0]] = s->first[t.name[0] & 0xdf] = true;
    return OK;
}

void session_use(struct mask_session *s, uint32_t index)
{
    unsigned e = s->v[index].entity;
    s->counts[e < ENTITY_COUNT ? e : ENTITY_CUSTOM]++;
    if (e >= ENTITY_OWN && e < ENTITY_ALL)
        s->own_counts[e - ENTITY_OWN]++;
    s->total++;
}

/* ---- names in order ---- */

static int by_name(const void *a, const void *b, void *tokens)
{
    const struct mask_token *v = tokens;
    const struct mask_token *x = &v[*(const uint32_t *)a], *y = &v[*(const uint32_t *)b];
    return span_cmp(span(x->name, x->n), span(y->name, y->n));
}

struct err session_sort(struct mask_session *s)
{
    if (s->sorted_n == s->n)
        return OK;
    if (s->sorted_cap < s->n) {
        uint32_t *v = realloc(s->sorted, s->cap * sizeof *v);
        if (!v)
            return err(ERR_NOMEM);
        s->sorted = v;
        s->sorted_cap = s->cap;
    }
    for (size_t i = 0; i < s->n; i++)
        s->sorted[i] = (uint32_t)i;
    qsort_r(s->sorted, s->n, sizeof *s->sorted, by_name, s->v);
    s->sorted_n = s->n;
    return OK;
}

bool session_prefix(const struct mask_session *s, struct span head)
{
    size_t low = 0, high = s->sorted_n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct mask_token *t = &s->v[s->sorted[mid]];
        if (span_cmp(span(t->name, t->n), head) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == s->sorted_n)
        return false;
    const struct mask_token *t = &s->v[s->sorted[low]];
    return span_starts(span(t->name, t->n), head);
}

/* ---- life ---- */

struct err mask_session_new(size_t max, struct mask_session **out)
{
    struct mask_session *s = calloc(1, sizeof *s);
    if (!s)
        return err(ERR_NOMEM);
    s->max = max;
    s->text = buf_init(max < UINT32_MAX ? max : UINT32_MAX);
    s->heard = buf_init(max > LLM_BODY_MAX ? max : LLM_BODY_MAX);
    random_bytes(s->seed, sizeof s->seed);
    *out = s;
    return OK;
}

void mask_session_reset(struct mask_session *s)
{
    enum { KEEP = 64 * 1024 };
    if (s->text.cap > KEEP)
        buf_wipe(&s->text);
    else if (s->text.cap)
        explicit_bzero(s->text.p, s->text.cap);
    s->text.n = 0;
    s->heard.n = 0;
    if (s->heard.cap)
        explicit_bzero(s->heard.p, s->heard.cap);
    if (s->stand_ins) {
        memset(s->stand_in, 0, sizeof s->stand_in);
        memset(s->stand_in_n, 0, sizeof s->stand_in_n);
    }
    s->stand_ins = 0;
    table_clear(&s->by_value);
    table_clear(&s->by_name);
    table_clear(&s->by_seen);
    table_clear(&s->by_stand_in);
    s->n = s->seen_n = s->sorted_n = 0;
    if (s->total) {
        memset(s->counts, 0, sizeof s->counts);
        memset(s->own_counts, 0, sizeof s->own_counts);
    }
    memset(s->first, 0, sizeof s->first);
    s->total = 0;
    s->longest = 0;
    s->documents.n = 0;
    s->numbers = false;
}

void session_begin(struct mask_session *s, const struct mask_key *k)
{
    mask_session_reset(s);
    s->key = k;
}

void mask_session_free(struct mask_session *s)
{
    if (!s)
        return;
    buf_wipe(&s->text);
    buf_wipe(&s->heard);
    free(s->v);
    free(s->by_value.slot);
    free(s->by_name.slot);
    free(s->by_seen.slot);
    free(s->by_stand_in.slot);
    free(s->seen);
    free(s->sorted);
    shift_free(&s->documents);
    free(s);
}

uint64_t mask_count(const struct mask_session *s, enum entity e)
{
    if (e >= ENTITY_OWN && e < ENTITY_ALL)
        return s->own_counts[e - ENTITY_OWN];
    return (size_t)e < ENTITY_COUNT ? s->counts[e] : 0;
}

uint64_t mask_total(const struct mask_session *s)
{
    return s->total;
}

size_t mask_values(const struct mask_session *s)
{
    return s->n;
}

void mask_value(const struct mask_session *s, size_t i, enum entity *type, struct span *token,
                struct span *value)
{
    *type = (enum entity)s->v[i].entity;
    *token = s->v[i].styled && !s->v[i].restores ? SPAN_NONE : token_shown(s, &s->v[i]);
    *value = token_value(s, &s->v[i]);
}
