/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words around a value: reading a window by bitmaps gives what reading it byte by byte gives,
 * for random windows made of words of the table, of others, and of what may stand between; and what
 * the words beside a number refuse at once the recognisers would have refused, and what a label
 * right before it settles, or none there, the whole window says.
 */
#include "unit.h"

#include "cue_int.h"

#include <stdio.h>
#include <stdlib.h>

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
                                    "German",
                                    "string",
                                    "card",
                                    "purchase",
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
                                    "téléphone",
                                    "Fødselsnummer",
                                    "número",
                                    "НОМЕР",
                                    "телефон",
                                    "straße",
                                    "éA",
                                    "aÉb",
                                    "2×3",
                                    "–",
                                    "“card”",
                                    "holder’s",
                                    "nº",
                                    "№",
                                    "☎",
                                    "א\"ב",
                                    "电话",
                                    "전화번호",
                                    "カード、",
                                    "कार्ड",
                                    "\xEF\xBF\xBD",
                                    "\xED\xA0\x80",
                                    "tel",
                                    "mobilephonenumberofsomebodywhoisnothere",
                                    "creditcardnummer",
                                    "zip",
                                    "account",
                                    "version",
                                    "build",
                                    "is",
                                    "this"};
static const char *const signs[] = {" ",    " ",   " ",  " ",  ": ",   ":",  "-",
                                    ".",    ". A", ", ", "\n", ":\n",  "=",  "'",
                                    "1234", "12-", "(",  "\t", ": \n", "; ", "\" "};

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
            to[below(n)] = (char)(1 + below(255));
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
        struct word look;
        uint64_t hash;
        if (at < end && is((uint8_t)text[at], C_LETTER)) {
            assert_int_equal(cue_look(x, t, at, end, &look), cue_word_hash(x, t, at, end, &hash));
            assert_true(look.hash == hash);
        }
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

/* A word of the table that shares its bit with a frequent one ("chwefror" once did with "quarter")
 * makes each number beside that one look like a date: another factor, then (near_bit). */
static void frequent_words_share_no_bit(void **state)
{
    (void)state;
    static const char frequent[] =
        "the and for that this with you not are from your all have new more was will can "
        "about page has search free but our one other information time they site what "
        "which their news out use any there see only his when here business who web also "
        "now help get view online first been would how were services some these click "
        "like service find date back people had just over state day into two health "
        "world next used work last products music data make them should product system "
        "add number such please available message after best software then good well "
        "where info rights public books school through each links she review "
        "order very book items company read group need many user said does set under mail "
        "full program life know way days part could great item must made report off "
        "member details line terms before did send right type because using results "
        "office national design take address within states area want shipping "
        "reserved between family based code even check being women much sign file open "
        "today case same pages version section own found sports house related both game "
        "members power while care down computer total end following download without per "
        "access think big media law history size since including text small rating "
        "government children during return account times form love old hours image "
        "department weight quarter quarterly rows bytes orders errors ";
    struct cue_index *x;
    assert_ok(cue_index_new(NULL, 0, false, &x));
    for (const char *w = frequent; *w; w += strcspn(w, " ") + 1) {
        uint32_t letters = near_letters((const uint8_t *)w, strcspn(w, " "));
        if (near_may_be(x, NEAR_BEFORE, letters) || near_may_be(x, NEAR_BEHIND, letters))
            fail_msg("beside \"%.*s\" a number is looked at", (int)strcspn(w, " "), w);
    }
    assert_true(near_may_be(x, NEAR_BEHIND, near_letters((const uint8_t *)"march", 5)));
    cue_index_free(x);
}

/* An owner may say the same word more often than a slot has rows. */
static void words_said_too_often_harm_no_others(void **state)
{
    (void)state;
    enum { TIMES = 300 };
    struct span again[TIMES];
    struct cue_index *x;
    for (size_t i = 0; i < TIMES; i++)
        again[i] = span_str("zebra");
    struct scan_custom custom = {.context = again, .context_n = TIMES};
    assert_ok(cue_index_new(&custom, 1, false, &x));
    assert_int_equal(cue_is(x, span_str("zebra"), CUE_CUSTOM), 2);
    assert_int_equal(cue_is(x, span_str("ssn"), ENTITY_US_SSN), 2);
    assert_int_equal(cue_is(x, span_str("social security number"), ENTITY_US_SSN), 2);
    assert_int_equal(cue_is(x, span_str("zebra"), ENTITY_US_SSN), 0);
    cue_index_free(x);
}

/* ---- numbers among words that matter beside them ---- */

static const char *const beside[] = {
    "the",      "of",         "and",   "in",       "at",     "May",    "may",    "Oct",   "Main",
    "Oak",      "Hill",       "road",  "St",       "Street", "street", "Avenue", "rue",   "rue",
    "Calle",    "via",        "de",    "la",       "Am",     "Auf",    "Gasse",  "Lange", "weg",
    "age",      "aged",       "years", "year",     "yo",     "ans",    "old",    "No",    "no",
    "Apt",      "bis",        "lat",   "lon",      "Smith",  "TV",     "B",      "x",     "c",
    "Hauptweg", "Rome",       "ul",    "Tor",      "Drive",  "page",   "and",    "bd",    "McHenry",
    "mainWay",  "Alte-Allee", "é",     "BMW",      "d'Azur", "2nd",    "phone",  "Tel",   "PLZ",
    "CHAPTER",  "MAIN",       "ROAD",  "HAUPTSTR", "ABcd",   "abCD",   "FM",     "US",    "Hwy",
    "M",        "I",          "PSC",   "APO AE",   "psc"};
