/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The codec and the permission matrix, both interpreters of one table made from wire.def. A few
 * messages a second pass here; a hostile sibling may send any bytes.
 */
#include "wire.h"

#include "rd.h"
#include "utf8.h"

enum field_kind { U8, U16, U32, U64, STR, BYTES, FIX, END };

struct field {
    enum field_kind kind;
    uint16_t offset; /* in the message's struct */
    uint16_t max;    /* bytes; FIX: exactly */
};

struct message {
    const char *name;
    uint16_t from, to; /* sets of roles */
    uint8_t states;    /* set of states of the receiver */
    uint8_t fds;
    bool secret;
    const struct field *(*fields)(void); /* ends with kind == END */
};

/* The words of wire.def. */
#define PARENT   (1U << WIRE_PARENT)
#define GATE     (1U << WIRE_GATE)
#define LEDGER   (1U << WIRE_LEDGER)
#define VAULT    (1U << WIRE_VAULT)
#define CONTROL  (1U << WIRE_CONTROL)
#define RESOLVE  (1U << WIRE_RESOLVE)
#define ROLES    (GATE | LEDGER | VAULT | CONTROL | RESOLVE)
#define STARTING (1U << WIRE_STARTING)
#define SERVING  (1U << WIRE_SERVING)
#define RUNNING  (1U << WIRE_SERVING | 1U << WIRE_DRAINING)
#define ANY      (STARTING | RUNNING)
#define SECRET   true

/* A list of fields per message. The local name `body` tells F whose members it lists. */
#define MESSAGE(NAME, name, from, to, states, fds, flags, list)                                    \
    static const struct field *fields_of_##name(void)                                              \
    {                                                                                              \
        typedef struct wire_body_##name body;                                                      \
        static const struct field all[] = {list{END, 0, 0}};                                       \
        return all;                                                                                \
    }
#define F(kind, member, max) {kind, offsetof(body, member), max},
#include "wire.def"
#undef F
#undef MESSAGE

