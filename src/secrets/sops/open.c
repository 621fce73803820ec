/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening: data key, values, MAC; and writing the clear document. Nothing of a document counts
 * until its MAC was right, or a caller asked for it all the same.
 */
#define _DEFAULT_SOURCE
#include "b64.h"
#include "json_put.h"
#include "num.h"
#include "sops_int.h"
#include "splice.h"
#include "wr.h"

#include <stdlib.h>

static struct span about_of(const struct sops_doc *d, uint32_t node)
{
    struct span path = d->nodes[node].path;
    return path.n ? path : SPAN_LIT(":");
}

/* A comment's home is a matter of taste between writers: the block it stands in, one further out,
 * or the key before it. One that opens nowhere is taken as it is. */
static struct err open_comment(struct sops_doc *d, struct gcm *g, uint32_t i)
{
    struct sops_item *it = &d->items[i];
    it->plain = it->text;
    it->plain_type = SOPS_COMMENT;
    if (!sops_is_sealed(it->text))
        return OK;
    uint32_t tried[3] = {it->node, i ? d->items[i - 1].node : it->node,
                         i + 1 < d->n_items ? d->items[i + 1].node : it->node};
    for (int t = 0; t < 3; t++)
        for (uint32_t n = tried[t]; n != SOPS_NO_NODE; n = d->nodes[n].parent) {
            enum sops_type type;
            struct err e =
                sops_value_open(g, it->text, about_of(d, n), &d->arena, &it->plain, &type);
            if (!failed(e)) {
                it->sealed = true;
                return OK;
            }
            if (err_cat(e) != ERR_CORRUPT)
                return e;
        }
    it->plain = it->text;
    return OK;
}

static struct err open_value(struct sops_doc *d, struct gcm *g, struct sops_item *it, bool wanted,
                             struct fault *f)
{
    enum sops_type type = (enum sops_type)it->type;
    it->plain_type = it->type;
    if (!wanted)
        return sops_canonical(type, it->text, &d->arena, &it->plain);
    if (it->type == SOPS_STR && it->text.n == 0) {
        it->plain = SPAN_NONE;
        return OK;
    }
    if (it->type != SOPS_STR || !sops_is_sealed(it->text))
        return sops_fail(f, SOPS_DECRYPT, it->start, "a clear value where a sealed one belongs");
    struct err e =
        sops_value_open(g, it->text, about_of(d, it->node), &d->arena, &it->plain, &type);
    if (failed(e))
        return err_cat(e) == ERR_CORRUPT
                   ? sops_fail(f, SOPS_DECRYPT, it->start, "a value does not open at its place")
                   : e;
    it->plain_type = (uint8_t)type;
    it->sealed = true;
    return OK;
}

static bool counts(const struct sops_doc *d, const struct sops_item *it)
{
    return it->type < SOPS_COMMENT && it->plain_type < SOPS_COMMENT && !d->nodes[it->node].meta;
}

/* The MAC's text: SHA-512 of all values, 128 upper-case digits. */
struct err sops_digest(const struct sops_doc *d, const bool *wanted, bool only_encrypted,
                       uint8_t hex[128])
{
    static const uint8_t seed[32] = {0x8a, 0x3f, 0xd2, 0xad, 0x54, 0xce, 0x66, 0x52,
                                     0x7b, 0x10, 0x34, 0xf3, 0xd1, 0x47, 0xbe, 0x0b,
                                     0x0b, 0x97, 0x5b, 0x3b, 0xf4, 0x4f, 0x72, 0xc6,
                                     0xfd, 0xad, 0xec, 0x81, 0x76, 0xf2, 0x7d, 0x69};
    struct gcm h;
    uint8_t digest[GCM_SHA512];
    TRY(gcm_hash_begin(&h));
    if (only_encrypted)
        gcm_hash_more(&h, span(seed, sizeof seed));
    for (uint32_t i = 0; i < d->n_items; i++)
        if (counts(d, &d->items[i]) && (!only_encrypted || wanted[i]))
            gcm_hash_more(&h, d->items[i].plain);
    gcm_hash_end(&h, digest);
    struct wr w = wr_of(hex, 128);
    hex_encode(&w, span(digest, sizeof digest));
    for (int i = 0; i < 128; i++)
        hex[i] = (uint8_t)(hex[i] >= 'a' ? hex[i] - 32 : hex[i]);
    return OK;
}

