/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every allocation of the request path made to fail in turn: reading a request, masking it,
 * restoring an answer, whole and streamed. Whatever fails is an error, nothing half-done goes out
 * (M6), nothing leaks, and the next try without a fault gives the right result.
 */
#include "fixture.h"

#include <stdlib.h>

/* The sanitizers bring an allocator of their own; there the test has nothing to interpose. */
#if defined(__SANITIZE_ADDRESS__)
#define INTERPOSE 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define INTERPOSE 0
#endif
#endif
#ifndef INTERPOSE
#define INTERPOSE 1
#endif

static long countdown = -1; /* allocations until the one that fails; -1: none */
static long live;           /* blocks allocated and not freed, while counting */

#if INTERPOSE
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t each);
extern void *__libc_realloc(void *p, size_t n);
extern void __libc_free(void *p);
void *malloc(size_t n);
void *calloc(size_t n, size_t each);
void *realloc(void *p, size_t n);
void free(void *p);

static bool fails(void)
{
    return countdown >= 0 && countdown-- == 0;
}

void *malloc(size_t n)
{
    void *p = fails() ? NULL : __libc_malloc(n);
    live += p != NULL;
    return p;
}

void *calloc(size_t n, size_t each)
{
    void *p = fails() ? NULL : __libc_calloc(n, each);
    live += p != NULL;
    return p;
}

void *realloc(void *old, size_t n)
{
    void *p = fails() ? NULL : __libc_realloc(old, n);
    live += p != NULL && !old;
    return p;
}

void free(void *p)
{
    live -= p != NULL;
    __libc_free(p);
}
#endif

#define BODY                                                                                       \
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Mail Ada Lovelace, "          \
    "ada@example.com, card 4111 1111 1111 1111\"},{\"role\":\"assistant\",\"tool_calls\":[{"       \
    "\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"to\\\":" \
    "\\\"ada@example.com\\\"}\"}}]}]}"

/* One whole pass over fresh objects, as the gate does it. The masked body may only hold what M6
 * lets out; *masked says whether masking succeeded. */
static struct err pass(struct fixture *f, bool *masked)
{
    struct llm_doc doc = llm_doc_of((const uint8_t *)"0123456789abcdef");
    struct mask_session *s = NULL;
    struct buf out = buf_init(1 << 20), back = buf_init(1 << 20);
    struct mask_changes none = {0};
    *masked = false;
    struct err e = mask_session_new(MASK_SESSION_MAX, &s);
    if (!failed(e))
        e = llm_read_request(&doc, LLM_CHAT, SPAN_LIT(BODY), NULL);
    if (!failed(e))
        e = mask_request(f->engine, f->work, &f->key, s, &doc, &none, &out, NULL);
    if (failed(e))
        assert_int_equal(out.n, 0);
    else
        *masked = true;
    assert_int_equal(span_search(buf_span(&out), 0, SPAN_LIT("ada@example.com")), out.n);
    if (!failed(e))
        e = restore_body(s, LLM_CHAT, &doc, buf_span(&out), &back, NULL, NULL);
    if (!failed(e))
        assert_int_equal(span_search(buf_span(&back), 0, SPAN_LIT("<PERSON")), back.n);
    buf_free(&out);
    buf_free(&back);
    if (s)
        mask_session_free(s);
    llm_doc_free(&doc);
    return e;
}

static void every_allocation_fails_once(void **state)
{
    if (!INTERPOSE)
        skip();
    struct fixture *f = *state;
    bool masked;
    assert_ok(pass(f, &masked)); /* scratch memory reaches its size */
    assert_ok(pass(f, &masked));
    long before = live;
    assert_ok(pass(f, &masked));
    assert_int_equal(live, before);
    int faults = 0;
    for (long k = 0; k < 10000; k++) {
        countdown = k;
        struct err e = pass(f, &masked);
        bool hit = countdown < 0;
        countdown = -1;
        assert_int_equal(live, before); /* nothing leaks on the way out */
        if (!hit)
            break;
        faults += failed(e);         /* a cache that cannot grow is no failure */
        assert_ok(pass(f, &masked)); /* and nothing is left broken */
        assert_true(masked);
    }
    assert_true(faults > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_fails_once)};
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
