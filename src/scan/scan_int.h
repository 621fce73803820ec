/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the parts of the scanner meet. sweep.c goes over the bytes and calls, at each anchor, the
 * recognisers declared here; each finds the borders of its value around the anchor, asks cue.c what
 * the words nearby say, and reports through scan_emit.
 *
 * R1 A recogniser reads at most SCAN_BEHIND bytes before its anchor and SCAN_AHEAD after (the long
 *    ones, links and credentials, SCAN_AHEAD_LONG): that bounds the time per anchor, and makes
 *    scanning in pieces equal to scanning the whole.
 * R2 A recogniser keeps nothing between calls except `skip`, `listed`, `glued` and `column`;
 *    what else a probe holds only spares doing the same again.
 * R3 Every recogniser is total on any bytes.
 */
#ifndef SANCTUM_SCAN_SCAN_INT_H
#define SANCTUM_SCAN_SCAN_INT_H

#include "buf.h"
#include "scan.h"
#include "secret_scan.h"

enum {
    SCAN_BEHIND = 1024,
    SCAN_AHEAD = 768,
    SCAN_AHEAD_LONG = SECRET_BLOCK_MAX + 256,
};

/* ---- bytes ---- */

enum scan_class {
    C_DIGIT = 1,
    C_UPPER = 2,
    C_LOWER = 4,
    C_HIGH = 8, /* >= 0x80 */
    C_HEX = 16,
    C_LOCAL = 32, /* the part of a mail address before the @ */
    C_HOST = 64,  /* letters, digits, dash, dot */
    C_URL = 128,  /* what a link is made of */
    C_LETTER = C_UPPER | C_LOWER,
    C_WORD = C_LETTER | C_DIGIT,
};

extern const uint8_t scan_classes[256];

static inline bool is(uint8_t c, unsigned classes)
{
    return (scan_classes[c] & classes) != 0;
}

/* The byte at `at`, 0 outside the text. */
static inline uint8_t peek(struct span t, size_t at)
{
    return at < t.n ? t.p[at] : 0;
}

/* Bytes below 64, a bit each. */
#define SIGN(c) ((uint64_t)1 << (c))
static inline bool is_sign(uint8_t c, uint64_t signs)
{
    return c < 64 && (signs >> c & 1);
}

/* An escape left undecoded ("\n" as two characters, in JSON inside JSON) ends right before `at`. */
static inline bool after_escape(struct span t, size_t at)
{
    return at >= 2 && at <= t.n && t.p[at - 2] == '\\' &&
           (t.p[at - 1] == 'n' || t.p[at - 1] == 't' || t.p[at - 1] == 'r');
}

/* The byte before `at`, 0 at the start; the escape of a control character counts as a line end. */
static inline uint8_t prev(struct span t, size_t at)
{
    if (at == 0 || at > t.n)
        return 0;
    return t.p[at - 1] >= 'n' && after_escape(t, at) ? '\n' : t.p[at - 1];
}

/* A sign beyond ASCII ends right before `at`: U+00A1 to U+00BF but for ª µ º, U+2000 to U+207F,
 * U+3000 to U+303F. The few letters and raised digits among the last two count as signs, so that a
 * value behind them is taken whole. */
static inline bool after_sign(struct span t, size_t at)
{
    if (at < 2 || at > t.n)
        return false;
    uint8_t a = at > 2 ? t.p[at - 3] : 0, b = t.p[at - 2], c = t.p[at - 1];
    if (b == 0xC2)
        return c > 0xA0 && c <= 0xBF && c != 0xAA && c != 0xB5 && c != 0xBA;
    return (a == 0xE2 && (b == 0x80 || b == 0x81)) || (a == 0xE3 && b == 0x80);
}

/* Eight bytes, the first lowest. */
static inline uint64_t load8(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(v) : v;
}

static inline void store8(uint8_t *p, uint64_t v)
{
    v = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(v) : v;
    memcpy(p, &v, sizeof v);
}

