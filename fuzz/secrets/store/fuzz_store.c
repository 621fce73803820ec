/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sealed store's file, its key file, and what a provider's key setting may say. The inner parts
 * are behind a hash under the store's own key, so the input is also put there as it would be by
 * somebody who has that key: what then opens is written as it was. What is set is what is got.
 */
#include "b64.h"
#include "derive.h"
#include "hash.h"
#include "seal.h"
#include "storefile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* covers: src/secrets/store/store.c src/secrets/store/storefile.c */
/* planted: src/secrets/store/store.c | span_cmp(name_of(&s->v[i - 1]), name_of(&s->v[i])) >= 0 |
 * span_cmp(name_of(&s->v[i - 1]), name_of(&s->v[i])) > 0 */

enum { ID_AT = 16, ID = 16, SALT = 16, WRAPPED_AT = ID_AT + ID + 9 + SALT };
enum { HEAD = WRAPPED_AT + STORE_KEY_BYTES + SEAL_OVERHEAD };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t key[STORE_KEY_BYTES] = {1, 2, 3};

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* ---- any bytes ---- */

static void parse(struct span bytes)
{
    struct store *s;
    enum store_unlock how;
    if (failed(store_unlock_of(bytes, &how)) || how != STORE_BY_KEY_FILE)
        return; /* a passphrase would be stretched for half a second */
    if (!failed(store_parse(bytes, span(key, sizeof key), &s)))
        store_free(s);
}

/* ---- a store of ours ---- */

static struct store *ours(void)
{
    struct store *s;
    must(!failed(store_new(STORE_BY_KEY_FILE, span(key, sizeof key), &s)));
    return s;
}

static void set_and_get(struct span in)
{
    struct store *s = ours(), *back;
    BUF_AUTO bytes = buf_init(STORE_FILE_MAX), value = buf_init(STORE_VALUE_MAX);
    bool named = store_name_valid(in);
    must(failed(store_set(s, in, in, 1)) || named || (in.n && in.p[0] == '.'));
    must(!failed(store_set(s, SPAN_LIT("name"), in, 1)));
    must(!failed(store_set(s, SPAN_LIT("name"), in, 2)));
    must(!failed(store_format(s, &bytes)));
    store_free(s);
    must(!failed(store_parse(buf_span(&bytes), span(key, sizeof key), &back)));
    must(!failed(store_get(back, SPAN_LIT("name"), &value)) && span_eq(buf_span(&value), in));
    must(store_count(back) >= 1 && !failed(store_remove(back, SPAN_LIT("name"))));
    must(err_cat(store_remove(back, SPAN_LIT("name"))) == ERR_CLOSED);
    buf_clear(&value);
    must(failed(store_get(back, SPAN_LIT("name"), &value)) && value.n == 0);
    store_free(back);
    size_t at = in.n ? in.p[0] % bytes.n : 0, n = in.n < bytes.n - at ? in.n : bytes.n - at;
    if (n)
        memcpy(bytes.p + at, in.p, n);
    parse(buf_span(&bytes));
}

/* The hash at the file's end, as the format has it (store.h). */
static void end_file(struct buf *file)
{
    static const char label[] = "sanctum/vault/key/1";
    uint8_t wrapping[32], own[32], mac_key[32], hash[HASH_BYTES], about[128];
    struct span id = span(file->p + ID_AT, ID), body = buf_span(file);
    struct wr w = wr_of(about, sizeof about), opened = wr_of(own, sizeof own);
    struct hash_mac_key mac;
    wr_str(&w, label);
    wr_put(&w, span_cut(body, ID_AT, WRAPPED_AT - ID_AT));
    must(!failed(derive_key(span(key, sizeof key), "sanctum/vault/key-file/1", id, wrapping, 32)));
    must(!failed(
        seal_open(wrapping, wr_span(&w), span_cut(body, WRAPPED_AT, HEAD - WRAPPED_AT), &opened)));
    must(!failed(derive_key(span(own, 32), "sanctum/vault/file/1", SPAN_NONE, mac_key, 32)));
    must(!failed(hash_mac_key_init(&mac, span(mac_key, 32))));
    hash_mac_parts(&mac, &body, 1, hash);
    hash_mac_key_free(&mac);
    must(!failed(buf_put(file, span(hash, sizeof hash))));
}

