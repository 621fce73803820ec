/* SPDX-License-Identifier: Apache-2.0 */
/* The store in memory and its sealed form. Called rarely: by the vault role at start and when the
 * file changed, by `sanctum vault`. */
#define _GNU_SOURCE
#include "store.h"
#include "derive.h"
#include "random.h"
#include "rd.h"
#include "seal.h"
#include "secret.h"
#include "stretch.h"

#include <stdlib.h>

#define MAGIC "sanctum vault\n"
enum { FORMAT = 1, ALGORITHM = 1, ID_BYTES = 16, WRAPPED = STORE_KEY_BYTES + SEAL_OVERHEAD };
enum { PASSPHRASE_MAX = 1024, ABOUT_MAX = 256 };

struct entry {
    uint8_t *name, *sealed; /* one allocation each */
    size_t name_n, sealed_n;
    uint64_t version, updated_s;
};

struct header {
    uint8_t id[ID_BYTES];
    uint8_t unlock;
    uint32_t kib, passes;
    uint8_t salt[STRETCH_SALT_BYTES];
    uint8_t wrapped[WRAPPED];
};

struct store {
    struct header h;
    struct secret key;
    struct entry *v;
    size_t n;
};

/* --- keys ---------------------------------------------------------------------------------- */

/* What the wrapped key is bound to: fixed-size fields in a fixed order. */
static struct span about_key(const struct header *h, uint8_t out[ABOUT_MAX])
{
    struct wr w = wr_of(out, ABOUT_MAX);
    wr_str(&w, "sanctum/vault/key/1");
    wr_put(&w, span(h->id, ID_BYTES));
    wr_u8(&w, h->unlock);
    wr_le(&w, 4, h->kib);
    wr_le(&w, 4, h->passes);
    wr_put(&w, span(h->salt, sizeof h->salt));
    return wr_span(&w);
}

/* The name comes last and everything before it has one size: injective. */
static struct span about_value(const struct store *s, struct span name, uint64_t version,
                               uint8_t out[ABOUT_MAX])
{
    struct wr w = wr_of(out, ABOUT_MAX);
    wr_str(&w, "sanctum/vault/value/1");
    wr_put(&w, span(s->h.id, ID_BYTES));
    wr_le(&w, 8, version);
    wr_put(&w, name);
    return wr_span(&w);
}

/* The key that wraps the store's key. */
static struct err unlock_key(const struct header *h, struct span secret,
                             uint8_t out[SEAL_KEY_BYTES])
{
    uint8_t stretched[STRETCH_KEY_BYTES];
    if (h->unlock == STORE_BY_KEY_FILE) {
        if (secret.n != STORE_KEY_BYTES)
            return err(ERR_DENIED);
        return derive_key(secret, "sanctum/vault/key-file/1", span(h->id, ID_BYTES), out,
                          SEAL_KEY_BYTES);
    }
    if (secret.n == 0 || secret.n > PASSPHRASE_MAX)
        return err(ERR_DENIED);
    TRY(stretch_passphrase(secret, h->salt, h->kib, h->passes, stretched));
    struct err e = derive_key(span(stretched, sizeof stretched), "sanctum/vault/passphrase/1",
                              span(h->id, ID_BYTES), out, SEAL_KEY_BYTES);
    secret_wipe(stretched, sizeof stretched);
    return e;
}

static struct err value_key(const struct store *s, uint8_t out[SEAL_KEY_BYTES])
{
    return derive_key(secret_span(&s->key), "sanctum/vault/values/1", SPAN_NONE, out,
                      SEAL_KEY_BYTES);
}

static struct err file_hash(const struct store *s, struct span bytes, uint8_t out[HASH_BYTES])
{
    uint8_t key[DERIVE_KEY_BYTES];
    struct hash_mac_key mac;
    TRY(derive_key(secret_span(&s->key), "sanctum/vault/file/1", SPAN_NONE, key, sizeof key));
    struct err e = hash_mac_key_init(&mac, span(key, sizeof key));
    secret_wipe(key, sizeof key);
    TRY(e);
    hash_mac_parts(&mac, &bytes, 1, out);
    hash_mac_key_free(&mac);
    return OK;
}

/* --- life ---------------------------------------------------------------------------------- */