/* The eight bytes at `at`, 0 behind the text's end. */
uint64_t load8_last(struct span t, size_t at);
static inline uint64_t load8_of(struct span t, size_t at)
{
    return at + 8 <= t.n ? load8(t.p + at) : load8_last(t, at);
}

/* The top bit of each byte of v that is a letter of ASCII. */
static inline uint64_t letters_of(uint64_t v)
{
    const uint64_t ones = 0x0101010101010101U;
    uint64_t low = (v | ones * 0x20) & ones * 0x7F;
    uint64_t from_a = low + ones * (0x80 - 'a'), past_z = low + ones * (0x7F - 'z');
    return from_a & ~past_z & ~v & ones * 0x80;
}

/* The top bit of each byte of v that is no digit. */
static inline uint64_t no_digits_of(uint64_t v)
{
    const uint64_t ones = 0x0101010101010101U;
    uint64_t x = v ^ ones * '0';
    return (((x & ones * 0x7F) + ones * (0x80 - 10)) | x) & ones * 0x80;
}

/* How many bytes stand before the first whose top bit is set in `stop`. */
static inline size_t bytes_before(uint64_t stop)
{
    return stop ? (size_t)__builtin_ctzll(stop) / 8 : 8;
}

/* How many digits the eight bytes begin with. */
static inline size_t digits_in(uint64_t v)
{
    return bytes_before(no_digits_of(v));
}

/* Digits from `at` on, at most `most`; eight and more of them are rare. */
size_t digits_many(struct span t, size_t at, size_t most);
static inline size_t digits_at_most(struct span t, size_t at, size_t most)
{
    size_t n = digits_in(load8_of(t, at));
    n = n == 8 ? digits_many(t, at, most) : n;
    return n < most ? n : most;
}

/* ---- cues: what the words around a value say ---- */

/* Where a cue stands, from weak to strong. */
enum cue_tier {
    CUE_NONE,
    CUE_FAR,   /* in the window, another number or a sentence between */
    CUE_NEAR,  /* within a few words before, or right after */
    CUE_LABEL, /* right before, only words such as "number" or "is" between; or the field's key */
};

/* Kinds of cue that are no entity. */
enum {
    CUE_COUNTER = ENTITY_COUNT, /* order, version, commit …: what follows is no personal number */
    CUE_FILLER,                 /* of, my, the …: transparent */
    CUE_NUMBER,        /* number, no, nr …: transparent, and one for another behind a name */
    CUE_IS,            /* is, was, est …: transparent, and joins a value to what follows */
    CUE_ON,            /* in, on, from: transparent, and what follows is where the value stands */
    CUE_THIS,          /* this, that, it …: transparent, and begins what is said of a value */
    CUE_MONTH,         /* a month's name */
    CUE_CONTACT,       /* contact, reach …, a mail address: a phone number may follow */
    CUE_SAMPLE,        /* regex, format, example */
    CUE_STREET,        /* what ends a street's name: Street, Ave (address.c) */
    CUE_STREET_BEFORE, /* what begins one: rue, Calle */
    CUE_STREET_SUFFIX, /* what one is composed with: -straße, -gatan */
    CUE_STREET_LAST,   /* ends one, in small letters: gate, utca */
    CUE_STREET_RARE,   /* ends some, and is mostly another word: Mill, Shore; with s, too */
    CUE_UNIT,          /* Apt, Suite, piso; 1: counts beside a street only */
    CUE_DIRECTION,     /* N, South */
    CUE_PARTICLE,      /* de, della, van */
    CUE_IDENTITY,      /* national id, tax id: a person's number of any country */
    CUE_CUSTOM,        /* + i: a context word of the owner's i-th recogniser */
};
_Static_assert(CUE_CUSTOM + SCAN_CUSTOM_MAX < 256, "a kind fits a byte");

struct cue_row {
    const char *words; /* folded, blanks between */
    uint8_t kind;      /* enum entity or one of the above */
    uint8_t strong;    /* the type's own name (2) or a word that fits others as well (1) */
};

