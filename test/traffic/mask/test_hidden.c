/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies as an adversary would write them: values spelt otherwise, cut in pieces, in keys, numbers
 * and fields that nobody uses. Each row names what must not be left of the value; the body itself
 * must hold it (so a row that tests nothing fails), and what is masked must come back.
 */
#include "fixture.h"

#define AT      "@" /* keeps rows readable beside MAIL-like words */
#define KEY     "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"
#define USER(t) "{\"messages\":[{\"role\":\"user\",\"content\":\"" t "\"}]}"

#define WRAPPED  "this is a line that somebody's program has wrapped: "
#define ATTENDEE "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Ada "

struct row {
    enum llm_surface surface;
    const char *body;
    const char *gone[3]; /* bytes of the body that must not leave */
};

enum outcome { MASKED, REFUSED };

static enum outcome run(struct fixture *f, const struct row *r)
{
    struct err e = fixture_mask(f, r->surface, span_str(r->body));
    for (size_t i = 0; i < 3 && r->gone[i]; i++) {
        if (!holds(span_str(r->body), r->gone[i]))
            fail_msg("the row plants nothing: %s", r->body);
        if (holds(buf_span(&f->out), r->gone[i]))
            fail_msg("%s left in %.*s", r->gone[i], SPAN_ARG(buf_span(&f->out)));
    }
    if (failed(e)) {
        if (err_cat(e) != ERR_INPUT || !f->fault.why || f->out.n)
            fail_msg("refused the wrong way: %s", r->body);
        return REFUSED;
    }
    buf_clear(&f->back);
    assert_ok(restore_request(f->session, r->surface, &f->scratch, buf_span(&f->out), &f->back,
                              NULL, NULL));
    if (!json_same(buf_span(&f->back), span_str(r->body), 0))
        fail_msg("%s\nmasked %.*s\nback %.*s", r->body, SPAN_ARG(buf_span(&f->out)),
                 SPAN_ARG(buf_span(&f->back)));
    return MASKED;
}

static void all_masked(struct fixture *f, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (run(f, &rows[i]) != MASKED)
            fail_msg("refused: %s in %s", f->fault.why, rows[i].body);
}
#define ALL_MASKED(f, rows) all_masked(f, rows, sizeof(rows) / sizeof *(rows))

/* ---- other spellings ---- */

