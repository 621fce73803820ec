/* SPDX-License-Identifier: Apache-2.0 */
/* The parts below the tagger: letters, words, tokens, code marks, the sum of rows, labels. */
#include "unit.h"

#include "file.h"
#include "letters.h"
#include "model_int.h"

#include <math.h>
#include <stdio.h>

static struct dict *dict;
static struct tok room[PAD + BLOCK_TOKENS + PAD];
static uint8_t line_case[BLOCK_TOKENS + 1];
static uint16_t maybe[BLOCK_TOKENS];
static struct key_ids keys[BLOCK_TOKENS + 2];
static struct marks marks;
static struct seq seq = {room + PAD, 0, keys, &marks, line_case, maybe, 0};
static struct gaz_table no_lists;

static void cut(const char *text)
{
    size_t at = 0;
    struct span s = span_str(text);
    dict_clear(dict);
    seq.n = tokenise(dict, &no_lists, s, &at, seq.v, BLOCK_TOKENS);
    assert_int_equal(at, s.n);
    for (unsigned k = 0; k < PAD; k++)
        room[k] = seq.v[seq.n + k] = dict_padding(dict);
    context_fill(&seq);
}

/* Tokens joined by '|', as the tokeniser cuts `text`. */
static void expect_tokens(const char *text, const char *want)
{
    char got[512];
    size_t n = 0;
    cut(text);
    for (size_t i = 0; i < seq.n; i++) {
        size_t len = seq.v[i].end - seq.v[i].start;
        assert_true(n + len + 2 < sizeof got);
        if (i)
            got[n++] = '|';
        memcpy(got + n, text + seq.v[i].start, len);
        n += len;
    }
    got[n] = 0;
    assert_string_equal(got, want);
}

static void letters_of_all_scripts(void **state)
{
    (void)state;
    assert_int_equal(letters_fold('A'), 'a' | LETTERS_UPPER);
    assert_int_equal(letters_fold(0xc9), 'e' | LETTERS_UPPER);    /* É */
    assert_int_equal(letters_fold(0x142), 'l');                   /* ł */
    assert_int_equal(letters_fold(0x410), 0x430 | LETTERS_UPPER); /* Cyrillic A */
    assert_int_equal(letters_fold(0x5f20), 0x5f20);               /* an ideograph */
    assert_int_equal(letters_fold(0x2019), 0);
    assert_int_equal(letters_fold(0x1f600), 0); /* a face is no letter */
    assert_int_equal(letters_fold(0xff15), 0);  /* full-width digit */
    assert_int_equal(letters_fold(0x110000), 0);
    assert_int_equal(letters_fold(0xfffd), 0);
    assert_true(letters_ideograph(0x4e00) && letters_caseless(0x5d0));
}

static void tokens(void **state)
{
    (void)state;
    expect_tokens("Anna's 2 cats.", "Anna|'|s|2|cats|.");
    expect_tokens("O'Brien d'accord O\xe2\x80\x99Neil", "O'Brien|d|'|accord|O\xe2\x80\x99Neil");
    expect_tokens("a\tb\r\nc", "a|\t|b|\n|c");
    expect_tokens("M\xc3\xbcller-Le\xcc\x81vy", "M\xc3\xbcller|-|Le\xcc\x81vy");
    expect_tokens("\xe5\xbc\xa0\xe4\xbc\x9f ok", "\xe5\xbc\xa0|\xe4\xbc\x9f|ok");
    expect_tokens("so\xe2\x80\x8b"
                  "ft\xc2\xa0x",
                  "so\xe2\x80\x8b"
                  "ft|x");
    expect_tokens("\xff"
                  "a\xc3",
                  "\xff|a|\xc3"); /* broken bytes are signs */
    expect_tokens("\x1b[1mAnna\x1b[0m \x1b[38;5;9mMay\x1b(B \x1b[7", "Anna|May|[|7");
    expect_tokens(" \n ", "\n");
    expect_tokens("", "");
}

static void same_word_whatever_the_accents_and_case(void **state)
{
    (void)state;
    cut("Jos\xc3\xa9 JOSE jose");
    assert_true(seq.v[0].w->hash == seq.v[1].w->hash && seq.v[1].w->hash == seq.v[2].w->hash);
    assert_int_equal(seq.v[0].w->cap, CAP_FIRST);
    assert_int_equal(seq.v[1].w->cap, CAP_ALL);
    assert_int_equal(seq.v[2].w->cap, CAP_LOWER);
    cut("Anna Annb");
    assert_true(seq.v[0].w->hash != seq.v[1].w->hash);
}

