/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client may send as a key, and any bytes as a table's memory. A key made from the input and
 * put into a table opens until it expires or is revoked; no other secret opens it.
 */
#include "keytable.h"
#include "wr.h"

#include <stdlib.h>
#include <string.h>

/* covers: src/secrets/keys/keytext.c src/secrets/keys/keytable.c */
/* planted: src/secrets/keys/keytable.c | now_s < e.expires_s | now_s <= e.expires_s */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t memory[128 * 1024];

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* An empty table; what it may have in use lies at its front. */
static struct key_table fresh(void)
{
    struct key_table t;
    must(key_table_bytes() <= sizeof memory);
    memset(memory, 0, key_table_bytes());
    must(!failed(key_table_attach(&t, memory, sizeof memory, true)));
    must(!key_table_loaded(&t));
    return t;
}

/* ---- texts ---- */

static void check_texts(struct span in)
{
    char scopes_text[KEY_SCOPES_TEXT_MAX];
    struct span id = SPAN_NONE;
    const char *why = NULL;
    uint32_t scopes, again;
    bool shaped = !failed(key_text_id(in, &id));
    must(shaped || failed(key_text_check(in, &why)));
    must(!shaped || (in.n == KEY_TEXT_CHARS && id.n == KEY_ID_CHARS));
    must(!key_name_valid(in) || (in.n && in.n <= KEY_NAME_MAX && !memchr(in.p, ' ', in.n)));
    if (!failed(key_scopes_read(in, &scopes))) {
        must(!(scopes & ~KEY_SCOPES_ALL));
        key_scopes_format(scopes, scopes_text);
        must(!failed(key_scopes_read(span_str(scopes_text), &again)) && again == scopes);
    }
}

/* One character of a fresh key changed: its check digits no longer fit. */
static void check_digits(size_t at, uint8_t c)
{
    char text[KEY_TEXT_CHARS + 1];
    const char *why;
    key_text_make(text);
    must(!failed(key_text_check(span_str(text), &why)));
    if (c && text[at % KEY_TEXT_CHARS] != (char)c) {
        text[at % KEY_TEXT_CHARS] = (char)c;
        must(failed(key_text_check(span(text, KEY_TEXT_CHARS), &why)));
    }
}

/* ---- a table with one key ---- */

static struct span make_text(struct span in, uint8_t out[KEY_TEXT_CHARS])
{
    static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
    struct wr w = wr_of(out, KEY_TEXT_CHARS);
    wr_str(&w, KEY_TEXT_PREFIX);
    for (size_t i = 0; w.n < KEY_TEXT_CHARS; i++)
        wr_u8(&w, i == KEY_ID_CHARS ? '-' : (uint8_t)letters[in.p[i % in.n] % 32]);
    return wr_span(&w);
}

/* Byte 0: when it expires; 1: when it is asked for; the rest: its text. */
static void check_life(struct span in)
{
    uint8_t bytes[KEY_TEXT_CHARS];
    struct key_table t = fresh(), reader;
    struct key_entry e = {.state = KEY_ACTIVE, .scopes = KEY_SCOPES_DEFAULT}, got;
    struct span text = make_text(span_from(in, 2), bytes), id;
    e.expires_s = in.p[0];
    must(!failed(key_text_id(text, &id)));
    memcpy(e.id, id.p, id.n);
    memcpy(e.name, "a-name", 7);
    key_text_hash(text, e.hash);
    must(!failed(key_table_put(&t, &e)));
    key_table_set_loaded(&t);
    must(!failed(key_table_attach(&reader, memory, sizeof memory, false)));
    must(key_table_loaded(&reader) && err_cat(key_table_put(&reader, &e)) == ERR_DENIED);
    bool alive = e.expires_s == 0 || in.p[1] < e.expires_s;
    must(failed(key_table_find(&reader, text, in.p[1], &got)) == !alive);
    must(memcmp(got.id, e.id, sizeof e.id) == 0 && got.state == KEY_ACTIVE);
    bytes[KEY_TEXT_CHARS - 1] = bytes[KEY_TEXT_CHARS - 1] == 'z' ? '0' : 'z';
    must(failed(key_table_find(&reader, text, 0, &got)) && got.state == KEY_EMPTY);
    must(err_cat(key_table_revoke(&reader, id)) == ERR_DENIED);
    must(!failed(key_table_revoke(&t, id)) && failed(key_table_revoke(&t, SPAN_LIT("notthere"))));
    text = make_text(span_from(in, 2), bytes);
    must(failed(key_table_find(&reader, text, 0, &got)) && got.state == KEY_REVOKED);
    e.name[0] = '.';
    must(err_cat(key_table_put(&t, &e)) == ERR_INPUT);
}

/* ---- any bytes as memory ---- */

static void check_memory(struct span in)
{
    struct key_table t = fresh();
    struct key_entry e;
    memcpy(t.slots, in.p, in.n < 4000 ? in.n : 4000);
    must(failed(key_table_find(&t, in, 1, &e))); /* no input holds the hash of a key that it is */
    for (uint32_t i = 0; i < 32; i++)
        if (key_table_at(&t, i, &e)) {
            must(strlen(e.id) <= KEY_ID_CHARS && strlen(e.name) <= KEY_NAME_MAX);
            if (key_entry_valid(&e))
                (void)!failed(key_table_put(&t, &e));
        }
    memcpy(memory, in.p, in.n < 64 ? in.n : 64);
    must(in.n < 8 || failed(key_table_attach(&t, memory, sizeof memory, false)) ||
         t.count == KEY_TABLE_SLOTS);
    must(failed(key_table_attach(&t, memory, 64, true)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = span(data, size);
    check_texts(in);
    if (size < 3)
        return 0;
    check_digits(data[0], data[1]);
    check_life(in);
    check_memory(in);
    return 0;
}