static const struct row spellings[] = {
    {LLM_CHAT, USER("to anna.k%40example.org now"), {"anna", "example"}},
    {LLM_CHAT, USER("to anna.k&#64;example.org now"), {"anna", "example"}},
    {LLM_CHAT, USER("to anna.k&#x40;example.org now"), {"anna", "example"}},
    {LLM_CHAT, USER("to anna.k&commat;example&period;org now"), {"anna", "example"}},
    {LLM_CHAT, USER("to anna.k\\\\u0040example.org now"), {"anna", "example"}},
    {LLM_CHAT, USER("to anna.k\\\\U00000040example.org now"), {"anna", "example"}},
    {LLM_CHAT, USER("to anna.k\\\\u{40}example.org now"), {"anna", "example"}},
    {LLM_CHAT, USER("to anna.k\\\\x40example.org now"), {"anna", "example"}},
    {LLM_CHAT, USER("to anna.k\\\\100example.org now"), {"anna", "example"}},
    {LLM_CHAT, USER("to anna\\\\.k\\\\@example\\\\.org now"), {"anna", "example"}},
    {LLM_CHAT, USER("to anna.k=40example.org now"), {"anna", "example"}},
    {LLM_CHAT, USER("to anna.k@exam=\\nple.org now"), {"anna", "exam"}},
    {LLM_CHAT, USER("to =61nna.k=40example.org, =41=44=41 =4C=6Fvelace"), {"nna", "example"}},
    {LLM_CHAT, USER("to %61%6e%6e%61.k%40example.org now"), {"%61", "example"}},
    /* words of a mail's head */
    {LLM_CHAT, USER("Subject: =?UTF-8?Q?card_4111_1111_1111_1111?="), {"4111", "1111"}},
    {LLM_CHAT, USER("Subject: =?us-ascii?q?anna=2ek=40example=2Eorg?= x"), {"anna", "example"}},
    {LLM_CHAT, USER("To: =?utf-8?B?YW5uYUBleGFtcGxlLm9yZw==?="), {"YW5u", "Lm9yZw"}},
    {LLM_CHAT,
     USER("To: =?UTF-8?Q?anna=2Ek=40ex?=\\r\\n =?UTF-8?Q?ample=2Eorg?="),
     {"anna", "ample"}},
    {LLM_CHAT, USER("To: =?iso-8859-1?Q?Zo=EB_M=FCller?= <a@b.org>"), {"Zo", "ller"}},
    {LLM_CHAT, USER("To: =?UTF-8?B?Wm/DqyBNw7xsbGVy?= <a@b.org>"), {"Wm/", "bGVy"}},
    {LLM_CHAT, USER("To: =?iso-8859-1?Q?Ren=E9:_anna=2Ek=40example=2Eorg?="), {"anna", "example"}},
    {LLM_CHAT, USER("to anna.k%2540example.org now"), {"anna", "example"}},
    {LLM_CHAT, USER("to anna.k&amp;#64;example.org now"), {"anna", "example"}},
    {LLM_CHAT, USER("to anna.k%26%2364%3Bexample.org now"), {"anna", "example"}},
    {LLM_CHAT, USER("\\u0061nna.k\\u0040example.org"), {"nna", "example"}},
    {LLM_CHAT, USER("card 4111\\\\u00201111\\\\u00201111\\\\u00201111"), {"4111", "1111"}},
    {LLM_CHAT, USER("card 4111%201111%201111%201111"), {"4111", "1111"}},
    {LLM_CHAT, USER("card 4111&nbsp;1111&nbsp;1111&nbsp;1111"), {"4111", "1111"}},
    {LLM_CHAT, USER("card %34%31%31%31%31%31%31%31%31%31%31%31%31%31%31%31"), {"%31"}},
    {LLM_CHAT, USER("iban GB82%20WEST%201234%205698%207654%2032"), {"WEST", "5698"}},
    {LLM_CHAT, USER("ssn%3A%20078-05-1121"), {"1121"}},
    {LLM_CHAT, USER("{\\\"Ada Lovelace\\\": {\\\"paid\\\": true}}"), {"Ada", "Lovelace"}},
    {LLM_CHAT, USER("owed: {'Ada Lovelace' : 1.10}"), {"Ada", "Lovelace"}},
    {LLM_CHAT,
     "{\"messages\":[{\"role\":\"tool\",\"tool_call_id\":\"t\",\"content\":\"[{\\\"by\\\":{\\\"Ada "
     "Lovelace\\\":1}}]\"}]}",
     {"Ada", "Lovelace"}},
    {LLM_CHAT, USER("{\\\\\\\"Ada Lovelace\\\\\\\": 1}"), {"Ada", "Lovelace"}},
    {LLM_CHAT, USER("https://app.acme.de/users/anna.k@example.org/edit"), {"anna", "example"}},
    {LLM_CHAT, USER("https://app.acme.de/anna.k%40example.org"), {"anna", "example"}},
    {LLM_CHAT, USER("key \\\\u0067hp_kT9vXq2LmR7pZc4WnB8yHs5JdF3gAe0mEL9s"), {"kT9vXq2LmR7pZc4"}},
    {LLM_CHAT, USER("call %2B1%20415%20555%202671"), {"555", "2671"}},
    {LLM_CHAT, USER("ask Ada%20Lovelace"), {"Ada", "Lovelace"}},
    {LLM_CHAT, USER("ask Zo\\\\u00eb M\\\\u00fcller"), {"Zo", "ller"}},
    {LLM_CHAT, USER("ask Zo%C3%AB%20M%C3%BCller"), {"Zo", "ller"}},
    {LLM_CHAT, USER("ask Zo&euml; M&uuml;ller"), {"Zo", "ller"}},
    /* forms */
    {LLM_CHAT, USER("POST phone=%2B49+30+90182045&card=4111+1111+1111+1111"), {"90182045", "4111"}},
    {LLM_CHAT, USER("curl -d 'card=4111+1111+1111+1111'"), {"4111", "1111"}},
    {LLM_CHAT, USER("?q=call+Ada+Lovelace&hl=en"), {"Ada", "Lovelace"}},
    /* tags, colours */
    {LLM_CHAT, USER("card <b>4111</b> <b>1111</b> <b>1111</b> <b>1111</b>"), {"4111", "1111"}},
    {LLM_CHAT, USER("card <b>4111</b> 1111 <i>1111</i> 1111"), {"4111", "1111"}},
    {LLM_CHAT, USER("anna.k<span class='at'>@</span>exam<wbr/>ple.org"), {"anna", "ple.org"}},
    {LLM_CHAT, USER("anna.\\\\u001b[31mk@example.org\\\\u001b[0m"), {"anna", "example"}},
    {LLM_CHAT,
     USER("<a href='mailto:anna.k&#64;acme.org'>4111</a> 1111 1111 1111"),
     {"anna", "4111"}},
    {LLM_CHAT, USER("b<i t='YW5uYUBleGFtcGxlLm9yZw=='>x</i>4"), {"YW5u", "Lm9yZw"}},
    {LLM_CHAT, USER("<a href=3D'mailto:anna.ko=\\nwalska=40acme.org'>4</a>1"), {"anna", "walska"}},
    {LLM_CHAT, USER("<a href='?card=4111+1111+1111+1111'>4</a>1"), {"4111", "1111"}},
    {LLM_CHAT, USER("<i title='Zoë, anna.k@acme.org'>4111</i> 1111 1111 1111"), {"anna", "4111"}},
    {LLM_CHAT, USER("the<i>Zo=C3=AB M=C3=BCller</i> and"), {"Zo", "ller"}},
    {LLM_CHAT,
     USER("anna.\\u001b[01;31m\\u001b[Kk\\u001b[m\\u001b[K@example.org"),
     {"anna", "example"}},
    {LLM_CHAT, USER("ask \\\\e[1mAda Lovelace\\\\e[0m"), {"Ada", "Lovelace"}},
    {LLM_CHAT, USER("\\u001b[32m+49 30 90182045\\u001b[0mOK"), {"90182045"}},
    {LLM_CHAT, USER("\\u001bAda Lovelace, \\u001b4111111111111111"), {"Ada", "4111"}},
    {LLM_CHAT, USER("password=&#49;2hunter!Blue %2541"), {"hunter", "Blue"}},
    {LLM_CHAT, USER("card 4111 <b>1111</b> 1111 1111"), {"4111", "1111"}},
    {LLM_CHAT, USER("card 4111<!-- --> 1111<!-- --> <!-- -->1111 1111"), {"4111", "1111"}},
    {LLM_CHAT, USER("anna.k<!-- no robots -->@example.org"), {"anna", "example"}},
    {LLM_CHAT, USER("by <!-- -->Ada<!-- --> <!-- -->Lovelace<!-- -->"), {"Ada", "Lovelace"}},
    {LLM_CHAT, USER("4<!-- anna.k@example.org, Zoë -->1"), {"anna", "example"}},
    {LLM_CHAT, USER("4<!-- <b>4111</b> 1111 <i>1111</i> 1111 -->1"), {"4111", "1111"}},
    {LLM_CHAT, USER("<!-- anna.k<i>@</i>exam<wbr>ple.org --> 4<i>1</i>"), {"anna", "ple.org"}},
    {LLM_CHAT,
     USER("card \\\\u003cb\\\\u003e4111\\\\u003c/b\\\\u003e 1111 1111 1111"),
     {"4111", "1111"}},
    {LLM_CHAT, USER("anna.k&lt;span&gt;@&lt;/span&gt;example.org"), {"anna", "example"}},
    {LLM_CHAT, USER("anna.k&#60;!-- x --&gt;@example.org"), {"anna", "example"}},
    {LLM_CHAT, USER("card 4111<!--> 1111<!---> 1111<!----> 1111"), {"4111", "1111"}},
    /* lines of calendars, cards and directories, folded */
    {LLM_CHAT, USER(ATTENDEE "Lo\\r\\n velace;X-NUM-GUESTS=0:mailto:ad"), {"Ada", "velace"}},
    {LLM_CHAT, USER(ATTENDEE "Lo\\n velace;X-NUM-GUESTS=0:mailto:ad"), {"Ada", "velace"}},
    {LLM_CHAT,
     USER(ATTENDEE "XY\\r\\n Z;X-NUM-GUESTS=0:mailto:somebody.with.a.long.name.whose.end.of.the."
                   "line\\r\\n @example.org"),
     {"end.of.the", "example.org"}},
    {LLM_CHAT,
     USER("dn: cn=somebody,ou=people,ou=anything,dc=example,dc=org,iban=GB82 WEST 1234\\n  5698 "
          "7654 32"),
     {"WEST", "5698"}},
    {LLM_CHAT,
     USER("description:: TWVldGluZyBhYm91dCB0aGUgaW52b2ljZSB3aXRoIGNhcmQgNDExMSAxMTExID\\n "
          "ExMTEgMTExMSwgbm90aGluZyBtb3Jl"),
     {"TWVldGlu", "ExMTEg"}},
    /* lines that were wrapped within a number */
    {LLM_CHAT, USER(WRAPPED "4111 1111\\n> 1111 1111. Bye"), {"4111", "1111. "}},
    {LLM_CHAT, USER("> > " WRAPPED "4111 1111\\r\\n> > 1111 1111"), {"4111", "1111"}},
    {LLM_CHAT, USER(WRAPPED "+49 171\\n2345678"), {"+49", "2345678"}},
    {LLM_CHAT, USER(WRAPPED "+1&nbsp;415&nbsp;555&nbsp;2671\\n4111 1111 1111 1111"), {"+1", "555"}},
    {LLM_CHAT, USER(WRAPPED "(415)\\n555-2671"), {"415", "2671"}},
    {LLM_CHAT, USER(WRAPPED "SSN 536-22-\\n8714"), {"536-22", "8714"}},
    {LLM_CHAT, USER("# " WRAPPED "GB82 WEST 1234\\n# 5698 7654 32"), {"WEST", "5698"}},
    {LLM_CHAT, USER(" * " WRAPPED "DE89 3704 0044 \\n * 0532 0130 00"), {"3704", "0532"}},
    /* letters in TeX */
    {LLM_CHAT, USER("+49~171~2345678"), {"+49", "2345678"}},
    {LLM_CHAT,
     USER("+49\\\\,171\\\\,2345678 and 4111\\\\ 1111\\\\ 1111\\\\ 1111"),
     {"2345678", "1111"}},
    {LLM_CHAT, USER("IBAN~GB82~WEST~1234~5698~7654~32"), {"GB82", "WEST", "7654"}},
    {LLM_CHAT, USER("4111~1111~1111~1111 of 1.2~rc1"), {"4111", "1111"}},
    {LLM_CHAT, USER("by Ada~Lovelace"), {"Ada", "Lovelace"}},
    /* dumps of databases */
    {LLM_CHAT, USER("VALUES (0x616E6E612E6B406578616D706C652E6F7267)"), {"0x616E", "6E612E6B"}},
    {LLM_CHAT, USER("'\\\\x616e6e612e6b406578616d706c652e6f7267'"), {"616e", "612e6b"}},
    {LLM_CHAT, USER("card \\\\x34111111111111111"), {"111111"}},
    /* how signs are to look */
    {LLM_CHAT,
     USER(
         "+4️⃣9️⃣ 3️⃣0️⃣ 9️⃣0️⃣1️⃣8️⃣2️⃣0️⃣4️⃣5️⃣"),
     {"9️⃣0️⃣1️⃣8️⃣"}},
    /* JSON in JSON, four deep */
    {LLM_CHAT,
     USER("{\\\"a\\\":\\\"{\\\\\\\"b\\\\\\\":\\\\\\\"anna.k\\\\\\\\u0040example.org\\\\\\\"}\\\"}"),
     {"anna", "example"}},
    {LLM_CHAT, USER("anna.k\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\u0040example.org"), {"anna", "example"}},
    {LLM_CHAT,
     "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"f\","
     "\"arguments\":\"{\\\"body\\\":\\\"{\\\\\\\"to\\\\\\\":\\\\\\\"anna.k\\\\\\\\u0040example.org"
     "\\\\\\\"}\\\"}\"}}]}]}",
     {"anna", "example"}},
    {LLM_CHAT,
     "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"f\","
     "\"arguments\":\"{\\\"url\\\":\\\"https://x.example/?to=anna.k%40example.org\\\"}\"}}]}]}",
     {"anna", "%40"}},
    {LLM_MESSAGES,
     "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":"
     "\"t\",\"content\":\"{\\\"a\\\":\\\"anna.k\\\\u0040example.org\\\"} and more\"}]}]}",
     {"anna", "example"}},
    {LLM_MESSAGES,
     "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t\","
     "\"name\":\"f\",\"input\":{\"q\":\"anna.k%40example.org\"}}]}]}",
     {"anna", "example"}},
    {LLM_OLLAMA_CHAT, USER("to anna.k%40example.org now"), {"anna", "example"}},
    {LLM_RESPONSES, "{\"input\":\"to anna.k&#64;example.org now\"}", {"anna", "example"}},
    /* what nobody sees, and what only looks the same */
    {LLM_CHAT, USER("card 4111\\u200b1111\\u200b1111\\u200b1111"), {"4111", "1111"}},
    {LLM_CHAT, USER("anna.k\\u200b@\\u200bexample.org"), {"anna", "example"}},
    {LLM_CHAT, USER("card \\uff14111111111111111"), {"111111"}},
    {LLM_CHAT, USER("anna.k\\uff20example.org"), {"anna", "example"}},
    {LLM_CHAT, USER("anna.k&zwj;@example.org"), {"anna", "example"}},
    {LLM_CHAT, USER("card 4111&#8203;1111&#8203;1111&#8203;1111"), {"4111", "1111"}},
    {LLM_CHAT, USER("to \u0430nna.k@ex\u0430mple.org now"), {"nna", "mple"}},
    {LLM_CHAT, USER("ask \u0410da L\u043evelace"), {"da ", "velace"}},
    {LLM_CHAT, USER("card \u096a\u0967\u0967\u0967 \u0967\u0967\u0967\u0967 1111 1111"), {"1111"}},
    {LLM_CHAT, USER("card \U0001d7d2\U0001d7cf\U0001d7cf\U0001d7cf111111111111"), {"1111"}},
    {LLM_CHAT, USER("\U0001d41a\U0001d427nna.k@example.org"), {"nna", "example"}},
    /* base64: "my key is ghp_…", "card 4111111111111111", "anna.k@example.org is me" */
    {LLM_CHAT,
     USER("bXkga2V5IGlzIGdocF9rVDl2WHEyTG1SN3BaYzRXbkI4eUhzNUpkRjNnQWUwbUVMOXM="),
     {"bXkga2V5", "UhzNUpk"}},
    {LLM_CHAT, USER("look at Y2FyZCA0MTExMTExMTExMTExMTEx please"), {"Y2FyZCA0MTExMTExMTE"}},
    {LLM_CHAT, USER("x=YW5uYS5rQGV4YW1wbGUub3JnIGlzIG1l&y"), {"YW5uYS5rQGV4YW1wbGUub3Jn"}},
    {LLM_CHAT,
     USER("data:text/plain;base64,YW5uYS5rQGV4YW1wbGUub3JnIGlzIG1l"),
     {"YW5uYS5rQGV4YW1wbGUub3Jn"}},
    {LLM_CHAT, USER("data:text/plain,anna.k%40example.org"), {"anna", "example"}},
    {LLM_CHAT,
     USER("https://x.example/YW5uYS5rQGV4YW1wbGUub3JnIGlzIG1l"),
     {"YW5uYS5rQGV4YW1wbGUub3Jn"}},
    {LLM_CHAT, USER("616e6e612e6b406578616d706c652e6f7267"), {"616e6e612e6b40"}},
    /* "Čapek, anna.k@example.org" */
    {LLM_CHAT, USER("to xIxhcGVrLCBhbm5hLmtAZXhhbXBsZS5vcmc= now"), {"xIxhcGVr", "LmtAZXhh"}},
    /* UTF-16 either way and with its mark, Latin-1, a terminal's colours, hexadecimal UTF-16 */
    {LLM_CHAT,
     USER("powershell -enc YQBuAG4AYQAuAGsAQABlAHgAYQBtAHAAbABlAC4AbwByAGcAIABpAHMAIABtAGUA"),
     {"YQBuAG4AYQAuAGsAQABl"}},
    {LLM_CHAT,
     USER("AGEAbgBuAGEALgBrAEAAZQB4AGEAbQBwAGwAZQAuAG8AcgBnACAAaQBzACAAbQBl"),
     {"AGEAbgBuAGEALgBrAEAA"}},
    {LLM_CHAT,
     USER("//5NAGEAaQBsADoAIABhAG4AbgBhAC4AawBAAGUAeABhAG0AcABsAGUALgBvAHIAZwAgAGkAcwAgAG0AZQA="),
     {"BsADoAIABhAG4AbgBhAC"}},
    {LLM_CHAT, USER("Y2Fm6SB0YWIgYW5uYS5rQGV4YW1wbGUub3JnIGlzIG1l"), {"IgYW5uYS5rQGV4YW1wbG"}},
    {LLM_CHAT, USER("c2VlIBtbMW1hbm5hLmtAZXhhbXBsZS5vcmcgaXMgbWUbWzBt"), {"1hbm5hLmtAZXhhbXBsZS"}},
    {LLM_CHAT,
     USER("61006e006e0061002e006b0040006500780061006d0070006c0065002e006f00720067002000690073002000"
          "6d006500"),
     {"61006e006e0061002e00"}},
    {LLM_CHAT, USER("YW5uYS5r%51GV4YW1wbGUub3JnIGlzIG1l"), {"YW5uYS5r", "GV4YW1wbGUub3Jn"}},
};