static const char *const joints[] = {" ",   " ",   " ",   " ",    ", ", ",", ". ", ".",  "-",
                                     " - ", "/",   ":",   ": ",   "'",  "(", ") ", "\n", "  ",
                                     "%20", "\\n", "=\"", "\", ", "|",  "+", "[",  "#",  ";"};

static size_t number_put(char *to, size_t at)
{
    static const char *const forms[] = {
        "d",   "dd",         "ddd",          "dddd",     "20dd",           "19dd",
        "d.d", "dd.ddddd",   "d:dd",         "dd,ddd",   "ddddd",          "d/dd",
        "12b", "[ddd/dddd]", "d\" 20d dddd", "dddd/ddd", "ddd dddd bytes", "dddd ddd kB"};
    for (const char *f = forms[below(sizeof forms / sizeof *forms)]; *f && at < TEXT_MAX; f++)
        to[at++] = *f == 'd' ? (char)('0' + below(10)) : *f;
    return at;
}

static size_t numbers_make(char *to)
{
    size_t n = 0, most = below(TEXT_MAX);
    while (n < most) {
        if (below(3))
            n = put(to, n, beside[below(sizeof beside / sizeof *beside)]);
        else
            n = number_put(to, n);
        n = put(to, n, joints[below(sizeof joints / sizeof *joints)]);
    }
    return n;
}

static int by_all(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct finding));
}

/* Both scanners find the same in texts of `make`, and something in one of ten. */
static void same_found(size_t (*make)(char *))
{
    struct scan_config cfg = scan_config_default();
    struct scanner *fast, *plain;
    struct findings a = {.max = 4096}, b = {.max = 4096};
    size_t found = 0;
    cfg.threshold = 0.3F;
    assert_ok(scanner_new(&cfg, &fast));
    cfg.plain_c = true;
    assert_ok(scanner_new(&cfg, &plain));
    for (size_t round = 0; round < ROUNDS / 2; round++) {
        char text[TEXT_MAX];
        struct span t = span(text, make(text));
        a.n = b.n = 0;
        assert_ok(scan_text(fast, t, &a));
        assert_ok(scan_text(plain, t, &b));
        if (a.n)
            qsort(a.v, a.n, sizeof *a.v, by_all);
        if (b.n)
            qsort(b.v, b.n, sizeof *b.v, by_all);
        for (size_t i = 0; i < a.n || i < b.n; i++) {
            const struct finding *f = i < b.n ? &b.v[i] : &a.v[i];
            if (i >= a.n || i >= b.n || memcmp(&a.v[i], &b.v[i], sizeof *f) != 0)
                fail_msg("\"%.*s\" of \"%.*s\"", (int)(f->end - f->start), text + f->start,
                         (int)t.n, text);
        }
        found += a.n;
    }
    assert_true(found > ROUNDS / 20);
    findings_free(&a);
    findings_free(&b);
    scanner_free(fast);
    scanner_free(plain);
}

static void numbers_refused_are_none(void **state)
{
    (void)state;
    same_found(numbers_make);
}

/* ---- numbers behind labels ---- */

static size_t labels_make(char *to)
{
    static const char *const forms[] = {"ddd-dd-dddd",  "ddd-ddd-dddd", "ddddddddd", "ddddddddddd",
                                        "4ddddddddddd", "Addddddd",     "dd.dd.dd",  "1d.d.dd.d",
                                        "ddddd",        "1d.0d.20dd"};
    static const char *const gaps[] = {" ", " ", " ", ": ", ", ", "=\"", "\": \"", " #", "\n", "-"};
    size_t n = 0, most = below(TEXT_MAX);
    while (n < most) {
        for (size_t k = below(4); k; k--) {
            n = put(to, n, words[below(sizeof words / sizeof *words)]);
            n = put(to, n, k > 1 ? signs[below(sizeof signs / sizeof *signs)] : "");
        }
        n = put(to, n, gaps[below(sizeof gaps / sizeof *gaps)]);
        for (const char *f = forms[below(sizeof forms / sizeof *forms)]; *f && n < TEXT_MAX; f++)
            to[n++] = *f == 'd' ? (char)('0' + below(10)) : *f;
        n = put(to, n, signs[below(sizeof signs / sizeof *signs)]);
    }
    return n;
}

static void labels_right_before_say_what_windows_say(void **state)
{
    (void)state;
    same_found(labels_make);
}

/* What a form makes certain is found without a word, with the score of its form alone; where a
 * threshold is higher than that, words count. */
