/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key file: whatever it holds, only valid entries come out, each with the hash that its line
 * ends in. What is taken into a table and written is taken again as the same keys.
 */
#include "b64.h"
#include "keyfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* covers: src/secrets/keys/keyfile.c */
/* planted: src/secrets/keys/keyfile.c | f[6].n != 2 * KEY_HASH_BYTES | f[6].n > 2 *
 * KEY_HASH_BYTES */

enum { HEX = 2 * KEY_HASH_BYTES };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

struct reading {
    struct span text;
    size_t at; /* of the next key's line */
    size_t n;
};

static struct err each(void *arg, const struct key_entry *e)
{
    struct reading *r = arg;
    uint8_t hash[KEY_HASH_BYTES];
    struct wr w = wr_of(hash, sizeof hash);
    size_t end = span_find(r->text, r->at, '\n');
    struct span line = span_cut(r->text, r->at, end - r->at);
    must(key_entry_valid(e));
    must(line.n > HEX + 1 && line.p[line.n - HEX - 1] == ' ');
    must(!failed(hex_decode(&w, span_from(line, line.n - HEX))));
    must(memcmp(hash, e->hash, sizeof hash) == 0);
    must(span_starts(line, span_str(e->id)));
    r->at = end + 1;
    r->n++;
    return OK;
}

static void put_file(const char *path, struct span bytes)
{
    FILE *f = fopen(path, "wb");
    must(f && fwrite(bytes.p, 1, bytes.n, f) == bytes.n && fclose(f) == 0);
}

static struct key_table table(uint64_t *memory, size_t n)
{
    struct key_table t;
    must(key_table_bytes() <= n);
    memset(memory, 0, key_table_bytes());
    must(!failed(key_table_attach(&t, memory, n, true)));
    return t;
}

static bool same_keys(const struct key_table *a, const struct key_table *b)
{
    struct key_entry x, y;
    for (uint32_t i = 0; i < a->count; i++) {
        bool here = key_table_at(a, i, &x);
        if (here != key_table_at(b, i, &y))
            return false;
        if (here &&
            (memcmp(x.hash, y.hash, sizeof x.hash) != 0 || x.state != y.state ||
             x.scopes != y.scopes || x.created_s != y.created_s || x.expires_s != y.expires_s ||
             strcmp(x.id, y.id) != 0 || strcmp(x.name, y.name) != 0))
            return false;
    }
    return true;
}

static void check_file(struct span in, bool good)
{
    static uint64_t memory[2][128 * 1024];
    char folder[64], path[80];
    const char *temp = getenv("TMPDIR");
    struct fault f;
    struct key_table one = table(memory[0], sizeof memory[0]);
    struct key_table two = table(memory[1], sizeof memory[1]);
    snprintf(folder, sizeof folder, "%.40s/keys-XXXXXX", temp ? temp : "/tmp");
    must(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/list", folder);
    must(!failed(key_file_load(path, &one, &f))); /* none is an empty one */
    put_file(path, in);
    must(chmod(path, 0644) == 0 && failed(key_file_load(path, &one, &f)));
    must(chmod(path, 0600) == 0 && failed(key_file_load(path, &one, &f)) == !good);
    if (good) {
        /* Of two lines for one key the later holds; a table so filled is written whole. */
        must(!failed(key_file_save(path, &one)) && !failed(key_file_load(path, &two, &f)));
        must(same_keys(&one, &two));
        put_file(path, SPAN_LIT("sanctum keys 1\nend 0\n"));
        must(!failed(key_file_load(path, &two, &f))); /* what the file lost opens nothing */
        struct key_entry e;
        for (uint32_t i = 0; i < two.count; i++)
            must(!key_table_at(&two, i, &e) || e.state == KEY_REVOKED);
    }
    must(unlink(path) == 0 && rmdir(folder) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fault f = {0};
    struct span in = span(data, size);
    struct reading r = {.text = in, .at = span_find(in, 0, '\n') + 1};
    struct err e = key_file_parse(in, &f, each, &r);
    must(!failed(e) || (f.why && f.at <= size));
    check_file(in, !failed(e));
    return 0;
}