static void other_spellings_are_seen_through(void **state)
{
    ALL_MASKED(*state, spellings);
}

/* The same bytes, but nothing personal: they pass as they are. */
static void control_harmless_escapes_pass(void **state)
{
    static const char *const texts[] = {
        USER("printf(\\\"%d\\\\n\\\", 100%40); a &amp; b &lt; c; s/\\\\.org$//; x=40; "
             "C:\\\\users\\\\x41"),
        USER("y = 1; x=415+555+2671; return x"),
        USER("git clone https://anna.k@git.example.org/repo.git and ssh://git@host.example:22/x"),
        USER("path /usr/lib/python3/dist-packages/numpy/core and sha256 "
             "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        USER("a =? b ?= c=?d x=?UTF-8?Q? y =?koi8-r?Q?=C1?= u?a=?b&c=?= =?utf-8?X?anna?= "
             "=?utf-8?Q?=C3?= =?utf-8?B?====?= =?utf-8?Q?=4?= =?utf-8?Q?hello_there?="),
        USER("bm90aGluZyBwZXJzb25hbCBpcyBpbiB0aGlzIGxpbmU= and %20 &eacute; \\\\u00e9"),
        USER("\u041f\u0440\u0438\u0432\u0435\u0442, \u03b1\u03b2\u03b3, x\u00b2, caf\u00e9, "
             "\u4f60\u597d"),
        USER("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJR"
             "U5E"),
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_ok(fixture_mask(f, LLM_CHAT, span_str(texts[i])));
        assert_span(buf_span(&f->out), span_str(texts[i]));
    }
}

