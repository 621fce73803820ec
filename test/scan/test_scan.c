/* SPDX-License-Identifier: Apache-2.0 */
/* The scanner: values of every recogniser with negative controls, vector bodies against plain C,
 * pieces against the whole, overlaps, lists, bad input, growth. */

#include "growth.h"

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "coin.h"
#include "fold_int.h"
#include "scan_int.h"

/* A text, and what it holds: the only finding after resolving; NULL entity text = nothing. */
struct sample {
    const char *text;
    enum entity entity;
    const char *value;
};

static const struct sample samples[] = {
#include "samples.def"
};
enum { SAMPLES = sizeof samples / sizeof *samples };

static struct scanner *fast, *plain;
static bool twins; /* the second round: plain C everywhere */

static int setup(void **state)
{
    (void)state;
    struct scan_config cfg = scan_config_default();
    cfg.plain_c = twins;
    assert_ok(scanner_new(&cfg, &fast));
    cfg.plain_c = true;
    assert_ok(scanner_new(&cfg, &plain));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scanner_free(fast);
    scanner_free(plain);
    return 0;
}

static struct findings scan(const struct scanner *s, struct span text)
{
    struct findings f = {.max = 1 << 20};
    assert_ok(scan_text(s, text, &f));
    return f;
}

static bool has(const struct findings *f, enum entity e, size_t start, size_t n)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->v[i].entity == e && f->v[i].start == start && f->v[i].end == start + n)
            return true;
    return false;
}

static void every_sample_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct sample *s = &samples[i];
        struct span text = span_str(s->text);
        struct findings f = scan(fast, text);
        scan_resolve(text, &f);
        if (!s->value) {
            if (f.n)
                fail_msg("\"%s\" holds %s", s->text, entity_name(f.v[0].entity));
        } else {
            size_t at = span_search(text, 0, span_str(s->value));
            if (!has(&f, s->entity, at, strlen(s->value)))
                fail_msg("\"%s\": %s not found (%s)", s->text, entity_name(s->entity),
                         f.n ? entity_name(f.v[0].entity) : "nothing");
        }
        findings_free(&f);
    }
}

static int by_all(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return x->entity != y->entity ? (int)x->entity - (int)y->entity : (int)x->rule - (int)y->rule;
}

static void assert_same(struct findings *a, struct findings *b)
{
    assert_int_equal(a->n, b->n);
    if (!a->n)
        return;
    qsort(a->v, a->n, sizeof *a->v, by_all);
    qsort(b->v, b->n, sizeof *b->v, by_all);
    for (size_t i = 0; i < a->n; i++) {
        assert_int_equal(by_all(&a->v[i], &b->v[i]), 0);
        assert_true(a->v[i].score == b->v[i].score);
    }
}

/* Each sample behind 0 to 159 filler bytes: the vector bodies find what plain C finds, and the
 * value is found at every place. */
static void vectors_equal_plain_c_at_every_offset(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        for (size_t offset = 0; offset < 160; offset++) {
            char text[512];
            memset(text, '.', offset);
            if (offset)
                text[offset - 1] = '\n';
            size_t n = strlen(samples[i].text);
            memcpy(text + offset, samples[i].text, n + 1);
            struct findings a = scan(fast, span(text, offset + n));
            struct findings b = scan(plain, span(text, offset + n));
            if (samples[i].value && !a.n)
                fail_msg("nothing in \"%s\" at %zu", samples[i].text, offset);
            assert_same(&a, &b);
            findings_free(&a);
            findings_free(&b);
        }
    }
}

static uint64_t seed = 88172645463325252U;
static uint64_t next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static void anchors_equal_on_random_bytes(void **state)
{
    (void)state;
    static const char *const names[] = {"ssse3", "avx2", "avx512"};
    struct anchor_keys keys;
    anchor_keys_make(&keys);
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        anchors_fn *f = anchors_named(names[k]);
        for (size_t round = 0; f && round < 10000; round++) {
            enum { BLOCKS = 3 };
            uint8_t b[BLOCKS * 64 + 16];
            struct anchors x[BLOCKS], y[BLOCKS];
            for (size_t i = 0; i < sizeof b; i++)
                b[i] = (uint8_t)(next() >> (round & 1 ? 0 : 1));
            const uint8_t *key = secret_word_keys[round % SECRET_WORD_KEYS].key;
            size_t key_at = next() % (BLOCKS * 64);
            memcpy(b + key_at, key, key[3] ? 4 : 3);
            anchors_plain(&keys, b, BLOCKS, x);
            f(&keys, b, BLOCKS, y);
            assert_true(x[key_at / 64].key >> key_at % 64 & 1);
            for (size_t i = 0; i < BLOCKS;
                 i++) { /* a look by parts of a byte may claim more keys */
                assert_int_equal(x[i].key & ~y[i].key, 0);
                y[i].key = x[i].key;
            }
            assert_memory_equal(x, y, sizeof x);
        }
    }
    assert_null(anchors_named("mmx"));
}

