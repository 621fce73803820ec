/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Config files: a strict subset of YAML 1.1 as a tree with a line for every node, and tables that
 * turn a mapping into a C struct.
 *
 * The subset: one document of mappings with text keys, sequences and scalars, block or flow style,
 * comments. Refused, each with its line: anchors, aliases, tags, duplicate keys, tabs in the
 * indentation, directives, several documents, control characters, invalid UTF-8, a byte order mark,
 * more than CONF_BYTES_MAX bytes, CONF_DEPTH_MAX levels or CONF_NODES_MAX nodes. A scalar has no
 * type until somebody asks for one: `yes` is text, and no boolean.
 */
#ifndef SANCTUM_CONF_CONF_H
#define SANCTUM_CONF_CONF_H

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "span.h"

enum {
    CONF_BYTES_MAX = 256 * 1024,
    CONF_DEPTH_MAX = 32,
    CONF_NODES_MAX = 16 * 1024,
    CONF_FAULT_TEXT = 320,
};

/* What is wrong with a config file: one sentence for a person, with the line it is about. */
struct conf_fault {
    uint32_t line, column;      /* from 1; line 0: the file as a whole */
    char file[256];             /* name as given, cut to fit */
    char text[CONF_FAULT_TEXT]; /* "expected …, found …"; never a sensitive value */
};
/* Append "FILE:LINE: expected …" (without the line when it is 0). */
MUST struct err conf_fault_text(const struct conf_fault *f, struct buf *out);
/* Fill `f` (may be NULL) and return ERR_INPUT. */
struct err conf_fault_at(struct conf_fault *f, uint32_t line, uint32_t column, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- the tree ---- */

enum conf_kind { CONF_SCALAR, CONF_SEQUENCE, CONF_MAPPING };

struct conf_node {
    uint8_t kind;          /* enum conf_kind */
    bool quoted;           /* a scalar in quotes, or a block scalar: text, whatever it looks like */
    uint32_t line, column; /* of its first byte, from 1 */
    uint32_t n;            /* children */
    struct span text;      /* a scalar's text */
    struct span key;       /* its name, when it is a mapping's member */
    uint32_t key_line, key_column;
    struct conf_node *first, *next; /* first child; next sibling */
};

/* Parse `yaml` into a tree in `arena`; it borrows nothing of `yaml`. An empty document gives an
 * empty mapping. `file` names it in the fault. Not recursive. */
MUST struct err conf_parse(struct span yaml, const char *file, struct arena *arena,
                           const struct conf_node **root, struct conf_fault *f);
/* The member called `key`, or NULL. */
const struct conf_node *conf_member(const struct conf_node *map, struct span key);

/* ---- tables ---- */

enum conf_type {
    CONF_BOOL,     /* bool: true | false */
    CONF_COUNT,    /* uint64_t: decimal digits */
    CONF_SIZE,     /* uint64_t bytes: 512, 64KiB, 32MiB, 1GiB */
    CONF_DURATION, /* uint64_t milliseconds: 200ms, 30s, 15m, 12h, 7d */
    CONF_USD,      /* uint64_t nano-dollars: 2.50, at most 9 decimals */
    CONF_FRACTION, /* double: 0.7, at most 6 decimals; min and max are millionths */
    CONF_WORD,     /* uint32_t: index of one of `words` */
    CONF_WORDS,    /* unsigned __int128: a bit for each of `words` in the list; at most 128 words */
    CONF_TEXT,     /* struct span: min..max bytes of printable text */
    CONF_TEXTS,    /* struct conf_texts: a list of such texts */
    CONF_NESTED,   /* a section or list with a table of its own: the caller reads it */
};

struct conf_texts {
    struct span *v;
    size_t n;
};

enum conf_flag {
    CONF_REQUIRED = 1,  /* there is no default */
    CONF_SENSITIVE = 2, /* may hold a secret by mistake: never quoted in a fault */
    CONF_PAIRS = 4,     /* CONF_TEXTS: a mapping {a: b} may stand for the list ["a=b"] */
};

/* When a changed value takes effect. */
enum conf_reload {
    CONF_RELOAD,  /* at reload: fresh processes get it, old ones drain */
    CONF_RESTART, /* when the daemon is started again */
};

/* One setting. */
struct conf_setting {
    const char *name;
    enum conf_type type;
    size_t offset; /* of the field in its struct */
    uint64_t min, max;
    const char *words; /* CONF_WORD, CONF_WORDS: "a|b|c" */
    const char *def;   /* default, spelt as in the file (a list: comma-separated); NULL: zero */
    unsigned flags;    /* enum conf_flag */
    enum conf_reload reload;
    const char *help; /* one sentence for the reference page */
};

struct conf_table {
    const char *name; /* of the section, for faults */
    const struct conf_setting *v;
    size_t n;
    size_t size; /* of the struct */
};

/* Fill `target` (t->size bytes) with the defaults of the table. ERR_BUG when one is not valid. */
MUST struct err conf_defaults(const struct conf_table *t, struct arena *arena, void *target);
/*
 * Read mapping `map` into `target`, which holds the defaults (or the values to inherit). Each key
 * must be in the table; a misspelt one is answered with the nearest name. Required keys must be
 * there. CONF_NESTED members are left to the caller.
 */
MUST struct err conf_read(const struct conf_table *t, const struct conf_node *map,
                          struct arena *arena, void *target, struct conf_fault *f);
/* One scalar or list as the type of `s` says, into `field`. */
MUST struct err conf_value(const struct conf_setting *s, const struct conf_node *node,
                           struct arena *arena, void *field, struct conf_fault *f);
/* Append a field's value as it would be written in the file. Texts are quoted. Not for
 * CONF_NESTED. */
MUST struct err conf_print(const struct conf_setting *s, const void *field, struct buf *out);
/* Append what the type and range allow, in words: "a duration from 100ms to 1h". */
MUST struct err conf_expect(const struct conf_setting *s, struct buf *out);

/* The i-th of "a|b|c"; empty when there are fewer. */
struct span conf_word(const char *words, size_t i);
/* The entry of the list closest to `text` (edit distance at most a third of its length), or an
 * empty span. `words` as "a|b|c". */
struct span conf_nearest(const char *words, struct span text);

#endif