/* A '=' that pads a key, or is a program's, does not lengthen the value. */
static void signs_that_spell_nothing_end_the_value(void **state)
{
    struct fixture *f = *state;
    assert_ok(fixture_mask(
        f, LLM_CHAT,
        SPAN_LIT(USER("PrivateKey = 8Kq2WcVtR7mZ4xLdP9sYh3NbG6jF0aTeUo5iQw1EyBk=\\nListenPort "
                      "x?key_id=AKIAQ7YYQA346J5PG2YO&sign=512f36"))));
    assert_false(holds(buf_span(&f->out), "8Kq2Wc"));
    assert_true(holds(buf_span(&f->out), "ListenPort"));
    assert_false(holds(buf_span(&f->out), "AKIAQ7YY"));
    assert_true(holds(buf_span(&f->out), "sign=512f36"));
}

static void spellings_of_one_value_share_a_digest(void **state)
{
    struct fixture *f = *state;
    assert_ok(fixture_mask(f, LLM_CHAT,
                           SPAN_LIT(USER("anna.k@example.org anna.k%40example.org "
                                         "anna.k&#64;example.org"))));
    struct span plain = token_of(f, "anna.k" AT "example.org");
    struct span link = token_of(f, "anna.k%40example.org");
    struct span page = token_of(f, "anna.k&#64;example.org");
    assert_memory_equal(plain.p, link.p, plain.n - 1);
    assert_memory_equal(plain.p, page.p, plain.n - 1);
    assert_false(span_eq(link, page));
}

/* M2 both ways: known by its escapes, found without, and the other way round. */
static void m2_knows_values_through_escapes(void **state)
{
    struct fixture *f = *state;
    assert_ok(
        fixture_mask(f, LLM_CHAT,
                     SPAN_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
                              "\"SSN 078%2D05%2D1121\"},{\"role\":\"user\",\"content\":"
                              "\"it is 078051121, see 078%2d05%2d1121 and x%20078051121\"}]}")));
    assert_false(holds(buf_span(&f->out), "1121"));
    assert_false(holds(buf_span(&f->out), "078"));
}

/* ---- values in pieces ---- */

#define PARTS(a, b)                                                                                \
    "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"" a              \
    "\"},{\"type\":\"text\",\"text\":\"" b "\"}]}]}"

static const struct row pieces[] = {
    {LLM_CHAT, PARTS("mail anna.k", "@example.org now"), {"anna", "example"}},
    {LLM_MESSAGES, PARTS("mail anna.k", "@example.org now"), {"anna", "example"}},
    {LLM_MESSAGES, PARTS("mail anna.k@exam", "ple.org now"), {"anna", "ple.org"}},
    {LLM_CHAT, PARTS("my card is 4111 1111", "1111 1111 thanks"), {"4111", "1111"}},
    {LLM_CHAT, PARTS("my card is 4111 1111 ", "1111 1111 thanks"), {"4111", "1111"}},
    {LLM_CHAT, PARTS("my card is 41111111", "11111111 thanks"), {"4111", "1111"}},
    {LLM_CHAT, PARTS("ssn 078-05", "-1121 thanks"), {"078", "1121"}},
    {LLM_CHAT,
     PARTS("key ghp_kT9vXq2LmR7pZc4WnB", "8yHs5JdF3gAe0mEL9s"),
     {"kT9vXq2LmR", "5JdF3gAe0m"}},
    {LLM_CHAT, PARTS("anna.k%4", "0example.org"), {"anna", "example"}},
    {LLM_CHAT, PARTS("mail anna.k", "\\u0040example.org"), {"anna", "example"}},
    {LLM_CHAT, PARTS("mail anna.k", "\u0040example.org"), {"anna", "example"}},
    {LLM_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"4111\"},{"
     "\"type\":\"text\",\"text\":\"1111\"},{\"text\":\"1111\",\"type\":\"text\"},{\"type\":"
     "\"text\",\"text\":\"1111\"}]}]}",
     {"4111", "1111"}},
    {LLM_MESSAGES,
     "{\"system\":[{\"type\":\"text\",\"text\":\"for anna.k\",\"cache_control\":{\"type\":"
     "\"ephemeral\"}},{\"type\":\"text\",\"text\":\"@example.org\"}],\"messages\":[]}",
     {"anna", "example"}},
    {LLM_MESSAGES,
     "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":"
     "\"t\",\"content\":[{\"type\":\"text\",\"text\":\"anna.k\"},{\"type\":\"text\",\"text\":"
     "\"@example.org\"}]}]}]}",
     {"anna", "example"}},
    {LLM_MESSAGES,
     "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t\","
     "\"name\":\"f\",\"input\":{\"to\":[\"anna.k\",\"@example.org\"]}}]}]}",
     {"anna", "example"}},
    {LLM_CHAT,
     "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"f\","
     "\"arguments\":\"{\\\"to\\\":[\\\"anna.k\\\",\\\"@example.org\\\"]}\"}}]}]}",
     {"anna", "example"}},
    {LLM_RESPONSES,
     "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"anna.k\"},"
     "{\"type\":\"input_text\",\"text\":\"@example.org\"}]}]}",
     {"anna", "example"}},
    {LLM_COMPLETIONS, "{\"prompt\":[\"anna.k\",\"@example.org\"]}", {"anna", "example"}},
    {LLM_CHAT, "{\"messages\":[],\"stop\":[\"anna.k\",\"@example.org\"]}", {"anna", "example"}},
    /* over messages: what went before must stay as it was, the rest of the value does not follow */
    {LLM_MESSAGES,
     "{\"messages\":[{\"role\":\"user\",\"content\":\"mail anna.k\"},{\"role\":\"user\","
     "\"content\":\"@example.org now\"}]}",
     {"example"}},
    {LLM_OLLAMA_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":\"card 4111 1111\"},{\"role\":\"user\","
     "\"content\":\"1111 1112 1\"},{\"role\":\"user\",\"content\":\"mail anna.k\"},{\"role\":"
     "\"user\",\"content\":\"@example.org\"}]}",
     {"example"}},
};

