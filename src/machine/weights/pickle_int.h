/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pickle machine: Python's unpickler with every object replaced by a mark of its kind. Names
 * and numbers are not copied: a value says at which opcode it was pushed, and is read from there
 * again in the rare case that somebody asks.
 */
#ifndef SANCTUM_MACHINE_WEIGHTS_PICKLE_INT_H
#define SANCTUM_MACHINE_WEIGHTS_PICKLE_INT_H

#include "weights_look_int.h"

enum {
    /* Together less than WEIGHTS_MEMORY_MAX. */
    PICKLE_STACK_MAX = 1 << 20, /* 8 bytes each, as many as were there at once and do not fold */
    PICKLE_MEMO_MAX = 1 << 20,  /* 5 bytes each, as many as the pickle writes */
    PICKLE_CELLS_MAX = 1 << 18, /* 8 bytes each: members of tuples kept for torch's checks */
    PICKLE_NAME_MAX = 512,
};

enum kind {
    K_UNSET, /* a memo slot nobody wrote */
    K_MARK,
    K_ATOM, /* None, a boolean, a float, bytes … */
    K_TEXT, /* extra: where its opcode stands */
    K_INT,  /* likewise */
    /* What holds others, K_LIST to K_INSTANCE: what they unfold to is kept beside the extra. */
    K_LIST, /* and other unhashable things of our own making */
    K_DICT,
    K_SET,
    K_FROZEN,
    K_TUPLE,      /* extra: 1 + first cell, 0 when not kept: value_cell */
    K_INSTANCE,   /* the result of calling a global: the global's number, for a dtype with 2^16
                   * times the bytes of an element: value_name, value_width */
    K_GLOBAL,     /* extra: number in the allow list, or NAME_BAD */
    K_PERSISTENT, /* extra: as K_TUPLE, of its id */
    K_UNKNOWN,    /* what an import or call that was told already gave */
    K_LOST, /* read from a memo slot beyond those kept, or from deep in the stack: fine as data,
             * suspicious as a callable */
    K_RUN,  /* on the stack only: several values that became K_LOST: how many, two at least, and
             * RUN_UNHASHABLE when lists, dicts or sets are among them */
};

enum { NAME_BAD = 0xffff };
#define RUN_UNHASHABLE ((uint64_t)1 << 48)

/* 8 bytes: kind in the top byte, extra below. */
struct value {
    uint64_t v;
};
static inline struct value value_of(enum kind k, uint64_t extra)
{
    return (struct value){(uint64_t)k << 56 | (extra & 0xffffffffffffffULL)};
}
static inline enum kind value_kind(struct value v)
{
    return (enum kind)(v.v >> 56);
}
static inline uint64_t value_extra(struct value v)
{
    return v.v & 0xffffffffffffffULL;
}

/* The extra of what holds others: 20 bits of its own, 16 bits of what it unfolds to (a dtype, which
 * holds nothing, has its width there), and on the stack 20 bits more: 1 + its memo slot, 0 without.
 */
enum { UNFOLD_SHIFT = 20, SLOT_SHIFT = 36, CELL_MASK = (1 << 20) - 1, SLOT_LAST = (1 << 20) - 2 };
static inline bool value_holds(struct value v)
{
    return value_kind(v) >= K_LIST && value_kind(v) <= K_INSTANCE;
}
static inline size_t value_cell(struct value v)
{
    return (size_t)(value_extra(v) & CELL_MASK);
}
static inline uint64_t value_width(struct value v)
{
    return value_extra(v) >> 16 & CELL_MASK;
}
/* As the memo keeps it. */
static inline struct value value_bare(struct value v)
{
    return value_holds(v) ? (struct value){v.v & ~(0xfffffULL << SLOT_SHIFT)} : v;
}
/* As the stack keeps what the memo has in `slot`. */
static inline struct value value_in_slot(struct value v, size_t slot)
{
    if (!value_holds(v) || slot > SLOT_LAST)
        return v;
    return (struct value){value_bare(v).v | (uint64_t)(slot + 1) << SLOT_SHIFT};
}

/* A growing array of values. */
struct values {
    struct value *v;
    size_t n, cap;
};

/* The memo, nearly as large as the pickle itself: 5 bytes a slot, kind in the low 4 bits. */
enum { MEMO_SLOT = 5 };
struct memo {
    uint8_t *v;
    size_t n, cap; /* slots */
};
static inline struct value memo_get(const struct memo *m, size_t i)
{
    const uint8_t *p = m->v + MEMO_SLOT * i;
    uint32_t low;
    memcpy(&low, p, sizeof low);
    return value_of((enum kind)(low & 15), low >> 4 | (uint64_t)p[4] << 28);
}
static inline void memo_set(struct memo *m, size_t i, struct value v)
{
    uint64_t extra = value_extra(value_bare(v));
    enum kind k = extra >> 36 ? K_LOST : value_kind(v);
    uint8_t *p = m->v + MEMO_SLOT * i;
    uint32_t low = (uint32_t)(extra << 4) | (uint32_t)k;
    memcpy(p, &low, sizeof low);
    p[4] = (uint8_t)(extra >> 28);
}

