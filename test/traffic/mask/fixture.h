/* SPDX-License-Identifier: Apache-2.0 */
/* What the masking tests share: an engine whose names come from a deny list, so that results do not
 * depend on the weights, and one-call helpers over strings. */
#ifndef SANCTUM_TEST_TRAFFIC_MASK_FIXTURE_H
#define SANCTUM_TEST_TRAFFIC_MASK_FIXTURE_H

#include "unit.h"

#include "json.h"
#include "mask.h"
#include "restore.h"

#include <stdio.h>
#include <stdlib.h>

struct fixture {
    struct mask_engine *engine;
    struct mask_work *work;
    struct mask_session *session;
    struct mask_key key;
    struct llm_doc doc, scratch;
    struct buf out, back;
    struct fault fault;
};

static struct mask_rules fixture_rules(void)
{
    static struct scan_term names[4];
    static const char *const people[] = {"Ada Lovelace", "Bob Smith", "Kim", "Zoë Müller"};
    for (size_t i = 0; i < 4; i++)
        names[i] = (struct scan_term){span_str(people[i]), ENTITY_PERSON};
    struct mask_rules r = mask_rules_default();
    r.deny = names;
    r.deny_n = 4;
    return r;
}

/* Without a tagger, names come from the deny list alone: PERSON is asked for through it. */
static inline void fixture_make(struct fixture *f, const struct mask_rules *rules)
{
    static const uint8_t root[MASK_ROOT_BYTES] = {1, 2, 3}, seed[16] = {4};
    *f = (struct fixture){.doc = llm_doc_of(seed), .scratch = llm_doc_of(seed)};
    f->out = f->back = buf_init(LLM_BODY_MAX * 2);
    assert_ok(mask_engine_new(rules, NULL, &f->engine));
    assert_ok(mask_work_new(NULL, &f->work));
    assert_ok(mask_session_new(MASK_SESSION_MAX, &f->session));
    assert_ok(mask_key_init(&f->key, span(root, sizeof root), SPAN_LIT("agent")));
}

static inline int fixture_setup(void **state)
{
    struct fixture *f = malloc(sizeof *f);
    struct mask_rules r = fixture_rules();
    fixture_make(f, &r);
    *state = f;
    return 0;
}

static inline void fixture_clear(struct fixture *f)
{
    mask_engine_free(f->engine);
    mask_work_free(f->work);
    mask_session_free(f->session);
    mask_key_free(&f->key);
    llm_doc_free(&f->doc);
    llm_doc_free(&f->scratch);
    buf_free(&f->out);
    buf_free(&f->back);
}

static inline int fixture_teardown(void **state)
{
    struct fixture *f = *state;
    fixture_clear(f);
    free(f);
    return 0;
}

/* Read and mask; f->out holds the result. */
static inline struct err fixture_mask(struct fixture *f, enum llm_surface s, struct span body)
{
    buf_clear(&f->out);
    f->fault = (struct fault){0};
    TRY(llm_read_request(&f->doc, s, body, &f->fault));
    return mask_request(f->engine, f->work, &f->key, f->session, &f->doc, NULL, &f->out, &f->fault);
}

static inline bool holds(struct span text, const char *needle)
{
    return text.n && span_search(text, 0, span_str(needle)) < text.n;
}

/* The token of `value` in the session; fails the test when there is none. */
static inline struct span token_of(const struct fixture *f, const char *value)
{
    for (size_t i = 0; i < mask_values(f->session); i++) {
        enum entity e;
        struct span token, v;
        mask_value(f->session, i, &e, &token, &v);
        if (span_is(v, value))
            return token;
    }
    fail_msg("no token for %s", value);
    return SPAN_NONE;
}

/* ---- equality of two JSON texts up to the spelling of escapes ---- */

static inline bool text_same(struct span a, struct span b, unsigned depth);

static inline bool json_same(struct span a, struct span b, unsigned depth)
{
    struct json x = json_of(a), y = json_of(b);
    struct json_token s, t;
    do {
        bool bad = failed(json_next(&x, &s)), worse = failed(json_next(&y, &t));
        if (bad || worse || s.type != t.type)
            return false;
        if (s.type == JSON_NUMBER && !span_eq(json_raw(&x, &s), json_raw(&y, &t)))
            return false;
        if ((s.type == JSON_STRING || s.type == JSON_KEY) &&
            !span_eq(json_raw(&x, &s), json_raw(&y, &t))) {
            struct buf p = buf_init(LLM_BODY_MAX), q = buf_init(LLM_BODY_MAX);
            assert_ok(json_unescape_buf(json_inner(&x, &s), JSON_LONE_REPLACE, &p));
            assert_ok(json_unescape_buf(json_inner(&y, &t), JSON_LONE_REPLACE, &q));
            bool same = text_same(buf_span(&p), buf_span(&q), depth);
            buf_free(&p);
            buf_free(&q);
            if (!same)
                return false;
        }
    } while (s.type != JSON_END);
    return true;
}

static inline bool text_same(struct span a, struct span b, unsigned depth)
{
    return span_eq(a, b) || (depth == 0 && json_same(a, b, 1));
}

#endif
