/* SPDX-License-Identifier: Apache-2.0 */
/* Operators: what each makes of a value, that answers are restored where they can be, whole and in
 * pieces, and that no stand-in is taken for somebody who is really there. */
#define _GNU_SOURCE
#include "fixture.h"

#include <string.h>
#include <time.h>

static struct mask_operator ops[ENTITY_ALL];

static void with(struct fixture *f, enum mask_operator_kind all)
{
    struct mask_rules r = fixture_rules();
    for (size_t i = 0; i < ENTITY_ALL; i++)
        ops[i] = (struct mask_operator){.kind = all};
    scan_set_add(&r.entities, ENTITY_IP_ADDRESS);
    scan_set_add(&r.entities, ENTITY_MAC_ADDRESS);
    scan_set_add(&r.entities, ENTITY_DATE_TIME);
    r.threshold = 0.3F;
    r.operators = ops;
    fixture_make(f, &r);
}

static struct span mask(struct fixture *f, const char *text)
{
    buf_clear(&f->out);
    mask_session_reset(f->session);
    assert_ok(
        mask_text(f->engine, f->work, &f->key, f->session, span_str(text), &f->out, NULL, NULL));
    return buf_span(&f->out);
}

static const char all_of_it[] =
    "Ada Lovelace wrote to joe.bloggs@acme-corp.com, call +1 212 555 7788 or 020 7946 1234. "
    "Card 4111 1111 1111 1111, IBAN DE89 3704 0044 0532 0130 00, SSN 536-22-8714, host 10.1.2.3, "
    "mac 3c:22:fb:01:02:03, on 2024-03-09. Ada says hi to Bob Smith.";
static const char *const values[] = {"Ada",       "Lovelace",  "joe.bloggs", "212 555 7788",
                                     "7946 1234", "4111 1111", "3704 0044",  "536-22-8714",
                                     "10.1.2.3",  "3c:22:fb",  "2024-03-09", "Bob Smith"};

/* None of the values is there, and restoring gives the text, byte for byte. */
static void round_trip(enum mask_operator_kind kind)
{
    struct fixture f;
    with(&f, kind);
    struct span masked = mask(&f, all_of_it);
    for (size_t i = 1; i < sizeof values / sizeof *values; i++)
        if (holds(masked, values[i]))
            fail_msg("%s is left by operator %d: %.*s", values[i], kind, SPAN_ARG(masked));
    assert_ok(restore_text(f.session, masked, &f.back, NULL));
    assert_span(buf_span(&f.back), span_str(all_of_it));
    fixture_clear(&f);
}

static void what_can_be_undone_is_undone(void **state)
{
    (void)state;
    round_trip(MASK_TOKEN);
    round_trip(MASK_SURROGATE);
    round_trip(MASK_ENCRYPT);
}

static void the_others_leave_nothing(void **state)
{
    (void)state;
    static const enum mask_operator_kind kinds[] = {MASK_STARS, MASK_HASH, MASK_REDACT,
                                                    MASK_REPLACE};
    for (size_t k = 0; k < 4; k++) {
        struct fixture f;
        with(&f, kinds[k]);
        struct span masked = mask(&f, all_of_it);
        for (size_t i = 1; i < sizeof values / sizeof *values; i++)
            assert_false(holds(masked, values[i]));
        assert_ok(restore_text(f.session, masked, &f.back, NULL));
        assert_int_equal(f.back.n, masked.n); /* nothing comes back */
        assert_memory_equal(f.back.p, masked.p, masked.n);
        if (kinds[k] == MASK_REPLACE)
            assert_true(holds(masked, "<EMAIL_ADDRESS>") && holds(masked, "<PERSON>"));
        if (kinds[k] == MASK_STARS)
            assert_true(holds(masked, "**** **** **** ****") && holds(masked, "***-**-****"));
        fixture_clear(&f);
    }
}