/* One opcode with its argument. */
struct op {
    uint8_t code;
    size_t at, next;
    uint64_t number;  /* counts, indices; sign-extended for signed ones */
    struct span text; /* lines and counted bytes */
    struct span more; /* second line of GLOBAL and INST */
};

/* Decode the opcode at `at` (< s.n). NULL, or why it is none. */
const char *pickle_op(struct span s, size_t at, struct op *o);
/* The text that the opcode at `at` pushes (STRING and UNICODE escapes undone). False: too long. */
bool pickle_text(struct span s, size_t at, char out[PICKLE_NAME_MAX], size_t *n);
/* The integer that the opcode at `at` pushes. False: above 64 bits. */
bool pickle_int(struct span s, size_t at, int64_t *out);
/* A decimal line as Python's int() reads it: blanks, a sign, single underscores. */
bool pickle_decimal(struct span line, int64_t *out);

/* ---- names ---- */
enum name_use {
    USE_DATA,    /* a container or number: state is a plain dict, or none */
    USE_ARRAY,   /* numpy's own: state is a tuple */
    USE_DTYPE,   /* likewise; its instances know the bytes of an element */
    USE_WRAPPER, /* joblib's: state is a dict, and an array's bytes follow */
    USE_TENSOR,  /* torch's rebuild functions: arguments are checked */
    USE_STORAGE, /* torch's storage classes: only named in persistent ids */
    USE_MAPPING, /* takes items too */
    USE_CODEC,   /* encodes text: its second argument names the codec */
    USE_BYTES,   /* an array of bytes: a number asks for so many */
};
/* Number in the allow list, or NAME_BAD with the level of what it is and why. */
unsigned pickle_name(struct span module, struct span name, enum weights_verdict *level,
                     const char **why);
enum name_use pickle_name_use(unsigned n);
/* Bytes of one element of a storage class, 0 for other names. */
unsigned pickle_name_size(unsigned n);

/* ---- the machine ---- */

/* What a joblib wrapper's state says of the array whose bytes follow it. */
struct wrapped {
    bool shape, dtype, aligned;
    uint64_t elements, width;
};

struct machine {
    struct look *look;
    struct span in;
    struct values stack, far, cells, storages;
    struct memo memo;
    size_t memo_used; /* slots written: what MEMOIZE counts by */
    size_t at;        /* of the opcode in hand */
    size_t next;      /* of the one after it */
    size_t begin;     /* of the pickle */
    size_t frame_end; /* 0: none */
    size_t marks;
    size_t closed; /* the opcode that completed a container last, and how many before it did so */
    size_t nested; /* with nothing in between: so deep do they lie in each other */
    bool torch;    /* torch's layout: persistent ids belong here, tuples are kept */
    bool legacy;   /* torch's old layout */
    bool strange_key; /* a dict got a key that no plain state has */
    bool unfolds;     /* told that something unfolds to too much */
    bool folded;      /* the stack may hold K_RUN */
    bool broken;
    size_t count; /* pickles read */
    bool plain;   /* read as pickle.load does: no bytes of arrays in between */
    bool joblib;  /* a wrapper of joblib's was named */
    bool jumped;  /* bytes of an array were passed over */
    struct wrapped array;
    struct machine *outer; /* the pickle around the one in hand; NULL: none */
};

/* The number that an instance or a callable carries. */
static inline unsigned value_name(struct value v)
{
    return (unsigned)(value_extra(v) & 0xffff);
}

void machine_note(struct machine *m, enum weights_verdict level, const char *rule, const char *why);
/* Malformed, and the loader would stop here. */
void machine_break(struct machine *m, const char *why);
void machine_push(struct machine *m, struct value v);
/* Pops above the innermost mark only. K_UNSET and broken when there is none. */
struct value machine_pop(struct machine *m);

static inline void pickle_push(struct machine *m, struct value v)
{
    if (m->stack.n < m->stack.cap)
        m->stack.v[m->stack.n++] = v;
    else
        machine_push(m, v);
}
/* The value on top; NULL: a mark, or nothing. Good until the next push. */
struct value *machine_top(struct machine *m);
/* Does this text begin with two underscores, as no key of plain data does? */
bool pickle_reserved(const struct machine *m, struct value text);

/* Append; false and broken above `max` or without memory. */
bool machine_put(struct machine *m, struct values *a, struct value v, size_t max);
/* Index of the first value above the innermost mark; false and broken when there is no mark. */
bool machine_to_mark(struct machine *m, size_t *first);
/* Drop the innermost mark and what is above it; `first` is what machine_to_mark gave. */
void machine_drop_mark(struct machine *m, size_t first);

/* The usual opcodes from m->at on, read where they stand; stops at the first that is not usual or
 * near the end of the frame. */
void pickle_fast(struct machine *m);

/* ---- memo: PUT and MEMOIZE, GET, and both with a line of text ---- */
void pickle_memo_put(struct machine *m, int64_t index);
void pickle_memo_get(struct machine *m, int64_t index);
void pickle_memo_line(struct machine *m, const struct op *o);