/* Is the token that starts with `word` marked as code? */
static bool is_code(const char *text, const char *word)
{
    cut(text);
    size_t at = (size_t)(strstr(text, word) - text);
    for (size_t i = 0; i < seq.n; i++)
        if (seq.v[i].start <= at && at < seq.v[i].end)
            return (seq.v[i].flags & TOKEN_CODE) != 0;
    fail_msg("no token at %s", word);
    return false;
}

static void code_is_marked(void **state)
{
    (void)state;
    assert_true(is_code("int martin_count = 1;", "martin"));
    assert_true(is_code("see https://example.com/anna for it", "anna"));
    assert_true(is_code("mail anna.smith@example.com now", "smith"));
    assert_true(is_code("thanks @anna", "anna"));
    assert_true(is_code("open /home/anna/notes", "anna"));
    assert_true(is_code("{\"anna\": 1}", "anna"));
    assert_true(is_code("key AnNa4RobErTx99KevinQz81Pq end", "RobErTx"));
    assert_true(is_code("anna123 logged in", "anna"));
    assert_true(is_code("return anna.smith;", "smith"));
    assert_false(is_code("J.Smith", "Smith"));
    assert_false(is_code("Anna/Bob will come", "Bob"));
    assert_false(is_code("{\"name\": \"Anna\"}", "Anna"));
    assert_false(is_code("She said \"Anna\" twice", "Anna"));
    assert_false(is_code("Name:Anna", "Anna"));
    assert_true(is_code("n = anna(x)", "anna"));
    assert_false(is_code("Anna (my aunt)", "Anna"));
    assert_true(is_code("first_name=Anna&last_name=Smith", "first"));
    assert_false(is_code("first_name=Anna&last_name=Smith", "Anna"));
    assert_false(is_code("first_name=Anna&last_name=Smith", "Smith"));
    assert_true(is_code("https://x.example/?first_name=Anna&a=b", "Anna"));
    assert_true(is_code("CN=Ada Lovelace:mailto:ada@example.org", "mailto"));
    assert_false(is_code("CN=Ada Lovelace:mailto:ada@example.org", "Lovelace"));
    assert_true(is_code("user=anna_smith", "smith"));
    assert_false(is_code("we met _Ada Lovelace_ there", "Ada"));
    assert_false(is_code("we met __Ada Lovelace__ there", "Lovelace"));
    assert_false(is_code("_Ada_ and ~~Grace~~", "Ada"));
    assert_false(is_code("_Ada_ and ~~Grace~~", "Grace"));
    assert_true(is_code("def __init__(self): _ada = 1", "init"));
    assert_true(is_code("def __init__(self): _ada = 1", "ada"));
    assert_true(is_code("__FILE__", "FILE"));
    assert_true(is_code("_ada, x_", "ada"));
    assert_true(is_code("f(_Ada __x, int n)", "Ada"));
    assert_true(is_code("char _Ada*", "Ada"));
    assert_false(is_code("we met _Ada Lovelace_.", "Ada"));
    assert_false(is_code("we met _Ada Lovelace_. Then", "Lovelace"));
    assert_false(is_code("we met _Ada_: then", "Ada"));
    assert_false(is_code("_Ada Lovelace, born\nin 1815 (in London), wrote_", "Ada"));
    assert_false(is_code("_written by Ada_!", "Ada"));
    assert_false(is_code("_Ada_-_Grace_ went", "Grace"));
    assert_false(is_code("by **_Ada Lovelace_**.", "Lovelace"));
    assert_false(is_code("by _**Ada Lovelace**_.", "Lovelace"));
    assert_false(is_code("_Ada **Lovelace**_ wrote", "Ada"));
    assert_false(is_code("**_Ada_ Lovelace** wrote", "Ada"));
    assert_true(is_code("<typename _Alloc, typename _Tp>", "Alloc"));
    assert_true(is_code("f(_Alloc __a, _Iter* __b, _Iter** c)", "Alloc"));
    assert_true(is_code("f(_Alloc __a, _Iter* __b, _Iter** c)", "Iter"));
    assert_true(is_code("_Alloc, _Iter\n\nx_", "Iter"));
    assert_true(is_code("_Alloc = x_", "Alloc"));
    assert_true(is_code("lib/_Ada_/x.py", "Ada"));
    assert_true(is_code("use _Ada as snake_case", "Ada"));
}