/* So that one look says no to what begins like a key: where a new key breaks this, key_slot needs
 * another factor. */
static void keys_lie_apart(void **state)
{
    (void)state;
    const uint32_t three = 0xFFFFFF;
    struct anchor_keys keys;
    anchor_keys_make(&keys);
    for (size_t s = 0; s < sizeof keys.slot; s++) {
        size_t i = keys.slot[s], j = keys.slot[(s + 1) % sizeof keys.slot];
        if (i && j)
            assert_int_equal(keys.key[i] & three, keys.key[j] & three);
    }
    assert_false(anchor_key_may(&keys, (const uint8_t *)"mother"));
    assert_true(anchor_key_may(&keys, (const uint8_t *)"mot de passe"));
}

/* No colon that any recogniser looks at is sifted away, and those of JSON are. */
static void colons_are_sifted(void **state)
{
    (void)state;
    struct anchor_keys keys;
    struct anchors a;
    uint8_t text[80];
    anchor_keys_make(&keys);
    for (unsigned before = 1; before < 256; before++)
        for (unsigned behind = 1; behind < 256; behind++)
            for (unsigned cookie = 0; cookie < 2; cookie++) {
                uint8_t c = (uint8_t)before, d = (uint8_t)behind;
                const uint8_t beside[] = {cookie ? 'i' : 'x', 'e', c, ':', d};
                memset(text, ' ', sizeof text);
                memcpy(text + 29, beside, sizeof beside);
                bool wanted = d == '/' || d == ':' || d == '*' || is(d, C_DIGIT) || is(c, C_HEX) ||
                              (c | 0x20) == 'w' || secret_label(c, span(text, sizeof text), 32);
                anchors_plain(&keys, text, 1, &a);
                if (wanted)
                    assert_true(a.colon >> 32 & 1);
            }
    memset(text, ' ', sizeof text);
    memcpy(text + 8, "\"count\": 1", 11);
    anchors_plain(&keys, text, 1, &a);
    assert_int_equal(a.colon, 0);
}

/* A long text of all samples between filler, longer than any look-ahead. */
static char *long_text(size_t *n, size_t least)
{
    char *text = malloc(least + 1024);
    assert_non_null(text);
    for (*n = 0; *n < least;) {
        const char *s = samples[next() % SAMPLES].text;
        memcpy(text + *n, s, strlen(s));
        *n += strlen(s);
        static const char *const gaps[] = {"\n\n", ". And then more words follow here.\n\n",
                                           "\n- \xE2\x80\x93 caf\xC3\xA9 \xC2\xA0 \n\n",
                                           "\x1b[m\n\x1b[38;5;208m", "\x1b[1\n\n"};
        const char *g = gaps[next() % (sizeof gaps / sizeof *gaps)];
        memcpy(text + *n, g, strlen(g));
        *n += strlen(g);
    }
    return text;
}

static struct findings in_pieces(struct span text, size_t cut, size_t piece)
{
    struct findings f = {.max = 1 << 20};
    struct scan_stream *st;
    assert_ok(scan_stream_new(fast, &st));
    if (cut) {
        assert_ok(scan_stream_feed(st, span_cut(text, 0, cut), false, &f));
        assert_ok(scan_stream_feed(st, span_from(text, cut), true, &f));
    } else {
        for (size_t at = 0; at < text.n; at += piece) {
            size_t settled = scan_stream_settled(st), had = f.n;
            assert_ok(scan_stream_feed(st, span_cut(text, at, piece), at + piece >= text.n, &f));
            for (size_t i = had; i < f.n; i++)
                assert_true(f.v[i].start >= settled);
        }
    }
    assert_int_equal(scan_stream_settled(st), text.n);
    assert_int_equal(err_cat(scan_stream_feed(st, text, true, &f)), ERR_CLOSED);
    scan_stream_free(st);
    return f;
}

/* What is found in the text folded at once, at its places in the text as it is. */
static struct findings as_a_whole(struct span text)
{
    BUF_AUTO bytes = buf_init(text.n);
    struct fold_steps steps = {0};
    assert_ok(fold_append(text, 0, &bytes, &steps));
    struct findings f = scan(fast, buf_span(&bytes));
    fold_map_back(&steps, 0, &f, 0);
    fold_steps_free(&steps);
    return f;
}