/* ---- what a value unfolds to: how many values a reader meets that follows every reference ---- */
/* Kept as a number of 11 bits and the power of two it is to be multiplied with, cut off: what grows
 * by single items stands still at thousands, what grows by its own size does not. */
enum { UNFOLD_DIGITS = 11 };
/* Does v hold others, and say how many? (A dtype has its width there.) */
static inline bool value_counts(struct value v)
{
    return value_holds(v) &&
           (value_kind(v) != K_INSTANCE || pickle_name_use((unsigned)(v.v & 0xffff)) != USE_DTYPE);
}
/* Where the memo keeps it of v; NULL: v does not lie there, and the number is its own. */
static inline uint8_t *unfold_place(const struct machine *m, struct value v)
{
    size_t slot = (size_t)(value_extra(v) >> SLOT_SHIFT);
    if (!slot || slot > m->memo.n)
        return NULL;
    uint8_t *p = m->memo.v + MEMO_SLOT * (slot - 1);
    return (p[0] & 15) == value_kind(v) ? p + 3 : NULL; /* bits 20 to 35 of the extra */
}
static inline uint64_t pickle_unfold(const struct machine *m, struct value v)
{
    if (!value_counts(v))
        return value_kind(v) == K_RUN ? value_extra(v) & ~RUN_UNHASHABLE : 1;
    const uint8_t *there = unfold_place(m, v);
    unsigned code = there ? there[0] | (unsigned)there[1] << 8
                          : (unsigned)(value_extra(v) >> UNFOLD_SHIFT & 0xffff);
    return 1 + ((uint64_t)(code & ((1 << UNFOLD_DIGITS) - 1)) << (code >> UNFOLD_DIGITS));
}
/* Of all from `first` on. */
static inline uint64_t pickle_unfold_all(const struct machine *m, size_t first)
{
    uint64_t n = 0;
    for (const struct value *v = m->stack.v + first, *end = m->stack.v + m->stack.n; v < end; v++)
        n += value_kind(*v) < K_LIST ? 1 : pickle_unfold(m, *v);
    return n;
}
/* Is it so much that the stack must not forget it? */
#define UNFOLD_HEAVY ((uint64_t)1 << 20)
static inline bool pickle_heavy(const struct machine *m, struct value v)
{
    return value_holds(v) && pickle_unfold(m, v) >= UNFOLD_HEAVY;
}
/* pickle_hold where the sum is no small number. */
void pickle_hold_much(struct machine *m, struct value *v, uint64_t more);
/* *v holds `more` than before. Tells when that is beyond what a reader can follow. */
static inline void pickle_hold(struct machine *m, struct value *v, uint64_t more)
{
    if (!value_counts(*v))
        return;
    uint8_t *there = unfold_place(m, *v);
    uint64_t code =
        there ? there[0] | (unsigned)there[1] << 8 : value_extra(*v) >> UNFOLD_SHIFT & 0xffff;
    if ((code + more) >> UNFOLD_DIGITS) {
        pickle_hold_much(m, v, more);
    } else if (there) {
        there[0] = (uint8_t)(code + more);
        there[1] = (uint8_t)((code + more) >> 8);
    } else {
        v->v += more << UNFOLD_SHIFT;
    }
}

/* ---- items: APPEND and SETITEM, their many-forms and ADDITEMS, TUPLE1 to 3, and what a mark opens
 * (TUPLE, LIST, DICT, FROZENSET) ---- */
void pickle_add_one(struct machine *m, uint8_t code);
void pickle_add_many(struct machine *m, uint8_t code);
void pickle_small_tuple(struct machine *m, size_t n);
void pickle_from_mark(struct machine *m, uint8_t code);

/* Findings about the arguments of a call of this use. */
void pickle_arguments(struct machine *m, enum name_use use, struct value args);
/* REDUCE: call what lies under the arguments. */
void pickle_reduce(struct machine *m);

/* Members of a tuple that was kept. */
bool pickle_members(const struct machine *m, struct value t, const struct value **v, size_t *n);
bool pickle_int_of(const struct machine *m, struct value v, int64_t *out);

/* ---- joblib: arrays whose bytes stand between the opcodes ---- */
/* Is the tuple from `first` on the argument of a dtype or of another call whose arguments matter?
 * Then it must be kept. */
bool joblib_wants(const struct machine *m, size_t first);
/* Bytes of an element of dtype(*args); JOBLIB_OBJECTS: a pickle follows; 0: not known. */
uint64_t joblib_width(const struct machine *m, struct value args);
enum { JOBLIB_OBJECTS = (1 << 20) - 1 };
/* Keys and values from `first` on may be a wrapper's state. */
void joblib_state(struct machine *m, size_t first);
/* A wrapper is complete: pass over the bytes of its array, or begin the pickle within. */
void joblib_array(struct machine *m);
/* The pickle within has ended: go on with the one around it. */
void joblib_return(struct machine *m);

/* ---- torch ---- */
void torch_persistent(struct machine *m, struct value id);
void torch_rebuild(struct machine *m, struct value args);
/* Bytes that the old layout's raw storages must take. */
bool torch_legacy_bytes(struct machine *m, uint64_t *out);

#endif