static void values_in_pieces_are_put_together(void **state)
{
    ALL_MASKED(*state, pieces);
}

static void control_whole_neighbours_stay_whole(void **state)
{
    static const char *const bodies[] = {
        PARTS("First part.", "Second part"),
        PARTS("see /usr/lib", "and more"),
        PARTS("12", "34"),
        "{\"messages\":[],\"stop\":[\"alpha\",\"beta\",\"10.5\",\"2.0\"]}",
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        assert_ok(fixture_mask(f, LLM_CHAT, span_str(bodies[i])));
        assert_span(buf_span(&f->out), span_str(bodies[i]));
    }
    /* two whole addresses side by side are two values, and "baz" is none */
    assert_ok(fixture_mask(f, LLM_CHAT,
                           SPAN_LIT("{\"messages\":[],\"stop\":[\"a.b@example.org\",\"baz\","
                                    "\"c.d@example.org\"]}")));
    assert_true(holds(buf_span(&f->out), "\"baz\""));
    assert_int_equal(mask_total(f->session), 2);
}

/* M3: the message that comes later changes nothing in the one before. */
static void m3_a_later_half_changes_nothing_before(void **state)
{
    struct fixture *f = *state;
    static const char first[] = "{\"messages\":[{\"role\":\"user\",\"content\":\"card 4111 1111\"}";
    BUF_AUTO before = buf_init(4096);
    BUF_AUTO body = buf_init(4096);
    assert_ok(buf_printf(&body, "%s]}", first));
    assert_ok(fixture_mask(f, LLM_CHAT, buf_span(&body)));
    assert_ok(buf_put(&before, span_cut(buf_span(&f->out), 0, f->out.n - 2)));
    buf_clear(&body);
    assert_ok(buf_printf(&body, "%s,{\"role\":\"user\",\"content\":\"1111 1111\"}]}", first));
    assert_ok(fixture_mask(f, LLM_CHAT, buf_span(&body)));
    assert_true(span_starts(buf_span(&f->out), buf_span(&before)));
    assert_false(holds(span_from(buf_span(&f->out), before.n), "1111"));
}

/* ---- keys, numbers, fields that nobody knows ---- */

#define TOOL(schema)                                                                               \
    "{\"messages\":[],\"tools\":[{\"function\":{\"name\":\"f\",\"parameters\":" schema "}}]}"

static const struct row corners[] = {
    {LLM_CHAT, "{\"messages\":[],\"metadata\":{\"anna.k@example.org\":\"x\"}}", {"anna"}},
    {LLM_CHAT,
     "{\"messages\":[],\"metadata\":{\"Ada Lovelace\":\"x\",\"n\":\"Bob Smith\"}}",
     {"Ada", "Bob"}},
    {LLM_CHAT, "{\"messages\":[],\"metadata\":{\"card\":4111111111111111}}", {"4111"}},
    {LLM_MESSAGES,
     "{\"messages\":[],\"metadata\":{\"user_id\":\"x\",\"anna.k@example.org\":[]}}",
     {"anna"}},
    {LLM_MESSAGES, "{\"messages\":[],\"metadata\":{\"user_id\":\"536-22-8726\"}}", {"536"}},
    {LLM_CHAT, "{\"messages\":[],\"x_new\":{\"deep\":[{\"anna.k@example.org\":1}]}}", {"anna"}},
    {LLM_CHAT,
     "{\"messages\":[],\"x_new\":{\"deep\":[{\"Ada Lovelace\":{\"Kim\":1}}]}}",
     {"Ada", "Kim"}},
    {LLM_CHAT, "{\"messages\":[],\"anna.k@example.org\":1}", {"anna"}},
    {LLM_CHAT, "{\"anna.k@example.org\":1,\"messages\":[]}", {"anna"}},
    {LLM_MESSAGES, "{\"messages\":[],\"anna.k@example.org\":[]}", {"anna"}},
    {LLM_CHAT, "{\"messages\":[{\"role\":\"user\",\"anna.k@example.org\":1}]}", {"anna"}},
    {LLM_CHAT, "{\"messages\":[],\"anna.k\\u0040example.org\":1}", {"anna"}},
    {LLM_CHAT, "{\"messages\":[],\"x\":{\"anna.k%40example.org\":1}}", {"anna"}},
    {LLM_CHAT, "{\"messages\":[],\"x_new\":{\"card\":4111111111111111}}", {"4111"}},
    {LLM_CHAT, "{\"messages\":[],\"card\":[4111111111111111]}", {"4111"}},
    {LLM_CHAT, "{\"messages\":[],\"x\":4.111111111111111e15}", {"4.111"}},
    {LLM_CHAT, "{\"messages\":[],\"x\":4111111111111111.0}", {"4111"}},
    {LLM_CHAT, "{\"messages\":[],\"x\":-411111111111111100e-2}", {"4111"}},
    {LLM_MESSAGES,
     "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t\","
     "\"name\":\"f\",\"input\":{\"card\":4.111111111111111E+15}}]}]}",
     {"4.111"}},
    {LLM_CHAT, "{\"messages\":[],\"logit_bias\":{\"4111111111111111\":1}}", {"4111"}},
    {LLM_OLLAMA_CHAT,
     "{\"messages\":[],\"options\":{\"x\":4111111111111111,\"a.b@example.org\":1}}",
     {"4111", "example"}},
    {LLM_CHAT,
     TOOL("{\"type\":\"object\",\"properties\":{\"anna.k@example.org\":{\"type\":\"string\"}},"
          "\"required\":[\"anna.k@example.org\"]}"),
     {"anna", "example"}},
    {LLM_CHAT, TOOL("{\"enum\":[4111111111111111,\"x\"]}"), {"4111"}},
    {LLM_CHAT, TOOL("{\"const\":4111111111111111}"), {"4111"}},
    {LLM_CHAT, TOOL("{\"default\":{\"anna.k@example.org\":4111111111111111}}"), {"anna", "4111"}},
    {LLM_CHAT, TOOL("{\"examples\":[{\"to\":\"Ada Lovelace\"}]}"), {"Ada"}},
    {LLM_CHAT, TOOL("{\"pattern\":\"^anna\\\\.k@example\\\\.org$\"}"), {"anna"}},
    {LLM_CHAT, TOOL("{\"$ref\":\"#/$defs/anna.k@example.org\"}"), {"anna"}},
    {LLM_CHAT, TOOL("{\"x-note\":{\"deep\":\"anna.k@example.org\"}}"), {"anna"}},
    {LLM_MESSAGES,
     "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"redacted_thinking\",\"data\":"
     "\"call anna.k@example.org\"}]}]}",
     {"anna"}},
    {LLM_MESSAGES,
     "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":"
     "\"x\",\"signature\":\"anna.k@example.org\"}]}]}",
     {"anna"}},
    {LLM_RESPONSES,
     "{\"input\":[{\"type\":\"reasoning\",\"encrypted_content\":\"for anna.k@example.org\"}]}",
     {"anna"}},
    {LLM_RESPONSES,
     "{\"input\":[{\"type\":\"reasoning\",\"encrypted_content\":{\"x\":\"anna.k@example.org\"}}]}",
     {"anna"}},
    {LLM_CHAT,
     "{\"messages\":[{\"role\":\"assistant\",\"reasoning_details\":[{\"data\":[{\"y\":"
     "\"anna.k@example.org\"}]}]}]}",
     {"anna"}},
};

