/* SPDX-License-Identifier: Apache-2.0 */
/* Included by test_parent.c: see fake_roles.h. */
#include "fake_roles.h"

#include <stdio.h>
#include <string.h>

#include "ipc.h"
#include "net.h"
#include "proc.h"
#include "role_int.h"

enum { FAKE_RINGS = 16, SLOW_MS = 300 };

struct fake_ring {
    struct ring_in in;
    struct loop_watch wake;
    uint32_t id;
    int wake_fd;
    bool used;
};

static struct {
    struct role *r;
    int listener, waiting, slow_fd; /* connections that wait for an answer */
    struct loop_watch listen, ring_wake;
    struct loop_timer slow;
    struct ring_out ring;
    int ring_wake_fd;
    uint64_t ring_pos;
    bool draining, slow_open;
    struct fake_ring rings[FAKE_RINGS];
} fake = {.listener = -1, .waiting = -1, .slow_fd = -1, .ring_wake_fd = -1};

static void answer(const char *text)
{
    size_t n;
    struct err e = net_write(fake.waiting, span_str(text), &n);
    (void)e;
    net_close(&fake.waiting);
}

static void send_garbage(enum wire_role to)
{
    struct role_peer *p = role_peer(fake.r, to, 0);
    struct err e = p ? ipc_send(&p->ipc, SPAN_LIT("\xff\xffgarbage"), NULL, 0) : OK;
    (void)e;
}

/* ---- gate ---- */

static void on_slow(struct loop_timer *t)
{
    (void)t;
    fake.slow_open = false;
    net_close(&fake.waiting);
    fake.waiting = fake.slow_fd;
    answer("done");
    if (fake.draining)
        role_exit(fake.r, 0);
}

static void on_committed(struct loop_watch *w, unsigned ready)
{
    (void)w, (void)ready;
    ring_clear_wake(fake.ring_wake_fd);
    if (fake.waiting >= 0 && fake.ring_pos && ring_committed(&fake.ring) >= fake.ring_pos) {
        fake.ring_pos = 0;
        answer("stored");
    }
}

static void put_record(void)
{
    struct span s = SPAN_LIT("record");
    if (failed(ring_put(&fake.ring, &s, 1, RING_DURABLE, &fake.ring_pos)))
        answer("full");
    else if (ring_out_await(&fake.ring, fake.ring_pos))
        answer("stored");
}

static void ask(struct wire_msg m, enum wire_role whom)
{
    struct role_peer *p = role_peer(fake.r, whom, 0);
    if (!p || failed(role_send(p, &m)))
        answer("no peer");
}

static void obey(char c)
{
    char text[64];
    if (c == 'p') {
        snprintf(text, sizeof text, "%u %u %u", proc_pid(), role_generation(fake.r),
                 role_index(fake.r));
        answer(text);
    } else if (c == 'k') {
        ask((struct wire_msg){.type = WIRE_MASK_KEY_ASK,
                              .mask_key_ask = {.tag = 1, .principal = SPAN_LIT("x")}},
            WIRE_VAULT);
    } else if (c == 'h') {
        ask(
            (struct wire_msg){
                .type = WIRE_RESOLVE_ASK,
                .resolve_ask = {.tag = 1, .port = 11434, .host = SPAN_LIT("localhost")}},
            WIRE_RESOLVE);
    } else if (c == 'r') {
        put_record();
    } else if (c == 'w') {
        fake.slow_open = true;
        fake.slow_fd = fake.waiting;
        fake.waiting = -1;
        uint64_t due = loop_now_ns(role_loop(fake.r)) + (uint64_t)SLOW_MS * 1000000;
        if (failed(loop_timer_set(role_loop(fake.r), &fake.slow, due, on_slow)))
            answer("failed");
    } else {
        answer("ok");
        send_garbage(c == 'G' ? WIRE_PARENT : WIRE_VAULT);
    }
}

static void on_client(struct loop_watch *w, unsigned ready)
{
    (void)w, (void)ready;
    struct net_addr peer;
    int fd;
    if (failed(net_accept(fake.listener, &fd, &peer)))
        return;
    net_close(&fake.waiting);
    fake.waiting = fd;
    char c = 0;
    size_t n = 0;
    struct err e;
    do
        e = net_read(fd, &c, 1, &n);
    while (err_cat(e) == ERR_AGAIN);
    if (n)
        obey(c);
}

static struct err gate_ring(struct role *r, struct wire_grant *g)
{
    (void)r;
    TRY(ring_out_attach(&fake.ring, g->fds[0], g->fds[1], g->fds[2]));
    fake.ring_wake_fd = g->fds[3];
    g->fds[2] = g->fds[3] = -1;
    return OK;
}