/* The key of the first token that starts with `word`; 0 for none. */
static uint32_t key_at(const char *text, const char *word)
{
    cut(text);
    size_t at = (size_t)(strstr(text, word) - text);
    for (size_t i = 0; i < seq.n; i++)
        if (seq.v[i].start == at)
            return context_key(&seq, i).one;
    fail_msg("no token at %s", word);
    return 0;
}

static uint32_t id_of(const char *word)
{
    cut(word);
    return seq.v[0].w->id;
}

static void columns_name_their_fields(void **state)
{
    (void)state;
    const uint32_t last = id_of("last"), town = id_of("town");
    assert_int_equal(key_at("id,last,town\n7,Smith,Bonn\n8,Zhang,Ulm\n", "Zhang"), last);
    assert_int_equal(key_at("id,last,town\n7,Smith,Bonn\n8,Zhang,Ulm", "Ulm"), town);
    assert_int_equal(key_at("id\tlast\ttown\n7\tSmith\tBonn\n", "Smith"), last);
    assert_int_equal(key_at("| id | last |\n|---|---|\n| 7 | Smith |\n", "Smith"), last);
    assert_int_equal(key_at("\"last\";\"town\"\n\"A; B\";\"Ulm\"\n", "Ulm"), town);
    assert_int_equal(key_at("id,last,town\n7,Smith\n", "Smith"), 0); /* a field too few */
    assert_int_equal(key_at("id, last\n7, Smith\n", "Smith"), 0);    /* prose, not a table */
    assert_int_equal(key_at("id,last\n\n7,Smith\n", "Smith"), 0);    /* another table */
}

static void keys_reach_their_values(void **state)
{
    (void)state;
    cut("x\nname: Anna Smith\nBob");
    uint32_t name = seq.v[2].w->id;
    assert_int_equal(context_key(&seq, 4).one, name);
    assert_int_equal(context_key(&seq, 4).far, 1);
    assert_int_equal(context_key(&seq, 5).far, 2);
    assert_int_equal(context_key(&seq, 7).far, 0); /* the next line has no key */
    cut("name:\nAnna");
    assert_int_equal(context_key(&seq, 3).one, seq.v[0].w->id);
}

/* Style habit 15: the vector sum equals its plain twin, on text of every kind. */
/* ---- the fast paths against plain ones, with real weights */

static struct file_map map;
static struct ner *ner;
static struct buf forms, prose;

/* The next block of `text` at *at, of at most `max` tokens; false at the end. */
static bool next_block(struct span text, size_t *at, size_t max)
{
    if (*at >= text.n)
        return false;
    dict_refresh(dict);
    size_t known = dict_count(dict);
    seq.n = tokenise(dict, &ner->gaz, text, at, seq.v, max);
    crf_new_words(ner, dict, known == 1 ? 0 : known);
    for (unsigned k = 0; k < PAD; k++)
        room[k] = seq.v[seq.n + k] = dict_padding(dict);
    context_fill(&seq);
    return seq.n > 0;
}

/* Slot after slot from the start of the hash's cache line, as the trainer fills them. */
static uint32_t plain_lists(const struct gaz_table *t, uint64_t hash)
{
    const uint32_t mask = (1U << t->log2) - 1, low = (1U << GAZ_BITS) - 1;
    uint32_t at = (uint32_t)hash & mask & ~15U;
    for (unsigned i = 0; i < GAZ_PROBES && t->slots[at]; i++, at = (at + 1) & mask)
        if ((t->slots[at] & ~low) == ((uint32_t)(hash >> 32) & ~low))
            return t->slots[at] & low;
    return 0;
}

/* Hashes of words, of nothing, and of words that hold a place in a crowded line. */
static void lists_are_found_line_by_line(void **state)
{
    (void)state;
    size_t found = 0, none = 0;
    uint64_t hash = 1;
    for (size_t i = 0; i < 400000; i++) {
        hash = hash * 6364136223846793005U + 1442695040888963407U;
        uint64_t h = hash ^ hash >> 29;
        if (i & 1) { /* what stands at some slot, looked for from a line before or at it */
            uint32_t at = (uint32_t)h & ((1U << ner->gaz.log2) - 1);
            h = (uint64_t)ner->gaz.slots[at] << 32 | (at - (i & 2 ? 16U : 0));
        }
        uint32_t want = plain_lists(&ner->gaz, h);
        assert_int_equal(gaz_pack(gaz_find(&ner->gaz, h)), want);
        found += want != 0;
        none += want == 0;
    }
    assert_true(found > 50000 && none > 50000);
}

/* The plain twin makes the sums of the block's words itself. */
static void forget_sums(void)
{
    for (size_t i = 0; i < seq.n; i++)
        seq.v[i].w->summed = dict_pad(dict)->summed = 0;
}