struct cue_hit {
    uint8_t kind, strong, tier;
};

enum { CUE_HITS_MAX = 48 };

struct cues {
    struct cue_hit v[CUE_HITS_MAX];
    uint64_t kinds[4]; /* a bit for each kind that may be among them */
    uint8_t n, before; /* hits, and how many of them stand before the value */
    bool foreign;      /* a label right beside the value names some type strongly */
    bool foreign_before;
    uint8_t identity; /* how strong a CUE_IDENTITY its label right before is, 0 for none */
};

/* Behind these four digits are a postcode; near.c lets no other names of one through. */
#define NEAR_POSTCODES                                                                             \
    "zip", "zipcode", "postcode", "postalcode", "plz", "postleitzahl", "postnummer", "postnr",     \
        "irsz"

struct cue_index;
struct cue_slot;
/* The table of cue.def and the context words of the owner's recognisers; `plain`: no vectors. */
MUST struct err cue_index_new(const struct scan_custom *custom, size_t custom_n, bool plain,
                              struct cue_index **out);
void cue_index_free(struct cue_index *x);

struct probe;
/* Read the words before `start` (at most 72 bytes) into an empty `out`; then those after `end` (at
 * most 48), instead of what an earlier call of it found. */
void cues_read_before(struct probe *p, size_t start, struct cues *out);
void cues_read_after(const struct probe *p, size_t start, size_t end, struct cues *out);
/* May words around [start, end) say more than CUE_WEAK_MAX for `e`? Never wrongly no; a tenth of
 * reading them. */
#define CUE_WEAK_MAX 2.2F
bool cues_may(struct probe *p, size_t start, size_t end, enum entity e);
/* What the head of the table calls the column of the value at `start`; empty when there is none. */
struct span column_name(struct probe *p, size_t start);
/* The column left (-1) or right (1) of that one, once its name was asked for. */
struct span column_beside(const struct probe *p, size_t start, int side);
/* May it have a name at all? Two bytes before it say no to most. */
bool column_may(struct span t, size_t start);
/* What they add to the log-odds of `e` (docs/detection.md), foreign labels and counter-cues
 * included. An `evident` value has a form that hardly anything else has (a card in its groups,
 * "+1 415 555 2671"): the name of another type says nothing against it, and a counter-cue little.
 */
float cues_weight(const struct cues *c, enum entity e, bool evident);
/* May they add anything for it? Without its name they only take away. */
bool cues_name(const struct cues *c, enum entity e);
/* The words before alone say all: the type's own name stands right there. */
bool cues_settle(const struct cues *c, enum entity e);
/* The same read from the text, no more of it than that takes: most values have their label right
 * before. Never wrongly yes. */
bool cues_label(struct probe *p, size_t start, enum entity e);
/* The most it can be, and what it is then. */
#define CUE_WEIGHT_MAX 4.5F
/* No counter-cue is the label right before `start`: read from the text, a word of it or three.
 * Never wrongly yes. */
bool cues_uncounted(const struct probe *p, size_t start);
/* Best tier of a kind; CUE_NONE when absent. */
enum cue_tier cues_tier(const struct cues *c, unsigned kind);
/* Is there a row of this kind with exactly these words (folded inside)? 0 no, else its `strong`. */
unsigned cue_is(const struct cue_index *x, struct span words, unsigned kind);
/* Do these words name some entity? */
bool cue_names(const struct cue_index *x, struct span words);

/* ---- scoring ---- */

/* Log-odds of a probability, and back. */
float score_logit(float p);
float score_of(float log_odds);

/* ---- one scan in progress ---- */

/* The head of the table whose rows are being read. */
struct column {
    uint8_t head[384];
    uint16_t n, cells; /* bytes of the head, 0 none; its cells */
    uint8_t sign;      /* between cells */
    bool tuples;       /* the row is of an INSERT's values, or begins with a bracket */
    size_t row;        /* start of the last row asked about, SIZE_MAX none */
    size_t start;      /* a value of that row, SIZE_MAX none, and what its column is called */
    struct span name;
};

