/* SPDX-License-Identifier: Apache-2.0 */
/* The pin file. Written about once a second while records come, read at every start. */
#define _GNU_SOURCE
#include "audit_log.h"
#include "audit_pin_int.h"
#include "b64.h"
#include "disk.h"
#include "num.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define PIN_HEAD "sanctum ledger head 1\n"
enum { PIN_MAX = 256 };

struct err audit_pin_parse(struct span text, struct audit_pin *p)
{
    size_t at = sizeof PIN_HEAD - 1, end = span_find(text, at, '\n');
    struct wr hash = wr_of(p->last, sizeof p->last);
    if (!span_starts(text, SPAN_LIT(PIN_HEAD)) ||
        failed(num_u64(span_cut(text, at, end - at), UINT64_MAX, &p->next)) ||
        text.n != end + 2 + 2 * HASH_BYTES || text.p[text.n - 1] != '\n' ||
        failed(hex_decode(&hash, span_cut(text, end + 1, 2 * HASH_BYTES))))
        return err(ERR_CORRUPT);
    return OK;
}

/* Positioned, so that a pipe in its place holds nobody up. */
static struct err read_text(const char *path, uint8_t text[PIN_MAX], size_t *n)
{
    int fd;
    TRY(disk_open(path, DISK_READ, &fd));
    struct err e = disk_get(fd, text, PIN_MAX, 0, n);
    disk_close(&fd);
    return e;
}

struct err audit_pin_read(const char *path, struct audit_pin *p)
{
    uint8_t text[PIN_MAX];
    size_t n;
    *p = (struct audit_pin){0};
    struct err e = read_text(path, text, &n);
    if (err_cat(e) == ERR_IO && err_detail(e) == ENOENT)
        return OK;
    if (disk_is_odd(e))
        return err(ERR_CORRUPT);
    TRY(e);
    return audit_pin_parse(span(text, n), p);
}

struct err audit_pin_records(const char *path, uint64_t *next, uint8_t last[AUDIT_HASH])
{
    struct audit_pin p;
    TRY(audit_pin_read(path, &p));
    *next = p.next;
    memcpy(last, p.last, sizeof p.last);
    return OK;
}

/* A fixed temporary name, so that a writer that is killed leaves at most one file behind. */
static struct err replace(const char *path, const char *temp, const char *dir, struct span bytes)
{
    int fd;
    struct err e = disk_remove(temp);
    if (failed(e) && err_detail(e) != ENOENT)
        return e;
    TRY(disk_open(temp, DISK_CREATE, &fd));
    e = disk_put(fd, bytes, 0);
    if (!failed(e))
        e = disk_sync(fd);
    disk_close(&fd);
    TRY(e);
    TRY(disk_rename(temp, path));
    return disk_sync_dir(dir);
}

struct err audit_file_replace(const char *path, struct span bytes)
{
    char *temp, *dir;
    const char *slash = strrchr(path, '/');
    if (asprintf(&temp, "%s.new", path) < 0)
        return err(ERR_NOMEM);
    if (asprintf(&dir, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".") < 0)
        dir = NULL;
    struct err e = dir ? replace(path, temp, dir, bytes) : err(ERR_NOMEM);
    free(dir);
    free(temp);
    return e;
}

struct err audit_pin_write(const char *path, const struct audit_pin *p)
{
    uint8_t text[PIN_MAX];
    struct wr w = wr_of(text, sizeof text);
    wr_str(&w, PIN_HEAD);
    wr_dec(&w, p->next);
    wr_u8(&w, '\n');
    hex_encode(&w, span(p->last, HASH_BYTES));
    wr_u8(&w, '\n');
    TRY(wr_done(&w));
    return audit_file_replace(path, wr_span(&w));
}