static void pieces_equal_the_whole(void **state)
{
    (void)state;
    size_t n;
    char *text = long_text(&n, 250000);
    struct span all = span(text, n);
    struct findings whole = as_a_whole(all), folded = scan(fast, all);
    assert_true(whole.n > 300);
    assert_same(&whole, &folded);
    findings_free(&folded);
    static const size_t sizes[] = {1, 2, 3, 7, 63, 64, 65, 1000, 4096, 16384, 40000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct findings f = in_pieces(all, 0, sizes[i]);
        assert_same(&whole, &f);
        findings_free(&f);
    }
    findings_free(&whole);
    free(text);
}

/* A map of secrets whose head is deep in its line: found at most 64 bytes deep, and in pieces as in
 * the whole. */
static void deep_heads_are_none(char *text, size_t fill, size_t end)
{
    static const size_t deep[] = {0, 64, 65, 1100, 2000, 3900};
    for (size_t i = 0; i < sizeof deep / sizeof *deep; i++) {
        size_t n = fill;
        memset(text, '.', n);
        n += (size_t)sprintf(text + n, "\n%*s:\n%*sa: Xk29dkLq3mm\n", (int)deep[i] + 7, "secrets",
                             (int)deep[i] + 4, "");
        memset(text + n, '.', end);
        struct findings whole = as_a_whole(span(text, n + end));
        struct findings pieces = in_pieces(span(text, n + end), 0, 100);
        assert_int_equal(whole.n, deep[i] <= 64);
        assert_same(&whole, &pieces);
        findings_free(&whole);
        findings_free(&pieces);
    }
}

/* A long map of secrets is read as far in pieces as in the whole, wherever a piece ends in it. */
static void long_maps_are_read_so_far(void **state)
{
    (void)state;
    enum { LINES = 63, LINE = 1620, STEP = 12000, LAST = 132000 };
    size_t room = LAST + LINES * LINE + 200000;
    char *text = malloc(room);
    assert_non_null(text);
    for (size_t at = 0; at <= LAST; at += STEP) {
        size_t n = (size_t)sprintf(text, "\xC2\xA0\n");
        for (; n < at; n++)
            text[n] = n % 14 ? 'w' : '\n';
        n += (size_t)sprintf(text + n, "\nsecrets:\n");
        for (unsigned i = 0; i < LINES; i++)
            n += (size_t)sprintf(text + n, "  a%u: Xk29dkLq%02umm %01600d\n", i, i, 0);
        for (; n < room; n++)
            text[n] = n % 14 ? 'w' : '\n';
        struct findings whole = as_a_whole(span(text, n)), pieces = scan(fast, span(text, n));
        assert_true(whole.n >= 5);
        assert_same(&whole, &pieces);
        findings_free(&whole);
        findings_free(&pieces);
    }
    free(text);
}

/* Nor do they look back farther than a stream keeps, however long the line: "echo VALUE > file". */
static void no_reader_looks_too_far_back(void **state)
{
    (void)state;
    enum { FILL = 8192, VALUE = 4000, END = 40000 };
    char *text = malloc(FILL + 2 * VALUE + END + 64);
    assert_non_null(text);
    for (size_t value = 40; value <= VALUE; value += 440) {
        size_t n = FILL;
        memset(text, '.', n);
        n += (size_t)sprintf(text + n, "\necho '");
        for (size_t i = 0; i < value; i++)
            text[n++] = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ2345678"[next() % 56];
        n += (size_t)sprintf(text + n, "' > ~/.api_token\n");
        memset(text + n, '.', END);
        struct findings whole = as_a_whole(span(text, n + END));
        struct findings pieces = in_pieces(span(text, n + END), 0, 100);
        assert_true(whole.n || value > 900);
        assert_same(&whole, &pieces);
        findings_free(&whole);
        findings_free(&pieces);
    }
    deep_heads_are_none(text, FILL, END);
    free(text);
}

/* Readers look ahead so far and no farther, whatever stands there: a value behind more is nobody's
 * in pieces and as a whole. */
static void no_reader_looks_too_far(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
        char filler;
    } of[] = {{"what is the password?\n", "Tr0ub4dor&3x9Q\n", ' '},
              {"what is the password?\n", "Tr0ub4dor&3x9Q\n", '>'},
              {"what is the password?", "\nTr0ub4dor&3x9Q\n", '?'},
              {"chpasswd:\n", "root:Tr0ub4dor&3x9Q\n", ' '},
              {"chpasswd:\n", "root:Tr0ub4dor&3x9Q\n", '-'},
              {"chpasswd", ":\nroot:Tr0ub4dor&3x9Q\n", ' '}};
    enum { FILL = 141466 }; /* past the first piece of a text at hand */
    char *text = malloc(FILL + 256);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        for (size_t fill = 1; fill <= FILL; fill += FILL - 1) {
            size_t n = (size_t)sprintf(text, "\xC2\xA0%s", of[i].before);
            memset(text + n, of[i].filler, fill);
            n += fill + (size_t)sprintf(text + n + fill, "%s", of[i].after);
            struct findings whole = as_a_whole(span(text, n)), pieces = scan(fast, span(text, n));
            assert_same(&whole, &pieces);
            assert_int_equal(whole.n, fill == 1);
            findings_free(&whole);
            findings_free(&pieces);
        }
    free(text);
}

