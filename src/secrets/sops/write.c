/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encrypted documents: from a clear one, or from another encrypted one with something changed. All
 * of it is a list of edits of the source, so untouched bytes stay.
 */
#define _GNU_SOURCE
#include "clock.h"
#include "job_int.h"
#include "random.h"
#include "wr.h"

#include <stdlib.h>
#include <time.h>

#define VERSION "3.13.2"

void sops_job_end(struct sops_job *j)
{
    gcm_end(&j->g);
    free(j->wanted);
    free(j->sealed);
    free(j->meta);
    buf_free(&j->section);
    arena_free(&j->arena);
}

struct err sops_job_begin(struct sops_job *j, struct sops_doc *d, const uint8_t key[SOPS_KEY])
{
    *j = (struct sops_job){.d = d, .arena = arena_init((size_t)SOPS_BYTES_MAX * 8)};
    j->section = buf_init(SOPS_BYTES_MAX);
    j->s = splice_of(d->source, &j->arena);
    j->wanted = calloc(d->n_items + 1, sizeof *j->wanted);
    j->sealed = calloc(d->n_items + 1, sizeof *j->sealed);
    j->meta = malloc(sizeof *j->meta);
    if (!j->wanted || !j->sealed || !j->meta)
        return err(ERR_NOMEM);
    *j->meta = d->meta;
    return gcm_begin(&j->g, key);
}

static struct span about_of(const struct sops_doc *d, uint32_t node)
{
    struct span path = d->nodes[node].path;
    return path.n ? path : SPAN_LIT(":");
}

static struct err stamp(struct sops_job *j)
{
    char text[40];
    struct tm tm;
    time_t now = (time_t)(clock_wall_ns() / 1000000000);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
    return arena_copy(&j->arena, span_str(text), &j->meta->lastmodified);
}

/* lastmodified and mac of the values as they are now. */
struct err sops_job_mac(struct sops_job *j)
{
    uint8_t hex[128];
    TRY(stamp(j));
    TRY(sops_digest(j->d, j->wanted, j->meta->mac_only_encrypted, hex));
    return sops_value_seal(&j->g, span(hex, sizeof hex), SOPS_STR, j->meta->lastmodified, &j->arena,
                           &j->meta->mac);
}

struct err sops_job_seal(struct sops_job *j, uint32_t i)
{
    const struct sops_item *it = &j->d->items[i];
    if (it->plain.n == 0)
        return OK;
    /* A comment that stands for an empty list is still a comment. */
    enum sops_type type = it->plain_type > SOPS_COMMENT ? SOPS_COMMENT : it->plain_type;
    return sops_value_seal(&j->g, it->plain, type, about_of(j->d, it->node), &j->arena,
                           &j->sealed[i]);
}

/* ---- the section's place ---- */

/* What goes in for cut or end number k. */
static struct err section_text(struct sops_job *j, uint32_t k, size_t start, size_t end,
                               struct span *with)
{
    const struct sops_doc *d = j->d;
    struct span in = d->source, section = buf_span(&j->section);
    BUF_AUTO text = buf_init(SOPS_BYTES_MAX);
    bool json = d->format == SOPS_JSON || d->format == SOPS_BINARY;
    bool first = json && start > 0 && in.p[start - 1] == '{';
    bool gone = d->format == SOPS_DOTENV && k > 0; /* its lines are one cut each */
    *with = SPAN_NONE;
    if (gone)
        return OK;
    if (json && !first)
        TRY(buf_puts(&text, ","));
    if (!json && start > 0 && in.p[start - 1] != '\n')
        TRY(buf_puts(&text, "\n"));
    if (d->format == SOPS_INI && (start == end || in.p[start] == '\n'))
        TRY(buf_puts(&text, "\n"));
    TRY(buf_put(&text, section));
    if (json && end > start && in.p[end - 1] == ',')
        TRY(buf_puts(&text, ","));
    if (json && first && start == end)
        TRY(buf_puts(&text, "\n"));
    return arena_copy(&j->arena, buf_span(&text), with);
}