static void each_type_its_own(void **state)
{
    (void)state;
    struct fixture f;
    struct mask_rules r = fixture_rules();
    memset(ops, 0, sizeof ops);
    ops[ENTITY_CREDIT_CARD] = (struct mask_operator){.kind = MASK_STARS, .keep = 4};
    ops[ENTITY_EMAIL_ADDRESS] = (struct mask_operator){MASK_REPLACE, 0, SPAN_LIT("[mail]")};
    ops[ENTITY_US_SSN].kind = MASK_KEEP;
    r.operators = ops;
    fixture_make(&f, &r);
    struct span m =
        mask(&f, "Ada Lovelace, joe@acme-corp.com, card 4111-1111-1111-1111, SSN 536-22-8714");
    assert_true(holds(m, "<PERSON_") && holds(m, "[mail]"));
    assert_true(holds(m, "****-****-****-1111") && holds(m, "536-22-8714"));
    fixture_clear(&f);
    ops[ENTITY_EMAIL_ADDRESS].text = SPAN_LIT("a\"b");
    struct mask_engine *e;
    assert_int_equal(err_cat(mask_engine_new(&r, NULL, &e)), ERR_INPUT);
}

/* ---- stand-ins ---- */

static unsigned luhn(struct span s)
{
    unsigned sum = 0, k = 0;
    for (size_t i = s.n; i--;) {
        if ((uint8_t)(s.p[i] - '0') >= 10)
            continue;
        unsigned v = (unsigned)(s.p[i] - '0') << (k++ & 1);
        sum += v > 9 ? v - 9 : v;
    }
    return sum % 10;
}

static struct span shown(struct fixture *f, const char *text, size_t i)
{
    enum entity e;
    struct span token, value;
    mask(f, text);
    assert_true(i < mask_values(f->session));
    mask_value(f->session, i, &e, &token, &value);
    return token;
}

static unsigned mod97(struct span s)
{
    unsigned rest = 0;
    uint8_t code[64];
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != ' ')
            code[n++] = s.p[i];
    for (size_t i = 0; i < n; i++) {
        uint8_t c = code[(i + 4) % n];
        unsigned v = c <= '9' ? c - (unsigned)'0' : c - 'A' + 10U;
        rest = (rest * (v > 9 ? 100 : 10) + v) % 97;
    }
    return rest;
}

static void stand_ins_look_like_what_they_stand_for(void **state)
{
    (void)state;
    struct fixture f;
    with(&f, MASK_SURROGATE);
    struct span s = shown(&f, "card 4111 1111 1111 1111", 0);
    assert_int_equal(s.n, 19);
    assert_int_equal(luhn(s), 0);
    assert_true(span_starts(s, SPAN_LIT("4242 42")));
    s = shown(&f, "IBAN GB29 NWBK 6016 1331 9268 19", 0);
    assert_true(span_starts(s, SPAN_LIT("GB")) && s.n == 27);
    assert_int_equal(mod97(s), 1);
    s = shown(&f, "call me at (415) 867-5309", 0);
    assert_true(s.n == 14 && s.p[0] == '(' && holds(s, ") 555-01"));
    s = shown(&f, "phone +44 7911 123456", 0);
    assert_true(span_starts(s, SPAN_LIT("+44 7700 900")));
    s = shown(&f, "mail joe@acme-corp.com", 0);
    assert_true(holds(s, "@example."));
    s = shown(&f, "ip address 10.1.2.3", 0);
    assert_true(span_starts(s, SPAN_LIT("192.0.2.")) || span_starts(s, SPAN_LIT("198.51.100.")) ||
                span_starts(s, SPAN_LIT("203.0.113.")));
    s = shown(&f, "ADA LOVELACE", 0);
    for (size_t i = 0; i < s.n; i++)
        assert_false((uint8_t)(s.p[i] - 'a') < 26);
    fixture_clear(&f);
}

/* What a single value of a type becomes. */
static void stand_in(struct fixture *f, const char *text, char out[200])
{
    struct span s = shown(f, text, 0);
    snprintf(out, 200, "%.*s", SPAN_ARG(s));
    assert_ok(restore_text(f->session, buf_span(&f->out), &f->back, NULL));
    assert_span(buf_span(&f->back), span_str(text));
    buf_clear(&f->back);
}

