/* SPDX-License-Identifier: Apache-2.0 */
/* The tagger as masking sees it, with the shipped weights: what is found, and what never is. */
#include "growth.h"

#include "file.h"
#include "ner.h"

#include <stdio.h>

static struct file_map map;
static struct ner *ner;
static struct ner_work *work;

static int set_up(void **state)
{
    (void)state;
    struct fault f = {0};
    assert_ok(file_map_open("models/ner-en.bin", &map));
    assert_ok(ner_open(map.bytes, &ner, &f));
    assert_ok(ner_work_new(ner, &work));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ner_work_free(work);
    ner_close(ner);
    file_map_close(&map);
    return 0;
}

/* The findings of one entity at or above 0.7, joined by '|'. */
static void found(const char *text, enum entity entity, struct ner_memory *m, char *out, size_t cap)
{
    struct findings f = {.max = 1000};
    struct span s = span_str(text);
    assert_ok(ner_tag(ner, work, m, s, &f));
    size_t n = 0;
    out[0] = 0;
    for (size_t i = 1; i < f.n; i++)
        assert_true(f.v[i - 1].end <= f.v[i].start); /* N3 */
    for (size_t i = 0; i < f.n; i++)
        if (f.v[i].entity == entity && f.v[i].score >= 0.7F) {
            int k = snprintf(out + n, cap - n, "%s%.*s", n ? "|" : "",
                             SPAN_ARG(span_cut(s, f.v[i].start, f.v[i].end - f.v[i].start)));
            assert_true(k >= 0 && (size_t)k < cap - n);
            n += (size_t)k;
        }
    findings_free(&f);
}

static void persons(const char *text, struct ner_memory *m, char *out, size_t cap)
{
    found(text, ENTITY_PERSON, m, out, cap);
}

static void expect_of(enum entity entity, const char *text, const char *want)
{
    char got[1024];
    found(text, entity, NULL, got, sizeof got);
    if (strcmp(got, want) != 0)
        fail_msg("%s\n  found  [%s]\n  wanted [%s]", text, got, want);
}

static void expect(const char *text, const char *want)
{
    expect_of(ENTITY_PERSON, text, want);
}

static void fields_of_an_address(void **state)
{
    (void)state;
    expect_of(ENTITY_LOCATION, "1042,Dolan,Erin,31 Mill Lane,Totnes,Devon,01803 555010",
              "31 Mill Lane|Totnes|Devon");
    expect_of(ENTITY_LOCATION, "He lives at 31 Mill Lane, Totnes, TQ9 5AA now.",
              "31 Mill Lane, Totnes, TQ9 5AA");
}

/* What place.c mends: labels, words before a house's number, postcodes. */
/* tools/ner/lexicon/known.tsv */
static void words_known_untrained(void **state)
{
    (void)state;
    expect_of(ENTITY_LOCATION, "omw to ghent, back by 9", "ghent");
    expect_of(ENTITY_LOCATION, "Offices: Ghent, Utrecht, Aarhus", "Ghent|Utrecht|Aarhus");
    expect_of(ENTITY_LOCATION, "We met in Bombay and flew to Kiev.", "Bombay|Kiev");
    expect("im chidinma btw, from the other group", "chidinma");
    expect("Abebe, Almaz and Tesfaye carpooled.", "Abebe|Almaz|Tesfaye");
}