static void vector_sum_is_plain_sum(void **state)
{
    (void)state;
    size_t compared = 0, differ = 0;
    dict_clear(dict);
    for (size_t at = 0; next_block(buf_span(&forms), &at, 256) && compared < 20000;) {
        struct emission fast[256], plain;
        for (size_t i = 0; i < seq.n; i++)
            crf_emission(ner, seq, i, &fast[i]);
        forget_sums();
        for (size_t i = 0; i < seq.n; i++, compared++) {
            crf_emission_plain(ner, seq, i, &plain);
            assert_memory_equal(&fast[i], &plain, sizeof plain);
            differ += plain.y[0] != plain.y[1];
        }
    }
    assert_true(differ > compared / 2); /* sums of real weights, not zeros */
}

/* Code is never asked about. */
static bool asked(size_t i)
{
    return !(seq.v[i].flags & TOKEN_CODE);
}

/* All emissions of the block in three steps, rows fetched ahead. */
static void fetched_emissions(const struct ner *n, struct emission e[BLOCK_TOKENS])
{
    uint16_t those[BLOCK_TOKENS];
    size_t count = 0;
    for (size_t i = 0; i < seq.n; i++)
        if (asked(i))
            those[count++] = (uint16_t)i;
    forget_sums();
    crf_new_words(n, dict, 0);
    crf_words(n, seq, those, count);
    memset(e, 0, seq.n * sizeof *e);
    for (size_t k = 0; k < count; k++)
        crf_glance(n, &seq, those[k], &e[those[k]]);
    crf_emissions(n, seq, those, count, e);
}

/* ... are those of one token after the other, with AVX2 and without. */
static void fetched_sums_are_plain_sums(void **state)
{
    (void)state;
    size_t compared = 0, differ = 0;
    struct ner slow = *ner;
    slow.avx2 = false;
    dict_clear(dict);
    for (size_t at = 0; next_block(buf_span(&forms), &at, BLOCK_TOKENS) && compared < 30000;) {
        static struct emission fast[BLOCK_TOKENS], same[BLOCK_TOKENS];
        fetched_emissions(ner, fast);
        fetched_emissions(&slow, same);
        assert_memory_equal(fast, same, seq.n * sizeof fast[0]);
        forget_sums();
        for (size_t i = 0; i < seq.n; i++) {
            struct emission plain;
            if (!asked(i))
                continue;
            compared++;
            crf_emission_plain(ner, seq, i, &plain);
            assert_memory_equal(&fast[i], &plain, sizeof plain);
            differ += i && memcmp(&fast[i], &fast[i - 1], sizeof plain) != 0;
        }
    }
    assert_true(compared >= 30000 && differ > compared / 2);
}

/* The bits of a block are the marks of its tokens. */
static void marks_are_those_of_the_tokens(void **state)
{
    (void)state;
    size_t compared = 0;
    dict_clear(dict);
    for (size_t at = 0, most = 1; next_block(buf_span(&forms), &at, most); most = most % 200 + 1)
        for (size_t i = 0; i < seq.n; i++, compared++) {
            const struct tok *t = &seq.v[i];
            for (unsigned k = 0; k < MARK_GLUED; k++)
                assert_int_equal(bits_next(&marks.of[k], i, seq.n) == i, t->marks >> k & 1);
            assert_int_equal(bits_next(&marks.of[MARK_GLUED], i, seq.n) == i,
                             t->flags & TOKEN_GLUED);
            for (int k = -PAD; k <= PAD; k++) { /* beyond both ends, too */
                assert_int_equal(marks.looks[BYTES_FRONT + (int)i + k], t[k].looks);
                assert_int_equal(marks.said[BYTES_FRONT + (int)i + k], context_said[t[k].looks]);
            }
        }
    assert_true(compared > 10000);
}

/* ---- bits of a block, by one bool a token */

static bool on[BLOCK_TOKENS];

static size_t plain_next(size_t i)
{
    while (i < BLOCK_TOKENS && !on[i])
        i++;
    return i;
}

static void check_next(const struct bits *b, size_t i, size_t tokens)
{
    size_t next = bits_next(b, i, tokens), plain = plain_next(i);
    if (plain < tokens)
        assert_int_equal(next, plain);
    else
        assert_true(next >= tokens);
}

