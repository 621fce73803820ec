/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole age files from outside: header, armor, stanzas and payload, opened with fixed keys of three
 * kinds. A file says the same read at once, in pieces and from any place; what is sealed opens.
 */
#include "age_int.h"

#include <stdlib.h>

/* covers: src/age/header.c src/age/armor.c src/age/payload.c src/age/input.c src/age/about.c */
/* covers: src/age/range.c src/age/wrap.c src/age/hybrid.c */
/* planted: src/age/about.c | out->plain = sealed - out->overhead; | out->plain = sealed; */

enum { PLAIN_MAX = 1 << 20, SEALED_MAX = 4 << 20, LONG = AGE_CHUNK + 100 };

static struct age_keys ids, phrase, all[3]; /* all: recipients of each kind */

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void prepare(void)
{
    static const char *const identity[] = {
        "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0",
        "AGE-SECRET-KEY-PQ-1HZLGZUPT4ETPKDEV8HSGFDCYZ4E522W0A7PU2LHT8EH9W6YLNC3SW78XKG"};
    struct fault f;
    for (size_t i = 0; i < 2; i++) {
        struct age_keys one = {0};
        must(!failed(age_identity_parse(span_str(identity[i]), &ids, &f)));
        must(!failed(age_identity_parse(span_str(identity[i]), &one, &f)));
        must(!failed(age_recipients_of(&one, &all[i])));
        age_keys_free(&one);
    }
    must(!failed(age_passphrase(SPAN_LIT("password"), 1, &all[2])));
    must(!failed(age_passphrase(SPAN_LIT("password"), 1, &phrase)));
}

/* Bytes that come `step` at a time. */
struct drip {
    struct age_source source;
    struct span left;
    size_t step;
};

static struct err drip_read(struct age_source *s, uint8_t *p, size_t cap, size_t *n)
{
    struct drip *d = (struct drip *)s;
    struct span some = span_cut(d->left, 0, d->step < cap ? d->step : cap);
    if (some.n)
        memcpy(p, some.p, some.n);
    d->left = span_from(d->left, some.n);
    *n = some.n;
    return OK;
}

/* Two digits of work, up to 22, would cost seconds; more are refused at once. */
static bool costs_little(const struct age_stanza *s)
{
    return s->args != 2 || s->arg[1].n != 2;
}

static struct err open_by(struct age_source *in, struct buf *out)
{
    struct age_file f;
    struct err e = age_begin(&f, in);
    if (!failed(e) && f.passphrase && !costs_little(f.header->first))
        e = err(ERR_DENIED);
    else if (!failed(e))
        e = age_unlock(&f, f.passphrase ? &phrase : &ids);
    struct age_buf_sink to = age_sink_to(out);
    if (!failed(e))
        e = age_copy(&f, &to.sink);
    must(!failed(e) || (err_cat(e) != ERR_INPUT && err_cat(e) != ERR_CORRUPT) ||
         (age_failure_text(e) && f.fault.why));
    age_end(&f);
    return e;
}

struct place {
    struct age_place place;
    struct span bytes;
};

static struct err place_read(struct age_place *p, uint64_t at, uint8_t *out, size_t n)
{
    struct span bytes = ((struct place *)p)->bytes;
    if (at > bytes.n || n > bytes.n - at)
        return err(ERR_CLOSED);
    if (n)
        memcpy(out, bytes.p + at, n);
    return OK;
}

/* A binary file that opens reads the same from its places; the other way round only the last chunk
 * was looked at. */
static void by_place(struct span file, bool opened, struct span plain, size_t at)
{
    static uint8_t some[LONG];
    struct place p = {{place_read, file.n}, file};
    struct age_range *r;
    uint64_t size;
    struct fault f;
    if (failed(age_range_open(&p.place, &ids, &r, &size, &f))) {
        must(!opened || span_search(span_cut(file, 0, 1024), 0, SPAN_LIT("-----")) != file.n);
        return;
    }
    must(!opened || size == plain.n);
    at = at < size ? at : (size_t)size;
    size_t n = size - at < sizeof some ? (size_t)(size - at) : sizeof some;
    struct err e = age_range_read(r, at, some, n);
    must(!opened || (!failed(e) && span_eq(span(some, n), span_cut(plain, at, n))));
    must(failed(age_range_read(r, size, some, 1)));
    age_range_close(r);
}

static void check_file(struct span file, size_t step)
{
    BUF_AUTO whole = buf_init(PLAIN_MAX), parts = buf_init(PLAIN_MAX);
    struct age_span_source at_once = age_source_of(file);
    struct drip d = {{drip_read}, file, step};
    struct err a = open_by(&at_once.source, &whole), b = open_by(&d.source, &parts);
    must(a.v == b.v && span_eq(buf_span(&whole), buf_span(&parts)));
    if (!span_starts(file, SPAN_LIT("age-encryption.org/v1\n-> scrypt")))
        by_place(file, !failed(a), buf_span(&whole), step);
}

/* What is sealed here opens again, armored or not; of several chunks when `big`. */
static void round_trip(const struct age_keys *to, struct span plain, bool armor, bool big)
{
    static uint8_t filled[LONG];
    BUF_AUTO sealed = buf_init(SEALED_MAX), again = buf_init(PLAIN_MAX);
    for (size_t i = 0; big && i < sizeof filled; i++)
        filled[i] = plain.p[i % plain.n];
    if (big)
        plain = span(filled, AGE_CHUNK - 2 + plain.n % 8);
    must(!failed(age_seal(to, armor, plain, &sealed)));
    struct age_span_source in = age_source_of(buf_span(&sealed));
    must(!failed(open_by(&in.source, &again)) && span_eq(buf_span(&again), plain));
    if (big && !armor && to != &all[2])
        by_place(buf_span(&sealed), true, plain, AGE_CHUNK - 10);
}

static void describe(struct span file)
{
    struct age_span_source in = age_source_of(file);
    struct age_about about;
    BUF_AUTO types = buf_init(AGE_HEADER_MAX);
    struct fault f;
    if (!failed(age_describe(&in.source, &about, &types, &f)))
        must(about.header + about.armor + about.overhead + about.plain == file.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span file = span(data, size);
    if (ids.n == 0)
        prepare();
    check_file(file, 1 + size % 97);
    if (size)
        round_trip(&all[data[0] % 3], file, size & 1, data[0] >= 0xfe);
    describe(file);
    return 0;
}