/* lexicon/wide.tsv */
static void towns_without_blanks(void **state)
{
    (void)state;
    static const struct {
        const char *text, *places;
    } of[] = {{"我住在深圳市，明天去北京。", "深圳市|北京"},
              {"李明从广州飞往上海", "广州|上海"},
              {"江苏省苏州市", "江苏省|苏州市"},
              {"山田花子さんは京都に住んでいます。", "京都"},
              {"서울에서 만나요", "서울"},
              {"북서울대학교 학생, 서울대학교", ""},
              {"北京大学的老师，他是上海人，香港身份證", ""},
              {"神戸牛を食べた", ""}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        expect_of(ENTITY_LOCATION, of[i].text, of[i].places);
}

static void borders_of_places(void **state)
{
    (void)state;
    expect_of(ENTITY_ZIP_CODE, "She moved to Pune 411001 last year.", "411001");
    expect_of(ENTITY_ZIP_CODE, "She flew from Berlin 2016 to Paris 12345.67 m away", "");
    expect_of(ENTITY_ZIP_CODE, "from Pune 411001 to San Diego 92101, then to Paris by train",
              "411001|92101");
    expect_of(ENTITY_ZIP_CODE, "We shipped to Germany 12345 units, to France 10000 people", "");
    expect_of(ENTITY_ZIP_CODE, "We live in Dublin D02 X285 now", "D02 X285");
    expect_of(ENTITY_ZIP_CODE, "kernel long is different from Valgrind MIPS n32 long size", "");
    expect_of(ENTITY_ZIP_CODE, "from Washington 12000-page reports; INFO Berlin 10243 ms", "");
    expect_of(ENTITY_LOCATION, "We shipped to Germany 12345 units", "Germany");
    expect_of(ENTITY_ZIP_CODE, "Distances: Vienna 1500, Oslo 1200; Cape Town 8001.", "8001");
    expect_of(ENTITY_ZIP_CODE, "Refs: ISO 27001, RFC 8446", "");
    expect_of(ENTITY_ZIP_CODE, "PLZ/Ort: 79106 Freiburg", "79106");
    expect_of(ENTITY_ZIP_CODE, "Postnr og by: 2100 København", "2100");
    expect_of(ENTITY_ZIP_CODE, "Besucher: 79106 Freiburg, Jahr: 2016 Berlin", "");
    expect_of(ENTITY_LOCATION, "Reisepass-Nr. C838N92N8 gültig bis 2031", "");
    expect_of(ENTITY_LOCATION, "C.P.: 28013 Población: Madrid", "Madrid");
    expect_of(ENTITY_LOCATION, "my address is 58 hazel grove, stockport sk7 4rd pls",
              "58 hazel grove, stockport sk7 4rd");
    expect_of(ENTITY_LOCATION, "Lieferadresse Finkenstieg 8, 22301 Hamburg",
              "Finkenstieg 8, 22301 Hamburg");
    expect_of(ENTITY_LOCATION, "Street\n19 Cedar Close\nCity\nExeter\n", "19 Cedar Close|Exeter");
    expect_of(ENTITY_LOCATION, "Street\r\n19 Cedar Close\r\nCity\r\nExeter\r\n",
              "19 Cedar Close|Exeter");
    expect_of(ENTITY_LOCATION, "parcel at 22 rue des martyrs, ok?", "22 rue des martyrs");
    expect_of(ENTITY_LOCATION, "exp 04/27 cvv 123", "");
    expect_of(ENTITY_LOCATION, "народилася 24 серпня 1991 року", "");
    expect_of(ENTITY_LOCATION, "It meets IEC 61508. ISO 9001, ISO 27001", "");
    expect_of(ENTITY_LOCATION, "The Chelsea FC match, the Bank of Ireland app", "");
    expect_of(ENTITY_LOCATION, "We met in Chelsea on the bank of the Thames", "Chelsea|Thames");
    expect("1 Anna Kovacs\n2 Bela Nagy\n", "Anna Kovacs|Bela Nagy");
    expect("Teilnehmer: Frau Kessler, Dr. Anke Voigt", "Kessler|Anke Voigt");
}

/* What place_line.c joins: parts between commas that only the line tells. */
static void lines_of_addresses(void **state)
{
    (void)state;
    static const char *const whole[] = {
        "Thatch Cottage, Orchard Lane, Great Bedwyn, Wilts SN8 3PB",
        "Plot No. 91, Film Nagar, Hyderabad 500096",
        "Flat No. 12, Green Meadows Apartments, Link Road, Mumbai - 400064, Maharashtra",
        "H. No. 7, Phase 4, Mohali, Punjab 160059",
        "B-17, Shanti Enclave, Ring Road, Delhi 110009",
        "N64W13520 Mill Road, Menomonee Falls, WI 53051",
        "RR 3, Ottawa, ON K0A 2Z0",
        "Lot 9 Wattle Creek Road, Mudgee NSW 2850",
        "2nd Floor, 17 Corn Street, Bristol, BS1 1HT",
        "Private Bag X7, Hatfield, Pretoria 0083",
        "Husova 17, Pardubice",
        "Nevsky Prospekt 28, St Petersburg",
        "6 Heol y Bont, Aberystwyth",
        "25 Đường Lê Lợi, Quận 1, TP. Hồ Chí Minh",
        "14/2 Moo 3, Tambon Rawai, Amphoe Mueang, Phuket 83130",
        "Inishmore, Galway, Co. Galway, H91 X2P4",
    };
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        char text[160];
        snprintf(text, sizeof text, "They moved to %s.", whole[i]);
        expect_of(ENTITY_LOCATION, text, whole[i]);
    }
    expect_of(ENTITY_LOCATION, "at W147N8205 Pilgrim Road, Menomonee Falls, WI 53051",
              "W147N8205 Pilgrim Road, Menomonee Falls, WI 53051");
    expect_of(ENTITY_LOCATION, "12 rue Saint-Denis Ouest, Montréal (Québec) H2T 2K8",
              "12 rue Saint-Denis Ouest, Montréal (Québec) H2T 2K8");
    expect_of(ENTITY_LOCATION, "Anna Kowalska, Peter Brown, Paris", "Paris");
    expect_of(ENTITY_LOCATION, "in May, June, Paris and Rome", "Paris|Rome");
    expect("Peter Hill, Maria Novak, London", "Peter Hill|Maria Novak");
}