static void words_count_where_a_form_is_not_enough(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum entity e;
    } values[] = {{"card: 4111 1111 1111 1111", ENTITY_CREDIT_CARD},
                  {"phone: +49 40 8498863", ENTITY_PHONE_NUMBER},
                  {"birthday: 12.03.1985", ENTITY_DATE_TIME}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct span with = span_str(values[i].text);
        struct span without = span_from(with, span_find(with, 0, ':') + 2);
        struct scan_config cfg = scan_config_default();
        float score = 0;
        for (unsigned high = 0; high < 2; high++) {
            struct scanner *s;
            struct findings f = {.max = 8}, bare = {.max = 8};
            assert_ok(scanner_new(&cfg, &s));
            assert_ok(scan_text(s, with, &f));
            assert_ok(scan_text(s, without, &bare));
            assert_int_equal(f.n, 1);
            assert_int_equal(f.v[0].entity, values[i].e);
            assert_int_equal(bare.n, !high);
            assert_true(high ? f.v[0].score > score : f.v[0].score == bare.v[0].score);
            score = f.v[0].score;
            cfg.threshold = score + 0.005F;
            findings_free(&f);
            findings_free(&bare);
            scanner_free(s);
        }
    }
}

/* What only names the value behind it, or an element, and what is somebody's. */
static void labels_are_no_names(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
        bool label;
    } rows[] = {{"| NISS | 74.07.04-674.33 |", "NISS", true},
                {"{\"field\":\"rodn\u00e9 \u010d\u00edslo\",\"value\":\"571121/9646\"}",
                 "rodn\u00e9 \u010d\u00edslo", true},
                {"<imei>86-433332-704054-9</imei>", "imei", true},
                {"Tin</owner>", "owner", true},
                {"- name: hkid\n  value: \"T362264(3)\"", "hkid", true},
                {"Teudat zehut, 315910760", "Teudat zehut", false}, /* fields of a row */
                {"\xe8\xba\xab\xe4\xbb\xbd\xe8\xaf\x81\xe5\x8f\xb7\xef\xbc\x9a"
                 "110101195902279881",
                 "\xe8\xba\xab\xe4\xbb\xbd\xe8\xaf\x81\xe5\x8f\xb7", true},
                {"Troy: 212-555-0142", "Troy", false},           /* a card's name, but no card */
                {"Nik asks for 3172010602990006", "Nik", false}, /* words between */
                {"Reg", "Reg", false},
                {"Tin 1984", "Tin", false}};
    struct scan_config cfg = scan_config_default();
    struct scanner *s;
    assert_ok(scanner_new(&cfg, &s));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span text = span_str(rows[i].text);
        size_t at = (size_t)(strstr(rows[i].text, rows[i].name) - rows[i].text);
        assert_int_equal(scan_is_label(s, text, at, at + strlen(rows[i].name)), rows[i].label);
    }
    scanner_free(s);
}

/* A name with dots, "S.S.N.", counts for a number that only a strong word helps, wherever the
 * blocks end that words are looked up in. */
static void initials_count(void **state)
{
    (void)state;
    static const char *const names[] = {"sms", "ssn", "ein", "tel", "xyz", "fax"};
    static const char *const apart[] = {" ", ".", ". ", " - ", "x ", " is "};
    static const char *const numbers[] = {"55590134", "212456789", "270780984"};
    struct scan_config cfg = scan_config_default();
    struct scanner *fast, *plain;
    size_t found = 0;
    assert_ok(scanner_new(&cfg, &fast));
    cfg.plain_c = true;
    assert_ok(scanner_new(&cfg, &plain));
    for (size_t round = 0; round < 40000; round++) {
        char text[256];
        const char *name = names[below(6)], *sign = apart[below(6)], *number = numbers[below(3)];
        int lead = (int)below(80), n, blanks = (int)below(12);
        bool behind = below(2);
        n = snprintf(
            text, sizeof text, "%.*s %s%*s%c%s%c%s%c%*s%s and a b", lead,
            "the cat sat on a mat. it's a good thing I am a man in a hat, as I say so to you",
            behind ? number : "", blanks, "", name[0], sign, name[1], sign, name[2], blanks, " ",
            behind ? "" : number);
        struct findings f = {.max = 8}, g = {.max = 8};
        assert_ok(scan_text(fast, span(text, (size_t)n), &f));
        assert_ok(scan_text(plain, span(text, (size_t)n), &g));
        assert_int_equal(f.n, g.n);
        for (size_t i = 0; i < f.n; i++)
            assert_memory_equal(&f.v[i], &g.v[i], sizeof f.v[i]);
        found += f.n;
        findings_free(&f);
        findings_free(&g);
    }
    assert_true(found > 1000);
    scanner_free(fast);
    scanner_free(plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(initials_count),
                                       cmocka_unit_test(labels_are_no_names),
                                       cmocka_unit_test(bitmaps_read_what_bytes_say),
                                       cmocka_unit_test(frequent_words_share_no_bit),
                                       cmocka_unit_test(words_said_too_often_harm_no_others),
                                       cmocka_unit_test(numbers_refused_are_none),
                                       cmocka_unit_test(labels_right_before_say_what_windows_say),
                                       cmocka_unit_test(words_count_where_a_form_is_not_enough)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