static struct err put_section(struct sops_job *j, bool fresh, uint32_t *k, size_t until)
{
    const struct sops_doc *d = j->d;
    uint32_t n = fresh ? d->n_ends : d->n_cuts;
    for (; *k < n; ++*k) {
        size_t start = fresh ? d->ends[*k] : d->cuts[*k].start;
        size_t end = fresh ? start : d->cuts[*k].end;
        struct span with;
        if (start > until)
            return OK;
        TRY(section_text(j, *k, start, end, &with));
        TRY(splice_add(&j->s, start, end, with));
    }
    return OK;
}

/* All edits in order: values that have a new text, and the section in its place. */
static struct err write_all(struct sops_job *j, bool fresh, struct buf *out)
{
    const struct sops_doc *d = j->d;
    BUF_AUTO scratch = buf_init(SOPS_BYTES_MAX);
    uint32_t k = 0;
    if (j->section.n == 0)
        TRY(sops_meta_write(d, j->meta, &j->section));
    for (uint32_t i = 0; i < d->n_items; i++) {
        const struct sops_item *it = &d->items[i];
        if (d->nodes[it->node].meta || j->sealed[i].n == 0)
            continue;
        struct span with;
        TRY(put_section(j, fresh, &k, it->start));
        buf_clear(&scratch);
        TRY(sops_spell(d, it, SOPS_STR, j->sealed[i], &scratch));
        TRY(arena_copy(&j->arena, buf_span(&scratch), &with));
        TRY(splice_add(&j->s, it->start, it->end, with));
    }
    TRY(put_section(j, fresh, &k, SIZE_MAX));
    return splice_write(&j->s, out);
}

/* ---- encrypt ---- */

static bool same_value(const struct sops_doc *a, const struct sops_item *x,
                       const struct sops_doc *b, const struct sops_item *y)
{
    return x->plain_type == y->plain_type && span_eq(x->plain, y->plain) &&
           span_eq(a->nodes[x->node].path, b->nodes[y->node].path);
}

static uint32_t hash_value(const struct sops_doc *d, const struct sops_item *it)
{
    uint64_t h = 1469598103934665603U;
    struct span parts[] = {d->nodes[it->node].path, it->plain};
    for (int p = 0; p < 2; p++)
        for (size_t i = 0; i < parts[p].n; i++)
            h = (h ^ parts[p].p[i]) * 1099511628211U;
    return (uint32_t)(h ^ h >> 32);
}

/* Take over the ciphertext of every value that is as it was, each once. */
static struct err reuse(struct sops_job *j, const struct sops_doc *old)
{
    uint32_t cap = 64;
    while (cap < old->n_items * 2)
        cap *= 2;
    uint32_t *slots = calloc(cap, sizeof *slots);
    if (!slots)
        return err(ERR_NOMEM);
    for (uint32_t i = 0; i < old->n_items; i++) {
        if (!old->items[i].sealed)
            continue;
        uint32_t at = hash_value(old, &old->items[i]) & (cap - 1);
        while (slots[at])
            at = (at + 1) & (cap - 1);
        slots[at] = i + 1;
    }
    for (uint32_t i = 0; i < j->d->n_items; i++) {
        const struct sops_item *it = &j->d->items[i];
        if (!j->wanted[i])
            continue;
        for (uint32_t at = hash_value(j->d, it) & (cap - 1); slots[at]; at = (at + 1) & (cap - 1)) {
            const struct sops_item *was = &old->items[slots[at] == UINT32_MAX ? 0 : slots[at] - 1];
            if (slots[at] == UINT32_MAX || !same_value(j->d, it, old, was))
                continue;
            j->sealed[i] = was->text;
            slots[at] = UINT32_MAX; /* taken */
            break;
        }
    }
    free(slots);
    return OK;
}

/* Readers take "<<" (but not in quotes) for a merge, and a merge of anything but mappings for a
 * fault. */
static bool is_bad_merge(const struct sops_doc *d, const struct sops_item *it)
{
    uint32_t node = it->node;
    if (d->format != SOPS_YAML || it->type == SOPS_COMMENT || it->type == SOPS_EMPTY_MAP)
        return false;
    if (d->nodes[node].index != UINT32_MAX)
        node = d->nodes[node].parent;
    return d->nodes[node].index == UINT32_MAX && span_is(d->nodes[node].name, "<<") &&
           d->source.p[d->nodes[node].at] == '<' && it->type != SOPS_EMPTY_LIST;
}