static void names_in_many_forms(void **state)
{
    (void)state;
    expect("Please send the contract to Anna Kowalska today.", "Anna Kowalska");
    expect("hi, my name is peter hofmann and my order is late", "peter hofmann");
    expect("CUSTOMER: MARTIN BERGSTROM", "MARTIN BERGSTROM");
    expect("Dr. Sofia Lindqvist's report", "Sofia Lindqvist");
    expect("{\"name\": \"Rahul Sharma\", \"city\": \"Pune\"}", "Rahul Sharma");
    expect("name: Marie-Claire Dupont\nrole: admin\n", "Marie-Claire Dupont");
    expect("Attendees:\n- Olga Petrova\n- James O'Connor\n", "Olga Petrova|James O'Connor");
    expect("Best regards,\nFatima Haddad\nSales Manager", "Fatima Haddad");
    expect("Patient Name:Maria Gonzalez", "Maria Gonzalez");
    expect("// written by Thomas Becker in 2019", "Thomas Becker");
    expect("id,name,email\n7,Giulia Romano,g@example.com", "Giulia Romano");
    expect("id,first,last,dept\n3,Mei,Zhang,HR\n", "Mei|Zhang");
    expect("first_name=Hamza&last_name=Qureshi&age=33", "Hamza|Qureshi");
    expect("passenger ANDERSSON/LARS MR seat 14C", "ANDERSSON/LARS");
    expect("@Priyanka can you look?", "Priyanka");
    expect("cc T. J. Maxwell, P.K. Subramaniam", "T. J. Maxwell|P.K. Subramaniam");
}

/* Signs that emphasize a name hide it no more than quotation marks do. */
static void names_in_markdown(void **state)
{
    (void)state;
    expect("we met **Wolfgang Schneider** there", "Wolfgang Schneider");
    expect("we met _Wolfgang Schneider_ there", "Wolfgang Schneider");
    expect("we met __Wolfgang Schneider__ there", "Wolfgang Schneider");
    expect("we met ***_Wolfgang Schneider_*** there", "Wolfgang Schneider");
    expect("we met ~~Wolfgang Schneider~~ there", "Wolfgang Schneider");
    expect("the value is `Maria Gonzalez`", "Maria Gonzalez");
    expect("**Maria:** Hi there", "Maria");
    expect("| **Maria** | 5 |", "Maria");
    expect("1. **Priya** - design", "Priya");
    expect("I told **Bob** about it", "Bob");
    expect("call `Promise` or `Codec` then, or `Array`", "");
    expect("we met _Wolfgang Schneider_. It rained.", "Wolfgang Schneider");
    expect("_Wolfgang Schneider, born in 1970, wrote this_", "Wolfgang Schneider");
    expect("by `_Anna Kowalska_` then", "Anna Kowalska");
    expect("call `_Proj` or `_Alloc::max` then", "");
    expect("template<typename _Alloc, typename _Tp> void f(_Alloc __a, _Iter* __b);", "");
    expect("use __init__ and __FILE__", "");
    expect("written by [Wolfgang Schneider](https://x.org/u) and ![Anna Kowalska](a.png)",
           "Wolfgang Schneider|Anna Kowalska");
    expect("see [Priya Venkat][1] for it", "Priya Venkat");
    expect("* Misc buffer overruns", "");
    expect("f(_Tp __k, _Tpn __nu, _Tpp __phi)\ng(_Tp __x, _Val* y)", "");
}

