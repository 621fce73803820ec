/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control role: the Unix socket through which the command line speaks with the daemon. It holds
 * nothing; it turns lines into messages and answers into lines (control_int.h has the protocol).
 */
#include "control_int.h"
#include "net.h"

static struct control the_control;

static struct err prepare(struct role *r)
{
    struct control *c = role_context(r);
    c->role = r;
    c->listener = role_take_listener(r, 0);
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        c->clients[i].fd = -1;
    return c->listener < 0 ? err(ERR_INPUT) : OK;
}

static struct err start(struct role *r)
{
    return client_listen(role_context(r));
}

static struct err on_message(struct role *r, struct role_peer *from, const struct wire_msg *m)
{
    return answer_message(role_context(r), from, m);
}

/* A restarted role answers nothing that its predecessor was asked: the deadline tells the client.
 */
static void drain(struct role *r, uint32_t within_ms)
{
    struct control *c = role_context(r);
    (void)within_ms;
    c->draining = true;
    loop_unwatch(&c->accept);
    client_close_all(c);
    role_exit(r, 0);
}

int main(int argc, char **argv)
{
    static const struct role_ops ops = {.role = WIRE_CONTROL,
                                        .prepare = prepare,
                                        .start = start,
                                        .message = on_message,
                                        .drain = drain};
    return role_main(argc, argv, &ops, &the_control);
}