/* Days since 1970 of "yyyy-mm-dd". */
static long day_of(const char *iso)
{
    struct tm t = {0};
    char *end = strptime(iso, "%Y-%m-%d", &t);
    if (!end || *end)
        fail_msg("no date: %s", iso);
    return (long)(timegm(&t) / 86400);
}

/* Written in every way, a day is the same day some whole weeks earlier. */
static void dates_move_by_whole_weeks(void **state)
{
    (void)state;
    static const struct {
        const char *text, *form; /* as strftime writes the stand-in */
    } rows[] = {
        {"on 2024-03-09", "%Y-%m-%d"},
        {"on 03/09/2024", "%m/%d/%Y"},
        {"on 09.03.2024", "%d.%m.%Y"},
        {"on 9.3.2024", "%-d.%-m.%Y"},
        {"on March 9, 2024", "%B %-d, %Y"},
        {"on 9 March 2024", "%-d %B %Y"},
        {"on Mar 9, 2024", "%b %-d, %Y"},
        {"on 09 Mar 2024", "%d %b %Y"},
        {"on 2024-03-09T10:11:12Z", "%Y-%m-%dT10:11:12Z"},
    };
    struct fixture f;
    char out[200], want[200];
    with(&f, MASK_SURROGATE);
    stand_in(&f, rows[0].text, out);
    long day = day_of(out), back = day_of("2024-03-09") - day;
    assert_true(back > 0 && back % 7 == 0 && back < 330);
    time_t at = (time_t)day * 86400;
    struct tm t;
    assert_non_null(gmtime_r(&at, &t));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        stand_in(&f, rows[i].text, out);
        assert_true(strftime(want, sizeof want, rows[i].form, &t) > 0);
        assert_string_equal(out, want);
    }
    /* the other way round: no thirteenth month; a leap day; across a year */
    stand_in(&f, "on 31/12/2024", out);
    assert_true(strlen(out) == 10 && out[2] == '/' && (out[3] == '0' || out[3] == '1'));
    assert_null(strchr(out, '<'));
    stand_in(&f, "on 2024-02-29", out);
    assert_int_equal(day_of("2024-02-29") - day_of(out), back);
    stand_in(&f, "on 2024-01-01", out);
    assert_int_equal(day_of("2024-01-01") - day_of(out), back);
    fixture_clear(&f);
}

static void numbers_are_of_free_ranges(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"phone +49 30 1234567", "+49 3023125"},
        {"phone +49 89 12345678", "+49 30 23125"},
        {"phone +33 6 12 34 56 78", "+33 6 39 98 01"},
        {"phone +61 412 345 678", "+61 491 570 1"},
        {"phone +46 8 123 456 78", "+46 8 465 004"},
        {"phone +44 20 7123 4567", "+44 20 7946 0"},
        {"phone 020 7123 4567", "020 7946 0"},
        {"phone +1 415 867 5309", "+1 "},
        {"card 3530111333300000", "353011"},
        {"card 30569309025904", "305693"},
        {"card 378282246310005", "378282"},
        {"card 6011111111111117", "601111"},
        {"card 5105105105105100", "510510"},
        {"card 2223003122003222", "222300"},
        {"card 6200000000000005", "620000"},
        {"mail JOE.BLOGGS@ACME-CORP.COM", ""},
        {"mail Joe.Bloggs@Acme-Corp.com", ""},
    };
    struct fixture f;
    char out[200];
    with(&f, MASK_SURROGATE);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        stand_in(&f, rows[i][0], out);
        if (strncmp(out, rows[i][1], strlen(rows[i][1])) != 0)
            fail_msg("%s: %s", rows[i][0], out);
        if (rows[i][0][0] == 'c')
            assert_int_equal(luhn(span_str(out)), 0);
    }
    stand_in(&f, "mail joe.bloggs@acme-corp.com", out);
    char upper[200];
    stand_in(&f, "mail JOE.BLOGGS@ACME-CORP.COM", upper);
    for (size_t i = 0; out[i]; i++)
        assert_int_equal(upper[i], out[i] >= 'a' && out[i] <= 'z' ? out[i] & 0xdf : out[i]);
    fixture_clear(&f);
}