static void free_entry(struct entry *e)
{
    free(e->name);
    free(e->sealed);
    *e = (struct entry){0};
}

void store_free(struct store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        free_entry(&s->v[i]);
    free(s->v);
    secret_free(&s->key);
    free(s);
}

static struct store *blank(void)
{
    struct store *s = calloc(1, sizeof *s);
    struct entry *v = calloc(STORE_ENTRIES_MAX, sizeof *v);
    if (s && v && !failed(secret_new(STORE_KEY_BYTES, &s->key))) {
        s->v = v;
        return s;
    }
    free(s);
    free(v);
    return NULL;
}

static struct err wrap(struct store *s, struct span secret)
{
    uint8_t key[SEAL_KEY_BYTES], about[ABOUT_MAX];
    struct wr w = wr_of(s->h.wrapped, WRAPPED);
    TRY(unlock_key(&s->h, secret, key));
    struct err e = seal_close(key, about_key(&s->h, about), secret_span(&s->key), &w);
    secret_wipe(key, sizeof key);
    return e;
}

struct err store_new(enum store_unlock how, struct span secret, struct store **out)
{
    struct store *s = blank();
    if (!s)
        return err(ERR_NOMEM);
    s->h.unlock = (uint8_t)how;
    if (how == STORE_BY_PASSPHRASE) {
        s->h.kib = STRETCH_KIB;
        s->h.passes = STRETCH_PASSES;
        random_bytes(s->h.salt, sizeof s->h.salt);
    }
    random_bytes(s->h.id, sizeof s->h.id);
    random_bytes(s->key.p, s->key.n);
    struct err e = wrap(s, secret);
    if (failed(e)) {
        store_free(s);
        return e;
    }
    *out = s;
    return OK;
}

/* --- names and values ---------------------------------------------------------------------- */

static bool is_alnum(uint8_t c)
{
    return (uint8_t)(c - '0') < 10 || (uint8_t)(ascii_lower(c) - 'a') < 26;
}

/* A person's, or the program's own. */
static bool name_shape(struct span name)
{
    if (name.n == 0 || name.n > STORE_NAME_MAX || !(is_alnum(name.p[0]) || name.p[0] == '.'))
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (!is_alnum(name.p[i]) && !(name.p[i] && strchr("._/-", name.p[i])))
            return false;
    return true;
}

bool store_name_valid(struct span name)
{
    return name_shape(name) && is_alnum(name.p[0]);
}

static struct span name_of(const struct entry *e)
{
    return span(e->name, e->name_n);
}

