/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One member of a zip: its local header against its directory entry, its name, and which of its
 * bytes are to be looked at. Where the two headers disagree, readers do too: the bytes are looked
 * at whatever either says.
 */
#include "num.h"
#include "rd.h"
#include "zip_int.h"

#include <stdlib.h>

enum { DESCRIPTOR = 0x08, ENCRYPTED = 0x01, STORES_MAX = 16384, UNICODE_PATH = 0x7075 };

void zip_comment(struct zip *z, struct span comment, uint64_t at)
{
    for (size_t i = 0; i < comment.n; i++)
        if ((comment.p[i] < ' ' && (uint8_t)(comment.p[i] - '\t') > 4) || comment.p[i] == 0x7f) {
            look_note(z->look, WEIGHTS_SUSPICIOUS, "zip-comment", at, "a comment that is no text");
            return;
        }
}

void zip_other_name(struct zip *z, struct span extra, struct span name, uint64_t at)
{
    enum { VERSION_AND_SUM = 5 };
    struct rd r = rd_of(extra);
    uint64_t id, n;
    struct span body;
    while (!failed(rd_le(&r, 2, &id)) && !failed(rd_le(&r, 2, &n)) &&
           !failed(rd_take(&r, n, &body)))
        if (id == UNICODE_PATH && !span_eq(span_from(body, VERSION_AND_SUM), name))
            look_note(z->look, WEIGHTS_MALFORMED, "zip-name", at,
                      "called %s in its entry and another name in the extra field",
                      look_text(z->look, name));
}

void zip_local(struct zip *z, struct zip_member *m)
{
    struct rd r = rd_of(z->in);
    uint64_t mark, flags, method, packed, plain, name_n, extra_n;
    struct span name, extra;
    r.at = m->at > z->in.n ? z->in.n : (size_t)m->at;
    bool good = !failed(rd_le(&r, 4, &mark)) && mark == 0x04034b50 && !failed(rd_skip(&r, 2)) &&
                !failed(rd_le(&r, 2, &flags)) && !failed(rd_le(&r, 2, &method)) &&
                !failed(rd_skip(&r, 8)) && !failed(rd_le(&r, 4, &packed)) &&
                !failed(rd_le(&r, 4, &plain)) && !failed(rd_le(&r, 2, &name_n)) &&
                !failed(rd_le(&r, 2, &extra_n)) && !failed(rd_take(&r, name_n, &name)) &&
                !failed(rd_take(&r, extra_n, &extra));
    if (!good) {
        look_note(z->look, WEIGHTS_MALFORMED, "zip-local", m->at,
                  "no local header where a member is");
        return;
    }
    m->data = r.at;
    m->local_method = (uint16_t)method;
    m->local_packed = packed;
    m->flags |= (uint16_t)flags;
    zip_other_name(z, extra, name, m->at);
    if (m->flags & ENCRYPTED)
        look_note(z->look, WEIGHTS_SUSPICIOUS, "zip-encrypted", m->at,
                  "said to be encrypted: readers that believe it see other bytes");
    if (!m->central) {
        m->name = name;
        m->method = (uint16_t)method;
        m->packed = packed;
        m->plain = plain;
        return;
    }
    if (!span_eq(name, m->name))
        look_note(z->look, WEIGHTS_MALFORMED, "zip-name", m->at,
                  "called %s in the directory and %s in its header", look_text(z->look, m->name),
                  look_text(z->look, name));
    if (method != m->method)
        look_note(z->look, WEIGHTS_MALFORMED, "zip-method", m->at, "two compression methods");
    bool wide = packed == 0xffffffff;
    if (!wide && !(flags & DESCRIPTOR) && packed != m->packed)
        look_note(z->look, WEIGHTS_MALFORMED, "zip-size", m->at,
                  "the directory and the local header say different sizes");
    if (wide)
        m->local_packed = m->packed;
}

static struct span base_name(struct span p)
{
    size_t at = p.n;
    while (at && p.p[at - 1] != '/')
        at--;
    return span_from(p, at);
}