/* Places for names, in which somebody wrote a sentence; signatures that are none. */
#define WORDS "Ask Ada Lovelace, +1 212 555 7788, anna.k@example.org"
#define LEFT                                                                                       \
    {                                                                                              \
        "Ada Lovelace", "555 7788", "anna.k"                                                       \
    }
#define SIGNATURE "EqoBCkYIBRgCKkAp1q7Vb3cQf8Zx2Lm9Tn4Ry6Ws0Hd5Kj7Gu1Bi3No8Pa2Ce4Df6Qv9Xz"
#define SIGNED(role, signature)                                                                    \
    "{\"messages\":[{\"role\":\"" role                                                             \
    "\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"" WORDS "\",\"signature\":\"" signature \
    "\"}]}]}"
static const struct row sentences[] = {
    {LLM_MESSAGES,
     "{\"messages\":[],\"context_management\":{\"edits\":[{\"instructions\":\"" WORDS "\"}]}}",
     LEFT},
    {LLM_MESSAGES, "{\"messages\":[],\"thinking\":{\"note\":\"" WORDS "\"}}", LEFT},
    {LLM_MESSAGES, "{\"messages\":[],\"cache_control\":{\"type\":\"" WORDS "\"}}", LEFT},
    {LLM_CHAT, TOOL("{\"errorMessage\":\"" WORDS "\"}"), LEFT},
    {LLM_CHAT, TOOL("{\"enumDescriptions\":[\"Kim\"]}"), {"Kim"}},
    {LLM_CHAT, TOOL("{\"x-note\":\"" WORDS "\"}"), LEFT},
    {LLM_CHAT, TOOL("{\"properties\":{\"" WORDS "\":{}}}"), LEFT},
    {LLM_CHAT, "{\"messages\":[],\"tools\":[{\"function\":{\"name\":\"" WORDS "\"}}]}", LEFT},
    {LLM_CHAT, "{\"messages\":[{\"role\":\"tool\",\"tool_call_id\":\"" WORDS "\"}]}", LEFT},
    {LLM_MESSAGES, SIGNED("assistant", "x"), LEFT},
    {LLM_MESSAGES, SIGNED("user", SIGNATURE), LEFT},
    {LLM_MESSAGES, SIGNED("assistant", WORDS WORDS), LEFT},
    {LLM_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"reasoning_details\":[{\"text\":\"" WORDS
     "\",\"signature\":\"" SIGNATURE "\"}]}]}",
     LEFT},
};

static void sentences_in_places_for_names(void **state)
{
    ALL_MASKED(*state, sentences);
    struct fixture *f = *state;
    assert_ok(fixture_mask(f, LLM_MESSAGES, SPAN_LIT(SIGNED("assistant", SIGNATURE))));
    assert_span(buf_span(&f->out), SPAN_LIT(SIGNED("assistant", SIGNATURE)));
}

static void keys_numbers_and_unknown_fields(void **state)
{
    ALL_MASKED(*state, corners);
}