static void every_split_of_a_text(void **state)
{
    (void)state;
    size_t n;
    char *text = long_text(&n, 3000);
    struct span all = span(text, n);
    struct findings whole = as_a_whole(all);
    for (size_t cut = 1; cut < n; cut++) {
        struct findings f = in_pieces(all, cut, 0);
        assert_same(&whole, &f);
        findings_free(&f);
    }
    findings_free(&whole);
    free(text);
}

static void folded_forms_are_found(void **state)
{
    (void)state;
    /* full-width card, card with no-break hyphens, mail with a zero-width space inside */
    static const char *const texts[] = {
        "card \xEF\xBC\x94\xEF\xBC\x91\xEF\xBC\x91\xEF\xBC\x91 1111 1111 1111 end",
        "card 4111\xE2\x80\x91"
        "1111\xE2\x80\x91"
        "1111\xE2\x80\x91"
        "1111 end",
        "mail anna\xE2\x80\x8B.b@example.org end",
        "card 4111 1111\x1b[0m\x1b[38;2;255;0;10m 1111 1111 end"};
    static const enum entity found[] = {ENTITY_CREDIT_CARD, ENTITY_CREDIT_CARD,
                                        ENTITY_EMAIL_ADDRESS, ENTITY_CREDIT_CARD};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct span t = span_str(texts[i]);
        struct findings f = scan(fast, t);
        assert_true(has(&f, found[i], 5, t.n - 5 - 4));
        findings_free(&f);
    }
}

/* What folds stands at every place of a text, between what does not. */
static void folding_is_the_same_by_vectors(void **state)
{
    (void)state;
    static const char *const what[] = {"\xc2\xa0", "\xe2\x80\x8b", "\xe2\x80\x99\xef\xbc\x94",
                                       "\x1b[0m",  "\xe2\x80",     "\xff\x1b\xd9\xa3"};
    static const char *const around[] = {"abc ", "\xe2\x80\x9cna\xc3\xafve\xe2\x80\x9d "};
    enum { LONG = 400 };
    for (size_t k = 0; k < sizeof what / sizeof *what; k++)
        for (size_t at = 0; at < LONG; at++) {
            uint8_t text[LONG + 16];
            const char *a = around[at & 1];
            size_t n = 0, unit = strlen(a), more = strlen(what[k]), width[2];
            uint8_t to[2];
            for (; n < at; n++)
                text[n] = (uint8_t)a[n % unit];
            memcpy(text + n, what[k], more);
            for (n += more; n < LONG; n++)
                text[n] = (uint8_t)a[n % unit];
            struct span t = span(text, n);
            for (size_t from = 0; from <= n; from++) {
                uint8_t copy[2][LONG + 16];
                size_t next = fold_next(t, from, copy[0], &width[0], &to[0]);
                assert_int_equal(next, fold_next_plain(t, from, copy[1], &width[1], &to[1]));
                assert_int_equal(next, fold_next(t, from, NULL, &width[0], &to[0]));
                assert_memory_equal(copy[0], text + from, next - from);
                assert_memory_equal(copy[1], text + from, next - from);
                if (next < n)
                    assert_true(width[0] == width[1] && to[0] == to[1]);
                from = from < 160 || next < from ? from : next;
            }
        }
}

/* A terminal's sequences hide nothing, wherever they stand; what only looks like one stays. */
static void colours_hide_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum entity entity;
        const char *value;
    } of[] = {
        {"password: \x1b[31mhunter2Blue!x\x1b[0m", ENTITY_SECRET, "hunter2Blue!x"},
        {"\x1b[01;31m\x1b[KAPI_KEY\x1b[m\x1b[K=q8Zr2LmX9vT4bN7wKc3d", ENTITY_SECRET,
         "q8Zr2LmX9vT4bN7wKc3d"},
        {"\x1b[36manna@example.org\x1b(B\x1b[m!", ENTITY_EMAIL_ADDRESS, "anna@example.org"},
        {"\x1b]8;;mailto:anna@example.org\x1b\\Anna\x1b]8;;\x1b\\", ENTITY_EMAIL_ADDRESS,
         "anna@example.org"},
        {"card\x1b[20G4111111111111111\x1b[5C12", ENTITY_CREDIT_CARD, "4111111111111111"},
        {"\x1b[4111111111111111 m", ENTITY_CREDIT_CARD, "4111111111111111"},
    };
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        struct span t = span_str(of[i].text), value = span_str(of[i].value);
        struct findings f = scan(fast, t);
        assert_true(has(&f, of[i].entity, span_search(t, 0, value), value.n));
        findings_free(&f);
    }
}