static void check_bits(const struct bits *b)
{
    uint16_t at[BLOCK_TOKENS];
    size_t n = bits_list(b, BLOCK_TOKENS, at);
    for (size_t k = 0, i = plain_next(0); k < n; k++, i = plain_next(i + 1))
        assert_int_equal(at[k], i);
    assert_int_equal(plain_next(n ? at[n - 1] + 1U : 0), BLOCK_TOKENS);
    for (size_t i = 0; i < BLOCK_TOKENS; i++) {
        size_t run = 0, back = 0;
        while (i + run < BLOCK_TOKENS && on[i + run])
            run++;
        while (back < i && on[i - 1 - back])
            back++;
        assert_int_equal(bits_run(b, i), run);
        assert_int_equal(bits_run_before(b, i), back);
        check_next(b, i, BLOCK_TOKENS);
        check_next(b, i, i + run / 2);
        check_next(b, i, i + 70 < BLOCK_TOKENS ? i + 70 : BLOCK_TOKENS);
        for (size_t to = i; to < i + 64 && to <= BLOCK_TOKENS; to++)
            assert_int_equal(bits_maybe_any(b, i, to), to > i && plain_next(i) < to);
    }
}

static void bits_are_bools(void **state)
{
    (void)state;
    uint32_t seed = 7;
    for (unsigned round = 0; round < 12; round++) {
        struct bits b = {0};
        for (size_t i = 0; i < BLOCK_TOKENS; i++) { /* runs of all lengths, past a word's end too */
            seed = seed * 1664525 + 1013904223;
            on[i] = i && seed >> 24 < 16U * round ? on[i - 1] : seed >> 20 & 1;
            bits_put(&b, i, on[i]);
        }
        check_bits(&b);
        for (size_t from = round, to; from < BLOCK_TOKENS; from = to + 37) {
            to = from + 23 * round < BLOCK_TOKENS ? from + 23 * round : BLOCK_TOKENS;
            bits_clear(&b, from, to);
            memset(on + from, 0, to - from);
        }
        check_bits(&b);
    }
}

/* The best labels and the marginals, label by label and in double. */
struct plain_decode {
    uint8_t label[BLOCK_TOKENS];
    double kind[BLOCK_TOKENS][KINDS];
};

static double own_score(const struct emission *e, unsigned y)
{
    return y == LABEL_O ? 0 : e->y[y - 1];
}

static void plain_viterbi(const struct emission *e, size_t count, struct plain_decode *out)
{
    static double best[BLOCK_TOKENS + 1][LABELS];
    static uint8_t from[BLOCK_TOKENS + 1][LABELS];
    for (unsigned y = 1; y < LABELS; y++)
        best[0][y] = -1e9;
    best[0][0] = 0;
    for (size_t i = 1; i <= count; i++)
        for (unsigned y = 0; y < LABELS; y++) {
            best[i][y] = -1e9;
            for (unsigned x = 0; x < LABELS; x++) {
                double v = best[i - 1][x] + ner->trans[x][y] + own_score(&e[i - 1], y);
                if (!label_follows(x, y) || v <= best[i][y])
                    continue;
                best[i][y] = v;
                from[i][y] = (uint8_t)x;
            }
        }
    unsigned last = 0;
    for (unsigned x = 1; x < LABELS; x++)
        if (best[count][x] + ner->trans[x][0] > best[count][last] + ner->trans[last][0])
            last = x;
    for (size_t i = count; i > 0; i--) {
        out->label[i - 1] = (uint8_t)last;
        last = from[i][last];
    }
}

static double odds_of(unsigned x, unsigned y)
{
    return label_follows(x, y) ? exp(ner->trans[x][y] / (double)UNITS) : 0;
}

/* v through the transitions: onwards, or back. */
static void plain_step(double v[LABELS], bool back)
{
    double next[LABELS] = {0}, sum = 0;
    for (unsigned x = 0; x < LABELS; x++)
        for (unsigned y = 0; y < LABELS; y++)
            next[back ? x : y] += v[back ? y : x] * odds_of(x, y);
    for (unsigned y = 0; y < LABELS; y++)
        sum += next[y];
    for (unsigned y = 0; y < LABELS; y++)
        v[y] = next[y] / sum;
}

static void plain_marginals(const struct emission *e, size_t count, struct plain_decode *out)
{
    static double ahead[BLOCK_TOKENS][LABELS];
    double v[LABELS] = {1};
    for (size_t i = 0; i < count; i++) {
        plain_step(v, false);
        for (unsigned y = 0; y < LABELS; y++)
            v[y] *= exp(own_score(&e[i], y) / UNITS);
        memcpy(ahead[i], v, sizeof v);
    }
    memset(v, 0, sizeof v);
    v[LABEL_O] = 1;
    for (size_t i = count; i-- > 0;) {
        double sum = 0;
        plain_step(v, true);
        for (unsigned y = 0; y < LABELS; y++)
            sum += ahead[i][y] * v[y];
        for (unsigned k = 0; k < KINDS; k++)
            out->kind[i][k] =
                (ahead[i][2 * k + 1] * v[2 * k + 1] + ahead[i][2 * k + 2] * v[2 * k + 2]) / sum;
        for (unsigned y = 0; y < LABELS; y++)
            v[y] *= exp(own_score(&e[i], y) / UNITS);
    }
}

