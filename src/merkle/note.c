/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notes: taken apart, verified, written. Everything here comes from outside until a signature by a
 * known key has been checked; nothing is believed when one such signature fails.
 */
#include "note_int.h"

#include "b64.h"
#include "ed25519.h"
#include "num.h"
#include "utf8.h"

enum { ID_BYTES = 4, TIME_BYTES = 8 };

/* "— ", the em dash in UTF-8. */
#define DASH SPAN_LIT("\xe2\x80\x94 ")

static uint64_t big_endian(const uint8_t *p, size_t n)
{
    uint64_t v = 0;
    while (n-- > 0)
        v = v << 8 | *p++;
    return v;
}

/* One signature line at *at, newline included. */
static struct err parse_line(struct span lines, size_t *at, struct note_signature *out,
                             struct fault *f)
{
    size_t end = span_find(lines, *at, '\n');
    struct span line = span_cut(lines, *at, end - *at);
    if (end == lines.n)
        return fault_at(f, ERR_INPUT, end, "the last signature line has no newline");
    if (!span_starts(line, DASH))
        return fault_at(f, ERR_INPUT, *at, "a signature line begins with an em dash and a space");
    size_t space = span_find(line, DASH.n, ' '), wrong = 0;
    out->name = span_cut(line, DASH.n, space - DASH.n);
    if (space == line.n || !note_name_good(out->name))
        return fault_at(f, ERR_INPUT, *at + DASH.n, "no key name");
    uint8_t all[NOTE_BLOB_MAX + ID_BYTES];
    struct wr w = wr_of(all, sizeof all);
    if (failed(b64_decode(&w, span_from(line, space + 1), B64_STD, &wrong)))
        return fault_at(f, ERR_INPUT, *at + space + 1 + wrong, "the signature is not base64");
    if (failed(wr_done(&w)))
        return fault_at(f, ERR_LIMIT, *at + space + 1, "a signature of this length is not read");
    if (w.n <= ID_BYTES)
        return fault_at(f, ERR_INPUT, *at + space + 1, "a key id without a signature");
    out->id = (uint32_t)big_endian(all, ID_BYTES);
    out->n = w.n - ID_BYTES;
    memcpy(out->blob, all + ID_BYTES, out->n);
    *at = end + 1;
    return OK;
}

static struct err check_text(struct span text, struct fault *f)
{
    size_t valid = utf8_valid_prefix(text);
    if (valid != text.n)
        return fault_at(f, ERR_INPUT, valid, "a note is UTF-8");
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < ' ' && text.p[i] != '\n')
            return fault_at(f, ERR_INPUT, i, "a note has no control character but newline");
    return OK;
}

/* Where the last empty line begins: the offset of its newline; s.n when there is none. */
static size_t last_empty_line(struct span s)
{
    for (size_t i = s.n; i-- > 1;)
        if (s.p[i] == '\n' && s.p[i - 1] == '\n')
            return i;
    return s.n;
}

struct err note_parse(struct span bytes, struct note *out, struct fault *f)
{
    if (bytes.n > NOTE_MAX)
        return fault_at(f, ERR_LIMIT, NOTE_MAX, "a note of more than 1 MiB");
    TRY(check_text(bytes, f));
    size_t cut = last_empty_line(bytes);
    if (cut == bytes.n)
        return fault_at(f, ERR_INPUT, bytes.n, "no empty line between text and signatures");
    out->text = span_cut(bytes, 0, cut);
    out->signatures = span_from(bytes, cut + 1);
    if (out->signatures.n == 0)
        return fault_at(f, ERR_INPUT, bytes.n, "no signature");
    struct note_signature one;
    size_t at = 0, count = 0;
    while (at < out->signatures.n) {
        struct err e = parse_line(out->signatures, &at, &one, f);
        if (failed(e)) {
            if (f)
                f->at += cut + 1;
            return e;
        }
        if (++count > NOTE_SIGNATURES)
            return fault_at(f, ERR_LIMIT, cut + 1 + at, "a note of more than 100 signatures");
    }
    return OK;
}

struct err note_next(const struct note *n, size_t *at, struct note_signature *out)
{
    if (*at >= n->signatures.n)
        return err(ERR_CLOSED);
    return parse_line(n->signatures, at, out, NULL);
}