static struct err check_mac(struct sops_doc *d, struct gcm *g, const bool *wanted, struct fault *f)
{
    uint8_t hex[128];
    struct span mac;
    enum sops_type type;
    if (d->meta.mac.n == 0)
        return sops_fail(f, SOPS_MAC, 0, "the document has no MAC");
    struct err e = sops_value_open(g, d->meta.mac, d->meta.lastmodified, &d->arena, &mac, &type);
    if (failed(e))
        return sops_fail(f, SOPS_MAC, 0, "the MAC does not open");
    TRY(sops_digest(d, wanted, d->meta.mac_only_encrypted, hex));
    return span_eq_const_time(mac, span(hex, sizeof hex))
               ? OK
               : sops_fail(f, SOPS_MAC, 0, "the document was changed");
}

/* A list that held nothing but comments is empty: its first one stands for it, too. */
static void empty_lists(struct sops_doc *d, const uint32_t *passed)
{
    for (uint32_t i = 0; i < d->n_items; i++) {
        struct sops_item *it = &d->items[i];
        uint32_t list = d->nodes[it->node].parent;
        if (it->type == SOPS_COMMENT || it->plain_type != SOPS_COMMENT || list == SOPS_NO_NODE ||
            d->nodes[list].item || passed[list] != d->nodes[list].children)
            continue;
        it->plain_type = SOPS_EMPTY_LIST;
        it->node = list;
        d->nodes[list].item = i + 1;
    }
}

/* A comment in a list may have been sealed as an element of its own: those behind it count on
 * without it. Nodes stand in document order. */
static struct err recount(struct sops_doc *d)
{
    uint32_t *passed = calloc(d->n_nodes + 1, sizeof *passed);
    bool *comment = calloc(d->n_nodes + 1, sizeof *comment);
    bool any = false;
    for (uint32_t i = 0; comment && i < d->n_items; i++)
        if (d->items[i].type != SOPS_COMMENT && d->items[i].plain_type == SOPS_COMMENT)
            comment[d->items[i].node] = any = true;
    for (uint32_t n = 0; passed && any && n < d->n_nodes; n++) {
        struct sops_node *node = &d->nodes[n];
        if (node->parent == SOPS_NO_NODE || node->index == UINT32_MAX)
            continue;
        if (comment[n])
            passed[node->parent]++;
        else
            node->index -= passed[node->parent];
    }
    bool good = passed && comment;
    if (good && any)
        empty_lists(d, passed);
    free(passed);
    free(comment);
    return good ? OK : err(ERR_NOMEM);
}

static struct err open_all(struct sops_doc *d, struct gcm *g, bool *wanted, struct fault *f)
{
    TRY(sops_select(d, &d->meta.rule, wanted, f));
    for (uint32_t i = 0; i < d->n_items; i++) {
        struct sops_item *it = &d->items[i];
        if (d->nodes[it->node].meta)
            continue;
        if (it->type == SOPS_COMMENT)
            TRY(open_comment(d, g, i));
        else
            TRY(open_value(d, g, it, wanted[i], f));
    }
    TRY(recount(d));
    return check_mac(d, g, wanted, f);
}

