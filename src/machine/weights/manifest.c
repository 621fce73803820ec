/* SPDX-License-Identifier: Apache-2.0 */
/* The signed list of a model's files. Called once per signature; the list may be long. */
#include "manifest.h"

#include "b64.h"
#include "hash.h"
#include "json.h"
#include "json_put.h"
#include "num.h"
#include "random.h"
#include "wr.h"

#include <stdio.h>
#include <stdlib.h>

#define STATEMENT_TYPE "https://in-toto.io/Statement/v1"
#define PREDICATE_TYPE "https://model_signing/signature/v1.0"

enum { TEXT_MAX = 65536, PARTS_MAX = 1 << 22, IGNORE_MAX = 4096 };

static const struct {
    const char *name;
    size_t bytes;
} hashes[] = {{"sha256", 32}, {"blake2b", 64}, {"blake3", 32}};

size_t manifest_hash_bytes(enum manifest_hash h)
{
    return hashes[h].bytes;
}

const char *manifest_hash_name(enum manifest_hash h)
{
    return hashes[h].name;
}

int manifest_path_cmp(struct span a, struct span b)
{
    for (size_t i = 0; i < a.n && i < b.n; i++)
        if (a.p[i] != b.p[i]) {
            /* the end of a component comes before every character */
            int x = a.p[i] == '/' ? -1 : a.p[i], y = b.p[i] == '/' ? -1 : b.p[i];
            return x - y;
        }
    return a.n < b.n ? -1 : a.n > b.n;
}

void manifest_root(const struct manifest *m, uint8_t out[32])
{
    struct hash_run h;
    if (failed(hash_begin(&h)))
        abort(); /* 100 bytes cannot be had */
    for (size_t i = 0; i < m->n; i++)
        hash_more(&h, span(m->v[i].digest, hashes[m->hash].bytes));
    hash_end(&h, out);
}

void manifest_free(struct manifest *m)
{
    free(m->v);
    free(m->ignore);
    arena_free(&m->arena);
    *m = (struct manifest){0};
}

/* ---- reading ---- */

static struct err text(struct manifest *m, struct span raw, struct span *out)
{
    BUF_AUTO b = buf_init(TEXT_MAX);
    TRY(json_get_string(raw, &b));
    return arena_copy(&m->arena, buf_span(&b), out);
}

static bool is(struct manifest *m, struct span raw, const char *want)
{
    struct span s;
    return raw.n && !failed(text(m, raw, &s)) && span_is(s, want);
}

/* Relative, no empty, `.` or `..` component. */
static bool path_inside(struct span p)
{
    if (!p.n || span_find(p, 0, 0) < p.n)
        return false;
    for (size_t at = 0; at <= p.n;) {
        size_t end = span_find(p, at, '/');
        struct span part = span_cut(p, at, end - at);
        if (!part.n || span_is(part, ".") || span_is(part, ".."))
            return false;
        at = end + 1;
    }
    return true;
}

/* An integer that may be written with a fraction of zeros: 1000000000.0. */
static bool whole_number(struct span raw, uint64_t *out)
{
    size_t dot = span_find(raw, 0, '.');
    for (size_t i = dot + 1; i < raw.n; i++)
        if (raw.p[i] != '0')
            return false;
    return !failed(num_u64(span_cut(raw, 0, dot), INT64_MAX, out)) && *out;
}

static struct err read_ignore(struct manifest *m, struct span array)
{
    struct json j = json_of(array);
    struct json_token t;
    TRY(json_next(&j, &t));
    if (t.type != JSON_ARRAY)
        return err(ERR_INPUT);
    m->ignore = calloc(IGNORE_MAX, sizeof *m->ignore);
    if (!m->ignore)
        return err(ERR_NOMEM);
    struct span raw;
    while (!failed(json_skip_value(&j, &raw))) {
        if (m->ignore_n == IGNORE_MAX)
            return err(ERR_LIMIT);
        struct span *one = &m->ignore[m->ignore_n++];
        TRY(text(m, raw, one));
        if (!path_inside(*one))
            return err(ERR_INPUT);
    }
    return OK;
}

static const char *read_serialization(struct manifest *m, struct span payload)
{
    struct span s, method, hash, links, ignore, size;
    if (failed(json_find(payload, &s, "predicate", "serialization", NULL)) || !s.n ||
        failed(json_find(s, &method, "method", NULL)) ||
        failed(json_find(s, &hash, "hash_type", NULL)) ||
        failed(json_find(s, &links, "allow_symlinks", NULL)) ||
        failed(json_find(s, &ignore, "ignore_paths", NULL)) ||
        failed(json_find(s, &size, "shard_size", NULL)))
        return "no serialization";
    m->hash = is(m, hash, "sha256")    ? MANIFEST_SHA256
              : is(m, hash, "blake2b") ? MANIFEST_BLAKE2B
                                       : MANIFEST_BLAKE3;
    if (m->hash == MANIFEST_BLAKE3 && !is(m, hash, "blake3"))
        return "an unknown hash_type";
    if (is(m, method, "shards")) {
        if (!whole_number(size, &m->shard_size))
            return "shards without a shard_size";
    } else if (!is(m, method, "files")) {
        return "an unknown serialization method";
    }
    if (links.n && failed(json_get_bool(links, &m->allow_symlinks)))
        return "allow_symlinks is no boolean";
    if (ignore.n && failed(read_ignore(m, ignore)))
        return "ignore_paths with something that is no path inside the model";
    return NULL;
}