static void bad_utf8_is_harmless(void **state)
{
    (void)state;
    for (size_t round = 0; round < 3000; round++) {
        uint8_t b[300];
        size_t n = next() % sizeof b;
        for (size_t i = 0; i < n; i++) {
            static const char often[] = "0123456789 -./@:()+ABCabc\xC2\xA0\xE2\x80\x8B\xEF\xBC";
            b[i] = next() % 4 ? (uint8_t)often[next() % (sizeof often - 1)] : (uint8_t)next();
        }
        struct findings f = scan(fast, span(b, n)), g = scan(plain, span(b, n));
        for (size_t i = 0; i < f.n; i++)
            assert_true(f.v[i].start < f.v[i].end && f.v[i].end <= n);
        assert_same(&f, &g);
        scan_resolve(span(b, n), &f);
        findings_free(&f);
        findings_free(&g);
    }
}

/* Disjoint, sorted, nothing uncovered, the same from any order. */
static void resolve_keeps_every_byte(void **state)
{
    (void)state;
    for (size_t round = 0; round < 5000; round++) {
        struct findings f = {.max = 64}, g = {.max = 64};
        uint8_t before[80] = {0}, after[80] = {0};
        size_t n = 1 + next() % 9;
        for (size_t i = 0; i < n; i++) {
            uint32_t a = (uint32_t)(next() % 70);
            struct finding one = {a, a + 1 + (uint32_t)(next() % 9),
                                  (uint16_t)(next() % ENTITY_COUNT), 0,
                                  0.3F + (float)(next() % 60) / 100};
            assert_ok(findings_add(&f, one));
            memset(before + one.start, 1, one.end - one.start);
        }
        for (size_t i = n; i-- > 0;)
            assert_ok(findings_add(&g, f.v[i]));
        scan_resolve(SPAN_NONE, &f);
        scan_resolve(SPAN_NONE, &g);
        assert_int_equal(f.n, g.n);
        for (size_t i = 0; i < f.n; i++) {
            assert_memory_equal(&f.v[i], &g.v[i], sizeof f.v[i]);
            assert_true(f.v[i].start < f.v[i].end);
            if (i)
                assert_true(f.v[i - 1].end <= f.v[i].start);
            memset(after + f.v[i].start, 1, f.v[i].end - f.v[i].start);
        }
        assert_memory_equal(before, after, sizeof before);
        findings_free(&f);
        findings_free(&g);
    }
}

/* Many findings in some lists, one behind the other, and in no order at all. */
static void lists_are_put_in_order(void **state)
{
    (void)state;
    enum { ALL = 500, LISTS = 7 };
    for (uint32_t lists = 1; lists <= LISTS; lists++) {
        struct findings f = {.max = ALL};
        for (uint32_t list = 0; list < lists; list++)
            for (uint32_t at = list; at < ALL; at += lists)
                assert_ok(findings_add(&f, (struct finding){2 * at, 2 * at + 1, 0, 0, 1}));
        for (size_t i = 0; lists == LISTS && i < ALL; i++) {
            size_t k = next() % ALL;
            struct finding one = f.v[i];
            f.v[i] = f.v[k];
            f.v[k] = one;
        }
        scan_resolve(SPAN_NONE, &f);
        assert_int_equal(f.n, ALL);
        for (uint32_t i = 0; i < ALL; i++)
            assert_int_equal(f.v[i].start, 2 * i);
        findings_free(&f);
    }
}

static void lists_and_thresholds(void **state)
{
    (void)state;
    struct scan_config cfg = scan_config_default();
    struct scan_term allow[] = {{SPAN_LIT("Info@Example.org"), ENTITY_COUNT}};
    struct scan_term deny[] = {{SPAN_LIT("project bluebird"), ENTITY_CUSTOM}};
    cfg.allow = allow;
    cfg.allow_n = 1;
    cfg.deny = deny;
    cfg.deny_n = 1;
    cfg.thresholds[ENTITY_IP_ADDRESS] = 0.99F;
    struct scanner *s;
    assert_ok(scanner_new(&cfg, &s));
    struct span t =
        SPAN_LIT("info@example.org bob@example.org Project Bluebird 10.0.0.1 bluebirds");
    struct findings f = scan(s, t);
    assert_int_equal(f.n, 2);
    assert_true(has(&f, ENTITY_EMAIL_ADDRESS, 17, 15));
    assert_true(has(&f, ENTITY_CUSTOM, 33, 16));
    findings_free(&f);
    scanner_free(s);
    cfg.threshold = 1.5F;
    assert_fails(ERR_INPUT, scanner_new(&cfg, &s));
    cfg = scan_config_default();
    deny[0].text.n = 0;
    cfg.deny = deny;
    cfg.deny_n = 1;
    assert_fails(ERR_INPUT, scanner_new(&cfg, &s));
}