/* Some of the scanner's types, a bit for each. */
struct types {
    uint64_t bits[2];
};
_Static_assert(ENTITY_COUNT <= 128, "a bit for each");

static inline bool types_have(const struct types *t, enum entity e)
{
    return t->bits[e / 64] >> e % 64 & 1;
}

static inline void types_add(struct types *t, enum entity e)
{
    t->bits[e / 64] |= (uint64_t)1 << e % 64;
}

/* A number that was reported, and as what: values of one label come in lists. */
struct listed {
    size_t end; /* 0 none */
    struct types types;
};

/* The words that begin in 64 bytes of the text and may name a type (cue_map.c), a bit for each. */
enum { CUE_BLOCKS = 8, CUE_BLOCK_WORDS = 12 };
struct cue_block {
    size_t at;                       /* of the first byte, SIZE_MAX none */
    uint64_t says, all;              /* words; and bytes that may say anything */
    struct types any;                /* what all of them say */
    uint16_t place[CUE_BLOCK_WORDS]; /* of each word in cue_index.says */
};

struct probe {
    const struct scanner *sc;
    struct span text; /* folded text, or the window of a stream */
    struct span key;  /* name of the field this text is the value of; may be empty */
    struct findings *out;
    struct err err;          /* first failure of findings_add */
    size_t skip;             /* number anchors before this offset belong to a value already read */
    struct listed listed[2]; /* the last number that was somebody's, and the one before */
    size_t glued; /* a digit here belongs to a value though a label's letter stands before it */
    struct column column;
    struct cues cues; /* cache: the words around [cue_start, cue_end) */
    size_t cue_start, cue_end;
    struct cue_block blocks[CUE_BLOCKS]; /* by their number */
    size_t may_start, may_end;           /* what cues_may was asked last, and its answer */
    struct types may;
    size_t label_start; /* what cues_label was asked last, and the label there, NULL for none */
    const struct cue_slot *label;
};

/* Forget what depends on where the text lies. */
void probe_reset(struct probe *p);
/* The cues around [start, end); the last answer is kept. */
const struct cues *probe_cues(struct probe *p, size_t start, size_t end);
/* Those before `start`, and perhaps some after. */
const struct cues *probe_cues_before(struct probe *p, size_t start);
/* What the cues around [start, end) add for `e`; reads no more words than that takes. */
float probe_weight(struct probe *p, size_t start, size_t end, enum entity e, bool evident);
/* Whether an evident value of these log-odds reaches its threshold whatever words say of it: they
 * are not read then. */
bool probe_certain(const struct probe *p, enum entity e, float odds);
/* Whether `e` is wanted at all. */
bool probe_wants(const struct probe *p, enum entity e);
/* The number at `start` stands behind one of that type with nothing between but what joins a list:
 * "A and B", "A, B", "A and not B". */
bool probe_lists(struct probe *p, enum entity e, size_t start);
/* Was the number before `start`, not far from it, reported as an e? */
bool probe_listed(const struct probe *p, enum entity e, size_t start);
/* Note that [start, end) was reported as `e`. */
void probe_list(struct probe *p, enum entity e, size_t start, size_t end);
/* Report [start, end) as `e` with these log-odds when it reaches the type's threshold; true when
 * it did. */
bool scan_emit(struct probe *p, enum entity e, size_t start, size_t end, float log_odds,
               unsigned rule);

/* ---- recognisers: `at` is the anchor ---- */