/* path:start:end */
static bool shard_name(struct span name, struct manifest_part *part)
{
    size_t a = name.n, b;
    while (a && name.p[a - 1] != ':')
        a--;
    if (a < 2)
        return false;
    for (b = a - 1; b && name.p[b - 1] != ':'; b--)
        continue;
    if (!b)
        return false;
    part->path = span_cut(name, 0, b - 1);
    return !failed(num_u64(span_cut(name, b, a - 1 - b), INT64_MAX, &part->start)) &&
           !failed(num_u64(span_from(name, a), INT64_MAX, &part->end)) && part->start < part->end;
}

static const char *read_resource(struct manifest *m, struct span one, struct manifest_part *part)
{
    struct span raw_name, algorithm, digest, name, hex;
    char want[64];
    if (m->shard_size)
        snprintf(want, sizeof want, "%s-sharded-%llu", hashes[m->hash].name,
                 (unsigned long long)m->shard_size);
    else
        snprintf(want, sizeof want, "%s", hashes[m->hash].name);
    if (failed(json_find(one, &raw_name, "name", NULL)) ||
        failed(json_find(one, &algorithm, "algorithm", NULL)) ||
        failed(json_find(one, &digest, "digest", NULL)) || !raw_name.n || !digest.n ||
        failed(text(m, raw_name, &name)) || failed(text(m, digest, &hex)))
        return "a resource without name and digest";
    if (!is(m, algorithm, want))
        return "a resource whose algorithm is another than hash_type says";
    struct wr w = wr_of(part->digest, hashes[m->hash].bytes);
    if (hex.n != 2 * hashes[m->hash].bytes || failed(hex_decode(&w, hex)) || failed(wr_done(&w)))
        return "a digest that is not hexadecimal of the right length";
    part->path = name;
    part->end = MANIFEST_WHOLE;
    if (m->shard_size && !shard_name(name, part))
        return "a shard without its place";
    if (!path_inside(part->path) && !span_is(part->path, "."))
        return "a name that leaves the model";
    return NULL;
}

static struct manifest_part *more(struct manifest *m, size_t *cap)
{
    if (m->n == *cap) {
        size_t n = *cap ? 2 * *cap : 64;
        struct manifest_part *v = n <= PARTS_MAX ? realloc(m->v, n * sizeof *v) : NULL;
        if (!v)
            return NULL;
        m->v = v;
        *cap = n;
    }
    m->v[m->n] = (struct manifest_part){0};
    return &m->v[m->n++];
}

static int by_place(const void *a, const void *b)
{
    const struct manifest_part *x = a, *y = b;
    int c = manifest_path_cmp(x->path, y->path);
    return c ? c : x->start < y->start ? -1 : x->start > y->start;
}

static const char *check_parts(struct manifest *m)
{
    if (!m->n)
        return "no resources";
    uint8_t want[32];
    memcpy(want, m->root, sizeof want);
    manifest_root(m, m->root);
    if (memcmp(want, m->root, sizeof want) != 0)
        return "the subject's digest is not that of the resources";
    qsort(m->v, m->n, sizeof *m->v, by_place);
    for (size_t i = 1; i < m->n; i++)
        if (by_place(&m->v[i - 1], &m->v[i]) == 0)
            return "a resource twice";
    for (size_t i = 0; m->shard_size && i < m->n; i++) {
        bool first = i == 0 || !span_eq(m->v[i - 1].path, m->v[i].path);
        if (m->v[i].start != (first ? 0 : m->v[i - 1].end) ||
            m->v[i].end - m->v[i].start > m->shard_size)
            return "shards that do not cover their file";
    }
    return NULL;
}

static const char *read_resources(struct manifest *m, struct span payload)
{
    struct span all, one;
    if (failed(json_find(payload, &all, "predicate", "resources", NULL)) || !all.n)
        return "no resources";
    struct json j = json_of(all);
    struct json_token t;
    size_t cap = 0;
    if (failed(json_next(&j, &t)) || t.type != JSON_ARRAY)
        return "no resources";
    while (!failed(json_skip_value(&j, &one))) {
        struct manifest_part *part = more(m, &cap);
        if (!part)
            return "more resources than can be held";
        const char *why = read_resource(m, one, part);
        if (why)
            return why;
    }
    return check_parts(m);
}