struct err sops_open_with(struct sops_doc *d, const uint8_t key[SOPS_KEY], struct fault *f)
{
    struct gcm g = {0};
    memcpy(d->key, key, SOPS_KEY);
    bool *wanted = calloc(d->n_items + 1, sizeof *wanted);
    struct err e = wanted ? gcm_begin(&g, d->key) : err(ERR_NOMEM);
    if (!failed(e))
        e = open_all(d, &g, wanted, f);
    gcm_end(&g);
    free(wanted);
    d->open = !failed(e);
    return e;
}

struct err sops_open(struct sops_doc *d, const struct age_keys *identities, struct fault *f)
{
    uint8_t key[SOPS_KEY];
    if (!d->meta.present)
        return sops_fail(f, SOPS_FORMAT, 0, "no sops section: not an encrypted document");
    if (d->meta.recipients == 0)
        return sops_fail(f, SOPS_FORMAT, 0, "the sops section names no age recipient");
    TRY(sops_key_find(&d->meta, identities, key, f));
    struct err e = sops_open_with(d, key, f);
    explicit_bzero(key, sizeof key);
    return e;
}

struct err sops_open_ignoring_mac(struct sops_doc *d, const struct age_keys *identities,
                                  bool *wrong, struct fault *f)
{
    struct err e = sops_open(d, identities, f);
    *wrong = failed(e) && err_detail(e) == SOPS_MAC; /* the last that is looked at */
    if (*wrong)
        d->open = true;
    return *wrong ? OK : e;
}

/* ---- the clear document ---- */

/* A comment that was sealed as an element of a block list: "- ENC[…,type:comment]". */
static bool is_element_comment(const struct sops_doc *d, const struct sops_item *it)
{
    size_t at = it->start;
    if (d->format != SOPS_YAML || it->type == SOPS_COMMENT || it->plain_type < SOPS_COMMENT ||
        it->flow)
        return false;
    while (at > 0 && (d->source.p[at - 1] == ' ' || d->source.p[at - 1] == '\t'))
        at--;
    return at > 0 && d->source.p[at - 1] == '-';
}

/* The bytes that replace an item; made before the list of edits, which borrows them. */
static struct err edit(const struct sops_doc *d, const struct sops_item *it, struct buf *scratch,
                       struct arena *arena, struct splice *s)
{
    struct span with;
    size_t start = it->start;
    buf_clear(scratch);
    if (is_element_comment(d, it)) /* its dash goes with it */
        while (d->source.p[start] != '-')
            start--;
    enum sops_type type = (enum sops_type)it->plain_type;
    if (type == SOPS_EMPTY_LIST) { /* and the comment that it was */
        TRY(buf_puts(scratch, it->flow ? "" : "[] "));
        type = SOPS_COMMENT;
    }
    TRY(sops_spell(d, it, type, it->plain, scratch));
    TRY(arena_copy(arena, buf_span(scratch), &with));
    return splice_add(s, start, it->end, with);
}

static struct err plain_edits(const struct sops_doc *d, struct arena *arena, struct splice *s)
{
    BUF_AUTO scratch = buf_init(SOPS_BYTES_MAX);
    uint32_t cut = 0;
    for (uint32_t i = 0; i <= d->n_items; i++) {
        const struct sops_item *it = i < d->n_items ? &d->items[i] : NULL;
        for (; cut < d->n_cuts && (!it || d->cuts[cut].start <= it->start); cut++)
            TRY(splice_add(s, d->cuts[cut].start, d->cuts[cut].end, SPAN_NONE));
        if (it && it->sealed && !d->nodes[it->node].meta)
            TRY(edit(d, it, &scratch, arena, s));
    }
    return OK;
}

static const struct sops_item *binary_data(const struct sops_doc *d)
{
    for (uint32_t i = 0; i < d->n_items; i++)
        if (span_is(d->nodes[d->items[i].node].path, "data:"))
            return &d->items[i];
    return NULL;
}