static struct scanner *own_scanner(const struct scan_custom *v, size_t n, bool twin)
{
    struct scan_config cfg = scan_config_default();
    struct scanner *s;
    cfg.custom = v;
    cfg.custom_n = n;
    cfg.plain_c = twin;
    assert_ok(scanner_new(&cfg, &s));
    return s;
}

static void the_owners_recognisers_join(void **state)
{
    (void)state;
    const struct span cues[] = {SPAN_LIT("badge number")};
    const struct span words[] = {SPAN_LIT("Falcon"), SPAN_LIT("Falcon Nine"), SPAN_LIT("C++")};
    const struct scan_pattern badge = {SPAN_LIT("(?<!\\w)zx-\\d{3}(?!\\d)"), REGEX_NOCASE, 0.5F};
    const struct scan_pattern sure = {SPAN_LIT("EMP\\d{5}"), 0, 1};
    const struct scan_custom v[] = {
        {.v = &badge, .n = 1, .context = cues, .context_n = 1, .entity = ENTITY_CUSTOM, .rule = 7},
        {.v = &sure, .n = 1, .entity = ENTITY_OWN, .rule = SCAN_RULE_OWN},
        {.words = words, .words_n = 3, .words_score = 1, .entity = ENTITY_OWN + 1, .rule = 9}};
    struct scanner *s = own_scanner(v, 3, false);
    struct findings f = scan(s, SPAN_LIT("see ZX-123 there. My badge number is ZX-456 ok"));
    assert_int_equal(f.n, 1); /* only the one with its context reaches .7 */
    assert_int_equal(f.v[0].start, 37);
    assert_int_equal(f.v[0].rule, 7);
    findings_free(&f);
    f = scan(s, SPAN_LIT("badge number AZX-456, badge number ZX-4567"));
    assert_int_equal(f.n, 0);
    findings_free(&f);
    f = scan(s, SPAN_LIT("EMP00417 on falcon nine, falcons; \xc3\xa9"
                         "falcon knows C++."));
    assert_int_equal(f.n, 3);
    assert_true(has(&f, ENTITY_OWN, 0, 8));
    assert_true(has(&f, ENTITY_OWN + 1, 12, 11));
    assert_true(has(&f, ENTITY_OWN + 1, 49, 3));
    findings_free(&f);
    scanner_free(s);
}

/* Whole, in pieces cut anywhere, and with the plain sweep: the same. */
static void the_owners_recognisers_see_no_cuts(void **state)
{
    (void)state;
    const struct span cues[] = {SPAN_LIT("order")};
    const struct scan_pattern p[] = {{SPAN_LIT("\\bAB\\d{4,}\\b"), 0, 0.4F},
                                     {SPAN_LIT("(?<=#)\\d+(?=;|$)"), 0, 0.9F}};
    const struct scan_custom v[] = {
        {.v = p, .n = 2, .context = cues, .context_n = 1, .entity = ENTITY_OWN, .rule = 1}};
    struct span t = SPAN_LIT("order AB12345 for joe@corp.example #77; AB1 AB9999 \xef\xbc\x91 #8");
    struct scanner *s = own_scanner(v, 1, false), *twin = own_scanner(v, 1, true);
    struct findings whole = scan(s, t), other = scan(twin, t);
    scan_resolve(t, &whole);
    scan_resolve(t, &other);
    assert_int_equal(whole.n, 4);
    assert_int_equal(other.n, whole.n);
    assert_memory_equal(whole.v, other.v, whole.n * sizeof *whole.v);
    findings_free(&other);
    for (size_t cut = 0; cut <= t.n; cut++) {
        struct findings f = {.max = 100};
        struct scan_stream *st;
        assert_ok(scan_stream_new(s, &st));
        assert_ok(scan_stream_feed(st, span_cut(t, 0, cut), false, &f));
        assert_ok(scan_stream_feed(st, span_from(t, cut), true, &f));
        scan_stream_free(st);
        scan_resolve(t, &f);
        assert_int_equal(f.n, whole.n);
        assert_memory_equal(f.v, whole.v, f.n * sizeof *f.v);
        findings_free(&f);
    }
    findings_free(&whole);
    scanner_free(s);
    scanner_free(twin);
}