/* What place_name.c mends: labels of numbers are no names, and no part of one. */
static void labels_are_no_names(void **state)
{
    (void)state;
    expect("TC Kimlik No\n12345678901\n", "");
    expect("CUIL/CUIT: 20-12345678-9\nNIK: 3171012345678901", "");
    expect("mera aadhaar number 5431 1945 1923 hai", "");
    expect("Please ask Nik Hofmann.", "Nik Hofmann");
    expect("tell iva petrova and nino rota", "iva petrova|nino rota");
    expect("la partita IVA della ditta, Iva Petrova", "Iva Petrova");
    expect("From:Sigrid LindgrenTo:Basil Crane", "Sigrid Lindgren|Basil Crane");
    expect("Merci de rappeler M. Thibault Garnier demain.", "Thibault Garnier");
}

static void names_without_letter_case(void **state)
{
    (void)state;
    expect("राहुल शर्मा से मिला", "राहुल शर्मा");
    expect("कृपया प्रिया यादव को फोन करें", "प्रिया यादव");
    expect("गिट शाखा में बदलाव करें", "");
}

/* What a finding rests on is said: the lists are not the memory. */
static void a_finding_names_its_rule(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum ner_rule last;
    } rows[] = {
        {"Please call Anna Kowalska today.", NER_RULE_MODEL},
        {"राहुल शर्मा से मिला", NER_RULE_LIST},
        {"My colleague Bożena Wyrzykowska will call you.", NER_RULE_MODEL},
        {"Wyrzykowska confirmed the invoice.", NER_RULE_MEMORY},
    };
    struct ner_memory *m;
    assert_ok(ner_memory_new(100, &m));
    for (unsigned k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct findings f = {.max = 1000};
        assert_ok(ner_tag(ner, work, m, span_str(rows[k].text), &f));
        assert_true(f.n > 0);
        assert_int_equal(f.v[f.n - 1].rule, rows[k].last);
        findings_free(&f);
    }
    ner_memory_free(m);
}

static void names_without_blanks(void **state)
{
    (void)state;
    expect("王伟 met 田中太郎", "王伟|田中太郎");
    expect("我叫张伟，请联系李娜女士。", "张伟|李娜");
    expect("请把文件发给王小明，谢谢", "王小明");
    expect("会议由王小明主持，李娜做记录。", "王小明|李娜");
    expect("佐藤花子です。山田様", "佐藤花子|山田");
    expect("氏名：鈴木一郎", "鈴木一郎");
    expect("이서연 씨에게, 김영희는", "이서연|김영희");
    expect("{\"name\":\"박지훈\"}", "박지훈");
    expect("안전 문서와 정보, 오늘 회의는 정말 좋았습니다", "");
    expect("安全文件在服务器上，请查看方法和中文说明", "");
    expect("東京 大阪 金曜日", "");
    expect("李 and 我", "");
    expect("\xe7\x8e\x8b\xe4\xbc", ""); /* cut within a character */
}

static void what_is_no_person(void **state)
{
    (void)state;
    expect("The meeting on Monday is in Berlin.", "");
    expect("for (size_t i = 0; i < martin_count; i++) sum += v[i];", "");
    expect("I asked Claude and then Gemini to fix it.", "");
    expect("curl https://example.com/anna/smith.html", "");
    expect("anna.smith@example.com @peter_b", "");
    expect("QW5uYSBLb3dhbHNrYSBQZXRlciBTbWl0aDEyMzQ1Njc4OTA=", "");
    expect("0.96 08:51:06 96c 12/11/2020", "");
    expect("A Markov chain and Euler's formula on Debian Jessie.", "");
    expect("if (len(x) > 2) memcpy(y, x, sizeof x);", "");
    expect("", "");
}