/* A word with digits, as the sweep sees it. */
struct number {
    size_t word, at; /* where it begins, and the digit asked about */
    size_t digits;   /* from there on, NUMBER_SEEN or more of them that */
    size_t end;      /* of the word, NUMBER_SEEN behind `at` where it goes on */
};
enum { NUMBER_SEEN = 63 };
/* Every number and id. */
void number_at(struct probe *p, struct number n);
/* '@' at `at` (width 1) or "%40" (width 3). */
void mail_at(struct probe *p, size_t at, size_t width);
/* "(at)", "[at]", "{at}" or "dot" at `at`, in any case: a mail address spelt out? */
void mail_spelt_at(struct probe *p, size_t at);
/* "://" at `at`. */
void link_at(struct probe *p, size_t at);
/* "www." at `at`. */
void www_at(struct probe *p, size_t at);
/* ':' between hex digits or before another ':'. */
void colon_at(struct probe *p, size_t at);
/* "bic" or "swift" at `at` in any case: a BIC without digits may stand behind, before or below. */
void bic_at(struct probe *p, size_t at);

/* number.c's helpers; each returns the end of what it reported, or 0. `chain` is the number there.
 */
struct chain;
size_t card_read(struct probe *p, const struct chain *c);
/* A card's number in groups, of a known scheme, begins at `at`. */
bool card_begins(struct span t, size_t at);
/* Groups of four with the same sign stand before or behind [start, end), and no value of their own
 * explains them: this is a piece of something longer. */
bool card_is_piece(const struct probe *p, size_t start, size_t end, uint8_t sign, bool issued);
size_t phone_read(struct probe *p, const struct chain *c);
/* Another number, no value of its own, stands a blank before `start`: a row of numbers. */
bool in_a_row(const struct probe *p, size_t start);
/* A date in digits; at the digits [at, end) one with a month's name. */
size_t date_in_digits(struct probe *p, size_t at);
/* "dob=19850312": a day in eight digits, where its label says so. */
size_t date_of_eight(struct probe *p, size_t at);
/* "S58.4.12", the year 58 of an emperor, behind its letter at `at`, where its own label says so. */
size_t date_of_reign(struct probe *p, size_t at);
size_t date_in_words(struct probe *p, size_t at, size_t end);
size_t ip4_read(struct probe *p, size_t at);
/* The end of a dotted quad at `at`, 0 when there is none. */
size_t quad_end(struct span t, size_t at);
size_t geo_read(struct probe *p, size_t at);
size_t iban_read(struct probe *p, size_t at);
size_t coin_read(struct probe *p, size_t at, size_t end);
size_t address_read(struct probe *p, size_t at);
enum { SMALL_STREET_LEAST = 8 }; /* letters of a composed street in small ones */
/* The same in the scripts of China, Japan and Korea. */
size_t address_wide(struct probe *p, size_t at);
/* The end of a postcode at `at`, 0 when there is none; of up to seven digits there. */
size_t address_postcode(struct span t, size_t at);
size_t address_digits(struct span t, size_t at);
size_t shape_read(struct probe *p, size_t at, size_t end);
/* A German number plate whose digits, or last letters right before them, stand at `at`. */
size_t plate_read(struct probe *p, size_t at);
/* None stands at `at`, whatever it is worth. */
bool shape_none_at(const struct probe *p, size_t at);
/* The same where a number with so few digits before and behind its point stands there. */
bool shape_none_dotted(const struct probe *p, size_t at, size_t n, size_t second);
size_t age_read(struct probe *p, size_t at, size_t end);
size_t mac_dots_read(struct probe *p, size_t at);
/* Do the words beside the n digits at `at` say that these are nobody's? n is at most NEAR_DIGITS,
 * no word byte stands beside them. Never wrongly yes. */
enum { NEAR_DIGITS = 4 };
bool near_nothing(const struct probe *p, size_t at, size_t n);
/* The same of any digits, but only that no words make them a date, an age or an address, nor
 * capitals before them an id. */
bool near_no_words(const struct probe *p, size_t at);
/* Are [letter, end) letters and digits that go on right behind the few digits at `at`, and do not
 * make them a date, an age or a house number: "0x1f", "3f2a", "10ms"? */
bool near_no_unit(const struct probe *p, size_t at, size_t letter, size_t end);

/* ---- shapes (shape.def) ---- */

