/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets that prove themselves by more than a token's check digits: OpenPGP's armour and the words
 * of a wallet. Each with a wrong one.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "secret_scan.h"

/* The score of the only finding if it is all of `text` from `from` to `to`; -1 otherwise. */
static float score_of(struct span text, size_t from, size_t to)
{
    struct findings f = {.max = 100};
    assert_ok(secret_scan(text, &f));
    float score = f.n == 1 && f.v[0].start == from && f.v[0].end == to ? f.v[0].score : -1;
    findings_free(&f);
    return score;
}

static float score_of_whole(struct span text)
{
    return score_of(text, 0, text.n);
}

/* RFC 9580's CRC-24 at the end of the armour: a throw-away key of gpg's. */
static void armour_holds_its_checksum(void **state)
{
    (void)state;
    static const char good[] = ("-----BEGIN PGP PRIVATE KEY BLOCK-----\n"
                                "\n"
                                "lFgEawHRgxYJKwYBBAHaRw8BAQdARek7+rijfpN/m7ivztOjdgcffRb8Fw+BSD2H\n"
                                "g9saf7kAAP9LDM0zvbkhQVuzWmxWufOvDi0U40YK4piPa2C2C8URBA6ktA9UIDx0\n"
                                "QHQuZXhhbXBsZT6IkAQTFggAOBYhBBmCLaywVbuIAx4hyok0yzxx9zObBQJrAdGD\n"
                                "AhsDBQsJCAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJEIk0yzxx9zObwNkBAMWvWlYr\n"
                                "HKXMuf3jXIGLJtrNdeDtp6QPCYgMc3SvWOHTAP0UMwe974dZjjH7Xf7VW8U4mSe5\n"
                                "DRfD2O2JR42T/9t0AA==\n"
                                "=6l7P\n"
                                "-----END PGP PRIVATE KEY BLOCK-----");
    char text[sizeof good];
    size_t n = sizeof good - 1;
    memcpy(text, good, sizeof good);
    assert_true(score_of_whole(span(text, n)) == 1.0F);
    text[60] = text[60] == 'A' ? 'B' : 'A';
    assert_true(score_of_whole(span(text, n)) == 0.9F);
    /* the same in a JSON string */
    char json[2 * sizeof good];
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (good[i] == '\n')
            json[k++] = '\\';
        json[k++] = good[i] == '\n' ? 'n' : good[i];
    }
    assert_true(score_of_whole(span(json, k)) == 1.0F);
}

/* BIP-39's own vectors; a wrong last word; prose. `tail` is what stands behind the phrase. */
static void recovery_phrases(void **state)
{
    (void)state;
    static const struct {
        const char *head, *phrase, *tail;
        float score;
    } cases[] = {
        {"seed phrase: ",
         "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
         "about",
         "", 1},
        {"recovery phrase: ",
         "legal winner thank year wave sausage worth useful legal winner thank yellow", "", 1},
        {"My seed is ",
         "legal winner thank year wave sausage worth useful legal winner thank yellow", ".", 1},
        {"mnemonic: ",
         "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount "
         "doctor acoustic avoid letter always",
         " and more", 1},
        {"recovery phrase: ",
         "legal winner thank year wave sausage worth useful legal winner thank zoo", "", 0.8F},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[400];
        size_t from = strlen(cases[i].head), n = strlen(cases[i].phrase);
        int all =
            snprintf(text, sizeof text, "%s%s%s", cases[i].head, cases[i].phrase, cases[i].tail);
        float score = score_of(span(text, (size_t)all), from, from + n);
        if (score != cases[i].score) /* exact: both are constants of the code */
            fail_msg("%.2f for %s", (double)score, text);
    }
    struct span prose = SPAN_LIT("the seed is the quick brown fox jumps over the lazy dog and then "
                                 "some more words");
    assert_true(score_of_whole(prose) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(armour_holds_its_checksum),
        cmocka_unit_test(recovery_phrases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
