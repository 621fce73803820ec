/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the store, and where provider keys come from. */
#define _GNU_SOURCE
#include "storefile.h"
#include "b64.h"
#include "derive.h"
#include "file.h"
#include "random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { PATH_SIZE = 4096, KEY_FILE_BYTES = 2 * STORE_KEY_BYTES + 1 };

static struct err path_of(const char *dir, const char *name, char out[PATH_SIZE])
{
    return snprintf(out, PATH_SIZE, "%s/%s", dir, name) < PATH_SIZE ? OK : err(ERR_LIMIT);
}

/* The whole of a file that nobody else may read. ERR_CLOSED: there is none. */
static struct err read_private(const char *path, struct buf *out)
{
    int fd;
    struct err e = disk_open(path, DISK_READ, &fd);
    if (err_cat(e) == ERR_IO && err_detail(e) == ENOENT)
        return err(ERR_CLOSED);
    if (err_cat(e) == ERR_IO && err_detail(e) == ELOOP)
        return err(ERR_DENIED); /* a symbolic link */
    TRY(e);
    e = disk_check_private(fd);
    if (!failed(e))
        e = file_read_fd(fd, out);
    disk_close(&fd);
    return e;
}

struct err storefile_unlock(const char *dir, enum store_unlock *how)
{
    char path[PATH_SIZE];
    BUF_AUTO bytes = buf_init(STORE_FILE_MAX);
    TRY(path_of(dir, "store", path));
    TRY(read_private(path, &bytes));
    return store_unlock_of(buf_span(&bytes), how);
}

struct err storefile_lock(const char *dir, int *fd)
{
    char path[PATH_SIZE];
    TRY(file_make_dirs(dir, 0700));
    TRY(path_of(dir, "lock", path));
    return disk_lock(path, fd);
}

struct err storefile_stamp(const char *dir, struct disk_stamp *out)
{
    char path[PATH_SIZE];
    TRY(path_of(dir, "store", path));
    return disk_stamp(path, out);
}

/* --- the key file -------------------------------------------------------------------------- */

static struct err make_key(const char *path, struct secret *key)
{
    uint8_t text[KEY_FILE_BYTES];
    struct wr w = wr_of(text, sizeof text);
    TRY(secret_new(STORE_KEY_BYTES, key));
    random_bytes(key->p, key->n);
    hex_encode(&w, secret_span(key));
    wr_u8(&w, '\n');
    struct err e = file_replace(path, wr_span(&w), 0600);
    secret_wipe(text, sizeof text);
    if (failed(e))
        secret_free(key);
    return e;
}

static struct err read_key(const char *path, struct secret *key)
{
    struct buf text = buf_init(KEY_FILE_BYTES);
    struct err e = read_private(path, &text);
    if (!failed(e))
        e = secret_new(STORE_KEY_BYTES, key);
    if (!failed(e)) {
        struct wr w = wr_of(key->p, key->n);
        bool good = text.n == KEY_FILE_BYTES && text.p[text.n - 1] == '\n' &&
                    !failed(hex_decode(&w, span_cut(buf_span(&text), 0, text.n - 1)));
        if (!good) {
            secret_free(key);
            e = err(ERR_CORRUPT);
        }
    }
    buf_wipe(&text);
    return e;
}

/* --- open, make, save ---------------------------------------------------------------------- */

static struct err add_root(struct store *s, uint64_t now_s)
{
    uint8_t root[STOREFILE_ROOT_BYTES];
    random_bytes(root, sizeof root);
    struct err e = store_set(s, SPAN_LIT(STOREFILE_MASKING_ROOT), span(root, sizeof root), now_s);
    secret_wipe(root, sizeof root);
    return e;
}

static struct err make_store(const char *dir, struct span passphrase, uint64_t now_s,
                             struct store **out)
{
    char path[PATH_SIZE];
    struct secret key = {0};
    TRY(file_make_dirs(dir, 0700));
    TRY(path_of(dir, "key", path));
    struct err e = OK;
    if (passphrase.n == 0) {
        e = read_key(path, &key); /* one that was left, or brought back from a backup */
        if (err_cat(e) == ERR_CLOSED)
            e = make_key(path, &key);
    }
    if (!failed(e))
        e = passphrase.n ? store_new(STORE_BY_PASSPHRASE, passphrase, out)
                         : store_new(STORE_BY_KEY_FILE, secret_span(&key), out);
    secret_free(&key);
    TRY(e);
    e = add_root(*out, now_s);
    if (!failed(e))
        e = storefile_save(dir, *out);
    if (failed(e)) {
        store_free(*out);
        *out = NULL;
    }
    return e;
}