/* ---- invariants on bytes of any kind */

static uint32_t rng = 12345;

static uint32_t below(uint32_t n)
{
    rng = rng * 1664525U + 1013904223U;
    return (uint32_t)((uint64_t)rng * n >> 32);
}

static size_t count_found(const char *text)
{
    struct findings f = {.max = 100};
    size_t n = 0;
    assert_ok(ner_tag(ner, work, NULL, span_str(text), &f));
    for (size_t i = 0; i < f.n; i++)
        n += f.v[i].score >= 0.7F;
    findings_free(&f);
    return n;
}

/* Lines of programs: identifiers are none, and what a string, a comment or a list says is one. */
static void what_programs_hold(void **state)
{
    (void)state;
    expect("\tx, n := binary.Varint(b)\n", "");
    expect("  return ConstantExpr::get(Opc, LHS, RHS);\n", "");
    expect("template <class T, class SetTy>\n  : idf_iterator<T, SetTy, true>(V) {}\n", "");
    expect("\ta.Objdir = a1.Objdir\n\tif a.Objdir == nil {\n", "");
    expect("\t{name: \"CMPshiftRL\", argLength: 2, reg: gp2},\n", "");
    expect("testInt16Binary(t, archsimd.Int16x32.Max, maxSlice[int16])\n", "");
    expect("    ['.'] = MARK(CHAIN) | MARK(HEAD) | MARK(JOINS),\n", "");
    expect("if (user == \"Rahul Sharma\") { mail(x); }\n", "Rahul Sharma");
    expect("x := f(y); // reviewed by Thomas Becker\n", "Thomas Becker");
    expect("Guests: Anna Kowalska; Bożena Wyrzykowska (host); Marek Nowak;\n",
           "Anna Kowalska|Bożena Wyrzykowska|Marek Nowak");
    expect("call(anna) -> Anna Kowalska && done();\n", "Anna Kowalska");
    expect("when f(x) == g && h fails ask Anna Schmidt", "Anna Schmidt");
    expect("Maria Lopez: f(x) -> g(x); x == y", "Maria Lopez");
    expect("[Anna Schmidt] fixed foo() -> bar() && x", "Anna Schmidt");
    expect("my manager Oluwaseun said if (x == 1) return y;\n", "Oluwaseun");
    expect("Thanks Oluwaseun! x -> y; a = b", "Oluwaseun");
    expect("let Oluwaseun know that f(x) == y", "Oluwaseun");
    expect("Priya Venkatraghavan: run foo(x) && bar(y) == 2", "Priya Venkatraghavan");
}

static void a_long_number_is_no_house(void **state)
{
    (void)state;
    assert_int_equal(count_found("card 4111111111111111 exp 09/28 cvv 311"), 0);
    assert_int_equal(count_found("she moved to 4111 Exton Road last week"), 1);
}

static void check_findings(struct span s, const struct findings *f)
{
    for (size_t i = 0; i < f->n; i++) {
        const struct finding *x = &f->v[i];
        assert_true(x->start < x->end && x->end <= s.n);
        assert_true(i == 0 || f->v[i - 1].end <= x->start);
        assert_true(x->score >= 0.05F && x->score <= 1.0F);
        assert_true(x->entity == ENTITY_PERSON || x->entity == ENTITY_LOCATION ||
                    x->entity == ENTITY_ORGANIZATION);
        assert_true(x->rule >= NER_RULE_MODEL && x->rule <= NER_RULE_LIST);
    }
}

/* N1, N3: pieces of names, signs and broken bytes in any order. */
static void any_bytes(void **state)
{
    (void)state;
    static const char *const part[] = {
        "Anna",  " ",      "Smith",    "\n", "\"", "name:",        "\xff", "\xe5\xbc",
        "12",    "Road",   ",",        ".",  "O'", "://",          "@",    "_",
        "Apt 4", "London", "\xc3\x89", "\t", "-",  "\xe2\x80\x8b", "AB1",  "{"};
    struct findings f = {.max = 100000};
    size_t found = 0;
    for (unsigned round = 0; round < 3000; round++) {
        char text[600];
        size_t n = 0;
        for (unsigned k = below(60); k > 0; k--) {
            const char *p = part[below(sizeof part / sizeof *part)];
            memcpy(text + n, p, strlen(p));
            n += strlen(p);
        }
        f.n = 0;
        assert_ok(ner_tag(ner, work, NULL, span(text, n), &f));
        check_findings(span(text, n), &f);
        found += f.n;
    }
    assert_true(found > 1000);
    findings_free(&f);
}

