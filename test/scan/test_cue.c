/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words around a value: reading a window by bitmaps gives what reading it byte by byte gives,
 * for random windows made of words of the table, of others, and of what may stand between.
 */
#include "unit.h"

#include "cue_int.h"

enum { ROUNDS = 400000, TEXT_MAX = 200, WINDOW = 118 };

static uint64_t seed = 88172645463325252U;
static size_t below(size_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (size_t)(seed % n);
}

static const char *const words[] = {"the",
                                    "phone",
                                    "phones",
                                    "passport",
                                    "passportnumber",
                                    "Telefonnr",
                                    "ssns",
                                    "SSN",
                                    "order",
                                    "a",
                                    "Of",
                                    "to",
                                    "account no",
                                    "accountNo",
                                    "x",
                                    "driver's",
                                    "No",
                                    "numbers",
                                    "classes",
                                    "routing",
                                    "socialSecurity",
                                    "number",
                                    "fax",
                                    "12345678Z",
                                    "1e:cf",
                                    "é",
                                    "tel",
                                    "mobilephonenumberofsomebodywhoisnothere",
                                    "creditcardnummer"};
static const char *const signs[] = {" ",  " ",  " ",   " ", ": ", ":",    "-",   ".", ". A",
                                    ", ", "\n", ":\n", "=", "'",  "1234", "12-", "(", "\t"};

static size_t put(char *to, size_t at, const char *what)
{
    for (; *what && at < TEXT_MAX; what++)
        to[at++] = *what;
    return at;
}

static size_t text_make(char *to)
{
    size_t n = 0, most = below(TEXT_MAX);
    while (n < most) {
        n = put(to, n, words[below(sizeof words / sizeof *words)]);
        n = put(to, n, signs[below(sizeof signs / sizeof *signs)]);
        if (n && below(40) == 0)
            to[below(n)] = (char)(1 + below(127));
    }
    return n;
}

static void bitmaps_read_what_bytes_say(void **state)
{
    (void)state;
    struct cue_index *x;
    size_t known = 0;
    assert_ok(cue_index_new(NULL, 0, false, &x));
    for (size_t round = 0; round < ROUNDS; round++) {
        char text[TEXT_MAX];
        struct words fast, plain;
        struct span t = span(text, text_make(text));
        size_t at = below(t.n + 1), end = at + below(t.n - at + 1);
        if (end - at > WINDOW)
            end = at + WINDOW;
        cue_words_read(x, t, at, end, &fast);
        cue_words_plain(x, t, at, end, &plain);
        assert_int_equal(fast.n, plain.n);
        assert_true(fast.known == plain.known && fast.line == plain.line);
        assert_true(fast.far == plain.far && fast.stop == plain.stop);
        for (size_t i = 0; i < fast.n; i++) {
            const struct word *f = &fast.v[i], *p = &plain.v[i];
            assert_true(f->hash == p->hash && f->slot == p->slot);
            assert_int_equal(f->barrier, p->barrier);
            assert_int_equal(f->labels, p->labels);
            known += f->slot->n > 0;
        }
    }
    assert_true(known > ROUNDS); /* or the words above are none of the table */
    cue_index_free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bitmaps_read_what_bytes_say)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
