/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The baseline file: what was found before and accepted. A text file to be committed beside the
 * code:
 *
 *     sanctum-baseline 1 KEY
 *     FINGERPRINT RULE PATH
 *
 * Lines beginning with # and empty ones are left out. A path with a line break in it is not
 * written.
 */
#include "scanjob_int.h"

#include "b64.h"
#include "file.h"
#include "hash.h"
#include "random.h"

#include <stdlib.h>

#define HEAD "sanctum-baseline 1 "
enum { FILE_MAX = 64 << 20 };

static int by_text(const void *a, const void *b)
{
    return memcmp(a, b, FINGERPRINT_CHARS);
}

static bool is_hex(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
            return false;
    return s.n > 0;
}

/* The first line names the format and the key. */
static struct err read_head(struct baseline *b, struct span line)
{
    struct span hex = span_from(line, sizeof HEAD - 1);
    struct wr w = wr_of(b->key, sizeof b->key);
    if (!span_starts(line, SPAN_LIT(HEAD)) || hex.n != 2 * BASELINE_KEY_BYTES || !is_hex(hex))
        return err(ERR_INPUT);
    return hex_decode(&w, hex);
}

static struct err read_line(struct baseline *b, struct span line)
{
    if (!line.n || line.p[0] == '#')
        return OK;
    struct span mark = span_cut(line, 0, FINGERPRINT_CHARS);
    if (mark.n < FINGERPRINT_CHARS || !is_hex(mark) ||
        (line.n > FINGERPRINT_CHARS && line.p[FINGERPRINT_CHARS] != ' '))
        return err(ERR_INPUT);
    memcpy(b->known[b->n], mark.p, FINGERPRINT_CHARS);
    b->known[b->n++][FINGERPRINT_CHARS] = 0;
    return OK;
}

struct err baseline_load(struct baseline *b, const char *path, size_t *bad_line)
{
    BUF_AUTO file = buf_init(FILE_MAX);
    TRY(file_read(path, &file));
    struct span all = buf_span(&file);
    b->known = calloc(all.n / FINGERPRINT_CHARS + 1, sizeof *b->known);
    if (!b->known)
        return err(ERR_NOMEM);
    *bad_line = 0;
    for (size_t at = 0; at < all.n || *bad_line == 0;) {
        size_t end = span_find(all, at, '\n');
        struct span line = span_trim(span_cut(all, at, end - at));
        TRY((*bad_line)++ == 0 ? read_head(b, line) : read_line(b, line));
        at = end + 1;
    }
    qsort(b->known, b->n, sizeof *b->known, by_text);
    return OK;
}

bool baseline_knows(const struct baseline *b, const char *fingerprint)
{
    return b->n && bsearch(fingerprint, b->known, b->n, sizeof *b->known, by_text) != NULL;
}

struct err baseline_note(struct baseline *b, const struct told *t)
{
    if (strchr(t->source->path, '\n'))
        return OK;
    return buf_printf(&b->written, "%s %s %s\n", t->fingerprint, t->rule, t->source->path);
}

struct err baseline_write(struct baseline *b, const char *path)
{
    char hex[2 * BASELINE_KEY_BYTES + 1] = {0};
    struct wr w = wr_of(hex, sizeof hex - 1);
    hex_encode(&w, span(b->key, sizeof b->key));
    BUF_AUTO all = buf_init(FILE_MAX);
    TRY(buf_printf(&all, HEAD "%s\n", hex));
    TRY(buf_put(&all, buf_span(&b->written)));
    return file_put(path, buf_span(&all), 0644);
}

void baseline_free(struct baseline *b)
{
    free(b->known);
    buf_free(&b->written);
}

void baseline_fingerprint(const struct baseline *b, const char *rule, const char *path,
                          struct span before, struct span value, char out[FINGERPRINT_CHARS + 1])
{
    const struct span place[] = {span(rule, strlen(rule) + 1), span(path, strlen(path) + 1),
                                 before};
    const struct span secret[] = {span(b->key, sizeof b->key), value};
    uint8_t hash[HASH_BYTES];
    struct wr w = wr_of(out, FINGERPRINT_CHARS);
    hash_sha256_parts(place, 3, hash);
    hex_encode(&w, span(hash, PLACE_CHARS / 2));
    hash_sha256_parts(secret, 2, hash);
    hex_encode(&w, span(hash, (FINGERPRINT_CHARS - PLACE_CHARS) / 2));
    out[FINGERPRINT_CHARS] = 0;
}