/* Blocks end somewhere: a name is found wherever it stands in a long text, and only once. */
static void long_text(void **state)
{
    (void)state;
    enum { LINES = 600 };
    static const char line[] = "Then we wrote to Anna Kowalska about it, and the rest was quiet.\n";
    struct buf b = buf_init(1U << 20);
    for (unsigned i = 0; i < LINES; i++)
        assert_ok(buf_puts(&b, line));
    struct findings f = {.max = 100000};
    assert_ok(ner_tag(ner, work, NULL, buf_span(&b), &f));
    check_findings(buf_span(&b), &f);
    assert_int_equal(f.n, LINES);
    for (size_t i = 0; i < f.n; i++)
        assert_int_equal(f.v[i].start % (sizeof line - 1), 17);
    findings_free(&f);
    buf_free(&b);
}

static void ceiling_is_an_error(void **state)
{
    (void)state;
    struct findings f = {.max = 1};
    assert_fails(ERR_LIMIT,
                 ner_tag(ner, work, NULL, span_str("Anna Smith met Peter Brown in Paris."), &f));
    findings_free(&f);
}

/* ---- memory */

static void a_name_is_remembered(void **state)
{
    (void)state;
    struct ner_memory *m;
    char first[256], got[256];
    assert_ok(ner_memory_new(100, &m));
    persons("My colleague Bożena Wyrzykowska will call you.", m, first, sizeof first);
    assert_string_equal(first, "Bożena Wyrzykowska");
    persons("Wyrzykowska confirmed the invoice.", m, got, sizeof got);
    assert_string_equal(got, "Wyrzykowska");
    ner_memory_reset(m);
    assert_memory_equal(ner_memory_digest(m).p, (uint8_t[32]){0}, 32);
    ner_memory_free(m);
}

/* Who is called as a town is called is a person when the name stands alone later; the town is one
 * where nobody was. */
static void a_name_that_is_a_town_is_remembered(void **state)
{
    (void)state;
    expect("Margaret Thornbury signed. Please remind Thornbury tomorrow.",
           "Margaret Thornbury|Thornbury");
    expect("We drove to Thornbury and on to Chester.", "");
}

/* N4, M3: what a text gives depends on the texts before it only; and learning from kept findings
 * leaves the memory as tagging did. */
static void memory_looks_back_only(void **state)
{
    (void)state;
    static const char *const talk[] = {"Hello, I am Katarzyna Lewandowska from Gdansk.",
                                       "Thanks Katarzyna! Did Lewandowska sign?",
                                       "no, ask ruben about it",
                                       "Ruben Oyelaran said that oyelaran is his last name.",
                                       "Kind regards, Oyelaran",
                                       "王伟 met Anna Kowalska, 我叫张伟，请联系李娜女士。",
                                       "이서연 씨에게, 김영희는 Kowalska",
                                       "राहुल शर्मा से मिला, شكرا محمد الحسن"};
    enum { TALK = sizeof talk / sizeof *talk };
    struct findings kept[TALK] = {{0}};
    struct ner_memory *whole, *part, *learnt;
    assert_ok(ner_memory_new(100, &whole));
    assert_ok(ner_memory_new(100, &part));
    assert_ok(ner_memory_new(100, &learnt));
    for (unsigned i = 0; i < TALK; i++) {
        kept[i].max = 100;
        assert_ok(ner_tag(ner, work, whole, span_str(talk[i]), &kept[i]));
        ner_memory_learn(ner, learnt, span_str(talk[i]), kept[i].v, kept[i].n);
        assert_span(ner_memory_digest(learnt), ner_memory_digest(whole));
    }
    for (unsigned prefix = 1; prefix <= TALK; prefix++) {
        ner_memory_reset(part);
        for (unsigned i = 0; i < prefix; i++) {
            struct findings f = {.max = 100};
            assert_ok(ner_tag(ner, work, part, span_str(talk[i]), &f));
            assert_int_equal(f.n, kept[i].n);
            if (f.n)
                assert_memory_equal(f.v, kept[i].v, f.n * sizeof *f.v);
            findings_free(&f);
        }
    }
    for (unsigned i = 0; i < TALK; i++)
        findings_free(&kept[i]);
    ner_memory_free(whole);
    ner_memory_free(part);
    ner_memory_free(learnt);
}