struct err sops_take_plain(struct sops_doc *d, struct fault *f)
{
    for (uint32_t i = 0; i < d->n_items; i++) {
        struct sops_item *it = &d->items[i];
        bool fits = true;
        it->plain_type = it->type;
        if (is_bad_merge(d, it))
            return sops_fail(f, SOPS_FORMAT, it->start, "<< merges mappings and nothing else");
        if (it->type == SOPS_FLOAT)
            (void)sops_number_type(it->text, &fits);
        if (!fits)
            return sops_fail(f, SOPS_NO_CLASS, it->start,
                             "an integer of more than 64 bits would lose digits: put it in quotes");
        TRY(sops_canonical((enum sops_type)it->type, it->text, &d->arena, &it->plain));
    }
    return OK;
}

/* Clear values of an INI file that SOPS would read otherwise get a spelling that all readers share.
 */
static void settle_clear(struct sops_job *j)
{
    const struct sops_doc *d = j->d;
    for (uint32_t i = 0; d->format == SOPS_INI && i < d->n_items; i++) {
        const struct sops_item *it = &d->items[i];
        bool clear = !j->wanted[i] && it->type != SOPS_COMMENT;
        if (clear && sops_ini_misread(span_cut(d->source, it->start, it->end - it->start)))
            j->sealed[i] = it->plain;
    }
}

static struct err fill_meta(struct sops_job *j, const struct sops_policy *p,
                            const struct sops_doc *old, const uint8_t key[SOPS_KEY],
                            struct fault *f)
{
    if (old) {
        *j->meta = old->meta;
    } else {
        *j->meta = (struct sops_meta){.rule = p->rule,
                                      .mac_only_encrypted = p->mac_only_encrypted,
                                      .indent = p->indent[j->d->format]};
        TRY(sops_key_wrap(p, key, &j->arena, j->meta, f));
    }
    if (j->meta->rule.kind == SOPS_RULE_NONE)
        j->meta->rule = (struct sops_rule){SOPS_UNENCRYPTED_SUFFIX, SPAN_LIT("_unencrypted")};
    j->meta->version = SPAN_LIT(VERSION);
    return OK;
}

/* Bytes [start, end) of the old document, with the new lastmodified and mac in them. */
static struct err copy_section(struct sops_job *j, const struct sops_doc *old, uint32_t start,
                               uint32_t end)
{
    const struct sops_meta *m = &old->meta;
    bool mac_first = old->items[m->mac_item].start < old->items[m->modified_item].start;
    for (int k = 0; k < 2; k++) {
        bool mac = (k == 0) == mac_first;
        const struct sops_item *it = &old->items[mac ? m->mac_item : m->modified_item];
        struct span text = mac ? j->meta->mac : j->meta->lastmodified;
        if (it->start < start || it->end > end)
            continue;
        TRY(buf_put(&j->section, span_cut(old->source, start, it->start - start)));
        if (old->format == SOPS_YAML && !mac)
            TRY(buf_printf(&j->section, "\"%.*s\"", SPAN_ARG(text)));
        else
            TRY(sops_spell(old, it, SOPS_STR, text, &j->section));
        start = it->end;
    }
    return buf_put(&j->section, span_cut(old->source, start, end - start));
}

/* The section as it was, but for lastmodified and mac: its style stays, and keys of other kinds. */
static struct err keep_section(struct sops_job *j, const struct sops_doc *old)
{
    uint32_t node = sops_node_child(old, 0, SPAN_LIT("sops"), 0);
    if (old->format == SOPS_JSON || old->format == SOPS_BINARY) {
        uint32_t at = old->nodes[node].at, line = at;
        while (line > 0 && (old->source.p[line - 1] == ' ' || old->source.p[line - 1] == '\t'))
            line--;
        TRY(buf_puts(&j->section, "\n"));
        TRY(buf_put(&j->section, span_cut(old->source, line, at - line)));
        return copy_section(j, old, at, old->nodes[node].end);
    }
    uint32_t n = old->format == SOPS_YAML ? 1 : old->n_cuts;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t start = old->cuts[k].start, end = old->cuts[k].end;
        while (start < end && (old->source.p[start] == '\n' || old->source.p[start] == '\r'))
            start++; /* the empty line before a section comes anew */
        TRY(copy_section(j, old, start, end));
    }
    bool ended = j->section.n && j->section.p[j->section.n - 1] == '\n';
    return ended ? OK : buf_puts(&j->section, "\n");
}