static struct err open_store(const char *dir, struct span bytes, struct span passphrase,
                             struct store **out)
{
    enum store_unlock how;
    char path[PATH_SIZE];
    struct secret key = {0};
    TRY(store_unlock_of(bytes, &how));
    if (how == STORE_BY_PASSPHRASE)
        return passphrase.n ? store_parse(bytes, passphrase, out) : err(ERR_DENIED);
    TRY(path_of(dir, "key", path));
    TRY(read_key(path, &key));
    struct err e = store_parse(bytes, secret_span(&key), out);
    secret_free(&key);
    return e;
}

struct err storefile_open(const char *dir, struct span passphrase, uint64_t now_s,
                          struct store **out)
{
    char path[PATH_SIZE];
    BUF_AUTO bytes = buf_init(STORE_FILE_MAX);
    *out = NULL;
    TRY(path_of(dir, "store", path));
    struct err e = read_private(path, &bytes);
    if (err_cat(e) == ERR_CLOSED)
        return make_store(dir, passphrase, now_s, out);
    TRY(e);
    return open_store(dir, buf_span(&bytes), passphrase, out);
}

struct err storefile_save(const char *dir, const struct store *s)
{
    char path[PATH_SIZE];
    BUF_AUTO bytes = buf_init(STORE_FILE_MAX);
    TRY(path_of(dir, "store", path));
    TRY(store_format(s, &bytes));
    return file_replace(path, buf_span(&bytes), 0600);
}

struct err storefile_mask_key(const struct store *s, struct span principal, uint8_t out[32])
{
    struct buf root = buf_init(STOREFILE_ROOT_BYTES);
    struct err e = store_get(s, SPAN_LIT(STOREFILE_MASKING_ROOT), &root);
    if (!failed(e) && root.n != STOREFILE_ROOT_BYTES)
        e = err(ERR_CORRUPT);
    if (!failed(e))
        e = derive_key(buf_span(&root), "sanctum/mask/principal/1", principal, out, 32);
    buf_wipe(&root);
    return e;
}

/* --- provider keys ------------------------------------------------------------------------- */

/* Goes into a header: printable, one line. */
static struct err check_value(struct buf *out, size_t start)
{
    if (out->n > start && out->p[out->n - 1] == '\n')
        out->n--;
    for (size_t i = start; i < out->n; i++)
        if (out->p[i] < 0x21 || out->p[i] > 0x7e)
            return err(ERR_INPUT);
    return out->n > start ? OK : err(ERR_INPUT);
}

static struct err read_named(const char *dir, struct span name, struct buf *out)
{
    char path[PATH_SIZE];
    bool plain = name.n && name.n < 256 && !memchr(name.p, 0, name.n);
    if (!plain || (dir && (memchr(name.p, '/', name.n) || name.p[0] == '.')))
        return err(ERR_INPUT);
    if (snprintf(path, sizeof path, "%s%s%.*s", dir ? dir : "", dir ? "/" : "", SPAN_ARG(name)) >=
        PATH_SIZE)
        return err(ERR_LIMIT);
    return read_private(path, out);
}

struct err storefile_resolve(const struct store *s, const char *credentials, struct span reference,
                             struct buf *out)
{
    size_t start = out->n, colon = span_find(reference, 0, ':');
    struct span kind = span_cut(reference, 0, colon), name = span_from(reference, colon + 1);
    struct err e = err(ERR_INPUT);
    if (span_is(kind, "vault"))
        e = s && store_name_valid(name) ? store_get(s, name, out) : err(ERR_CLOSED);
    else if (span_is(kind, "credential"))
        e = credentials ? read_named(credentials, name, out) : err(ERR_CLOSED);
    else if (span_is(kind, "file"))
        e = read_named(NULL, name, out);
    if (!failed(e))
        e = check_value(out, start);
    if (failed(e))
        out->n = start;
    return e;
}