static const char *read_subject(struct manifest *m, struct span payload)
{
    struct span all, one = SPAN_NONE, more_subjects, digest, name, hex;
    if (failed(json_find(payload, &all, "subject", NULL)) || !all.n)
        return "no subject";
    struct json j = json_of(all);
    struct json_token t;
    if (failed(json_next(&j, &t)) || t.type != JSON_ARRAY || failed(json_skip_value(&j, &one)) ||
        !failed(json_skip_value(&j, &more_subjects)))
        return "not exactly one subject";
    if (failed(json_find(one, &name, "name", NULL)) ||
        failed(json_find(one, &digest, "digest", "sha256", NULL)) || !digest.n ||
        failed(text(m, digest, &hex)))
        return "a subject without a digest";
    if (name.n && failed(text(m, name, &m->subject)))
        return "a subject without a name";
    struct wr w = wr_of(m->root, sizeof m->root);
    if (hex.n != 64 || failed(hex_decode(&w, hex)))
        return "a subject's digest that is not hexadecimal";
    return NULL;
}

bool manifest_keys_once(struct span s)
{
    struct arena arena = arena_init(MANIFEST_FILE_MAX);
    uint64_t seed[2];
    random_bytes(seed, sizeof seed);
    struct json j = json_of(s);
    struct json_keys keys = json_keys_of(&arena, seed);
    struct json_token t;
    bool good;
    do {
        good = !failed(json_next(&j, &t)) && !failed(json_keys_see(&keys, &j, &t));
    } while (good && t.type != JSON_END);
    arena_free(&arena);
    return good;
}

struct err manifest_read(struct span payload, struct manifest *m, struct fault *f)
{
    *m = (struct manifest){.arena = arena_init(MANIFEST_FILE_MAX)};
    if (!manifest_keys_once(payload))
        return fault_at(f, ERR_INPUT, 0, "the payload is not JSON, or has a key twice");
    struct span type, predicate;
    const char *why = NULL;
    if (failed(json_find(payload, &type, "_type", NULL)) || !is(m, type, STATEMENT_TYPE))
        why = "not an in-toto statement of version 1";
    else if (failed(json_find(payload, &predicate, "predicateType", NULL)) ||
             !is(m, predicate, PREDICATE_TYPE))
        why = "not a model signature of version 1";
    if (!why)
        why = read_subject(m, payload);
    if (!why)
        why = read_serialization(m, payload);
    if (!why)
        why = read_resources(m, payload);
    return why ? fault_at(f, ERR_INPUT, 0, why) : OK;
}

/* ---- writing ---- */

static struct err put_hex(struct json_put *p, const char *name, struct span bytes)
{
    uint8_t hex[2 * MANIFEST_DIGEST_MAX];
    struct wr w = wr_of(hex, sizeof hex);
    hex_encode(&w, bytes);
    TRY(wr_done(&w));
    json_put_str(p, name, wr_span(&w));
    return OK;
}

static struct err put_resource(struct json_put *p, const struct manifest *m,
                               const struct manifest_part *part)
{
    BUF_AUTO name = buf_init(TEXT_MAX + 64);
    char algorithm[64];
    TRY(buf_put(&name, part->path));
    if (m->shard_size)
        TRY(buf_printf(&name, ":%llu:%llu", (unsigned long long)part->start,
                       (unsigned long long)part->end));
    if (m->shard_size)
        snprintf(algorithm, sizeof algorithm, "%s-sharded-%llu", hashes[m->hash].name,
                 (unsigned long long)m->shard_size);
    else
        snprintf(algorithm, sizeof algorithm, "%s", hashes[m->hash].name);
    json_put_object(p, NULL);
    json_put_str(p, "name", buf_span(&name));
    json_put_text(p, "algorithm", algorithm);
    TRY(put_hex(p, "digest", span(part->digest, hashes[m->hash].bytes)));
    json_put_end(p);
    return OK;
}

struct err manifest_write(struct manifest *m, struct buf *out)
{
    manifest_root(m, m->root);
    struct json_put p = json_put_to(out);
    json_put_object(&p, NULL);
    json_put_text(&p, "_type", STATEMENT_TYPE);
    json_put_array(&p, "subject");
    json_put_object(&p, NULL);
    json_put_str(&p, "name", m->subject);
    json_put_object(&p, "digest");
    TRY(put_hex(&p, "sha256", span(m->root, sizeof m->root)));
    for (int i = 0; i < 3; i++)
        json_put_end(&p);
    json_put_text(&p, "predicateType", PREDICATE_TYPE);
    json_put_object(&p, "predicate");
    json_put_object(&p, "serialization");
    json_put_text(&p, "method", m->shard_size ? "shards" : "files");
    json_put_text(&p, "hash_type", hashes[m->hash].name);
    json_put_bool(&p, "allow_symlinks", m->allow_symlinks);
    json_put_array(&p, "ignore_paths");
    for (size_t i = 0; i < m->ignore_n; i++)
        json_put_str(&p, NULL, m->ignore[i]);
    json_put_end(&p);
    if (m->shard_size)
        json_put_u64(&p, "shard_size", m->shard_size);
    json_put_end(&p);
    json_put_array(&p, "resources");
    for (size_t i = 0; i < m->n; i++)
        TRY(put_resource(&p, m, &m->v[i]));
    for (int i = 0; i < 3; i++)
        json_put_end(&p);
    return json_put_done(&p);
}