/* Labels and probabilities are the same without AVX2. */
static void check_slow_decode(const struct emission *e, const uint8_t *label,
                              const struct marginal *m)
{
    static struct marginal same[BLOCK_TOKENS];
    struct ner slow = *ner;
    uint8_t again[BLOCK_TOKENS] = {LABEL_O};
    slow.avx2 = false;
    memcpy(same, m, seq.n * sizeof *m);
    crf_decode(&slow, e, seq.n, again, same);
    assert_memory_equal(label, again, seq.n);
    assert_memory_equal(m, same, seq.n * sizeof *m);
}

/* Windows of `tokens`, until `enough` tokens have a label. */
static void decode_as_plain(size_t tokens, size_t enough)
{
    size_t labelled = 0;
    dict_clear(dict);
    for (size_t at = 0; next_block(buf_span(&forms), &at, tokens) && labelled < enough;) {
        static struct emission e[BLOCK_TOKENS];
        static struct marginal m[BLOCK_TOKENS];
        static struct plain_decode plain;
        uint8_t label[BLOCK_TOKENS] = {LABEL_O};
        size_t before = labelled;
        for (size_t i = 0; i < seq.n; i++)
            crf_emission(ner, seq, i, &e[i]);
        crf_decode(ner, e, seq.n, label, m);
        check_slow_decode(e, label, m);
        plain_viterbi(e, seq.n, &plain);
        assert_memory_equal(label, plain.label, seq.n);
        for (size_t i = 0; i < seq.n; i++)
            labelled += label[i] != LABEL_O;
        if (labelled == before)
            continue; /* then m is not filled */
        plain_marginals(e, seq.n, &plain);
        for (size_t i = 0; i < seq.n; i++)
            for (unsigned k = 0; k < KINDS; k++)
                assert_true(fabs((double)m[i].kind[k] - plain.kind[i][k]) < 1e-3);
    }
    assert_true(labelled >= enough);
}

static void labels_and_probabilities(void **state)
{
    (void)state;
    decode_as_plain(40, 3000);
    decode_as_plain(BLOCK_TOKENS, 3000); /* scores that grow past int16_t */
}

/* What the sieves leave out is hardly ever missed: of the labels that are not O, one in twenty
 * differs, and those are the doubtful ones (models/MODEL_CARD.md's figures are with sieves). */
static void sieves_lose_little(void **state)
{
    (void)state;
    size_t names = 0, other = 0, kept = 0, all = 0;
    dict_clear(dict);
    for (size_t at = 0; next_block(buf_span(&prose), &at, BLOCK_TOKENS) && all < 30000;) {
        static struct emission e[BLOCK_TOKENS];
        static struct marginal m[BLOCK_TOKENS];
        static const uint8_t unsure[BLOCK_TOKENS];
        static uint8_t sieved[BLOCK_TOKENS], whole[BLOCK_TOKENS];
        static struct window w;
        window_begin(&w, seq);
        window_emissions(ner, seq, unsure, &w);
        memset(sieved, LABEL_O, sizeof sieved);
        memset(whole, LABEL_O, sizeof whole);
        for (size_t i = 0, to; i < seq.n; i = to + 1) {
            to = i + bits_run(&w.keep, i);
            kept += to - i;
            if (to > i)
                crf_decode(ner, w.e + i, to - i, sieved + i, m + i);
        }
        for (size_t i = 0; i < seq.n; i++)
            crf_emission(ner, seq, i, &e[i]);
        crf_decode(ner, e, seq.n, whole, m);
        all += seq.n;
        for (size_t i = 0; i < seq.n; i++) {
            names += whole[i] != LABEL_O;
            other += whole[i] != sieved[i];
        }
    }
    print_message("sieves: %zu of %zu tokens kept, %zu of %zu labels other\n", kept, all, other,
                  names);
    assert_true(kept < all / 3 && names > 1000);
    assert_true(other * 12 < names);
}