/* What means something to the provider and cannot become a token. */
static const struct row refused[] = {
    {LLM_CHAT, "{\"messages\":[],\"seed\":4111111111111111}", {"4111"}},
    {LLM_CHAT, "{\"messages\":[],\"max_tokens\":4111111111111111}", {"4111"}},
    {LLM_CHAT, "{\"messages\":[],\"n\":4111111111111111}", {"4111"}},
    {LLM_CHAT, TOOL("{\"minimum\":4111111111111111}"), {"4111"}},
    {LLM_MESSAGES, "{\"messages\":[],\"thinking\":{\"budget_tokens\":4111111111111111}}", {"4111"}},
    /* a file of text: "anna.k@example.org is somebody whom we know" and more */
    {LLM_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"filename\":"
     "\"a.txt\",\"file_data\":\"data:text/plain;base64,"
     "YW5uYS5rQGV4YW1wbGUub3JnIGlzIHNvbWVib2R5IHdob20gd2Uga25vdw==\"}}]}]}",
     {"YW5uYS5r"}},
    {LLM_OLLAMA_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"images\":["
     "\"YW5uYS5rQGV4YW1wbGUub3JnIGlzIHNvbWVib2R5IHdob20gd2Uga25vdyBhbmQgbGlrZQ==\"]}]}",
     {"YW5uYS5r"}},
    /* the same in UTF-16, in Latin-1, and with a form feed and a zero byte */
    {LLM_OLLAMA_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"images\":["
     "\"YQBuAG4AYQAuAGsAQABlAHgAYQBtAHAAbABlAC4AbwByAGcAIABpAHMAIABzAG8AbQBlAGIAbwBkAHkA"
     "IAB3AGgAbwBtACAAdwBlACAAawBuAG8AdwAgAGEAbgBkACAAdwBoAG8AbQAgAHcAZQAgAGwAaQBrAGUA"
     "IABhACAAbABvAHQALAAgAGEAbABsACAAbwBmACAAdQBzAA==\"]}]}",
     {"AHgAYQBtAHAAbABlAC4AbwByAGcAIABpAHMAIABz"}},
    {LLM_OLLAMA_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"images\":["
     "\"Y2Fm6TogYW5uYS5rQGV4YW1wbGUub3JnIGlzIHNvbWVib2R5IHdob20gd2Uga25vdyBhbmQgd2hvbSB3"
     "ZSBsaWtlIGEgbG90LCBhbGwgb2YgdXM=\"]}]}",
     {"YW1wbGUub3JnIGlzIHNvbWVib2R5IHdob20gd2Ug"}},
    {LLM_OLLAMA_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"images\":["
     "\"DGFubmEua0BleGFtcGxlLm9yZyBpcyBzb21lYm9keSB3aG9tIHdlIGtub3cgYW5kIHdob20gd2UgbGlr"
     "ZSBhIGxvdCwgYWxsIG9mIHVzYW5uYS5rQGV4YW1wbGUub3JnIGlzIHNvbWVib2R5IHdob20gd2Uga25v"
     "dyBhbmQgd2hvbSB3ZSBsaWtlIGEgbG90LCBhbGwgb2YgdXMAYW5uYS5rQGV4YW1wbGUub3JnIGlzIHNv"
     "bWVib2R5IHdob20gd2Uga25vdyBhbmQgd2hvbSB3ZSBsaWtlIGEgbG90LCBhbGwgb2YgdXM=\"]}]}",
     {"Lm9yZyBpcyBzb21lYm9keSB3aG9tIHdlIGtub3cg"}},
    /* lines, as programs break them */
    {LLM_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"file_da"
     "ta\":\"data:text/plain;base64,RGVhciBhbGwsIHRoaXMgaXMgYSBtZW1vIGFib3V0IG5vdGhpbmcgaW4"
     "gcGFydGljdWxhciwgYW5k\\nIGl0IGdvZXMgb24gZm9yIGEgd2hpbGUgYW5kIG1vcmUuIGFubmEua0BleGFtc"
     "GxlLm9yZyBpcyBz\\nb21lYm9keSB3aG9tIHdlIGtub3cgYW5kIGxpa2Uu\"}}]}]}",
     {"IHdlIGtub3cgYW5kIGxpa2Uu"}},
    {LLM_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"file_da"
     "ta\":\"data:text/plain;base64,RGVhciBhbGwsIHRoaXMgaXMgYSBtZW1vIGFib3V0IG5vdGhpbmcgaW4"
     "gcGFydGljdWxhciwgYW5k\\r\\nIGl0IGdvZXMgb24gZm9yIGEgd2hpbGUgYW5kIG1vcmUuIGFubmEua0BleG"
     "FtcGxlLm9yZyBpcyBz\\r\\nb21lYm9keSB3aG9tIHdlIGtub3cgYW5kIGxpa2Uu\"}}]}]}",
     {"IHdlIGtub3cgYW5kIGxpa2Uu"}},
    {LLM_OLLAMA_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"images\":[\"RGVhciBhbGwsIHRoaXM"
     "gaXMgYSBtZW1vIGFib3V0IG5vdGhpbmcgaW4gcGFydGljdWxhciwgYW5k\\nIGl0IGdvZXMgb24gZm9yIGEgd"
     "2hpbGUgYW5kIG1vcmUuIGFubmEua0BleGFtcGxlLm9yZyBpcyBz\\nb21lYm9keSB3aG9tIHdlIGtub3cgYW5"
     "kIGxpa2Uu\"]}]}",
     {"IHdlIGtub3cgYW5kIGxpa2Uu"}},
    {LLM_OLLAMA_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"images\":[\"RGVhciBhbGwsIHRoaXM"
     "gaXMgYSBtZW1vIGFib3V0IG5vdGhpbmcgaW4gcGFydGljdWxhciwgYW5k\\r\\nIGl0IGdvZXMgb24gZm9yIG"
     "Egd2hpbGUgYW5kIG1vcmUuIGFubmEua0BleGFtcGxlLm9yZyBpcyBz\\r\\nb21lYm9keSB3aG9tIHdlIGtub"
     "3cgYW5kIGxpa2Uu\"]}]}",
     {"IHdlIGtub3cgYW5kIGxpa2Uu"}},
    /* a blank, a sign of the other alphabet, a strange one */
    {LLM_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"file_da"
     "ta\":\"data:text/plain;base64,RGVhciBhbGwsIHRoaXMgaXMgYSBtZW1vIGFib3V0I G5vdGhpbmcgaW"
     "4gcGFydGljdWxhciwgYW5kIGl0IGdvZXMgb24gZm9yIGEgd2hpbGUgYW5kIG1vcmUuIGFubmEua0BleGFtcGx"
     "lLm9yZyBpcyBzb21lYm9keSB3aG9tIHdlIGtub3cgYW5kIGxpa2Uu\"}}]}]}",
     {"IHdlIGtub3cgYW5kIGxpa2Uu"}},
    {LLM_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"file_da"
     "ta\":\"data:text/plain;base64,RGVhciBhbGwsIHRoaXMgaXMgYSBtZW1vIGFib3V0I-G5vdGhpbmcgaW"
     "4gcGFydGljdWxhciwgYW5kIGl0IGdvZXMgb24gZm9yIGEgd2hpbGUgYW5kIG1vcmUuIGFubmEua0BleGFtcGx"
     "lLm9yZyBpcyBzb21lYm9keSB3aG9tIHdlIGtub3cgYW5kIGxpa2Uu\"}}]}]}",
     {"IHdlIGtub3cgYW5kIGxpa2Uu"}},
    {LLM_OLLAMA_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"images\":[\"RGVhciBhbGwsIHRoaXM"
     "gaXMgYSBtZW1vIGFib3V0I_G5vdGhpbmcgaW4gcGFydGljdWxhciwgYW5kIGl0IGdvZXMgb24gZm9yIGEgd2h"
     "pbGUgYW5kIG1vcmUuIGFubmEua0BleGFtcGxlLm9yZyBpcyBzb21lYm9keSB3aG9tIHdlIGtub3cgYW5kIGxp"
     "a2Uu\"]}]}",
     {"IHdlIGtub3cgYW5kIGxpa2Uu"}},
    {LLM_OLLAMA_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"images\":[\"RGVhciBhbGwsIHRoaXM"
     "gaXMgYSBtZW1vIGFib3V0I.G5vdGhpbmcgaW4gcGFydGljdWxhciwgYW5kIGl0IGdvZXMgb24gZm9yIGEgd2h"
     "pbGUgYW5kIG1vcmUuIGFubmEua0BleGFtcGxlLm9yZyBpcyBzb21lYm9keSB3aG9tIHdlIGtub3cgYW5kIGxp"
     "a2Uu\"]}]}",
     {"IHdlIGtub3cgYW5kIGxpa2Uu"}},
    {LLM_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"file_da"
     "ta\":\"data:text/plain;base64,RGVhciBhbGwsIHRoaXMgaXMgYSBtZW1vIGFib3V0IG.5vdGhpbmcgaW"
     "4gcGFydGljdWxhciwgYW5kIGl0IGdvZXMgb24gZm9yIGEgd2hpbGUgYW5kIG1vcmUuIGFubmEua0BleGFtcGx"
     "lLm9yZyBpcyBzb21lYm9keSB3aG9tIHdlIGtub3cgYW5kIGxpa2Uu\"}}]}]}",
     {"IHdlIGtub3cgYW5kIGxpa2Uu"}},
    /* padding inside; a character too many */
    {LLM_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"file_da"
     "ta\":\"data:text/plain;base64,RGVhciBhbGwsIHRoaXMgaXMgYSBtZW1vIGFib3V0IG5vdGhpbmcgaW4"
     "gcGFydGljdWxhciwgYW5kIGl0IGdvZXMgb24gZm9yIGEgd2hpbGUgYW5kIG1vcmUuIC4uYW5uYS5rQGV4YW1w"
     "bGUub3JnIGlzIHNvbWVib2R5IHdob20gd2Uga25vdyBhbmQgbGlrZS4=\"}}]}]}",
     {"d2Uga25vdyBhbmQgbGlrZS4="}},
    {LLM_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"file_da"
     "ta\":\"data:text/plain;base64,RGVhciBhbGwsIHRoaXMgaXMgYSBtZW1vIGFib3V0IG5vdGhpbmcgaW4"
     "gcGFydGljdWxhciwgYW5kIGl0IGdvZXMgb24gZm9yIGEgd2hpbGUgYW5kIG1vcmUuIGFubmEua0BleGFtcGxl"
     "Lm9yZyBpcyBzb21lYm9keSB3aG9tIHdlIGtub3cgYW5kIGxpa2UuA\"}}]}]}",
     {"IHdlIGtub3cgYW5kIGxpa2Uu"}},
    /* the other spelling of the link */
    {LLM_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"file_da"
     "ta\":\"DATA:text/plain; BASE64 ,RGVhciBhbGwsIHRoaXMgaXMgYSBtZW1vIGFib3V0IG5vdGhpbmcga"
     "W4gcGFydGljdWxhciwgYW5k\\nIGl0IGdvZXMgb24gZm9yIGEgd2hpbGUgYW5kIG1vcmUuIGFubmEua0BleGF"
     "tcGxlLm9yZyBpcyBz\\nb21lYm9keSB3aG9tIHdlIGtub3cgYW5kIGxpa2Uu\"}}]}]}",
     {"IHdlIGtub3cgYW5kIGxpa2Uu"}},
    /* text behind bytes that are none, and that in UTF-16 */
    {LLM_OLLAMA_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"images\":[\"gIGCg4SFhoeIiYqLjI2"
     "Oj5CRkpOUlZaXmJmam5ydnp+goaKjpKWmp6ipqqusra6vsLGys7S1tre4ubq7vL2+v8DBwsPExcbHyMnKy8zN"
     "zs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5ufo6err7O3u7/Dx8vP09fb3+Pn6+/z9/v+AgYKDhIWGh4iJiouMj"
     "Y6PkJGSk5SVlpeYmZqbnJ2en6ChoqOkpaanqKmqq6ytrq+wsbKztLW2t7i5uru8vb6/wMHCw8TFxsfIycrLzM"
     "3Oz9DR0tPU1dbX2Nna29zd3t/g4eLj5OXm5+jp6uvs7e7v8PHy8/T19vf4+fr7/P3+/4CBgoOEhYaHiImKi4y"
     "Njo+QkZKTlJWWl5iZmpucnZ6foKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6u7y9vr/AwcLDxMXGx8jJysvM"
     "zc7P0NHS09TV1tfY2drb3N3e3+Dh4uPk5ebn6Onq6+zt7u/w8fLz9PX29/j5+vv8/f7/YW5uYS5rQGV4YW1wb"
     "GUub3JnIGlzIHNvbWVib2R5IHdob20gd2Uga25vdyBhbmQgbGlrZS4=\"]}]}",
     {"d2Uga25vdyBhbmQgbGlrZS4="}},
    {LLM_OLLAMA_CHAT,
     "{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"images\":[\"gIGCg4SFhoeIiYqLjI2"
     "Oj5CRkpOUlZaXmJmam5ydnp+goaKjpKWmp6ipqqusra6vsLGys7S1tre4ubq7vL2+v8DBwsPExcbHyMnKy8zN"
     "zs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5ufo6err7O3u7/Dx8vP09fb3+Pn6+/z9/v+AgYKDhIWGh4iJiouMj"
     "Y6PkJGSk5SVlpeYmZqbnJ2en6ChoqOkpaanqKmqq6ytrq+wsbKztLW2t7i5uru8vb6/wMHCw8TFxsfIycrLzM"
     "3Oz9DR0tPU1dbX2Nna29zd3t/g4eLj5OXm5+jp6uvs7e7v8PHy8/T19vf4+fr7/P3+/4CBgoOEhYaHiImKi4y"
     "Njo+QkZKTlJWWl5iZmpucnZ6foKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6u7y9vr/AwcLDxMXGx8jJysvM"
     "zc7P0NHS09TV1tfY2drb3N3e3+Dh4uPk5ebn6Onq6+zt7u/w8fLz9PX29/j5+vv8/f7/YQBuAG4AYQAuAGsAQ"
     "ABlAHgAYQBtAHAAbABlAC4AbwByAGcAIABpAHMAIABzAG8AbQBlAGIAbwBkAHkAIAB3AGgAbwBtACAAdwBlAC"
     "AAawBuAG8AdwAgAGEAbgBkACAAbABpAGsAZQAuAA==\"]}]}",
     {"bgBkACAAbABpAGsAZQAuAA=="}},
};