static int by_name(const void *a, const void *b)
{
    return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

static void duplicates(struct zip *z)
{
    struct span *names = calloc(z->n + 1, sizeof *names);
    if (!names) {
        z->look->e = err(ERR_NOMEM);
        return;
    }
    for (size_t i = 0; i < z->n; i++)
        names[i] = z->v[i].name;
    qsort(names, z->n, sizeof *names, by_name);
    for (size_t i = 1; i < z->n; i++)
        if (span_eq(names[i], names[i - 1])) {
            look_note(z->look, WEIGHTS_MALFORMED, "zip-duplicate", 0, "two members named %s",
                      look_text(z->look, names[i]));
            break;
        }
    free(names);
}

/* archive/code/… and archive/constants.pkl are TorchScript: a program, run by torch.jit. */
static bool torch_script(struct span name)
{
    size_t slash = span_find(name, 0, '/');
    struct span rest = span_from(name, slash + 1);
    return slash < name.n &&
           (span_is(rest, "constants.pkl") || span_starts(rest, SPAN_LIT("code/")));
}

/* …/data/N of a torch archive: raw numbers. */
static bool storage_name(struct span name)
{
    struct span base = base_name(name);
    struct span folder = span_cut(name, 0, name.n - base.n);
    for (size_t i = 0; i < base.n; i++)
        if ((uint8_t)(base.p[i] - '0') > 9)
            return false;
    return base.n && span_ends(folder, SPAN_LIT("/data/"));
}

static int by_key(const void *a, const void *b)
{
    uint64_t x = ((const struct stored *)a)->key, y = ((const struct stored *)b)->key;
    return x < y ? -1 : x > y;
}

/* The sizes of the storages, for the pickle that names them. */
static void list_stores(struct zip *z)
{
    size_t n = 0;
    for (size_t i = 0; i < z->n; i++)
        n += storage_name(z->v[i].name);
    struct arena *arena = &z->look->report->text;
    void *all, *v_room;
    if (n > STORES_MAX || failed(arena_take(arena, sizeof(struct stores), &all)) ||
        failed(arena_take(arena, n * sizeof(struct stored), &v_room)))
        return;
    struct stored *v = v_room;
    struct stores *s = all;
    s->v = v;
    for (size_t i = 0; i < z->n; i++)
        if (storage_name(z->v[i].name) &&
            !failed(num_u64(base_name(z->v[i].name), UINT64_MAX, &v[s->n].key)))
            v[s->n++].bytes = z->v[i].plain;
    qsort(v, s->n, sizeof *v, by_key);
    z->stores = s;
}

void zip_names(struct zip *z)
{
    bool script = false;
    for (size_t i = 0; i < z->n; i++) {
        const struct zip_member *m = &z->v[i];
        if (look_path_leaves(m->name))
            look_note(z->look, WEIGHTS_MALFORMED, "path", m->at, "a member outside the archive: %s",
                      look_text(z->look, m->name));
        if (m->link)
            look_note(z->look, WEIGHTS_MALFORMED, "zip-link", m->at,
                      "a member that is a symbolic link: %s", look_text(z->look, m->name));
        z->torch = z->torch || span_is(base_name(m->name), "data.pkl");
        script = script || torch_script(m->name);
    }
    if (z->torch && script)
        look_note(z->look, WEIGHTS_SUSPICIOUS, "torchscript", 0,
                  "TorchScript: the archive holds a program");
    duplicates(z);
    if (z->torch)
        list_stores(z);
}

void zip_later(struct zip *z, const struct zip_member *m, uint64_t limit)
{
    if (!m->data || m->data >= limit)
        return;
    uint64_t room = limit - m->data, n = m->packed;
    bool agree = m->packed == m->local_packed || m->flags & DESCRIPTOR;
    if (!agree || n > room || (m->flags & DESCRIPTOR && !m->central))
        n = room;
    if (n > room || m->packed > room)
        look_note(z->look, WEIGHTS_MALFORMED, "zip-size", m->at,
                  "a member that reaches into the next");
    struct item it = {.blob = z->look->now->blob,
                      .bytes = span_cut(z->in, (size_t)m->data, (size_t)n),
                      .name = look_text(z->look, m->name),
                      .setting = IN_ARCHIVE,
                      .depth = z->look->now->depth + 1};
    bool deflate = m->method == ZIP_DEFLATE || m->local_method == ZIP_DEFLATE;
    bool lzma = !deflate && (m->method == ZIP_LZMA || m->local_method == ZIP_LZMA);
    /* bzip2 and zstd members are whole streams with their own marks: seen like stored ones. */
    bool known = m->method == ZIP_STORED || m->method == ZIP_BZIP2 || m->method == ZIP_ZSTD;
    if (!deflate && !lzma && !(known && m->method == m->local_method))
        look_note(z->look, WEIGHTS_SUSPICIOUS, "zip-method", m->at,
                  "a compression that is not read: method %u", m->method);
    if (z->torch && span_is(base_name(m->name), "data.pkl")) {
        it.setting = IN_TORCH;
        it.stores = z->stores;
    } else if (z->torch && storage_name(m->name)) {
        it.setting = IN_TORCH_STORAGE;
    }
    if (!it.bytes.n) {
        if (it.setting == IN_TORCH)
            look_note(z->look, WEIGHTS_MALFORMED, "empty", m->at, "the pickle is empty");
        return;
    }
    bool stored = m->method == ZIP_STORED || m->local_method == ZIP_STORED;
    if ((deflate || lzma) && stored) /* some reader takes the bytes as they are */
        look_later(z->look, it);
    it.packing = deflate ? PACK_DEFLATE : lzma ? PACK_ZIP_LZMA : PACK_NONE;
    look_later(z->look, it);
}
