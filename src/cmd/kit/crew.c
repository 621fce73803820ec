/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tasks stand in a ring, in order. Once for a few hundred microseconds of work.
 *
 * Invariant: taken <= begun <= put <= taken + room.
 */
#include "crew.h"

#include "proc.h"

#include <pthread.h>
#include <stdlib.h>

enum { EARLY = 4 /* tasks after which threads are worth their start */, THREADS_MAX = 64 };

struct crew {
    const struct crew_work *work;
    void *own; /* of the thread that puts */
    size_t room, taken;
    /* Under the lock, once there are threads. */
    size_t put, begun;
    bool over;
    size_t threads;
    pthread_mutex_t lock;
    pthread_cond_t more, done;
    struct hand {
        struct crew *of;
        void *own;
        pthread_t thread;
    } hand[THREADS_MAX];
    struct place {
        void *task;
        bool done;
    } ring[2 * THREADS_MAX];
};

struct crew *crew_new(const struct crew_work *work)
{
    unsigned processors = proc_cpu_count();
    struct crew *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->work = work;
    c->own = work->open(work->common);
    if (!c->own) {
        free(c);
        return NULL;
    }
    c->room = processors > THREADS_MAX ? 2 * THREADS_MAX : processors > 1 ? 2 * processors : 1;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->more, NULL);
    pthread_cond_init(&c->done, NULL);
    return c;
}

size_t crew_room(const struct crew *c)
{
    return c->room;
}

bool crew_full(const struct crew *c)
{
    return c->put - c->taken == c->room;
}

bool crew_empty(const struct crew *c)
{
    return c->put == c->taken;
}

static void *labour(void *arg)
{
    struct hand *h = arg;
    struct crew *c = h->of;
    pthread_mutex_lock(&c->lock);
    for (;;) {
        while (c->begun == c->put && !c->over)
            pthread_cond_wait(&c->more, &c->lock);
        if (c->begun == c->put)
            break;
        struct place *p = &c->ring[c->begun++ % c->room];
        pthread_mutex_unlock(&c->lock);
        c->work->run(h->own, p->task);
        pthread_mutex_lock(&c->lock);
        p->done = true;
        pthread_cond_signal(&c->done);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* Where no thread can be had the work goes on without. */
static void start(struct crew *c)
{
    for (size_t n = c->room / 2; c->threads < n; c->threads++) {
        struct hand *h = &c->hand[c->threads];
        *h = (struct hand){.of = c, .own = c->work->open(c->work->common)};
        if (!h->own)
            return;
        if (pthread_create(&h->thread, NULL, labour, h) != 0) {
            c->work->close(h->own);
            return;
        }
    }
}

void crew_put(struct crew *c, void *task)
{
    struct place *p = &c->ring[c->put % c->room];
    *p = (struct place){.task = task};
    if (c->put == EARLY)
        start(c);
    if (!c->threads) {
        c->work->run(c->own, task);
        p->done = true;
        c->begun = ++c->put;
        return;
    }
    pthread_mutex_lock(&c->lock);
    c->put++;
    pthread_cond_signal(&c->more);
    pthread_mutex_unlock(&c->lock);
}

void *crew_take(struct crew *c)
{
    struct place *p = &c->ring[c->taken++ % c->room];
    pthread_mutex_lock(&c->lock);
    while (!p->done)
        pthread_cond_wait(&c->done, &c->lock);
    pthread_mutex_unlock(&c->lock);
    return p->task;
}

void crew_free(struct crew *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->over = true;
    pthread_cond_broadcast(&c->more);
    pthread_mutex_unlock(&c->lock);
    for (size_t i = 0; i < c->threads; i++) {
        pthread_join(c->hand[i].thread, NULL);
        c->work->close(c->hand[i].own);
    }
    c->work->close(c->own);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->more);
    pthread_cond_destroy(&c->done);
    free(c);
}
