/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of secret detection share: rule matching (secret_rule.c), inside checks
 * (secret_check.c), judging values (secret_value.c), telling names (secret_name.c), and reading
 * what stands inside an encoding (secret_code.c).
 */
#ifndef SANCTUM_SCAN_SECRET_INT_H
#define SANCTUM_SCAN_SECRET_INT_H

#include "secret_scan.h"

/* f of every byte: the rows of such a table. */
#define SECRET_EACH4(f, c) f(c), f((c) + 1), f((c) + 2), f((c) + 3)
#define SECRET_EACH16(f, c)                                                                        \
    SECRET_EACH4(f, c), SECRET_EACH4(f, (c) + 4), SECRET_EACH4(f, (c) + 8),                        \
        SECRET_EACH4(f, (c) + 12)
#define SECRET_EACH64(f, c)                                                                        \
    SECRET_EACH16(f, c), SECRET_EACH16(f, (c) + 16), SECRET_EACH16(f, (c) + 32),                   \
        SECRET_EACH16(f, (c) + 48)
#define SECRET_EACH_BYTE(f)                                                                        \
    SECRET_EACH64(f, 0), SECRET_EACH64(f, 64), SECRET_EACH64(f, 128), SECRET_EACH64(f, 192)

/* What tokens and names are made of. A table, not comparisons: in a random value each of those is a
 * branch that nothing predicts. */
enum secret_class {
    F_LOWER = 1,
    F_UPPER = 2,
    F_DIGIT = 4,
    F_NONE = 8, /* of no token (secret_run_byte) */
    F_PERCENT = 16,
    F_DOLLAR = 32,
    F_SPLIT = 64, /* + / = $ %: a token may begin behind one */
    F_NAME = 128, /* letters, digits, - _ . */
    F_WORD = F_LOWER | F_UPPER | F_DIGIT,
};
extern const uint8_t secret_classes[256];

static inline bool secret_alnum(uint8_t c)
{
    return secret_classes[c] & F_WORD;
}

/* What hardly any text needs stands out of line, so that what all need is close together: a word or
 * run is met so seldom that its code has left the first cache. */
#define SECRET_RARE __attribute__((noinline, cold))

static inline bool secret_digit(uint8_t c)
{
    return (uint8_t)(c - '0') < 10;
}

/* The byte at `at`, 0 behind the end. */
static inline uint8_t secret_byte(struct span s, size_t at)
{
    return at < s.n ? s.p[at] : 0;
}

/* Append a finding; the error stays in the pass. Scores at or below 0 are dropped. */
void secret_emit(struct secret_pass *p, size_t start, size_t end, unsigned rule, float score);

/* ---- secret_rule.c ---- */

struct secret_match {
    size_t start, end;
    unsigned rule;
    size_t work; /* bytes looked at so far: the caller keeps it in bounds */
    struct secret_joints joints;
};
/* The first joint at or behind `at`; SIZE_MAX when there is none. */
size_t secret_joint(const struct secret_joints *j, size_t at);

/* The three bytes that a format may begin with, hashed: made by secret_index.py. */
enum { SECRET_HEAD_BITS = 14, SECRET_HEAD_WORDS = (1 << SECRET_HEAD_BITS) / 64 };
extern const uint64_t secret_head_bits[SECRET_HEAD_WORDS];

static inline unsigned secret_head_hash(const uint8_t *p)
{
    return p[0] * 1447U + p[1] * 229U + p[2] * 31U;
}

/* Could a format begin with the three bytes at p? One hash, no false no. */
static inline bool secret_head(const uint8_t *p)
{
    unsigned bit = secret_head_hash(p) & ((1U << SECRET_HEAD_BITS) - 1);
    return secret_head_bits[bit / 64] >> (bit % 64) & 1;
}
/* The next rule (after *iter, which starts at 0) whose prefix and shape stand at `at`. The left
 * border is the caller's to know. False when there is none. */
bool secret_match_prefix(struct span text, size_t at, size_t *iter, struct secret_match *m);
/* The same for formats without a prefix, found by a literal at a fixed place. */
bool secret_match_probe(struct span text, size_t at, size_t *iter, struct secret_match *m);
/* Does the shape of `rule`, prefix included, stand at `at`? Fills *m, adds to its work. */
bool secret_match_rule(struct span text, size_t at, unsigned rule, struct secret_match *m);
/* Look inside a match and emit it if it is worth it. True when the bytes are taken. */
bool secret_judge(struct secret_pass *p, const struct secret_match *m);
/* Length of the rule's prefix. */
size_t secret_prefix_len(unsigned rule);

/* ---- secret_check.c ---- */

enum secret_check {
    SECRET_CHECK_none,
#define CHECK(name) SECRET_CHECK_##name,
#include "secret_checks.def"
#undef CHECK
};
/* Does the inside of `token` (whole, prefix included; the body begins at `body`) hold? */
bool secret_check(enum secret_check check, struct span token, size_t body);

/* ---- secret_value.c ---- */

/* Letter-pair surprise and class changes, in quarter bits a byte: see secret_pairs.py. */
float secret_surprise(struct span s);
/* The same of text[at, end), kept: a name, a value's judge and a run ask about one value. */
float secret_random(struct secret_pass *p, size_t at, size_t end);
/* Scores that 99 and 90 of 100 random strings reach, and 57 and 5 of 10,000 identifiers. */
#define SECRET_RANDOM_LIKELY 26.0F
#define SECRET_RANDOM_SURE   29.9F

