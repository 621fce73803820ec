/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials in text: token formats with their offline checks, values behind a telling name,
 * passwords in links, private keys, and the same hidden by an encoding. Nothing here asks a
 * network.
 *
 * Two ways in. `secret_scan` reads a whole text by itself (plain C, for tests and as the oracle).
 * The anchor pass of scan.h, which sees every byte anyway, calls the five `secret_at_…` functions
 * at the positions their comments define; both ways give the same findings. Each function is total
 * on any bytes, looks at most SECRET_LOOK_BACK bytes back, and costs time linear in the bytes it
 * passes, so that a text costs linear time however many anchors it holds.
 *
 * A pass calls the functions in the order of `at`. Findings have entity ENTITY_SECRET, a rule of
 * secret_rules.def, and may overlap: secret_better says which of two keeps the bytes.
 *
 * Scores: 1.0 an offline checksum holds; .9 a self-identifying shape; .75 to .85 a value that looks
 * random behind a telling name, or a link's password; .5 and below a shape whose checksum is wrong,
 * a password hash, a documentation sample: worth a line in a report, not worth masking.
 */
#ifndef SANCTUM_SCAN_SECRET_SCAN_H
#define SANCTUM_SCAN_SECRET_SCAN_H

#include "finding.h"

enum secret_rule {
    SECRET_RULE_NONE,
#define SECRET(id, ...)  SECRET_##id,
#define CONTEXT(id, ...) SECRET_##id,
#include "secret_rules.def"
#undef SECRET
#undef CONTEXT
    SECRET_RULE_COUNT,
};

enum secret_evidence {
    SECRET_CONTEXT,  /* a name, a word or a place says so */
    SECRET_SHAPE,    /* prefix, alphabet and length say so */
    SECRET_CHECKSUM, /* a check digit, a CRC, a decodable payload or a fixed inner marker holds */
};

enum {
    SECRET_RUN_MIN = 16,         /* shortest run worth a look */
    SECRET_LOOK_BACK = 1000,     /* no function reads before at - this: a stream keeps no more */
    SECRET_VALUE_MAX = 4096,     /* longest token or value; longer runs are data */
    SECRET_BLOCK_MAX = 32 << 10, /* longest PEM block */
    SECRET_ROW_MAX = 640,        /* longest row of a table */
};

/* Offsets, ascending, of bytes before which an invisible character was taken out of the text, and
 * what is to be taken off them. A token may begin or end there in the middle of letters. */
struct secret_joints {
    const uint32_t *v;
    size_t n, base;
};

/* One text being read. */
struct secret_pass {
    struct span text;
    struct findings *out;
    struct secret_joints joints;
    struct err err;   /* the first failure of findings_add; look once, at the end */
    size_t skip;      /* anchors before this offset lie in data known to be noise */
    size_t run_end;   /* runs before this offset were read */
    size_t name_end;  /* names before this offset were read */
    size_t hide_end;  /* hidden characters before this offset were read */
    size_t place_end; /* commands and documents before this offset were read */
    size_t jwk_end;   /* JSON Web Keys */
    size_t work;      /* bytes that formats of this run looked at */
    struct {
        size_t at, end;
        float random;
    } last;         /* the value asked about last, and how random it is (secret_random) */
    unsigned depth; /* how many encodings deep this text was found: at most 2 */
    /* A table whose head names columns of secrets: where its next row begins (0: none), what parts
     * its cells, how many there are, which hold what. */
    size_t row_at;
    uint8_t row_sign, row_cells;
    uint32_t row_passwords, row_keys;
};

static inline struct secret_pass secret_pass_of(struct span text, struct findings *out)
{
    return (struct secret_pass){.text = text, .out = out};
}

/* True for the bytes that tokens are made of: A-Z a-z 0-9 _ - . ~ + / = $ %. */
extern const bool secret_run_byte[256];
/* `at` begins a maximal run of at least SECRET_RUN_MIN such bytes. Returns the end of the run (an
 * offset > at): the next run to hand over begins there or later. */
size_t secret_at_run(struct secret_pass *p, size_t at);
/* Would it find nothing in the run of n bytes there, n < 64, none of them a digit? Bit k of `word`:
 * byte k is a letter. Short names and paths are most of a program's runs. Never wrongly yes. */
bool secret_run_idle(struct span text, size_t at, size_t n, uint64_t word);

/* What announces a secret: the first bytes, in lower case, of names (password, key), of short
 * options, of tools and functions that take one (getConnection), of such words elsewhere. */
struct secret_word_key {
    uint8_t key[4]; /* one of three bytes has a NUL at the end and stands for any fourth byte */
    /* The letters, of either case, that may stand behind; any byte that is no letter may. '^': so
     * may every capital. NULL: any byte may. Elsewhere secret_at_word finds nothing. */
    const char *behind;
};
enum { SECRET_WORD_KEYS = 87 };
extern const struct secret_word_key secret_word_keys[SECRET_WORD_KEYS];
/* The bytes at `at`, in lower case, begin with a key. Any place in a word: "DBPASS", "api_key". */
void secret_at_word(struct secret_pass *p, size_t at);