static struct err gate_start(struct role *r)
{
    fake.r = r;
    fake.listener = role_take_listener(r, 0);
    if (fake.listener < 0 || fake.ring_wake_fd < 0)
        return err(ERR_INPUT);
    TRY(loop_watch_level(role_loop(r), &fake.ring_wake, fake.ring_wake_fd, on_committed));
    return loop_watch_level(role_loop(r), &fake.listen, fake.listener, on_client);
}

static struct err gate_message(struct role *r, struct role_peer *from, const struct wire_msg *m)
{
    (void)r, (void)from;
    char text[32];
    if (m->type == WIRE_MASK_KEY)
        snprintf(text, sizeof text, "key %u", m->mask_key.key[0]);
    else if (m->type == WIRE_RESOLVED)
        snprintf(text, sizeof text, "%s", m->resolved.count ? "addresses" : "none");
    else
        return err(ERR_INPUT);
    answer(text);
    return OK;
}

static void gate_drain(struct role *r, uint32_t within_ms)
{
    (void)within_ms;
    fake.draining = true;
    loop_unwatch(&fake.listen);
    net_close(&fake.listener);
    if (!fake.slow_open)
        role_exit(r, 0);
}

static void gate_confine(struct role *r, struct sandbox *box)
{
    (void)r, (void)box;
}

/* ---- ledger ---- */

static void consume(struct fake_ring *k)
{
    uint8_t out[RING_RECORD_MAX];
    size_t n;
    uint64_t pos;
    do {
        while (!failed(ring_get(&k->in, out, &n, &pos)))
            ring_commit(&k->in, pos);
    } while (!ring_sleep(&k->in, RING_WAKE_ANY));
}

static void on_records(struct loop_watch *w, unsigned ready)
{
    (void)ready;
    struct fake_ring *k = LOOP_OWNER(w, struct fake_ring, wake);
    ring_clear_wake(k->wake_fd);
    consume(k);
}

static struct err ledger_ring(struct role *r, struct wire_grant *g)
{
    for (size_t i = 0; i < FAKE_RINGS; i++) {
        struct fake_ring *k = &fake.rings[i];
        if (k->used)
            continue;
        k->used = true;
        k->id = g->index;
        TRY(ring_in_attach(&k->in, g->fds[0], g->fds[1], g->fds[2]));
        k->wake_fd = g->fds[3];
        g->fds[2] = g->fds[3] = -1;
        TRY(loop_watch_level(role_loop(r), &k->wake, k->wake_fd, on_records));
        consume(k);
        return OK;
    }
    return err(ERR_LIMIT);
}

static struct err ledger_message(struct role *r, struct role_peer *from, const struct wire_msg *m)
{
    if (m->type != WIRE_RING_END)
        return err(ERR_INPUT);
    for (size_t i = 0; i < FAKE_RINGS; i++) {
        struct fake_ring *k = &fake.rings[i];
        if (!k->used || k->id != m->ring_end.ring)
            continue;
        consume(k);
        loop_unwatch(&k->wake);
        net_close(&k->wake_fd);
        ring_in_detach(&k->in);
        k->used = false;
    }
    (void)r;
    struct wire_msg done = {.type = WIRE_RING_DONE, .ring_done = {.ring = m->ring_end.ring}};
    return role_send(from, &done);
}

/* ---- vault, control ---- */

static struct err vault_message(struct role *r, struct role_peer *from, const struct wire_msg *m)
{
    (void)r;
    if (m->type != WIRE_MASK_KEY_ASK)
        return err(ERR_INPUT);
    struct wire_msg back = {.type = WIRE_MASK_KEY, .mask_key = {.tag = m->mask_key_ask.tag}};
    memset(back.mask_key.key, 42, sizeof back.mask_key.key);
    return role_send(from, &back);
}

void fake_role(int argc, char **argv, const char *name)
{
    static const struct role_ops all[] = {
        {.role = WIRE_GATE,
         .ring = gate_ring,
         .start = gate_start,
         .confine = gate_confine,
         .message = gate_message,
         .drain = gate_drain},
        {.role = WIRE_LEDGER, .ring = ledger_ring, .message = ledger_message},
        {.role = WIRE_VAULT, .message = vault_message},
        {.role = WIRE_CONTROL},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(name + strlen("sanctum-"), wire_role_name(all[i].role)) == 0)
            role_main(argc, argv, &all[i], NULL);
}
