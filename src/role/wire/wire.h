/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What roles say to each other. The list is wire.def; this header turns it into an enum, a struct
 * per message and one strict codec. Whoever receives checks with wire_accept who sent what in which
 * state, and closes the channel on any error: a sibling is not trusted.
 *
 * Use: struct wire_msg m = {.type = WIRE_RESOLVE_ASK, .resolve_ask = {.tag = 1, .host = name}};
 *      TRY(role_send(peer, &m));                                    (rolekit.h)
 *
 * On the wire: u16 type, then the fields in order, least significant byte first; STR and BYTES have
 * a u16 length in front (so none is above 65,535). Nothing may follow. STR is valid UTF-8 without
 * NUL or other control characters.
 */
#ifndef SANCTUM_ROLE_WIRE_H
#define SANCTUM_ROLE_WIRE_H

#include "err.h"
#include "span.h"
#include "wr.h"

enum wire_role {
    WIRE_PARENT,
    WIRE_GATE,
    WIRE_LEDGER,
    WIRE_VAULT,
    WIRE_CONTROL,
    WIRE_RESOLVE,
    WIRE_ROLE_COUNT,
};

/* Processes of the resolve role. Each looks up one name at a time: a name server that does not
 * answer holds up one of them, and gates ask the one that has the fewest of their questions. */
enum { WIRE_RESOLVERS = 2 };

/* The life of a role; parent itself is always SERVING. */
enum wire_state { WIRE_STARTING, WIRE_SERVING, WIRE_DRAINING, WIRE_STATE_COUNT };

/* What an answer says about the asking. */
enum wire_status {
    WIRE_OK,
    WIRE_UNKNOWN,     /* no such key, host, provider … */
    WIRE_DENIED,      /* there is, but not for you */
    WIRE_INVALID,     /* the asking makes no sense */
    WIRE_UNAVAILABLE, /* not now: try again later */
    WIRE_STATUS_COUNT,
};

/* What was done with a secret (SECRET_NOTE). */
enum wire_deed { WIRE_SECRET_READ, WIRE_SECRET_SET, WIRE_SECRET_REMOVED, WIRE_DEED_COUNT };

enum wire_type {
    WIRE_NO_MESSAGE,
#define MESSAGE(NAME, name, from, to, states, fds, flags, fields) WIRE_##NAME,
#include "wire.def"
#undef MESSAGE
    WIRE_TYPE_COUNT,
};

#define WIRE_C_U8(name, max)    uint8_t name;
#define WIRE_C_U16(name, max)   uint16_t name;
#define WIRE_C_U32(name, max)   uint32_t name;
#define WIRE_C_U64(name, max)   uint64_t name;
#define WIRE_C_STR(name, max)   struct span name;
#define WIRE_C_BYTES(name, max) struct span name;
#define WIRE_C_FIX(name, max)   uint8_t name[max];
#define F(kind, name, max)      WIRE_C_##kind(name, max)
#define MESSAGE(NAME, name, from, to, states, fds, flags, fields)                                  \
    struct wire_body_##name {                                                                      \
        fields                                                                                     \
    };
#include "wire.def"
#undef MESSAGE
#undef F

struct wire_msg {
    enum wire_type type;
    union {
#define MESSAGE(NAME, name, from, to, states, fds, flags, fields) struct wire_body_##name name;
#include "wire.def"
#undef MESSAGE
    };
};

/* Bytes that any message fits in; the same as the channel's own limit. */
enum { WIRE_MAX = 64 * 1024 };

/* Append m. ERR_LIMIT: a field above its maximum, or w too small. ERR_BUG: no such type. */
MUST struct err wire_encode(const struct wire_msg *m, struct wr *w);
/* Decode one whole message. Spans in *m borrow from `bytes`. ERR_INPUT on anything else. */
MUST struct err wire_decode(struct span bytes, struct wire_msg *m);

/* May `from` send this type to `to` while `to` is in `state`, with so many descriptors? ERR_DENIED.
 */
MUST struct err wire_accept(enum wire_type type, enum wire_role from, enum wire_role to,
                            enum wire_state state, size_t fd_count);
/* May the two talk at all? (Derived: some message goes one way or the other.) */
bool wire_may_talk(enum wire_role a, enum wire_role b);
/* Holds a secret: wipe the buffers it was in. */
bool wire_is_secret(enum wire_type type);
/* Most bytes a message of this type has on the wire. */
size_t wire_max_size(enum wire_type type);

/* "gate", "ledger" …; "RESOLVE_ASK" …; "?" for a number that is none. */
const char *wire_role_name(enum wire_role r);
const char *wire_type_name(enum wire_type t);

/* ---- grants: what parent hands to a role ---- */

enum wire_grant_kind {
    WIRE_GRANT_BLOB, /* 1 descriptor: sealed bytes, by name: "settings", "ca", "passphrase" … */
    WIRE_GRANT_SEGMENT,  /* 1: shared memory, by name: "keys", "counters", "weights" */
    WIRE_GRANT_LISTENER, /* 1: listening socket; index = position in the settings' list */
    WIRE_GRANT_PEER,     /* 1: channel to the role `role`, its process number `index` */
    WIRE_GRANT_RING_OUT, /* 3: data_rw, ack_ro, to_consumer + 1: to_producer; index = ring */
    WIRE_GRANT_RING_IN,  /* 3: data_ro, ack_rw, to_producer + 1: to_consumer; index = ring */
    WIRE_GRANT_KINDS,
};

enum { WIRE_GRANT_FDS = 4, WIRE_GRANT_NAME = 24 };

/* One thing granted. fds[0..fd_count) are the receiver's own; -1 once taken. For rings: fds[2] is
 * where to wake the other side, fds[3] what wakes this one. */
struct wire_grant {
    enum wire_grant_kind kind;
    enum wire_role role;
    uint32_t index;
    char name[WIRE_GRANT_NAME];
    int fds[WIRE_GRANT_FDS];
    unsigned fd_count;
};

/* Descriptors that a grant of this kind has. */
unsigned wire_grant_fds(enum wire_grant_kind kind);
/* Append the entry (without descriptors) / read the next one; fds are left alone. */
void wire_grant_encode(const struct wire_grant *g, struct wr *w);
MUST struct err wire_grant_decode(struct span *rest, struct wire_grant *g);

#endif