/* The same value has the same stand-in everywhere, the words of a name theirs, and another
 * principal's are others. */
static void stand_ins_are_consistent(void **state)
{
    (void)state;
    struct fixture f;
    char once[256];
    with(&f, MASK_SURROGATE);
    struct span m = mask(&f, "Ada Lovelace here.");
    snprintf(once, sizeof once, "%.*s", SPAN_ARG(m));
    assert_span(mask(&f, "Ada Lovelace here."), span_str(once));
    static const uint8_t root[MASK_ROOT_BYTES] = {1, 2, 3};
    mask_key_free(&f.key);
    assert_ok(mask_key_init(&f.key, span(root, sizeof root), SPAN_LIT("other")));
    assert_false(span_is(mask(&f, "Ada Lovelace here."), once));
    fixture_clear(&f);
}

/* A text that holds the very name a value would get: another is taken, and that one is no value. */
static void nobody_real_is_a_stand_in(void **state)
{
    (void)state;
    struct fixture f;
    char text[512];
    with(&f, MASK_SURROGATE);
    struct span s = shown(&f, "Ada Lovelace", 0);
    char name[128];
    snprintf(name, sizeof name, "%.*s", SPAN_ARG(s));
    snprintf(text, sizeof text, "%s met Ada Lovelace.", name);
    struct span m = mask(&f, text);
    assert_true(span_starts(m, span_str(name))); /* left alone */
    assert_false(holds(span_from(m, strlen(name)), name));
    assert_ok(restore_text(f.session, m, &f.back, NULL));
    assert_span(buf_span(&f.back), span_str(text));
    fixture_clear(&f);
}

/* ---- answers ---- */

static void streams_are_restored_at_every_cut(void **state)
{
    (void)state;
    struct fixture f;
    with(&f, MASK_SURROGATE);
    BUF_AUTO request = buf_init(4096);
    assert_ok(buf_puts(&request,
                       "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Ada "
                       "Lovelace, joe@acme-corp.com\"}]}"));
    assert_ok(fixture_mask(&f, LLM_CHAT, buf_span(&request)));
    assert_false(holds(buf_span(&f.out), "Lovelace"));
    enum entity e;
    struct span person = SPAN_NONE, mail = SPAN_NONE, value, token;
    for (size_t i = 0; i < mask_values(f.session); i++) {
        mask_value(f.session, i, &e, &token, &value);
        if (span_is(value, "Ada Lovelace"))
            person = token;
        if (e == ENTITY_EMAIL_ADDRESS)
            mail = token;
    }
    assert_true(person.n && mail.n);
    char answer[512];
    snprintf(answer, sizeof answer, "Dear %.*s, %.*s is yours. %.*s's.", SPAN_ARG(person),
             SPAN_ARG(mail), SPAN_ARG(person));
    struct span all = span_str(answer);
    for (size_t cut = 0; cut <= all.n; cut++) {
        struct restore *r;
        BUF_AUTO out = buf_init(65536);
        assert_ok(restore_open(f.session, LLM_CHAT, &f.scratch, NULL, &r));
        for (int part = 0; part < 2; part++) {
            char event[1024];
            struct span piece = part ? span_from(all, cut) : span_cut(all, 0, cut);
            snprintf(event, sizeof event,
                     "{\"id\":\"a\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%.*s\"}}]}",
                     SPAN_ARG(piece));
            assert_ok(restore_event(r, SPAN_NONE, span_str(event), &out));
        }
        assert_ok(restore_end(r, false, &out));
        restore_close(r);
        /* the pieces of content, put together */
        BUF_AUTO text = buf_init(65536);
        for (size_t at = 0;
             (at = span_search(buf_span(&out), at, SPAN_LIT("\"content\":\""))) < out.n;) {
            at += 11;
            size_t end = span_find(buf_span(&out), at, '"');
            assert_ok(buf_put(&text, span_cut(buf_span(&out), at, end - at)));
        }
        assert_span(buf_span(&text),
                    SPAN_LIT("Dear Ada Lovelace, joe@acme-corp.com is yours. Ada Lovelace's."));
    }
    fixture_clear(&f);
}