/* May secret_at_label find something at the colon at text[at], `c` before it? */
static inline bool secret_label(uint8_t c, struct span text, size_t at)
{
    /* the words end in a d e i n o p r s u, or in a byte of no ASCII letter */
    if (c > '\'')
        return c >= 0x80 || (c >= 'A' && (0x2dc232U >> (c & 31) & 1));
    /* "Cookie": */
    return (c == '"' || c == '\'') && at > 2 && text.p[at - 3] == 'i' && text.p[at - 2] == 'e';
}
/* A colon at `colon`, secret_label there: a
 * value behind "wachtwoord:", "пароль:", "Cookie:", "recovery codes:" and other words that are no
 * key. False when none of them stands before it. */
bool secret_at_label(struct secret_pass *p, size_t colon);

/* A field of digits or '*' and another that begins with no digit ("of.js:2711:4") follow the colon
 * at `at`: the port in a line of .pgpass? */
static inline bool secret_port(struct span text, size_t at)
{
    const uint8_t *p = text.p + at;
    uint8_t c = at + 7 < text.n ? p[1] : 0;
    if (c == '*')
        return p[2] == ':';
    return (uint8_t)(c - '1') < 9 && ((p[5] == ':' && (uint8_t)(p[6] - '0') >= 10) ||
                                      (p[6] == ':' && (uint8_t)(p[7] - '0') >= 10));
}
/* There: host:port:database:user:password. */
void secret_at_pgpass(struct secret_pass *p, size_t at);

/* "pw" alone stands before the colon at `at`: too short for a key, it is met here. */
static inline bool secret_pw(struct span text, size_t at)
{
    if (at < 2 || (text.p[at - 1] | 0x20) != 'w' || (text.p[at - 2] | 0x20) != 'p')
        return false;
    uint8_t c = at >= 3 ? text.p[at - 3] : ' ';
    return c == ' ' || c == '\n' || c == '"' || c == ',' || c == '(' || c == '_' || c == '\t' ||
           c == '*' || ((uint8_t)(c - 'a') < 26 && text.p[at - 2] == 'P'); /* adminPW: */
}

/* text[at] is ASCII, the byte before is not: may a word for "password" in a language with such
 * letters end there, or go on behind the first of them? Curly quotes, dashes and most accents say
 * no. */
static inline bool secret_foreign_may(struct span text, size_t at)
{
    const uint8_t *end = text.p + at;
    if (at < 2 || end[-2] < 0x80)
        return false;
    if (at > 2 && end[-3] >= 0xe0)
        return end[-3] != 0xe2 || (at >= 6 && end[-6] >= 0xe0);
    switch (end[-2]) {
    case 0xc3:
        return end[-1] == 0xb3 || end[-1] == 0xb6 || end[-1] == 0xbc || end[-1] == 0xa9;
    case 0xc5:
        return end[-1] == 0x82 || end[-1] == 0x9f || end[-1] == 0x9e;
    default:
        return end[-2] == 0xd0 || end[-2] == 0xd1 || end[-2] == 0xce || end[-2] == 0xcf;
    }
}
/* There: its value, where it has one. */
void secret_at_foreign(struct secret_pass *p, size_t at);

/* What may stand right before a password that no name need announce, and before that: a bit for
 * each pair of them. */
extern const uint8_t secret_first_before[256], secret_second_before[256];
/* text[start, end), ASCII letters and digits with neither on both sides, holds a digit at a letter,
 * text[at] its first one: is it to be read? */
static inline bool secret_mixed(struct span text, size_t start, size_t at, size_t digits,
                                size_t end)
{
    enum { FIRST = 3 }; /* digits before the first letter: 2654435761u is a number */
    return (start < at || (at + digits < end && digits <= FIRST)) && start > 1 &&
           (secret_first_before[text.p[start - 1]] & secret_second_before[text.p[start - 2]]);
}
/* There, from its look: "I've reset it to X", bcrypt.hash("X"), "radtest jane X". */
void secret_at_mixed(struct secret_pass *p, size_t start, size_t at);

/* The line at p->row_at, a row of a table with secrets; sets where the next begins, 0 if none does.
 */
void secret_at_row(struct secret_pass *p);

/* text[at] is an '@': the end of a mail address with a password behind it? */
void secret_at_mail(struct secret_pass *p, size_t at);

/* text[at..] begins with "://". */
void secret_at_url(struct secret_pass *p, size_t at);

/* text[at..] begins with "-----BEGIN". */
void secret_at_pem(struct secret_pass *p, size_t at);

/* text[at] is the first byte >= 0x80 after an ASCII letter or digit, and begins a zero-width
 * character, a soft hyphen, or a letter that looks like a Latin one (secret_hides): a token may
 * go on behind it. */
void secret_at_hidden(struct secret_pass *p, size_t at);
/* Whether the character at text[at] (>= 0x80) is one of those. A few compares. */
bool secret_hides(struct span text, size_t at);

/* The whole text: every anchor, plain C. Findings are appended, sorted by place, and do not
 * overlap. ERR_LIMIT and ERR_NOMEM from the list. */
MUST struct err secret_scan(struct span text, struct findings *out);

/* Of two secrets that overlap: does `a` keep the bytes? Evidence, then score, then length, then
 * place. A total order. */
bool secret_better(const struct finding *a, const struct finding *b);

/* "github-pat" and so on; "unknown" for a number that is no rule. */
const char *secret_rule_name(unsigned rule);
/* What a finding of this rule and score rests on. */
enum secret_evidence secret_rule_evidence(unsigned rule, float score);
/* "context", "shape", "checksum". */
const char *secret_evidence_name(enum secret_evidence e);

#endif