static struct err encrypt_with(struct sops_job *j, const struct sops_policy *p,
                               const struct sops_doc *old, const uint8_t key[SOPS_KEY],
                               struct buf *out, struct fault *f)
{
    TRY(sops_take_plain(j->d, f));
    TRY(fill_meta(j, p, old, key, f));
    TRY(sops_select(j->d, &j->meta->rule, j->wanted, f));
    if (old)
        TRY(reuse(j, old));
    for (uint32_t i = 0; i < j->d->n_items; i++)
        if (j->wanted[i] && j->sealed[i].n == 0)
            TRY(sops_job_seal(j, i));
    settle_clear(j);
    TRY(sops_job_mac(j));
    if (old)
        TRY(keep_section(j, old));
    return write_all(j, true, out);
}

static struct err refuse_foreign(const struct sops_doc *d, struct fault *f)
{
    return d->meta.foreign ? sops_fail(f, SOPS_NO_CLASS, 0,
                                       "the document has keys of other kinds than age, which "
                                       "cannot be wrapped anew here")
                           : OK;
}

struct err sops_encrypt(struct sops_doc *d, const struct sops_policy *p, const struct sops_doc *old,
                        struct buf *out, struct fault *f)
{
    struct sops_job j;
    uint8_t key[SOPS_KEY];
    if (d->meta.present)
        return sops_fail(f, SOPS_FORMAT, 0, "the document has a sops section already");
    if (d->format == SOPS_YAML && d->source.n == 0)
        return sops_fail(f, SOPS_FORMAT, 0, "an empty file holds no document");
    if (old)
        memcpy(key, old->key, sizeof key);
    else
        random_bytes(key, sizeof key);
    struct err e = sops_job_begin(&j, d, key);
    if (!failed(e))
        e = encrypt_with(&j, p, old, key, out, f);
    if (!failed(e))
        e = sops_check(d, key, buf_span(out), f);
    explicit_bzero(key, sizeof key);
    sops_job_end(&j);
    return e;
}

/* ---- changes of an open document ---- */

static struct err rotate_with(struct sops_job *j, const struct sops_policy *p,
                              const uint8_t key[SOPS_KEY], struct buf *out, struct fault *f)
{
    TRY(sops_select(j->d, &j->meta->rule, j->wanted, f));
    TRY(sops_key_wrap(p, key, &j->arena, j->meta, f));
    for (uint32_t i = 0; i < j->d->n_items; i++)
        if (j->d->items[i].sealed)
            TRY(sops_job_seal(j, i));
    TRY(sops_job_mac(j));
    return write_all(j, false, out);
}

struct err sops_rotate(struct sops_doc *d, const struct sops_policy *p, struct buf *out,
                       struct fault *f)
{
    struct sops_job j;
    uint8_t key[SOPS_KEY];
    if (!d->open)
        return err(ERR_BUG);
    TRY(refuse_foreign(d, f));
    random_bytes(key, sizeof key);
    struct err e = sops_job_begin(&j, d, key);
    if (!failed(e))
        e = rotate_with(&j, p, key, out, f);
    if (!failed(e))
        e = sops_check(d, key, buf_span(out), f);
    explicit_bzero(key, sizeof key);
    sops_job_end(&j);
    return e;
}

struct err sops_update_keys(struct sops_doc *d, const struct sops_policy *p, struct buf *out,
                            struct fault *f)
{
    struct sops_job j;
    if (!d->open)
        return err(ERR_BUG);
    TRY(refuse_foreign(d, f));
    struct err e = sops_job_begin(&j, d, d->key);
    if (!failed(e))
        e = sops_key_wrap(p, d->key, &j.arena, j.meta, f);
    if (!failed(e))
        e = write_all(&j, false, out);
    if (!failed(e))
        e = sops_check(d, d->key, buf_span(out), f);
    sops_job_end(&j);
    return e;
}