/* A stand-in for a value: xxxx, <token>, ${VAR}, changeme, 0123456789, os.environ[…]. */
bool secret_placeholder(struct span s);
/* An algorithm's name, an interface's version, signs spelt by escapes: known to all
 * (secret_program.c). */
bool secret_known_form(struct span s);
/* 8-4-4-4-12 hexadecimal digits. */
bool secret_uuid(struct span s);
/* Only hexadecimal digits. */
bool secret_hex(struct span s);
/* What the bytes of s are, classes of `of` together. */
unsigned secret_made_of(struct span s, const uint8_t of[256]);
/* Words to be looked for, all in lower case where `nocase`. By the low five bits of a first letter,
 * those of the letters `apart` from it, a bit each: next[r] has a bit for every word. */
struct secret_words {
    const char *const *words;
    size_t n, apart;
    bool nocase;
    uint32_t next[32];
};
#define SECRET_BIT(c) ((uint32_t)1 << ((c)&31))
/* Does one of them stand anywhere in s? */
bool secret_holds(struct span s, const struct secret_words *of);

/* ---- secret_name.c ---- */

enum secret_name {
    NAME_NONE,     /* says nothing, or says that the value is none */
    NAME_WEAK,     /* "key", "auth", "code": only a value that is surely random counts */
    NAME_KEY,      /* a key or token is expected */
    NAME_PASSWORD, /* a password is expected */
    NAME_HASH,     /* a password's hash */
};
struct secret_named {
    enum secret_name kind;
    bool sample;  /* mock_, fake_, example_… */
    bool aws;     /* an AWS secret key's name */
    bool made;    /* a secret that somebody may have made up: words and a number will do */
    bool phrase;  /* a passphrase, JWT_SECRET: words joined by a sign will do */
    bool once;    /* tells one request from another: client_token, LockToken */
    bool literal; /* its place holds a value, and no name of a program's */
};
#define SECRET_A_PASSWORD ((struct secret_named){.kind = NAME_PASSWORD})
/* What an identifier of at most 100 bytes announces. */
struct secret_named secret_name_of(struct span name);
/* Is one of the words of s, three letters or more, one that names of programs and secrets are made
 * of? */
bool secret_program_words(struct span s);

/* ---- secret_judge.c ---- */

/* Emit text[start, end) if it is what `name` announces. `quoted`: it stood in quotes. */
void secret_value(struct secret_pass *p, size_t start, size_t end, struct secret_named name,
                  bool quoted);
/* At least four words, or three and a number, one sign between them, none that a sentence about
 * passwords would hold: correct horse battery staple, copper-tiger-lamp-42. */
bool secret_passphrase(struct span s);
/* The same with dashes, and no name of a page's parts or of a resource: velvet-maple-comet-piano.
 */
bool secret_dashed(struct span s);
/* Words and a number, as people make passwords: summer-2417, blue.copper86, Tiger823-,
 * Larch_Hollow5, not sha256. */
bool secret_numbered(struct span s);
/* A value after "Authorization:" or a link's password: emit unless it is a stand-in. */
void secret_password(struct secret_pass *p, size_t start, size_t end, unsigned rule, float score);

/* ---- secret_word.c ---- */

/* Does a telling name or word stand in the 64 bytes before `at`, on the same line? */
bool secret_near(struct span text, size_t at);

/* ---- secret_table.c ---- */

/* If `name` is a cell of a table's head, the rows below are read as the pass comes to them. */
void secret_table_head(struct secret_pass *p, struct span name);

/* ---- secret_code.c ---- */

/* Try the encodings that text[at, end) may be: base64, percent, and read on inside. */
void secret_decode(struct secret_pass *p, size_t at, size_t end);
/* text[end] is a backslash in a run: a JSON escape (\/ or \u002b) may join two runs. Returns where
 * the joined run ends, `end` if there is none. */
size_t secret_escaped(struct secret_pass *p, size_t at, size_t end);

/* ---- secret_crypt.c ---- */

/* A hash that was written for a password: $2b$…, $6$…. Its length, 0 for none. */
size_t secret_crypt(struct span s);
/* A password hash at `at` ('$'), which may have its name before it? Its end, `at` if none; emits.
 */
size_t secret_hash(struct secret_pass *p, size_t at);
/* {SSHA}base64, as directories and .htpasswd hold passwords: what stands behind the bracket. Its
 * end, `at` if none; emits. */
size_t secret_ldap_hash(struct secret_pass *p, size_t at);

/* ---- secret_token.c ---- */

/* A JWT at `at` ("eyJ")? Its end, `at` if none; emits. */
size_t secret_jwt(struct secret_pass *p, size_t at);

/* ---- secret_scan.c ---- */

/* Every anchor of p->text, plain C. */
void secret_sweep(struct secret_pass *p);
/* Of overlapping secrets from index `first` on keep the better one, widened by what the other
 * covered if that one was to be masked too; sorted by place. */
void secret_settle(struct findings *f, size_t first);
/* From here up a finding is masked. */
#define SECRET_MASKED 0.7F

#endif