/* What the streamed answer `all`, cut in two, becomes. */
static void restored_in_two(struct fixture *f, struct span all, size_t cut, struct buf *text)
{
    struct restore *r;
    BUF_AUTO out = buf_init(65536);
    buf_clear(text);
    assert_ok(restore_open(f->session, LLM_CHAT, &f->scratch, NULL, &r));
    for (int part = 0; part < 2; part++) {
        char event[1024];
        struct span piece = part ? span_from(all, cut) : span_cut(all, 0, cut);
        snprintf(event, sizeof event,
                 "{\"id\":\"a\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%.*s\"}}]}",
                 SPAN_ARG(piece));
        assert_ok(restore_event(r, SPAN_NONE, span_str(event), &out));
    }
    assert_ok(restore_end(r, false, &out));
    restore_close(r);
    for (size_t at = 0;
         (at = span_search(buf_span(&out), at, SPAN_LIT("\"content\":\""))) < out.n;) {
        at += 11;
        size_t end = span_find(buf_span(&out), at, '"');
        assert_ok(buf_put(text, span_cut(buf_span(&out), at, end - at)));
    }
}

/* M4 for every operator that can be undone, every kind of neighbour on either side, and every cut
 * of the stream. */
static void values_come_back_beside_anything(void **state)
{
    (void)state;
    static const enum mask_operator_kind kinds[] = {MASK_TOKEN, MASK_SURROGATE, MASK_ENCRYPT};
    static const char *const who[] = {"Ada Lovelace",     "Kim",         "joe@acme-corp.com",
                                      "4111111111111111", "536-22-8714", "+1 212 555 7788"};
    static const char *const beside[] = {"",
                                         " ",
                                         "x",
                                         "Q",
                                         "7",
                                         "_",
                                         "-",
                                         ".",
                                         "@",
                                         ">",
                                         "<",
                                         "\xc3\xa9",
                                         "\xe7\x8e\x8b",
                                         "Bob Smith",
                                         "10.1.2.3",
                                         "DE89370400440532013000"};
    enum { WHO = sizeof who / sizeof *who, BESIDE = sizeof beside / sizeof *beside };
    BUF_AUTO text = buf_init(65536);
    size_t masked = 0;
    for (size_t k = 0; k < 3; k++) {
        struct fixture f;
        with(&f, kinds[k]);
        for (size_t i = 0; i < WHO * BESIDE * BESIDE; i++) {
            char body[300];
            const char *value = who[i % WHO];
            /* known from the first sentence, so that it is found inside others, too */
            int n = snprintf(body, sizeof body, "%s, Bob Smith. So %s%s%s, then", value,
                             beside[i / WHO % BESIDE], value, beside[i / WHO / BESIDE]);
            struct span in = span(body, (size_t)n), out = mask(&f, body);
            masked += !span_eq(in, out);
            buf_clear(&f.back);
            assert_ok(restore_text(f.session, out, &f.back, NULL));
            if (!span_eq(buf_span(&f.back), in))
                fail_msg("operator %d: %s\nmasked %.*s\nback %.*s", kinds[k], body, SPAN_ARG(out),
                         SPAN_ARG(buf_span(&f.back)));
            for (size_t cut = 0; cut <= out.n; cut++) {
                if (cut < out.n && (out.p[cut] & 0xc0) == 0x80)
                    continue; /* no event holds half a character */
                restored_in_two(&f, out, cut, &text);
                if (!span_eq(buf_span(&text), in))
                    fail_msg("operator %d, cut %zu: %s\nmasked %.*s\nback %.*s", kinds[k], cut,
                             body, SPAN_ARG(out), SPAN_ARG(buf_span(&text)));
            }
        }
        fixture_clear(&f);
    }
    assert_true(masked > 3 * WHO * BESIDE * BESIDE / 2);
}

/* ---- the owner's types ---- */