struct err sops_write_plain(const struct sops_doc *d, struct buf *out)
{
    if (!d->open)
        return err(ERR_BUG);
    const struct sops_item *data = d->format == SOPS_BINARY ? binary_data(d) : NULL;
    if (d->format == SOPS_BINARY)
        return data ? buf_put(out, data->plain) : err_make(ERR_INPUT, SOPS_FORMAT);
    struct arena arena = arena_init((size_t)SOPS_BYTES_MAX * 4);
    struct splice s = splice_of(d->source, &arena);
    struct err e = plain_edits(d, &arena, &s);
    if (!failed(e))
        e = splice_write(&s, out);
    arena_free(&arena);
    return e;
}

/* ---- as JSON ---- */

static uint32_t depth_of(const struct sops_doc *d, uint32_t node)
{
    uint32_t n = 0;
    for (; d->nodes[node].parent != SOPS_NO_NODE; node = d->nodes[node].parent)
        n++;
    return n;
}

static void put_value(struct json_put *p, const struct sops_item *it)
{
    switch (it->plain_type) {
    case SOPS_INT:
    case SOPS_FLOAT:
        if (sops_is_no_number(it->plain))
            p->e = failed(p->e) ? p->e : err_make(ERR_INPUT, SOPS_FORMAT);
        json_put_raw(p, NULL, it->plain);
        break;
    case SOPS_BOOL:
        json_put_bool(p, NULL, it->plain.n && (it->plain.p[0] | 32) == 't');
        break;
    case SOPS_NULL:
        json_put_null(p, NULL);
        break;
    case SOPS_EMPTY_MAP:
    case SOPS_EMPTY_LIST:
        json_put_raw(p, NULL, it->plain_type == SOPS_EMPTY_MAP ? SPAN_LIT("{}") : SPAN_LIT("[]"));
        break;
    default:
        json_put_str(p, NULL, it->plain);
    }
}

/* Close and open containers until `node`'s parent is the innermost one. */
static void walk_to(const struct sops_doc *d, struct json_put *p, uint32_t open[], uint32_t *n,
                    uint32_t node)
{
    uint32_t way[SOPS_DEPTH + 2], depth = depth_of(d, node), same = 0;
    uint32_t at = d->nodes[node].parent;
    for (uint32_t i = depth; i-- > 0; at = d->nodes[at].parent)
        way[i] = at;
    while (same < *n && same < depth && open[same] == way[same])
        same++;
    for (; *n > same; (*n)--)
        json_put_end(p);
    if (*n == 0 && p->comma) { /* the next document of a stream */
        p->e = failed(p->e) ? p->e : buf_puts(p->out, "\n");
        p->comma = false;
    }
    for (; *n < depth; (*n)++) {
        uint32_t c = way[*n];
        if (d->nodes[c].parent != SOPS_NO_NODE && d->nodes[c].index == UINT32_MAX)
            json_put_key(p, d->nodes[c].name);
        bool list = d->nodes[*n + 1 < depth ? way[*n + 1] : node].index != UINT32_MAX;
        if (list)
            json_put_array(p, NULL);
        else
            json_put_object(p, NULL);
        open[*n] = c;
    }
    if (d->nodes[node].index == UINT32_MAX)
        json_put_key(p, d->nodes[node].name);
}

struct err sops_write_json(const struct sops_doc *d, struct buf *out)
{
    uint32_t open[SOPS_DEPTH + 2], n = 0;
    struct json_put p = json_put_to(out);
    for (uint32_t i = 0; i < d->n_items; i++) {
        const struct sops_item *it = &d->items[i];
        if (d->nodes[it->node].meta || it->type == SOPS_COMMENT || it->plain_type == SOPS_COMMENT)
            continue;
        walk_to(d, &p, open, &n, it->node);
        put_value(&p, it);
    }
    if (n == 0)
        TRY(buf_puts(out, "{}")); /* nothing at all */
    for (; n > 0; n--)
        json_put_end(&p);
    TRY(json_put_done(&p));
    return buf_puts(out, "\n");
}