static void splice(struct span in)
{
    struct store *s = ours(), *back;
    BUF_AUTO file = buf_init(STORE_FILE_MAX), again = buf_init(STORE_FILE_MAX);
    BUF_AUTO value = buf_init(STORE_VALUE_MAX);
    must(!failed(store_format(s, &file)) && file.n == HEAD + 4 + HASH_BYTES);
    store_free(s);
    file.n = HEAD;
    must(!failed(buf_put(&file, in)));
    end_file(&file);
    struct err e = store_parse(buf_span(&file), span(key, sizeof key), &back);
    must(!failed(e) || err_cat(e) == ERR_CORRUPT);
    if (failed(e))
        return;
    must(!failed(store_format(back, &again)) && span_eq(buf_span(&again), buf_span(&file)));
    for (size_t i = 0; i < store_count(back); i++) {
        struct store_info one = store_at(back, i);
        must(one.name.n && one.name.n <= STORE_NAME_MAX && one.bytes <= STORE_VALUE_MAX);
        must(i == 0 || span_cmp(store_at(back, i - 1).name, one.name) < 0);
        must(err_cat(store_get(back, one.name, &value)) == ERR_CORRUPT); /* nobody sealed it */
    }
    store_free(back);
}

/* ---- files ---- */

static char folder[64], path[128];

static const char *in_folder(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put_file(const char *name, struct span bytes)
{
    FILE *f = fopen(in_folder(name), "wb");
    must(f && fwrite(bytes.p, 1, bytes.n, f) == bytes.n && fclose(f) == 0);
    must(chmod(path, 0600) == 0);
}

/* A reference, and a value, from outside. What comes out may go into a header. */
static void resolve(const struct store *s, const char *credentials, struct span reference)
{
    BUF_AUTO out = buf_init(STORE_VALUE_MAX);
    must(!failed(buf_put_u8(&out, 'x')));
    if (failed(storefile_resolve(s, credentials, reference, &out)))
        must(out.n == 1);
    for (size_t i = 1; i < out.n; i++)
        must(out.p[i] > ' ' && out.p[i] < 0x7f);
}

static void references(struct store *s, struct span in)
{
    char whole[160];
    put_file("value", in);
    resolve(s, folder, SPAN_LIT("credential:value"));
    resolve(NULL, NULL, SPAN_LIT("credential:value"));
    snprintf(whole, sizeof whole, "file:%s", in_folder("value"));
    resolve(s, NULL, span_str(whole));
    must(!failed(store_set(s, SPAN_LIT("name"), in, 3)));
    resolve(s, NULL, SPAN_LIT("vault:name"));
    resolve(NULL, NULL, SPAN_LIT("vault:name"));
    if (!span_starts(in, SPAN_LIT("file:"))) /* no other file of this machine */
        resolve(s, folder, in);
}

/* The key file is the one made with the store, or nothing opens. */
static void files(struct span in)
{
    const char *temp = getenv("TMPDIR");
    struct store *s;
    enum store_unlock how;
    struct disk_stamp stamp;
    uint8_t mask[32];
    int lock;
    snprintf(folder, sizeof folder, "%.40s/store-XXXXXX", temp ? temp : "/tmp");
    must(mkdtemp(folder) != NULL);
    must(err_cat(storefile_unlock(folder, &how)) == ERR_CLOSED);
    must(!failed(storefile_lock(folder, &lock)));
    disk_close(&lock);
    bool given = in.n == 65 && in.p[64] == '\n';
    if (given)
        put_file("key", in);
    struct err e = storefile_open(folder, SPAN_NONE, 1, &s);
    must(!failed(e) || given);
    if (!failed(e)) {
        must(!failed(storefile_unlock(folder, &how)) && how == STORE_BY_KEY_FILE);
        must(!failed(storefile_stamp(folder, &stamp)));
        must(!failed(storefile_mask_key(s, in, mask)));
        references(s, in);
        store_free(s);
        must(!failed(storefile_open(folder, SPAN_NONE, 1, &s)));
        store_free(s);
        if (!given) {
            put_file("key", in);
            must(failed(storefile_open(folder, SPAN_NONE, 1, &s)) && s == NULL);
        }
        must(unlink(in_folder("value")) == 0 && unlink(in_folder("store")) == 0);
    }
    must(unlink(in_folder("key")) == 0 && unlink(in_folder("lock")) == 0 && rmdir(folder) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = span(data, size);
    parse(in);
    splice(in);
    if (size > STORE_VALUE_MAX)
        return 0;
    set_and_get(in);
    files(in);
    return 0;
}