struct shape_index;
MUST struct err shape_index_new(const struct scanner *s, struct shape_index **out);
void shape_index_free(struct shape_index *x);
/* No shape begins with so many digits (below 20) and goes on with a sign and a small letter, or not
 * at all. */
bool shape_none(const struct shape_index *x, size_t digits);
/* A bit for each number of digits that, behind so many and a point and before no sign, no value
 * has.
 */
uint32_t shape_dotless(const struct shape_index *x, size_t digits);

/* ---- one text ---- */

/* Deny list and the owner's matchers over the text as it is (not folded). */
MUST struct err scan_owner(struct probe *p, struct span t, struct findings *out);
/* Drop what is allowed or below the threshold among f->v[first..]; `text` begins at offset `base`.
 */
void scan_settle(const struct scanner *s, struct span text, size_t base, struct findings *f,
                 size_t first);

/* ---- anchors ---- */

/* The bytes that matter in 64 bytes: bit i stands for byte i. */
struct anchors {
    uint64_t digit, word, run, high, at;
    uint64_t colon; /* worth a look by what stands beside it; at the borders of the 64 all are */
    uint64_t key;   /* may begin a key; anchor_key decides */
};

/* What announces a secret, "www", "bic", "swi", and what spells out a mail address. */
enum { ANCHOR_KEYS = SECRET_WORD_KEYS + 6 };

/* Sets of ASCII bytes, a bit each. */
enum anchor_set {
    SET_WORD,
    SET_RUN,
    SET_DIGIT,
    SET_BEFORE, /* a colon behind such a byte, or before one of the next set, is worth a look */
    SET_BEHIND,
    SET_QUOTE, /* that of a name, of which only "Cookie" matters: */
    SET_E,
    SETS,
    SETS_ALWAYS = SET_BEFORE, /* from here on only where a colon stands */
};

/* Buckets of the keys' first bytes, eight of keys of four letters and eight of those of three,
 * whose fourth byte is any: a byte (its top bit does not count) may stand at position k of a bucket
 * when byte[k][it] has the bucket's bit; where 128 bytes are too many to look up at once, when
 * low[k][its low nibble] & high[k][its high nibble] has it. */
enum { ANCHOR_KEY_BYTES = 4, KEY_SLOT_BITS = 10 };
struct anchor_buckets {
    uint8_t byte[ANCHOR_KEY_BYTES][128];
    uint8_t low[ANCHOR_KEY_BYTES][16], high[ANCHOR_KEY_BYTES][16];
};
struct anchor_keys {
    struct anchor_buckets buckets[2];
    uint16_t fits[ANCHOR_KEY_BYTES][256]; /* `byte` of both, for plain C */
    uint8_t set[128];                     /* which sets a byte is in */
    uint8_t rows[SETS][16]; /* rows[set][low nibble] has bit h for the byte h << 4 | low */
    /* The keys as numbers, what of them counts, what they are, from 1 on; what an empty slot holds,
     * 0, is no number's key. */
    uint32_t key[1 + ANCHOR_KEYS], mask[1 + ANCHOR_KEYS];
    uint64_t behind[1 + ANCHOR_KEYS]; /* the bytes from 64 to 127 that may stand behind it */
    uint8_t len[1 + ANCHOR_KEYS], bits[1 + ANCHOR_KEYS], slot[1 << KEY_SLOT_BITS];
};
void anchor_keys_make(struct anchor_keys *k);

/* Four bytes as a number, whichever the machine's byte order. */
static inline uint32_t key_number(const uint8_t *c)
{
    return (uint32_t)c[0] | (uint32_t)c[1] << 8 | (uint32_t)c[2] << 16 | (uint32_t)c[3] << 24;
}

/* Where the search for a key begins among the slots: its first three letters decide. The factor is
 * one of those by which no two keys of different letters lie in the same slot or beside each other:
 * what begins like one of such is asked about in vain (anchor_key_may). */
static inline size_t key_slot(uint32_t number)
{
    return ((number & 0xFFFFFF) * 0x81A3EF4DU) >> (32 - KEY_SLOT_BITS);
}