static void the_owners_recognisers_are_checked(void **state)
{
    (void)state;
    struct fault f = {0};
    const struct scan_pattern good = {SPAN_LIT("a+"), 0, 0.5F}, empty = {SPAN_LIT("a*"), 0, 0.5F},
                              score = {SPAN_LIT("a"), 0, 1.5F}, broken = {SPAN_LIT("a(b"), 0, 0.5F};
    assert_ok(scan_pattern_check(&good, &f));
    assert_true(failed(scan_pattern_check(&empty, &f)));
    assert_true(failed(scan_pattern_check(&score, &f)));
    assert_true(failed(scan_pattern_check(&broken, &f)));
    assert_int_equal(f.at, 1);
    struct scan_custom v = {.v = &broken, .n = 1, .entity = ENTITY_OWN};
    struct scan_config cfg = scan_config_default();
    struct scanner *s;
    cfg.custom = &v;
    cfg.custom_n = 1;
    assert_int_equal(err_cat(scanner_new(&cfg, &s)), ERR_INPUT);
    v.v = &good;
    v.entity = ENTITY_ALL;
    assert_int_equal(err_cat(scanner_new(&cfg, &s)), ERR_INPUT);
    cfg.custom_n = SCAN_CUSTOM_MAX + 1;
    assert_int_equal(err_cat(scanner_new(&cfg, &s)), ERR_LIMIT);
}

static void a_field_name_is_context(void **state)
{
    (void)state;
    struct findings f = {.max = 10};
    assert_ok(scan_text(fast, SPAN_LIT("536221234"), &f));
    assert_int_equal(f.n, 0);
    assert_ok(scan_field(fast, SPAN_LIT("customerSsn"), SPAN_LIT("536221234"), &f));
    assert_true(has(&f, ENTITY_US_SSN, 0, 9));
    findings_free(&f);
}

static void scan_whole(const void *with, struct span text)
{
    struct findings f = {.max = 1 << 22};
    assert_ok(scan_text(with, text, &f));
    scan_resolve(text, &f);
    findings_free(&f);
}

/* Whatever the bytes are. */
static void time_grows_with_the_text(void **state)
{
    (void)state;
    static const char *const units[] = {
        "@",     "a@",     "1",          "1 ",      "1-",          "12.",      ":",
        "a:",    "://",    "www.",       "+1(",     "Aa1",         "x@y.zz",   "1:2::",
        "St 1",  "a1_",    "4111 ",      "=",       "key=",        "\xC2\xA0", "\xE2\x80\x8B",
        "a,1\n", "card1,", "1111 1111 ", "id: 1\n", "is my ssn 1 "};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        growth_assert(units[i], &(struct growth){growth_repeat, units[i], scan_whole, fast},
                      1 << 14);
}

/* Published or independently computed numbers pass; with any single digit changed, a scheme with a
 * check digit refuses nearly all. */
