/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any body, any surface: it is refused, or masked into JSON of the same shape, which restored
 * equals the original (M4); a map kept elsewhere restores it, too. The first byte chooses the
 * surface, the rules, and whether the gate changes the model's name and asks for usage in the same
 * pass. Two marks make hard cases easy to reach: 0x01 stands for a name, 0x02 for that name's
 * token.
 */
/* covers: src/traffic/mask/mask.c src/traffic/mask/text.c src/traffic/mask/seam.c */
/* covers: src/traffic/mask/view.c src/traffic/mask/view_escape.c src/traffic/mask/view_run.c */
/* covers: src/traffic/mask/view_alike.c src/traffic/mask/view_text.c src/traffic/mask/look.c */
/* covers: src/traffic/mask/view_word.c src/scan/label.c */
/* covers: src/traffic/mask/leaf.c src/traffic/mask/data.c src/traffic/mask/known.c */
/* covers: src/traffic/mask/normal.c src/traffic/mask/cache.c src/traffic/mask/detect.c */
/* covers: src/traffic/mask/engine.c src/traffic/mask/work.c */
/* covers: src/traffic/mask/style.c src/traffic/mask/surrogate.c */
/* covers: src/traffic/mask/surrogate_date.c src/traffic/mask/surrogate_number.c */
/* covers: src/traffic/mask/session.c */
/* covers: src/traffic/mask/label.c src/traffic/mask/link.c */
/* planted: src/traffic/mask/mask.c | if (p->up) { | if (p->up && p->in) { */
#include "file.h"
#include "json.h"
#include "mask.h"
#include "restore.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
    enum mask_operator_kind operator;
    enum mask_system system;
    enum mask_data data;
    bool every; /* type is masked */
    bool own;   /* recognisers and lists of the owner's; names by the tagger */
    bool lost;  /* cannot be restored */
} rules[] = {{MASK_TOKEN, MASK_SYSTEM_ALL, MASK_DATA_TEXT, false, false, false},
             {MASK_SURROGATE, MASK_SYSTEM_SECRETS, MASK_DATA_PASS, true, false, false},
             {MASK_ENCRYPT, MASK_SYSTEM_STRUCTURED, MASK_DATA_TEXT, false, false, false},
             {MASK_TOKEN, MASK_SYSTEM_NONE, MASK_DATA_REFUSE, true, true, false},
             {MASK_STARS, MASK_SYSTEM_ALL, MASK_DATA_TEXT, true, false, true},
             {MASK_REPLACE, MASK_SYSTEM_ALL, MASK_DATA_TEXT, true, true, true}};
enum { RULES = sizeof rules / sizeof *rules };
static struct mask_engine *engines[RULES];
static struct mask_work *work;
static struct mask_session *session, *kept;
static struct mask_key key;
static struct llm_doc doc, scratch;
static char token[64];

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* Recognisers, an allow list and thresholds, as an owner has them. */
static void own_rules(struct mask_rules *r)
{
    static const struct scan_pattern patterns[] = {{SPAN_LIT("[A-Z]{2}-\\d{4}"), 0, 0.8F}};
    static const struct span words[] = {SPAN_LIT("narwhal")}, names[] = {SPAN_LIT("CASE")};
    static const struct scan_custom custom[] = {
        {patterns, 1, words, 1, 0.9F, words, 1, ENTITY_OWN, SCAN_RULE_OWN}};
    static const struct scan_term allow[] = {{SPAN_LIT("Grace Hopper"), ENTITY_PERSON},
                                             {SPAN_LIT("info@example.com"), ENTITY_COUNT}};
    static float thresholds[ENTITY_ALL];
    thresholds[ENTITY_PHONE_NUMBER] = 0.4F;
    r->custom = custom;
    r->custom_n = 1;
    r->own = names;
    r->own_n = 1;
    r->allow = allow;
    r->allow_n = 2;
    r->thresholds = thresholds;
}

static struct mask_engine *engine(size_t i, const struct ner *ner)
{
    static const struct scan_term names[] = {{SPAN_LIT("Ada Byron"), ENTITY_PERSON}};
    static struct mask_operator operators[ENTITY_ALL];
    struct mask_rules r = mask_rules_default();
    struct mask_engine *out;
    for (size_t e = 0; e < ENTITY_ALL; e++)
        operators[e] = (struct mask_operator){.kind = rules[i].operator, .keep = e % 2 * 4 };
    r.deny = names;
    r.deny_n = 1;
    r.operators = operators;
    r.system = rules[i].system;
    r.data = rules[i].data;
    if (rules[i].every)
        r.entities = scan_set_all();
    if (rules[i].own)
        own_rules(&r);
    must(!failed(mask_engine_new(&r, rules[i].own ? ner : NULL, &out)));
    return out;
}

static void prepare(void)
{
    static const uint8_t root[MASK_ROOT_BYTES] = {1}, seed[16] = {2};
    static struct file_map map;
    static struct ner *ner;
    must(!failed(file_map_open(SOURCE_ROOT "/models/ner-en.bin", &map)));
    must(!failed(ner_open(map.bytes, &ner, NULL)));
    for (size_t i = 0; i < RULES; i++) {
        engines[i] = engine(i, ner);
        struct mask_engine *twin = engine(i, ner);
        must(strcmp(mask_engine_version(engines[i]), mask_engine_version(twin)) == 0);
        mask_engine_free(twin);
    }
    must(!failed(mask_work_new(ner, &work)));
    mask_work_free(work);
    must(!failed(mask_work_new(ner, &work)));
    must(!failed(mask_session_new(MASK_SESSION_MAX, &session)));
    must(!failed(mask_session_new(MASK_SESSION_MAX, &kept)));
    must(!failed(mask_key_init(&key, span(root, sizeof root), SPAN_LIT("fuzz"))));
    doc = llm_doc_of(seed);
    scratch = llm_doc_of(seed);
    struct buf out = buf_init(1000);
    must(!failed(
        mask_text(engines[0], work, &key, session, SPAN_LIT("Ada Byron"), &out, NULL, NULL)));
    memcpy(token, out.p, out.n);
    buf_free(&out);
}

