/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that all need libcrypto first: each has it, whole. */
#include "unit.h"

#include "gcm.h"

#include <pthread.h>

enum { THREADS = 16 };

static pthread_barrier_t start;

static void *seal_one(void *sealed)
{
    static const uint8_t key[GCM_KEY], nonce[GCM_NONCE];
    uint8_t out[4], tag[GCM_TAG];
    struct gcm g;
    pthread_barrier_wait(&start);
    bool *good = sealed;
    *good = !failed(gcm_begin(&g, key)) &&
            !failed(gcm_seal(&g, nonce, SPAN_NONE, SPAN_LIT("text"), out, tag));
    gcm_end(&g);
    return NULL;
}

static void threads_load_it_once(void **state)
{
    (void)state;
    pthread_t thread[THREADS];
    bool good[THREADS] = {false};
    (void)gcm_force_plain(true);
    assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, seal_one, &good[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        assert_true(good[i]);
    }
    pthread_barrier_destroy(&start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(threads_load_it_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
