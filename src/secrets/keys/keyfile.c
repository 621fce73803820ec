/* SPDX-License-Identifier: Apache-2.0 */
/* The key file. Read at the ledger's start and by `sanctum key` when no daemon runs; written at
 * every creation and revocation. */
#include "keyfile.h"
#include "b64.h"
#include "disk.h"
#include "file.h"
#include "num.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HEAD   "sanctum keys "
#define FORMAT "1"
enum { FIELDS = 7 };

/* One line without its newline; SPAN_NONE at the end or when the newline is missing. */
static struct span next_line(struct span text, size_t *at)
{
    size_t end = span_find(text, *at, '\n');
    if (end == text.n)
        return SPAN_NONE;
    struct span line = span_cut(text, *at, end - *at);
    *at = end + 1;
    return line;
}

static bool split(struct span line, struct span f[FIELDS])
{
    for (size_t i = 0, at = 0; i < FIELDS; i++) {
        size_t end = span_find(line, at, ' ');
        f[i] = span_cut(line, at, end - at);
        if (f[i].n == 0 || (end == line.n) != (i == FIELDS - 1))
            return false;
        at = end + 1;
    }
    return true;
}

/* Copy a text into a field with its NUL. */
static bool fits(char *field, size_t size, struct span s)
{
    if (s.n >= size)
        return false;
    memcpy(field, s.p, s.n);
    return true;
}

static struct err parse_key(struct span line, struct key_entry *e)
{
    struct span f[FIELDS];
    *e = (struct key_entry){0};
    if (!split(line, f) || !fits(e->id, sizeof e->id, f[0]) ||
        !fits(e->name, sizeof e->name, f[1]) || f[6].n != 2 * KEY_HASH_BYTES)
        return err(ERR_INPUT);
    if (span_is(f[2], "active"))
        e->state = KEY_ACTIVE;
    else if (span_is(f[2], "revoked"))
        e->state = KEY_REVOKED;
    TRY(num_u64(f[3], UINT64_MAX, &e->created_s));
    TRY(num_u64(f[4], UINT64_MAX, &e->expires_s));
    if (!span_is(f[5], "-"))
        TRY(key_scopes_read(f[5], &e->scopes));
    struct wr w = wr_of(e->hash, sizeof e->hash);
    TRY(hex_decode(&w, f[6]));
    return key_entry_valid(e) ? OK : err(ERR_INPUT);
}

static struct err parse_head(struct span text, size_t *at, struct fault *fault)
{
    struct span head = next_line(text, at);
    uint64_t format;
    if (!span_starts(head, SPAN_LIT(HEAD)) ||
        failed(num_u64(span_from(head, sizeof HEAD - 1), UINT32_MAX, &format)))
        return fault_at(fault, ERR_INPUT, 0, "not a key file");
    if (!span_is(head, HEAD FORMAT))
        return fault_at(fault, ERR_DENIED, 0, "the key file's format is newer than this program");
    return OK;
}

struct err key_file_parse(struct span text, struct fault *fault,
                          struct err (*each)(void *arg, const struct key_entry *e), void *arg)
{
    size_t at = 0;
    uint64_t keys = 0, said;
    TRY(parse_head(text, &at, fault));
    for (;;) {
        size_t start = at;
        struct span line = next_line(text, &at);
        if (line.n == 0)
            return fault_at(fault, ERR_INPUT, start, "the key file's end is missing");
        if (span_starts(line, SPAN_LIT("end "))) {
            if (failed(num_u64(span_from(line, 4), UINT32_MAX, &said)) || said != keys ||
                at != text.n)
                return fault_at(fault, ERR_INPUT, start, "the key file's last line does not fit");
            return OK;
        }
        struct key_entry e;
        if (failed(parse_key(line, &e)))
            return fault_at(fault, ERR_INPUT, start, "not a key's line");
        TRY(each(arg, &e));
        keys++;
    }
}

/* What is loaded: the table, and which of its slots the file named. */
struct loading {
    struct key_table *t;
    struct buf ids; /* KEY_ID_CHARS each */
};