static void what_cannot_become_a_token_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (run(*state, &refused[i]) != REFUSED)
            fail_msg("not refused: %s", refused[i].body);
}

static void control_settings_stay(void **state)
{
    static const char body[] =
        "{\"model\":\"m\",\"messages\":[],\"temperature\":0.70000,\"seed\":123456789,"
        "\"max_tokens\":100000,\"logit_bias\":{\"50256\":-100},\"top_p\":0.9999999,"
        "\"metadata\":{\"run_id\":\"a1\",\"session\":\"5f0c\"},\"tools\":[{\"function\":{\"name\":"
        "\"f\",\"parameters\":{\"type\":\"object\",\"properties\":{\"firstName\":{\"type\":"
        "\"string\",\"maxLength\":10000},\"Line 2\":{\"type\":\"integer\",\"enum\":[10000,20000]}}}"
        "}}]}";
    struct fixture *f = *state;
    assert_ok(fixture_mask(f, LLM_CHAT, span_str(body)));
    assert_span(buf_span(&f->out), span_str(body));
}

/* A property's name becomes a token without brackets, as providers ask of names; what the model
 * fills in under that name goes back to the tool under the true one. */
static void property_names_come_back(void **state)
{
    struct fixture *f = *state;
    assert_ok(fixture_mask(f, LLM_CHAT,
                           SPAN_LIT(TOOL("{\"properties\":{\"anna.k@example.org\":{}},"
                                         "\"required\":[\"anna.k@example.org\"]}"))));
    assert_false(holds(buf_span(&f->out), "<"));
    char name[64], answer[512];
    struct span t = token_of(f, "anna.k@example.org");
    snprintf(name, sizeof name, "%.*s", (int)t.n - 2, (const char *)t.p + 1);
    snprintf(answer, sizeof answer,
             "{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{\"name\":\"f\","
             "\"arguments\":\"{\\\"%s\\\":1}\"}}]}}]}",
             name);
    buf_clear(&f->back);
    assert_ok(
        restore_body(f->session, LLM_CHAT, &f->scratch, span_str(answer), &f->back, NULL, NULL));
    assert_true(holds(buf_span(&f->back), "{\\\"anna.k@example.org\\\":1}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        T(other_spellings_are_seen_through),
        T(control_harmless_escapes_pass),
        T(signs_that_spell_nothing_end_the_value),
        T(spellings_of_one_value_share_a_digest),
        T(m2_knows_values_through_escapes),
        T(values_in_pieces_are_put_together),
        T(control_whole_neighbours_stay_whole),
        T(m3_a_later_half_changes_nothing_before),
        T(keys_numbers_and_unknown_fields),
        T(sentences_in_places_for_names),
        T(what_cannot_become_a_token_is_refused),
        T(control_settings_stay),
        T(property_names_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