/* However many tokens are asked for at a time, they are the same tokens. */
static void batches_leave_no_trace(void **state)
{
    (void)state;
    static struct tok whole[PAD + BLOCK_TOKENS];
    struct span text = span_cut(buf_span(&forms), 0, 3000);
    dict_clear(dict);
    size_t at = 0, n = tokenise(dict, &ner->gaz, text, &at, whole + PAD, BLOCK_TOKENS);
    for (size_t step = 1; step < 70; step += 3) {
        size_t got = 0;
        for (at = 0; at < text.n;) {
            size_t more = tokenise(dict, &ner->gaz, text, &at, seq.v, step);
            for (size_t i = 0; i < more; i++, got++) {
                assert_int_equal(seq.v[i].start, whole[PAD + got].start);
                assert_int_equal(seq.v[i].end, whole[PAD + got].end);
                assert_ptr_equal(seq.v[i].w, whole[PAD + got].w);
            }
        }
        assert_int_equal(got, n);
    }
}

/* Every word of a nearly full dictionary has an entry of its own and is found in it again. */
static void the_dictionary_keeps_every_word(void **state)
{
    (void)state;
    enum { WORDS = 11000, LETTERS_EACH = 4 };
    static uint8_t text[WORDS * (LETTERS_EACH + 1) + 1];
    static struct word *first[WORDS];
    for (size_t k = 0; k < WORDS; k++)
        snprintf((char *)text + k * (LETTERS_EACH + 1), LETTERS_EACH + 2, "%c%c%c%c ",
                 (int)('a' + k / 8000), (int)('a' + k / 400 % 20), (int)('a' + k / 20 % 20),
                 (int)('a' + k % 20));
    dict_clear(dict);
    for (unsigned pass = 0; pass < 2; pass++)
        for (size_t at = 0, k = 0; at < sizeof text - 1;) {
            size_t more = tokenise(dict, &no_lists, span(text, sizeof text - 1), &at, seq.v, 900);
            for (size_t i = 0; i < more; i++, k++) {
                assert_true(k == 0 || seq.v[i].w != first[k - 1]);
                assert_true(pass == 0 || seq.v[i].w == first[k]);
                first[k] = seq.v[i].w;
                assert_int_equal(seq.v[i].w->len, LETTERS_EACH);
            }
        }
    dict_clear(dict);
}

/* The block once more, with a name remembered: what is kept of the first look changes nothing. */
static void a_second_look_is_a_first_one(void **state)
{
    (void)state;
    size_t blocks = 0, grown = 0;
    dict_clear(dict);
    for (size_t at = 0; next_block(buf_span(&prose), &at, 300) && blocks < 200; blocks++) {
        static struct window twice, once;
        static uint8_t sure[BLOCK_TOKENS];
        memset(sure, 0, sizeof sure);
        window_begin(&twice, seq);
        window_emissions(ner, seq, sure, &twice);
        size_t kept = 0;
        for (size_t i = 0; i < seq.n; i++)
            kept += bits_next(&twice.keep, i, seq.n) == i;
        for (size_t k = blocks % 3; k < seq.maybes; k += 3)
            sure[seq.maybe[k]] = 1;
        window_emissions(ner, seq, sure, &twice);
        window_begin(&once, seq);
        window_emissions(ner, seq, sure, &once);
        assert_memory_equal(&twice.keep, &once.keep, sizeof once.keep);
        for (size_t i = 0; i < seq.n; i++) {
            if (bits_next(&once.keep, i, seq.n) != i)
                continue;
            kept--;
            assert_memory_equal(&twice.e[i], &once.e[i], sizeof once.e[i]);
        }
        grown += kept > seq.n; /* below zero: more is kept than at first */
    }
    assert_true(blocks > 100 && grown > 50);
}

/* Words of ASCII letters are folded and counted eight at a time; a soft hyphen, which is skipped,
 * sends the same word through the loop that takes letter after letter. */
static void ascii_words_are_no_exception(void **state)
{
    (void)state;
    static const char *const words[] = {"ab",
                                        "Ab",
                                        "AB",
                                        "aB",
                                        "McDonald",
                                        "iPhone",
                                        "abcdefgh",
                                        "Abcdefgh",
                                        "ABCDEFGH",
                                        "abcdefghi",
                                        "Abcdefghijklmnop",
                                        "ABCDEFGHIJKLMNOPQ",
                                        "AbcdefghI",
                                        "aBcDEfGHi",
                                        "abcdefghijklmnopqrstuvwxyzabcd"};
    for (unsigned k = 0; k < sizeof words / sizeof *words; k++) {
        char fast[WORD_BYTES + 1] = {0}, slow[WORD_BYTES + 1] = {0};
        struct word a, b;
        int n = snprintf(fast, sizeof fast, "%s", words[k]);
        int more = snprintf(slow, sizeof slow, "%s\xc2\xad", words[k]);
        word_make((const uint8_t *)fast, (size_t)n, WORD_LETTERS, &a);
        word_make((const uint8_t *)slow, (size_t)more, WORD_LETTERS, &b);
        assert_true(a.hash == b.hash && a.id == b.id);
        assert_memory_equal(a.aff, b.aff, sizeof a.aff);
        assert_int_equal(a.cap, b.cap);
        assert_int_equal(a.marks, b.marks);
        if (strlen(words[k]) > 1)
            assert_int_not_equal(a.shape, 0);
    }
}