/* Equal as JSON, strings compared decoded; strings that hold JSON once more. */
static bool same(struct span a, struct span b, unsigned depth)
{
    struct json x = json_of(a), y = json_of(b);
    struct json_token s, t;
    do {
        if (failed(json_next(&x, &s)) || failed(json_next(&y, &t)) || s.type != t.type)
            return false;
        struct span p = json_raw(&x, &s), q = json_raw(&y, &t);
        if (s.type == JSON_NUMBER && !span_eq(p, q))
            return false;
        if ((s.type != JSON_STRING && s.type != JSON_KEY) || span_eq(p, q))
            continue;
        struct buf u = buf_init(1 << 24), v = buf_init(1 << 24);
        must(!failed(json_unescape_buf(json_inner(&x, &s), JSON_LONE_REPLACE, &u)));
        must(!failed(json_unescape_buf(json_inner(&y, &t), JSON_LONE_REPLACE, &v)));
        bool ok = span_eq(buf_span(&u), buf_span(&v)) ||
                  (depth == 0 && same(buf_span(&u), buf_span(&v), 1));
        buf_free(&u);
        buf_free(&v);
        if (!ok)
            return false;
    } while (s.type != JSON_END);
    return true;
}

/* With the gate's changes it is still a request that can be read. */
static void check_changed(enum llm_surface s, const struct mask_engine *engine)
{
    const struct mask_changes changes = {SPAN_LIT("other \"model\""),
                                         s == LLM_CHAT || s == LLM_COMPLETIONS};
    struct buf out = buf_init(1 << 24);
    struct fault f;
    must(!failed(mask_pass(work, &doc, &changes, &out)));
    must(!failed(llm_read_request(&scratch, s, buf_span(&out), &f)));
    buf_clear(&out);
    if (!failed(mask_request(engine, work, &key, session, &doc, &changes, &out, &f)))
        must(!failed(llm_read_request(&scratch, s, buf_span(&out), &f)));
    else
        must(f.why && out.n == 0);
    buf_free(&out);
}

/* The map, kept elsewhere and put into another session, restores a request, too. (Numbers and names
 * of tools need what it does not say, so the results may differ.) */
static void by_map(enum llm_surface s, struct span masked)
{
    struct buf back = buf_init(1 << 24), plain = buf_init(1 << 16);
    struct fault f;
    mask_session_reset(kept);
    for (size_t i = 0; i < mask_values(session); i++) {
        enum entity type;
        struct span t, value;
        mask_value(session, i, &type, &t, &value);
        must((size_t)type < ENTITY_ALL);
        if (t.n == 0)
            continue;
        struct err e = mask_session_add(kept, t, value);
        must(!failed(e) || err_cat(e) == ERR_INPUT);
        buf_clear(&plain);
        if (span_starts(t, SPAN_LIT("enc_")) && !failed(mask_decrypt(&key, t, &plain)))
            must(span_eq(buf_span(&plain), value));
    }
    must(!failed(restore_request(kept, s, &scratch, masked, &back, NULL, NULL)));
    must(!failed(llm_read_request(&scratch, s, buf_span(&back), &f)));
    buf_free(&back);
    buf_free(&plain);
}

static void check(enum llm_surface s, size_t rule, bool change, struct span body)
{
    struct buf out = buf_init(1 << 24), back = buf_init(1 << 24);
    const struct mask_engine *engine_of = engines[rule];
    struct fault f;
    struct err e = llm_read_request(&doc, s, body, &f);
    if (!failed(e) && change)
        check_changed(s, engine_of);
    if (!failed(e))
        e = mask_request(engine_of, work, &key, session, &doc, NULL, &out, &f);
    if (failed(e)) {
        must(f.why && out.n == 0 && err_cat(e) != ERR_BUG);
    } else {
        must(!failed(restore_request(session, s, &scratch, buf_span(&out), &back, NULL, NULL)));
        /* signed text is not restored, log probabilities are gone: by rule */
        bool nulled = doc.facts.thinking || span_search(body, 0, SPAN_LIT("logprobs")) < body.n;
        must(nulled || rules[rule].lost || same(buf_span(&back), body, 0));
        must(mask_total(session) || nulled || span_eq(buf_span(&out), body));
        by_map(s, buf_span(&out));
    }
    buf_free(&out);
    buf_free(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum llm_surface surfaces[] = {
        LLM_CHAT,       LLM_MESSAGES,   LLM_RESPONSES, LLM_OLLAMA_CHAT, LLM_OLLAMA_GENERATE,
        LLM_EMBEDDINGS, LLM_COMPLETIONS};
    enum { SURFACES = sizeof surfaces / sizeof *surfaces };
    if (!engines[0])
        prepare();
    if (size == 0)
        return 0;
    struct buf body = buf_init(1 << 22);
    for (size_t i = 1; i < size; i++) {
        const uint8_t *c = data + i;
        struct err e = *c == 1   ? buf_puts(&body, "Ada Byron")
                       : *c == 2 ? buf_puts(&body, token)
                       : *c == 3 ? buf_put(&body, span(token + 1, strlen(token) - 2))
                                 : buf_put_u8(&body, *c);
        must(!failed(e));
    }
    unsigned rest = data[0] / SURFACES;
    check(surfaces[data[0] % SURFACES], rest % RULES, rest / RULES % 2, buf_span(&body));
    buf_free(&body);
    return 0;
}