static void check_digits_hold(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool (*check)(struct span);
        const char *value;
    } good[] = {
        {"luhn", check_luhn, "79927398713"},
        {"verhoeff", check_verhoeff, "2363"},
        {"iban", check_iban, "GB82WEST12345698765432"},
        {"iban", check_iban, "DE89370400440532013000"},
        {"icao", check_icao, "L898902C36"},
        {"ean13", check_ean13, "4006381333931"},
        {"aba", check_aba, "021000021"},
        {"npi", check_npi, "1234567893"},
        {"vin", check_vin, "1M8GDM9AXKP042788"},
        {"vin", check_vin, "11111111111111111"},
        {"nhs", check_nhs, "9434765919"},
        {"ca_sin", check_ca_sin, "130692544"},
        {"au_tfn", check_au_tfn, "123456782"},
        {"au_abn", check_au_abn, "83914571673"},
        {"au_acn", check_au_acn, "004085616"},
        {"de_tax_id", check_de_tax_id, "36574261809"},
        {"de_vat", check_de_vat, "136695976"},
        {"de_rvnr", check_de_rvnr, "15070649C103"},
        {"ch_ahv", check_ch_ahv, "7569217076985"},
        {"es_nif", check_es_nif, "54362315K"},
        {"es_nie", check_es_nie, "X2482300W"},
        {"it_fiscal", check_it_fiscal, "RCCMNL83S18D969H"},
        {"it_vat", check_it_vat, "00743110157"},
        {"fr_nir", check_fr_nir, "295109912611193"},
        {"nl_bsn", check_nl_bsn, "111222333"},
        {"be_nn", check_be_nn, "85073003328"},
        {"pt_nif", check_pt_nif, "501964843"},
        {"pl_pesel", check_pl_pesel, "44051401359"},
        {"se_pnr", check_se_pnr, "8803200016"},
        {"no_fnr", check_no_fnr, "15108695088"},
        {"fi_hetu", check_fi_hetu, "131052308T"},
        {"cz_rc", check_cz_rc, "7103192745"},
        {"ro_cnp", check_ro_cnp, "1630615123457"},
        {"bg_egn", check_bg_egn, "7523169263"},
        {"gr_amka", check_gr_amka, "01013099997"},
        {"ru_snils", check_ru_snils, "11223344595"},
        {"ru_inn", check_ru_inn, "7707083893"},
        {"tr_id", check_tr_id, "10000000146"},
        {"il_id", check_il_id, "039337423"},
        {"za_id", check_za_id, "7503305044089"},
        {"in_aadhaar", check_in_aadhaar, "234123412346"},
        {"in_gstin", check_in_gstin, "27AAPFU0939F1ZV"},
        {"kr_rrn", check_kr_rrn, "9001011234568"},
        {"cn_id", check_cn_id, "11010519491231002X"},
        {"sg_nric", check_sg_nric, "S1234567D"},
        {"sg_uen", check_sg_uen, "00192200M"},
        {"th_id", check_th_id, "1101700230708"},
        {"mx_curp", check_mx_curp, "BOXW310820HNERXN09"},
        {"br_cpf", check_br_cpf, "39053344705"},
        {"br_cnpj", check_br_cnpj, "16727230000197"},
        {"cl_rut", check_cl_rut, "125319092"},
        {"ar_cuit", check_ar_cuit, "20267565393"},
        {"tw_id", check_tw_id, "A123456789"},
        {"hk_id", check_hk_id, "G123456A"},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char v[32];
        size_t n = strlen(good[i].value), passed = 0, tried = 0;
        memcpy(v, good[i].value, n);
        if (!good[i].check(span(v, n)))
            fail_msg("%s refuses %s", good[i].name, good[i].value);
        for (size_t at = 0; at < n; at++) {
            for (char d = '0'; d <= '9' && v[at] >= '0' && v[at] <= '9'; d++) {
                if (d == good[i].value[at])
                    continue;
                v[at] = d;
                passed += good[i].check(span(v, n));
                tried++;
            }
            v[at] = good[i].value[at];
        }
        if (passed * 5 > tried)
            fail_msg("%s lets %zu of %zu changed numbers pass", good[i].name, passed, tried);
    }
}

static void coins_hold(void **state)
{
    (void)state;
    uint8_t h[32];
    coin_keccak256(SPAN_LIT(""), h);
    static const uint8_t empty[4] = {0xc5, 0xd2, 0x46, 0x01};
    assert_memory_equal(h, empty, 4);
    assert_true(coin_base58check(SPAN_LIT("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")));
    assert_false(coin_base58check(SPAN_LIT("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb")));
    assert_true(coin_bech32(SPAN_LIT("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"), 2));
    assert_false(coin_bech32(SPAN_LIT("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"), 2));
    assert_true(coin_eip55(SPAN_LIT("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")));
    assert_false(coin_eip55(SPAN_LIT("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_digits_hold),
        cmocka_unit_test(coins_hold),
        cmocka_unit_test(every_sample_is_found),
        cmocka_unit_test(vectors_equal_plain_c_at_every_offset),
        cmocka_unit_test(anchors_equal_on_random_bytes),
        cmocka_unit_test(keys_lie_apart),
        cmocka_unit_test(colons_are_sifted),
        cmocka_unit_test(pieces_equal_the_whole),
        cmocka_unit_test(no_reader_looks_too_far),
        cmocka_unit_test(no_reader_looks_too_far_back),
        cmocka_unit_test(long_maps_are_read_so_far),
        cmocka_unit_test(every_split_of_a_text),
        cmocka_unit_test(folded_forms_are_found),
        cmocka_unit_test(folding_is_the_same_by_vectors),
        cmocka_unit_test(colours_hide_nothing),
        cmocka_unit_test(bad_utf8_is_harmless),
        cmocka_unit_test(resolve_keeps_every_byte),
        cmocka_unit_test(lists_are_put_in_order),
        cmocka_unit_test(lists_and_thresholds),
        cmocka_unit_test(the_owners_recognisers_join),
        cmocka_unit_test(the_owners_recognisers_see_no_cuts),
        cmocka_unit_test(the_owners_recognisers_are_checked),
        cmocka_unit_test(a_field_name_is_context),
        cmocka_unit_test(time_grows_with_the_text),
    };
    int failed_fast = cmocka_run_group_tests(tests, setup, teardown);
    twins = true;
    return failed_fast + cmocka_run_group_tests(tests, setup, teardown);
}