/* May a key worth a look begin at p, in any case? Reads five bytes. Keys are letters and signs
 * above 31: the bit that makes a letter small makes a byte one of theirs only if it was the letter
 * in some case, or such a sign's like, which its reader tells apart. No branch: nothing predicts
 * it. */
static inline bool anchor_key_may(const struct anchor_keys *k, const uint8_t *p)
{
    uint32_t n = key_number(p) | 0x20202020;
    size_t s = key_slot(n), i = k->slot[s], next = k->slot[(s + 1) % sizeof k->slot];
    uint8_t behind = p[k->len[i]];
    uint64_t may = k->behind[i] >> (behind & 63) | (uint64_t)(behind - 64U >= 64);
    return (((n & k->mask[i]) == k->key[i]) & may) | (uint64_t)((i != 0) & (next != 0));
}

/* Read n times 64 bytes from p on; ANCHOR_KEY_BYTES - 1 more are readable. */
typedef void anchors_fn(const struct anchor_keys *k, const uint8_t *p, size_t n,
                        struct anchors *out);
extern anchors_fn anchors_plain;
/* The fastest this CPU has; anchors_plain where there is nothing better. */
anchors_fn *anchors_best(void);
/* The vector bodies by name ("ssse3", "avx2", "avx512"), NULL where the CPU or build lacks them:
 * for tests.
 */
anchors_fn *anchors_named(const char *name);

/* Keys whose first bytes (any case) stand at `at`. */
enum { KEY_SECRET = 1, KEY_WWW = 2, KEY_BIC = 4, KEY_MAIL = 8 };
unsigned anchor_key(const struct anchor_keys *k, struct span t, size_t at);

/* ---- the scanner ---- */

struct scan_entry {
    struct span text; /* lower case */
    uint16_t entity;
};
struct scan_list {
    struct scan_entry *v; /* sorted */
    size_t n, longest;
    uint8_t *bytes;
};

/* ---- owner.c: the owner's recognisers */

struct owner;
/* Compile them; *out stays NULL where there are none. ERR_INPUT, ERR_LIMIT, ERR_NOMEM. */
MUST struct err owner_new(const struct scan_custom *v, size_t n, struct owner **out);
void owner_free(struct owner *o);
/* Append what they find in `t`, the text as it is. */
struct probe;
MUST struct err owner_scan(struct probe *p, struct span t, struct findings *out);

struct scanner {
    struct scan_set wanted;
    float least[ENTITY_ALL]; /* threshold as log-odds */
    float threshold[ENTITY_ALL];
    bool secrets;
    bool plain_c; /* the twin of everything fast: for tests and doubt */
    anchors_fn *anchors;
    struct anchor_keys keys;
    struct cue_index *cues;
    struct shape_index *shapes;
    uint32_t shapeless; /* a bit for each number of digits up to NEAR_DIGITS: shape_none */
    uint32_t dotless[NEAR_DIGITS + 1]; /* by such a number, a bit for each behind a point and before
                                        * no sign: shape_dotless */
    struct scan_list allow, deny;
    struct owner *owner; /* the owner's recognisers, or NULL */
};

/* ---- the sweep ---- */

struct sweep {
    size_t at;             /* offset of the next block of 64 */
    size_t from;           /* anchors before this offset are done */
    size_t word_done;      /* start + 1 of the word handed over last */
    size_t word;           /* where the word that reaches into the next block began */
    struct anchors before; /* of the block before that */
    struct secret_pass secrets;
};

/* Go over [sw->at, end of text). With `last` false stop where a recogniser might want to read past
 * the text; call again with more text. */
void sweep_run(struct probe *p, struct sweep *sw, bool last);

/* ---- stream.c ---- */

/* Append what is found in a text in which something is to be folded, a piece at a time: what is
 * folded stays in the cache. */
MUST struct err scan_pieces(const struct scanner *s, struct span key, struct span text,
                            struct findings *out);

#endif
