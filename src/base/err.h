/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one error type. Every fallible function of sanctum returns it; it has one member so that it
 * travels in a register, and functions returning it are marked MUST so the compiler sees a result
 * that nobody looked at.
 *
 * Layout: category in the top 8 bits, detail in the low 24. The detail of ERR_IO is errno;
 * elsewhere it is 0 or a value the returning folder's header names. Parsers of outside bytes use
 * struct fault, which adds a byte position and one constant English sentence without a full stop.
 */
#ifndef SANCTUM_BASE_ERR_H
#define SANCTUM_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST __attribute__((warn_unused_result))

enum err_cat {
    ERR_NONE,
    ERR_INPUT,   /* outside bytes break the format's rules */
    ERR_LIMIT,   /* a ceiling of ours was reached */
    ERR_DENIED,  /* not allowed: policy, authentication, permission */
    ERR_AGAIN,   /* would block, or more input is needed */
    ERR_CLOSED,  /* the peer or the file ended */
    ERR_IO,      /* the system said no; detail = errno */
    ERR_CORRUPT, /* stored bytes of ours, or authenticated bytes, are not what was written */
    ERR_NOMEM,   /* allocation failed */
    ERR_BUG,     /* an invariant of this program does not hold */
};

struct err {
    uint32_t v; /* 0 = no error */
};

#define OK ((struct err){0})

/* An error of category `cat` with 24 bits of detail. Total. */
static inline struct err err_make(enum err_cat cat, uint32_t detail)
{
    return (struct err){(uint32_t)cat << 24 | (detail & 0xffffffU)};
}

static inline struct err err(enum err_cat cat)
{
    return err_make(cat, 0);
}

static inline enum err_cat err_cat(struct err e)
{
    return (enum err_cat)(e.v >> 24);
}

static inline uint32_t err_detail(struct err e)
{
    return e.v & 0xffffffU;
}

static inline bool failed(struct err e)
{
    return e.v != 0;
}

/* The category as one lower-case English word ("input", "limit", …), static. */
const char *err_word(struct err e);

/* The only control-flow macro: hand an error to the caller unchanged. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        struct err try_e_ = (call);                                                                \
        if (try_e_.v)                                                                              \
            return try_e_;                                                                         \
    } while (0)

/*
 * What a parser of outside bytes says when it refuses: where (byte offset from the start of the
 * parsed input) and why. `why` is a constant string, never outside bytes. Filled only on failure.
 */
struct fault {
    size_t at;
    const char *why;
};

/* Fill `f` (may be NULL) and return the error, for `return fault_at(...)`. */
static inline struct err fault_at(struct fault *f, enum err_cat cat, size_t at, const char *why)
{
    if (f)
        *f = (struct fault){at, why};
    return err(cat);
}

#endif
