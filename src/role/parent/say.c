/* SPDX-License-Identifier: Apache-2.0 */
/* What roles say to parent. */
#include "parent_int.h"

enum { STATUS_MAX = 16384 };

/* ---- offences: the sender of a bad message is ended * ---- */

/* The process that `by` knows as that role and index: of its own era where roles have one. */
static struct slot *offender(struct slot *by, const struct wire_body_offence *o)
{
    struct slot *found = NULL;
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        struct slot *s = &by->parent->slots[i];
        if (!slot_runs(s) || s == by || s->role != (enum wire_role)o->role ||
            s->index != o->index || !wire_may_talk(by->role, s->role))
            continue;
        if (!found || s->era == by->era)
            found = s;
    }
    return found;
}

static void end_offender(struct slot *by, const struct wire_body_offence *o)
{
    struct slot *s = offender(by, o);
    if (!s)
        return;
    log_line(LOG_LEVEL_ERROR, "ending a process for a bad message",
             LOG_STR("process", wire_role_name(s->role)), LOG_U64("index", s->index),
             LOG_STR("said_by", wire_role_name(by->role)),
             LOG_STR("message", wire_type_name((enum wire_type)o->type)));
    slot_kill(s);
}

/* ---- status * ---- */

static struct err put_slot(const struct slot *s, struct buf *out)
{
    static const char *const states[] = {"empty", "waiting", "starting", "serving", "draining"};
    TRY(buf_printf(out, "{\"role\":\"%s\",\"index\":%u,\"pid\":%d,\"state\":\"%s\",",
                   wire_role_name(s->role), s->index, s->proc.pid, states[s->state]));
    uint64_t up_s = (loop_now_ns(s->parent->loop) - s->started_ns) / 1000000000U;
    TRY(buf_printf(out, "\"up_s\":%llu,\"generation\":%u,\"restarts\":%u,",
                   (unsigned long long)up_s, s->era->generation, s->restarts));
    TRY(buf_printf(out, "\"landlock_abi\":%u,\"holds\":[", s->landlock_abi));
    bool first = true;
    for (unsigned bit = 1; bit <= SANDBOX_CALLS; bit <<= 1) {
        if (!(s->holds & bit))
            continue;
        TRY(buf_printf(out, "%s\"%s\"", first ? "" : ",",
                       sandbox_step_name((enum sandbox_step)bit)));
        first = false;
    }
    return buf_puts(out, "]}");
}

/* Text of the settings, which may hold anything, as a JSON string. */
static struct err put_text(struct span text, struct buf *out)
{
    TRY(buf_put_u8(out, '"'));
    for (size_t i = 0; i < text.n; i++) {
        bool plain = text.p[i] >= ' ' && text.p[i] < 0x7f && text.p[i] != '"' && text.p[i] != '\\';
        TRY(buf_put_u8(out, plain ? text.p[i] : '?'));
    }
    return buf_put_u8(out, '"');
}

static struct err put_listeners(const struct settings *set, struct buf *out)
{
    TRY(buf_puts(out, "\"listeners\":["));
    for (size_t i = 0; i < set->n_listeners; i++) {
        const struct settings_listener *l = &set->listeners[i];
        TRY(buf_puts(out, i ? ",{\"address\":" : "{\"address\":"));
        TRY(put_text(l->address, out));
        if (l->as.n) {
            TRY(buf_puts(out, ",\"as\":"));
            TRY(put_text(l->as, out));
        }
        TRY(buf_printf(out, ",\"tls\":%s}", l->certificate.n ? "true" : "false"));
    }
    return buf_puts(out, "],");
}

static struct err put_status(struct parent *p, struct buf *out)
{
    TRY(buf_printf(out, "{\"version\":\"%s\",\"pid\":%u,\"generation\":%u,", SANCTUM_VERSION,
                   proc_pid(), p->era->generation));
    TRY(put_listeners(&p->era->settings, out));
    TRY(buf_puts(out, "\"processes\":["));
    bool first = true;
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        if (p->slots[i].state == SLOT_EMPTY)
            continue;
        if (!first)
            TRY(buf_put_u8(out, ','));
        TRY(put_slot(&p->slots[i], out));
        first = false;
    }
    return buf_puts(out, "]}");
}

static struct err answer_status(struct slot *s, uint32_t tag)
{
    BUF_AUTO body = buf_init(STATUS_MAX);
    struct wire_msg m = {.type = WIRE_STATUS, .status = {.tag = tag, .status = WIRE_OK}};
    struct err e = put_status(s->parent, &body);
    if (failed(e))
        m.status.status = WIRE_UNAVAILABLE;
    else
        m.status.body = buf_span(&body);
    return slot_send(s, &m, NULL, 0);
}

/* ---- all * ---- */

void say_done(struct parent *p, uint32_t tag, enum wire_status status, const char *text)
{
    /* Sentences about settings may quote what stands there. */
    char clean[512];
    size_t n = 0;
    for (; text[n] && n < sizeof clean; n++)
        clean[n] = text[n] >= ' ' && text[n] < 0x7f ? text[n] : '?';
    struct wire_msg m = {.type = WIRE_DONE,
                         .done = {.tag = tag, .status = (uint8_t)status, .text = span(clean, n)}};
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        struct slot *s = &p->slots[i];
        if (s->role == WIRE_CONTROL && slot_runs(s) && failed(slot_send(s, &m, NULL, 0)))
            slot_kill(s);
    }
}

static struct err on_ready(struct slot *s, const struct wire_body_ready *r)
{
    if (s->state != SLOT_STARTING)
        return s->state == SLOT_DRAINING ? OK : err(ERR_INPUT);
    s->holds = r->holds;
    s->landlock_abi = r->landlock_abi;
    s->state = SLOT_SERVING;
    loop_timer_stop(&s->timer);
    life_ready(s);
    return OK;
}

struct err say_heard(struct slot *s, const struct wire_msg *m)
{
    struct parent *p = s->parent;
    switch (m->type) {
    case WIRE_READY:
        return on_ready(s, &m->ready);
    case WIRE_OFFENCE:
        end_offender(s, &m->offence);
        return OK;
    case WIRE_RING_DONE:
        rings_drop(p, m->ring_done.ring);
        return OK;
    case WIRE_STATUS_ASK:
        return answer_status(s, m->status_ask.tag);
    case WIRE_RELOAD_ASK:
        p->has_reload_tag = true;
        p->reload_tag = m->reload_ask.tag;
        life_reload(p);
        return OK;
    case WIRE_STOP_ASK:
        say_done(p, m->stop_ask.tag, WIRE_OK, "");
        life_stop(p);
        return OK;
    default:
        return err(ERR_INPUT);
    }
}