static const struct message messages[WIRE_TYPE_COUNT] = {
#define MESSAGE(NAME, name, from, to, states, fds, flags, list)                                    \
    [WIRE_##NAME] = {#NAME, (from), (to), (states), fds, flags, fields_of_##name},
#include "wire.def"
#undef MESSAGE
};

static const struct message *message_of(enum wire_type t)
{
    return (unsigned)t > WIRE_NO_MESSAGE && (unsigned)t < WIRE_TYPE_COUNT ? &messages[t] : NULL;
}

/* Bytes of a number; 0 for the other kinds. */
static unsigned width(enum field_kind k)
{
    return k <= U64 ? 1U << k : 0;
}

/* ---- numbers in the structs ---- */

static uint64_t load(const uint8_t *at, unsigned w)
{
    uint64_t v64;
    uint32_t v32;
    uint16_t v16;
    switch (w) {
    case 1:
        return *at;
    case 2:
        memcpy(&v16, at, sizeof v16);
        return v16;
    case 4:
        memcpy(&v32, at, sizeof v32);
        return v32;
    default:
        memcpy(&v64, at, sizeof v64);
        return v64;
    }
}

static void store(uint8_t *at, unsigned w, uint64_t v)
{
    uint32_t v32 = (uint32_t)v;
    uint16_t v16 = (uint16_t)v;
    switch (w) {
    case 1:
        *at = (uint8_t)v;
        return;
    case 2:
        memcpy(at, &v16, sizeof v16);
        return;
    case 4:
        memcpy(at, &v32, sizeof v32);
        return;
    default:
        memcpy(at, &v, sizeof v);
    }
}

/* ---- codec ---- */

static struct err put_field(struct wr *w, const struct field *f, const uint8_t *at)
{
    if (width(f->kind)) {
        wr_le(w, width(f->kind), load(at, width(f->kind)));
        return OK;
    }
    if (f->kind == FIX) {
        wr_put(w, span(at, f->max));
        return OK;
    }
    struct span s;
    memcpy(&s, at, sizeof s);
    if (s.n > f->max)
        return err(ERR_LIMIT);
    if (f->kind == STR && !utf8_is_line(s))
        return err(ERR_INPUT);
    wr_le(w, 2, s.n);
    wr_put(w, s);
    return OK;
}

struct err wire_encode(const struct wire_msg *m, struct wr *w)
{
    const struct message *k = message_of(m->type);
    if (!k)
        return err(ERR_BUG);
    wr_le(w, 2, m->type);
    const uint8_t *body = (const uint8_t *)m + offsetof(struct wire_msg, handover);
    for (const struct field *f = k->fields(); f->kind != END; f++)
        TRY(put_field(w, f, body + f->offset));
    return wr_done(w);
}

static struct err get_field(struct rd *r, const struct field *f, uint8_t *at)
{
    if (width(f->kind)) {
        uint64_t v;
        TRY(rd_le(r, width(f->kind), &v));
        store(at, width(f->kind), v);
        return OK;
    }
    struct span s;
    if (f->kind == FIX) {
        TRY(rd_take(r, f->max, &s));
        memcpy(at, s.p, s.n);
        return OK;
    }
    uint64_t n;
    TRY(rd_le(r, 2, &n));
    TRY(rd_take(r, n, &s));
    if (s.n > f->max || (f->kind == STR && !utf8_is_line(s)))
        return err(ERR_INPUT);
    memcpy(at, &s, sizeof s);
    return OK;
}

struct err wire_decode(struct span bytes, struct wire_msg *m)
{
    memset(m, 0, sizeof *m);
    struct rd r = rd_of(bytes);
    uint64_t type;
    TRY(rd_le(&r, 2, &type));
    const struct message *k = message_of((enum wire_type)type);
    if (!k)
        return err(ERR_INPUT);
    m->type = (enum wire_type)type;
    uint8_t *body = (uint8_t *)m + offsetof(struct wire_msg, handover);
    for (const struct field *f = k->fields(); f->kind != END; f++)
        TRY(get_field(&r, f, body + f->offset));
    return rd_end(&r);
}

size_t wire_max_size(enum wire_type type)
{
    const struct message *k = message_of(type);
    size_t n = 2;
    for (const struct field *f = k ? k->fields() : NULL; f && f->kind != END; f++)
        n += width(f->kind) + (f->kind == STR || f->kind == BYTES ? 2 : 0) + f->max;
    return k ? n : 0;
}

/* ---- who may say what to whom ---- */

struct err wire_accept(enum wire_type type, enum wire_role from, enum wire_role to,
                       enum wire_state state, size_t fd_count)
{
    const struct message *k = message_of(type);
    if (!k || (unsigned)from >= WIRE_ROLE_COUNT || (unsigned)to >= WIRE_ROLE_COUNT ||
        (unsigned)state >= WIRE_STATE_COUNT)
        return err(ERR_DENIED);
    bool legal = (k->from >> from & 1) && (k->to >> to & 1) && (k->states >> state & 1);
    return legal && fd_count <= k->fds ? OK : err(ERR_DENIED);
}

bool wire_may_talk(enum wire_role a, enum wire_role b)
{
    for (unsigned t = WIRE_NO_MESSAGE + 1; t < WIRE_TYPE_COUNT; t++) {
        const struct message *k = &messages[t];
        if (((k->from >> a & 1) && (k->to >> b & 1)) || ((k->from >> b & 1) && (k->to >> a & 1)))
            return true;
    }
    return false;
}

bool wire_is_secret(enum wire_type type)
{
    const struct message *k = message_of(type);
    return k && k->secret;
}

const char *wire_role_name(enum wire_role r)
{
    static const char *const names[WIRE_ROLE_COUNT] = {"parent", "gate",    "ledger",
                                                       "vault",  "control", "resolve"};
    return (unsigned)r < WIRE_ROLE_COUNT ? names[r] : "?";
}

const char *wire_type_name(enum wire_type t)
{
    const struct message *k = message_of(t);
    return k ? k->name : "?";
}

/* ---- grants ---- */

unsigned wire_grant_fds(enum wire_grant_kind kind)
{
    return kind == WIRE_GRANT_RING_OUT || kind == WIRE_GRANT_RING_IN ? 4 : 1;
}

void wire_grant_encode(const struct wire_grant *g, struct wr *w)
{
    size_t n = strnlen(g->name, WIRE_GRANT_NAME - 1);
    wr_u8(w, (uint8_t)g->kind);
    wr_u8(w, (uint8_t)g->role);
    wr_le(w, 4, g->index);
    wr_u8(w, (uint8_t)n);
    wr_put(w, span(g->name, n));
}

struct err wire_grant_decode(struct span *rest, struct wire_grant *g)
{
    struct rd r = rd_of(*rest);
    uint8_t kind, role, n;
    uint64_t index;
    struct span name;
    TRY(rd_u8(&r, &kind));
    TRY(rd_u8(&r, &role));
    TRY(rd_le(&r, 4, &index));
    TRY(rd_u8(&r, &n));
    TRY(rd_take(&r, n, &name));
    if (kind >= WIRE_GRANT_KINDS || role >= WIRE_ROLE_COUNT || n >= WIRE_GRANT_NAME ||
        !utf8_is_line(name))
        return err(ERR_INPUT);
    *g = (struct wire_grant){.kind = (enum wire_grant_kind)kind,
                             .role = (enum wire_role)role,
                             .index = (uint32_t)index,
                             .fds = {-1, -1, -1, -1},
                             .fd_count = wire_grant_fds((enum wire_grant_kind)kind)};
    memcpy(g->name, name.p, name.n);
    *rest = span_from(*rest, r.at);
    return OK;
}