static void encrypted_values_open_with_the_key(void **state)
{
    (void)state;
    struct fixture f;
    char out[200];
    static const uint8_t root[MASK_ROOT_BYTES] = {1, 2, 3};
    struct mask_key other;
    assert_ok(mask_key_init(&other, span(root, sizeof root), SPAN_LIT("somebody else")));
    with(&f, MASK_ENCRYPT);
    stand_in(&f, "to joe@acme-corp.com", out);
    assert_ok(mask_decrypt(&f.key, span_str(out), &f.back));
    assert_span(buf_span(&f.back), SPAN_LIT("joe@acme-corp.com"));
    assert_fails(ERR_INPUT, mask_decrypt(&other, span_str(out), &f.back));
    for (size_t i = 0; out[i]; i++) { /* whichever byte is changed or cut off */
        char was = out[i];
        out[i] = was == 'A' ? 'B' : 'A';
        assert_fails(ERR_INPUT, mask_decrypt(&f.key, span_str(out), &f.back));
        out[i] = was;
        assert_fails(ERR_INPUT, mask_decrypt(&f.key, span((const uint8_t *)out, i), &f.back));
    }
    assert_int_equal(f.back.n, 17); /* nothing was added */
    mask_key_free(&other);
    fixture_clear(&f);
}

static void own_types_have_their_names(void **state)
{
    (void)state;
    struct fixture f;
    const struct scan_pattern p = {SPAN_LIT("\\bEMP\\d{5}\\b"), 0, 0.9F};
    const struct scan_custom c = {.v = &p, .n = 1, .entity = ENTITY_OWN, .rule = SCAN_RULE_OWN};
    const struct span own[] = {SPAN_LIT("EMPLOYEE_ID")};
    struct mask_rules r = fixture_rules();
    r.custom = &c;
    r.custom_n = 1;
    r.own = own;
    r.own_n = 1;
    fixture_make(&f, &r);
    static const char text[] = "id EMP00417 and <EMPLOYEE_ID_k7f3q2mx>";
    struct span m = mask(&f, text);
    assert_true(span_starts(m, SPAN_LIT("id <EMPLOYEE_ID_")));
    assert_int_equal(mask_count(f.session, ENTITY_CUSTOM), 1);
    assert_ok(restore_text(f.session, m, &f.back, NULL));
    assert_span(buf_span(&f.back), span_str(text));
    assert_span(mask_type_name(f.engine, ENTITY_OWN), span_str("EMPLOYEE_ID"));
    /* M2: once known, it is found where its expression does not match */
    m = mask(&f, "EMP00417 keeps EMP00417_notes.txt");
    assert_false(holds(m, "EMP00417"));
    const char *version = mask_engine_version(f.engine);
    struct mask_engine *other;
    r.custom_n = 0;
    assert_ok(mask_engine_new(&r, NULL, &other));
    assert_string_not_equal(version, mask_engine_version(other));
    mask_engine_free(other);
    fixture_clear(&f);
}

static void thresholds_by_type(void **state)
{
    (void)state;
    struct fixture f;
    struct mask_rules r = fixture_rules();
    float t[ENTITY_ALL] = {0};
    t[ENTITY_EMAIL_ADDRESS] = 1;
    r.thresholds = t;
    fixture_make(&f, &r);
    assert_span(mask(&f, "to joe@acme-corp.com"), span_str("to joe@acme-corp.com"));
    assert_false(holds(mask(&f, "Ada Lovelace"), "Ada"));
    fixture_clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_be_undone_is_undone),
        cmocka_unit_test(the_others_leave_nothing),
        cmocka_unit_test(each_type_its_own),
        cmocka_unit_test(stand_ins_look_like_what_they_stand_for),
        cmocka_unit_test(dates_move_by_whole_weeks),
        cmocka_unit_test(numbers_are_of_free_ranges),
        cmocka_unit_test(stand_ins_are_consistent),
        cmocka_unit_test(nobody_real_is_a_stand_in),
        cmocka_unit_test(streams_are_restored_at_every_cut),
        cmocka_unit_test(encrypted_values_open_with_the_key),
        cmocka_unit_test(values_come_back_beside_anything),
        cmocka_unit_test(own_types_have_their_names),
        cmocka_unit_test(thresholds_by_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