/* Where the name is, or where it belongs. */
static size_t place(const struct store *s, struct span name, bool *there)
{
    size_t lo = 0, hi = s->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (span_cmp(name_of(&s->v[mid]), name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    *there = lo < s->n && span_eq(name_of(&s->v[lo]), name);
    return lo;
}

static struct err copy_bytes(struct span s, uint8_t **p, size_t *n)
{
    *p = malloc(s.n ? s.n : 1);
    if (!*p)
        return err(ERR_NOMEM);
    if (s.n)
        memcpy(*p, s.p, s.n);
    *n = s.n;
    return OK;
}

static struct err seal_value(const struct store *s, struct span name, uint64_t version,
                             struct span value, struct buf *out)
{
    uint8_t key[SEAL_KEY_BYTES], about[ABOUT_MAX];
    TRY(buf_reserve(out, value.n + SEAL_OVERHEAD));
    TRY(value_key(s, key));
    struct wr w = wr_of(out->p, value.n + SEAL_OVERHEAD);
    struct err e = seal_close(key, about_value(s, name, version, about), value, &w);
    secret_wipe(key, sizeof key);
    out->n = w.n;
    return e;
}

/* Put a finished entry in its place; takes it. */
static void insert(struct store *s, size_t at, bool there, struct entry *e)
{
    if (there) {
        free_entry(&s->v[at]);
    } else {
        memmove(&s->v[at + 1], &s->v[at], (s->n - at) * sizeof *s->v);
        s->n++;
    }
    s->v[at] = *e;
    *e = (struct entry){0};
}

struct err store_set(struct store *s, struct span name, struct span value, uint64_t now_s)
{
    bool there;
    if (!name_shape(name))
        return err(ERR_INPUT);
    size_t at = place(s, name, &there);
    if (value.n > STORE_VALUE_MAX || (!there && s->n == STORE_ENTRIES_MAX))
        return err(ERR_LIMIT);
    struct entry e = {.version = there ? s->v[at].version + 1 : 1, .updated_s = now_s};
    BUF_AUTO sealed = buf_init(STORE_VALUE_MAX + SEAL_OVERHEAD);
    TRY(seal_value(s, name, e.version, value, &sealed));
    struct err bad = copy_bytes(name, &e.name, &e.name_n);
    if (!failed(bad))
        bad = copy_bytes(buf_span(&sealed), &e.sealed, &e.sealed_n);
    if (failed(bad)) {
        free_entry(&e);
        return bad;
    }
    insert(s, at, there, &e);
    return OK;
}

struct err store_get(const struct store *s, struct span name, struct buf *out)
{
    bool there;
    uint8_t key[SEAL_KEY_BYTES], about[ABOUT_MAX];
    size_t at = place(s, name, &there);
    if (!there)
        return err(ERR_CLOSED);
    const struct entry *e = &s->v[at];
    size_t n = e->sealed_n - SEAL_OVERHEAD;
    TRY(buf_reserve(out, n));
    TRY(value_key(s, key));
    struct wr w = wr_of(out->p + out->n, n);
    struct err bad =
        seal_open(key, about_value(s, name, e->version, about), span(e->sealed, e->sealed_n), &w);
    secret_wipe(key, sizeof key);
    TRY(bad);
    out->n += n;
    return OK;
}

struct err store_remove(struct store *s, struct span name)
{
    bool there;
    size_t at = place(s, name, &there);
    if (!there)
        return err(ERR_CLOSED);
    free_entry(&s->v[at]);
    s->n--;
    memmove(&s->v[at], &s->v[at + 1], (s->n - at) * sizeof *s->v);
    return OK;
}

size_t store_count(const struct store *s)
{
    return s->n;
}

struct store_info store_at(const struct store *s, size_t i)
{
    const struct entry *e = &s->v[i];
    return (struct store_info){name_of(e), e->version, e->updated_s, e->sealed_n - SEAL_OVERHEAD};
}

/* --- the file ------------------------------------------------------------------------------ */

struct err store_format(const struct store *s, struct buf *out)
{
    size_t start = out->n, size = 512;
    for (size_t i = 0; i < s->n; i++)
        size += 32 + s->v[i].name_n + s->v[i].sealed_n;
    TRY(buf_reserve(out, size));
    struct wr w = wr_of(out->p + start, size);
    wr_str(&w, MAGIC);
    wr_u8(&w, FORMAT);
    wr_u8(&w, ALGORITHM);
    wr_put(&w, span(s->h.id, ID_BYTES));
    wr_u8(&w, s->h.unlock);
    wr_le(&w, 4, s->h.kib);
    wr_le(&w, 4, s->h.passes);
    wr_put(&w, span(s->h.salt, sizeof s->h.salt));
    wr_put(&w, span(s->h.wrapped, WRAPPED));
    wr_le(&w, 4, s->n);
    for (size_t i = 0; i < s->n; i++) {
        wr_le(&w, 2, s->v[i].name_n);
        wr_put(&w, name_of(&s->v[i]));
        wr_le(&w, 8, s->v[i].version);
        wr_le(&w, 8, s->v[i].updated_s);
        wr_le(&w, 4, s->v[i].sealed_n);
        wr_put(&w, span(s->v[i].sealed, s->v[i].sealed_n));
    }
    uint8_t hash[HASH_BYTES];
    TRY(file_hash(s, wr_span(&w), hash));
    wr_put(&w, span(hash, sizeof hash));
    TRY(wr_done(&w));
    out->n = start + w.n;
    return OK;
}

static struct err take_fixed(struct rd *r, void *out, size_t n)
{
    struct span s;
    TRY(rd_take(r, n, &s));
    memcpy(out, s.p, n);
    return OK;
}

static struct err read_header(struct rd *r, struct header *h)
{
    struct span magic;
    uint8_t format, algorithm;
    uint64_t kib, passes;
    TRY(rd_take(r, sizeof MAGIC - 1, &magic));
    if (!span_is(magic, MAGIC))
        return err(ERR_INPUT);
    TRY(rd_u8(r, &format));
    TRY(rd_u8(r, &algorithm));
    if (format != FORMAT || algorithm != ALGORITHM)
        return err(ERR_DENIED);
    TRY(take_fixed(r, h->id, ID_BYTES));
    TRY(rd_u8(r, &h->unlock));
    TRY(rd_le(r, 4, &kib));
    TRY(rd_le(r, 4, &passes));
    h->kib = (uint32_t)kib;
    h->passes = (uint32_t)passes;
    TRY(take_fixed(r, h->salt, sizeof h->salt));
    TRY(take_fixed(r, h->wrapped, WRAPPED));
    return h->unlock == STORE_BY_KEY_FILE || h->unlock == STORE_BY_PASSPHRASE ? OK : err(ERR_INPUT);
}

struct err store_unlock_of(struct span bytes, enum store_unlock *how)
{
    struct rd r = rd_of(bytes);
    struct header h;
    TRY(read_header(&r, &h));
    *how = h.unlock;
    return OK;
}

static struct err read_entry(struct rd *r, struct entry *e)
{
    uint64_t n;
    struct span name, sealed;
    TRY(rd_le(r, 2, &n));
    TRY(rd_take(r, n, &name));
    TRY(rd_le(r, 8, &e->version));
    TRY(rd_le(r, 8, &e->updated_s));
    TRY(rd_le(r, 4, &n));
    TRY(rd_take(r, n, &sealed));
    if (!name_shape(name) || sealed.n < SEAL_OVERHEAD || sealed.n > STORE_VALUE_MAX + SEAL_OVERHEAD)
        return err(ERR_INPUT);
    TRY(copy_bytes(name, &e->name, &e->name_n));
    return copy_bytes(sealed, &e->sealed, &e->sealed_n);
}

static struct err read_entries(struct rd *r, struct store *s)
{
    uint64_t count;
    TRY(rd_le(r, 4, &count));
    if (count > STORE_ENTRIES_MAX)
        return err(ERR_INPUT);
    for (uint64_t i = 0; i < count; i++) {
        s->n++; /* freed with the store even if read by half */
        TRY(read_entry(r, &s->v[i]));
        if (i && span_cmp(name_of(&s->v[i - 1]), name_of(&s->v[i])) >= 0)
            return err(ERR_INPUT);
    }
    return rd_end(r);
}

/* Unwrap the store's key. A wrong secret cannot be told from a changed header. */
static struct err unwrap(struct store *s, struct span secret)
{
    uint8_t key[SEAL_KEY_BYTES], about[ABOUT_MAX];
    TRY(unlock_key(&s->h, secret, key));
    struct wr w = wr_of(s->key.p, s->key.n);
    struct err e = seal_open(key, about_key(&s->h, about), span(s->h.wrapped, WRAPPED), &w);
    secret_wipe(key, sizeof key);
    return err_cat(e) == ERR_CORRUPT ? err(ERR_DENIED) : e;
}

static struct err parse(struct store *s, struct span bytes, struct span secret)
{
    uint8_t hash[HASH_BYTES];
    struct rd r = rd_of(bytes);
    TRY(read_header(&r, &s->h));
    TRY(unwrap(s, secret));
    if (bytes.n < r.at + HASH_BYTES)
        return err(ERR_CORRUPT);
    struct span body = span_cut(bytes, 0, bytes.n - HASH_BYTES);
    TRY(file_hash(s, body, hash));
    if (!span_eq_const_time(span(hash, sizeof hash), span_from(bytes, body.n)))
        return err(ERR_CORRUPT);
    struct rd rest = {body.p, body.n, r.at};
    struct err e = read_entries(&rest, s);
    return err_cat(e) == ERR_INPUT ? err(ERR_CORRUPT) : e;
}

struct err store_parse(struct span bytes, struct span secret, struct store **out)
{
    struct store *s = blank();
    if (!s)
        return err(ERR_NOMEM);
    struct err e = parse(s, bytes, secret);
    if (failed(e)) {
        store_free(s);
        return e;
    }
    *out = s;
    return OK;
}