/* The shape of a word: 1 small and 2 large for each run of letters, to the base of 5, then how long
 * it is. */
static void shapes_are_runs_of_case(void **state)
{
    (void)state;
    const struct {
        const char *text;
        uint32_t runs, length;
    } words[] = {{"aB", 1 * 5 + 2, 2},
                 {"iPhone", (1 * 5 + 2) * 5 + 1, 5},
                 {"McDonald", ((2 * 5 + 1) * 5 + 2) * 5 + 1, 5},
                 {"aBCdeF", ((1 * 5 + 2) * 5 + 1) * 5 + 2, 5}};
    for (unsigned k = 0; k < sizeof words / sizeof *words; k++) {
        uint8_t text[WORD_BYTES] = {0};
        struct word w;
        memcpy(text, words[k].text, strlen(words[k].text));
        word_make(text, strlen(words[k].text), WORD_LETTERS, &w);
        assert_int_equal(w.cap, CAP_MIXED);
        assert_int_equal(w.shape, words[k].runs * 8 + words[k].length);
    }
}

static int set_up(void **state)
{
    (void)state;
    forms = prose = buf_init(1U << 24);
    if (failed(dict_new(&dict)) || failed(file_map_open("models/ner-en.bin", &map)) ||
        failed(ner_open(map.bytes, &ner, NULL)) ||
        failed(file_read("test/ner/data/forms.txt", &forms)) ||
        failed(file_read("test/ner/data/prose.txt", &prose)))
        return -1;
    return 0;
}

/* A memory has every word it was given, however many, and none after a reset. */
static void a_memory_grows(void **state)
{
    (void)state;
    enum { MOST = 1000, STEP = 0x10001 /* so that many want the same slot */ };
    struct ner_memory *m;
    assert_ok(ner_memory_new(MOST, &m));
    for (unsigned round = 1; round <= 2; round++) {
        uint64_t n = MOST / round;
        for (uint64_t k = 1; k <= n; k++) {
            assert_false(memory_has(m, k * STEP));
            assert_true(memory_add(m, k * STEP));
            assert_false(memory_add(m, k * STEP));
        }
        for (uint64_t k = 1; k <= MOST; k++)
            assert_int_equal(memory_has(m, k * STEP), k <= n);
        assert_int_equal(memory_add(m, MOST + 1), n < MOST);
        ner_memory_reset(m);
        assert_true(memory_empty(m));
        for (uint64_t k = 1; k <= MOST; k++)
            assert_false(memory_has(m, k * STEP));
    }
    ner_memory_free(m);
}

static int tear_down(void **state)
{
    (void)state;
    dict_free(dict);
    ner_close(ner);
    file_map_close(&map);
    buf_free(&forms);
    buf_free(&prose);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_of_all_scripts),
        cmocka_unit_test(tokens),
        cmocka_unit_test(a_second_look_is_a_first_one),
        cmocka_unit_test(same_word_whatever_the_accents_and_case),
        cmocka_unit_test(code_is_marked),
        cmocka_unit_test(columns_name_their_fields),
        cmocka_unit_test(keys_reach_their_values),
        cmocka_unit_test(lists_are_found_line_by_line),
        cmocka_unit_test(vector_sum_is_plain_sum),
        cmocka_unit_test(fetched_sums_are_plain_sums),
        cmocka_unit_test(marks_are_those_of_the_tokens),
        cmocka_unit_test(bits_are_bools),
        cmocka_unit_test(labels_and_probabilities),
        cmocka_unit_test(sieves_lose_little),
        cmocka_unit_test(batches_leave_no_trace),
        cmocka_unit_test(the_dictionary_keeps_every_word),
        cmocka_unit_test(ascii_words_are_no_exception),
        cmocka_unit_test(shapes_are_runs_of_case),
        cmocka_unit_test(a_memory_grows),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