static struct err signed_message(enum note_type type, struct span text, uint64_t time,
                                 struct buf *out)
{
    if (type == NOTE_COSIGNATURE) {
        TRY(buf_puts(out, "cosignature/v1\ntime "));
        TRY(buf_put_u64(out, time));
        TRY(buf_put_u8(out, '\n'));
    }
    return buf_put(out, text);
}

static struct err verify_one(const struct note_key *k, struct span text,
                             const struct note_signature *s, struct note_seen *seen)
{
    size_t head = k->type == NOTE_COSIGNATURE ? TIME_BYTES : 0;
    if (s->n != head + ED25519_SIGNATURE)
        return err(ERR_CORRUPT);
    uint64_t time = big_endian(s->blob, head);
    BUF_AUTO message = buf_init(NOTE_MAX + 64);
    TRY(signed_message(k->type, text, time, &message));
    TRY(ed25519_verify(k->key, buf_span(&message), s->blob + head));
    seen->good = true;
    if (time > seen->time)
        seen->time = time;
    return OK;
}

struct err note_verify(const struct note *n, const struct note_key *keys, size_t count,
                       struct note_seen *seen, struct fault *f)
{
    struct note_signature one;
    bool any = false;
    for (size_t i = 0; i < count; i++)
        seen[i] = (struct note_seen){false, 0};
    for (size_t at = 0, start = 0; !failed(note_next(n, &at, &one)); start = at) {
        for (size_t i = 0; i < count; i++) {
            if (keys[i].id != one.id || !span_is(one.name, keys[i].name))
                continue;
            struct err e = verify_one(&keys[i], n->text, &one, &seen[i]);
            if (err_cat(e) == ERR_CORRUPT)
                return fault_at(f, ERR_CORRUPT, n->text.n + 1 + start,
                                "a signature by a known key is not valid");
            TRY(e);
            any = true;
        }
    }
    if (!any)
        return fault_at(f, ERR_DENIED, n->text.n + 1, "no signature by a known key");
    return OK;
}

static struct err put_line(const struct note_key *k, struct span blob, struct buf *out)
{
    uint8_t raw[ID_BYTES + TIME_BYTES + ED25519_SIGNATURE];
    char text[sizeof raw * 4 / 3 + 4];
    struct wr bytes = wr_of(raw, sizeof raw), w = wr_of(text, sizeof text);
    wr_be(&bytes, ID_BYTES, k->id);
    wr_put(&bytes, blob);
    TRY(wr_done(&bytes));
    b64_encode(&w, wr_span(&bytes), B64_STD);
    TRY(wr_done(&w));
    TRY(buf_put(out, DASH));
    TRY(buf_puts(out, k->name));
    TRY(buf_put_u8(out, ' '));
    TRY(buf_put(out, wr_span(&w)));
    return buf_put_u8(out, '\n');
}

struct err note_write(struct span text, const struct note_signer *signers, size_t n,
                      struct buf *out)
{
    uint8_t signature[ED25519_SIGNATURE];
    if (text.n == 0 || text.p[text.n - 1] != '\n')
        return err(ERR_INPUT);
    TRY(check_text(text, NULL));
    TRY(buf_put(out, text));
    TRY(buf_put_u8(out, '\n'));
    for (size_t i = 0; i < n; i++) {
        if (signers[i].public.type != NOTE_ED25519)
            return err(ERR_BUG);
        TRY(ed25519_sign(signers[i].seed, text, signature));
        TRY(put_line(&signers[i].public, span(signature, sizeof signature), out));
    }
    return OK;
}

struct err note_cosign(const struct note *note, const struct note_signer *signer, uint64_t time,
                       struct buf *out)
{
    uint8_t blob[TIME_BYTES + ED25519_SIGNATURE];
    struct wr w = wr_of(blob, TIME_BYTES);
    if (signer->public.type != NOTE_COSIGNATURE)
        return err(ERR_BUG);
    wr_be(&w, TIME_BYTES, time);
    BUF_AUTO message = buf_init(NOTE_MAX + 64);
    TRY(signed_message(NOTE_COSIGNATURE, note->text, time, &message));
    TRY(ed25519_sign(signer->seed, buf_span(&message), blob + TIME_BYTES));
    return put_line(&signer->public, span(blob, sizeof blob), out);
}