static struct err load_one(void *arg, const struct key_entry *e)
{
    struct loading *l = arg;
    TRY(key_table_put(l->t, e));
    return buf_put(&l->ids, span(e->id, KEY_ID_CHARS));
}

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, KEY_ID_CHARS);
}

/* A key in the table that the file does not have was never acknowledged, or the file was put back:
 * either way it must not open anything. */
static struct err revoke_unknown(struct loading *l)
{
    size_t n = l->ids.n / KEY_ID_CHARS, different = n > 0;
    if (n)
        qsort(l->ids.p, n, KEY_ID_CHARS, by_id);
    for (size_t i = 1; i < n; i++)
        different += by_id(l->ids.p + (i - 1) * KEY_ID_CHARS, l->ids.p + i * KEY_ID_CHARS) != 0;
    if (l->t->used == different)
        return OK; /* the table holds these and no other; most of its memory stays unread */
    for (uint32_t i = 0; i < l->t->count; i++) {
        struct key_entry e;
        if (key_table_at(l->t, i, &e) && e.state == KEY_ACTIVE &&
            !(n && bsearch(e.id, l->ids.p, n, KEY_ID_CHARS, by_id)))
            TRY(key_table_revoke(l->t, span_str(e.id)));
    }
    return OK;
}

static struct err read_private(const char *path, struct buf *text)
{
    int fd;
    struct err e = disk_open(path, DISK_READ, &fd);
    if (err_cat(e) == ERR_IO && err_detail(e) == ENOENT)
        return buf_puts(text, HEAD FORMAT "\nend 0\n");
    TRY(e);
    e = disk_check_private(fd);
    if (!failed(e))
        e = file_read_fd(fd, text);
    disk_close(&fd);
    return e;
}

struct err key_file_load(const char *path, struct key_table *t, struct fault *fault)
{
    BUF_AUTO text = buf_init(KEY_FILE_MAX);
    struct loading l = {t, buf_init(KEY_TABLE_SLOTS * KEY_ID_CHARS)};
    *fault = (struct fault){0, "cannot be read, or others may read it"};
    TRY(read_private(path, &text));
    struct err e = key_file_parse(buf_span(&text), fault, load_one, &l);
    if (!failed(e))
        e = revoke_unknown(&l);
    buf_free(&l.ids);
    return e;
}

static int by_age(const void *a, const void *b)
{
    const struct key_entry *x = a, *y = b;
    if (x->created_s != y->created_s)
        return x->created_s < y->created_s ? -1 : 1;
    return strcmp(x->id, y->id);
}

static struct err put_line(struct buf *out, const struct key_entry *e)
{
    char scopes[KEY_SCOPES_TEXT_MAX], hex[2 * KEY_HASH_BYTES];
    struct wr w = wr_of(hex, sizeof hex);
    hex_encode(&w, span(e->hash, sizeof e->hash));
    return buf_printf(out, "%s %s %s %llu %llu %s %.*s\n", e->id, e->name,
                      e->state == KEY_ACTIVE ? "active" : "revoked",
                      (unsigned long long)e->created_s, (unsigned long long)e->expires_s,
                      key_scopes_format(e->scopes, scopes), (int)w.n, hex);
}

struct err key_file_save(const char *path, const struct key_table *t)
{
    struct key_entry *all = calloc(t->count, sizeof *all);
    if (!all)
        return err(ERR_NOMEM);
    size_t n = 0;
    for (uint32_t i = 0; i < t->count; i++)
        n += key_table_at(t, i, &all[n]);
    qsort(all, n, sizeof *all, by_age);
    BUF_AUTO text = buf_init(KEY_FILE_MAX);
    struct err e = buf_puts(&text, HEAD FORMAT "\n");
    for (size_t i = 0; i < n && !failed(e); i++)
        e = put_line(&text, &all[i]);
    if (!failed(e))
        e = buf_printf(&text, "end %zu\n", n);
    free(all);
    return failed(e) ? e : file_replace(path, buf_span(&text), 0600);
}