static void a_full_memory_learns_no_more(void **state)
{
    (void)state;
    struct ner_memory *m;
    char got[256];
    uint8_t before[32];
    assert_fails(ERR_LIMIT, ner_memory_new(0, &m));
    assert_ok(ner_memory_new(2, &m));
    persons("I met Katarzyna Lewandowska.", m, got, sizeof got);
    memcpy(before, ner_memory_digest(m).p, 32);
    persons("I met Thabisile Sibaya.", m, got, sizeof got);
    assert_memory_equal(ner_memory_digest(m).p, before, 32);
    ner_memory_free(m);
}

/* The scratch keeps words between texts; that must not show. */
static void scratch_leaves_no_trace(void **state)
{
    (void)state;
    struct ner_work *fresh;
    struct buf b = buf_init(1U << 24);
    struct findings warm = {.max = 1U << 20}, cold = {.max = 1U << 20};
    assert_ok(file_read("test/ner/data/forms.txt", &b));
    for (size_t at = 0; at + 700 < b.n; at += 9001) {
        struct span s = span_cut(buf_span(&b), at, 700);
        warm.n = cold.n = 0;
        assert_ok(ner_work_new(ner, &fresh));
        assert_ok(ner_tag(ner, work, NULL, s, &warm));
        assert_ok(ner_tag(ner, fresh, NULL, s, &cold));
        assert_int_equal(warm.n, cold.n);
        if (warm.n)
            assert_memory_equal(warm.v, cold.v, warm.n * sizeof *warm.v);
        ner_work_free(fresh);
    }
    findings_free(&warm);
    findings_free(&cold);
    buf_free(&b);
}

/* ---- N2 */

static void tag(const void *with, struct span text)
{
    (void)with;
    struct findings f = {.max = 1U << 24};
    assert_ok(ner_tag(ner, work, NULL, text, &f));
    findings_free(&f);
}

/* For text, and for shapes made to be expensive. */
static void time_grows_with_the_text(void **state)
{
    (void)state;
    static const char *const shape[] = {
        "Anna Smith, ", "a",    "Aa-", "\"",  ":",    "x.",
        "@a",           "Ann ", "\n",  "12 ", "\xff", "1 Elm Road, London, SW1A 1AA, "};
    for (unsigned k = 0; k < sizeof shape / sizeof *shape; k++)
        growth_assert(shape[k], &(struct growth){growth_repeat, shape[k], tag, NULL}, 25000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_of_an_address),
        cmocka_unit_test(words_known_untrained),
        cmocka_unit_test(borders_of_places),
        cmocka_unit_test(towns_without_blanks),
        cmocka_unit_test(lines_of_addresses),
        cmocka_unit_test(names_in_markdown),
        cmocka_unit_test(names_in_many_forms),
        cmocka_unit_test(labels_are_no_names),
        cmocka_unit_test(names_without_letter_case),
        cmocka_unit_test(a_finding_names_its_rule),
        cmocka_unit_test(names_without_blanks),
        cmocka_unit_test(what_is_no_person),
        cmocka_unit_test(what_programs_hold),
        cmocka_unit_test(a_long_number_is_no_house),
        cmocka_unit_test(any_bytes),
        cmocka_unit_test(long_text),
        cmocka_unit_test(ceiling_is_an_error),
        cmocka_unit_test(a_name_is_remembered),
        cmocka_unit_test(a_name_that_is_a_town_is_remembered),
        cmocka_unit_test(memory_looks_back_only),
        cmocka_unit_test(a_full_memory_learns_no_more),
        cmocka_unit_test(scratch_leaves_no_trace),
        cmocka_unit_test(time_grows_with_the_text),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
