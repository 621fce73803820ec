/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the tagger share, and what the trainer (tools/ner) builds on: the same words,
 * tokens, context and feature numbers in training and in use, by being the same code.
 *
 *   text -> token.c (tokens, words) -> context.c (keys, lines, runs) -> feature.c (row numbers)
 *        -> crf.c (sums of rows) -> decode.c (best labels, probabilities) -> tag.c (findings)
 */
#ifndef SANCTUM_NER_INT_H
#define SANCTUM_NER_INT_H

#include "ner.h"

/* Has the CPU AVX2, and BMI, which comes with it? The plain twins do without. */
static inline bool cpu_has_avx2(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
#else
    return false;
#endif
}

/* Labels: outside, and begin / inside of four kinds. ADR is a street line (reported as LOCATION).
 */
enum ner_label {
    LABEL_O,
    LABEL_B_PER,
    LABEL_I_PER,
    LABEL_B_LOC,
    LABEL_I_LOC,
    LABEL_B_ORG,
    LABEL_I_ORG,
    LABEL_B_ADR,
    LABEL_I_ADR,
    LABELS,
};
enum { WIDTH = LABELS - 1 /* weights a row holds: those of O are 0 by definition */ };

/* May `to` follow `from`? Inside only after begin or inside of the same kind. */
static inline bool label_follows(unsigned from, unsigned to)
{
    return to == LABEL_O || (to & 1) != 0 || from == to || from + 1 == to;
}

/* Kinds of words that a lexicon names. One per word; the first of this order wins. */
enum ner_lex {
    LEX_NONE,
    LEX_TITLE,     /* Dr, Frau */
    LEX_PARTICLE,  /* van, de la */
    LEX_SUFFIX,    /* Jr, III */
    LEX_COMPANY,   /* Inc, GmbH */
    LEX_STREET,    /* Street, Rue */
    LEX_UNIT,      /* Apt, Floor */
    LEX_MONTH,     /* also weekdays */
    LEX_COUNTRY,   /* and states */
    LEX_DEMONYM,   /* French, Catholics */
    LEX_KEY,       /* name, customer, attendees: what stands before a name in forms */
    LEX_ROLE,      /* uncle, manager, dentist */
    LEX_GREETING,  /* hi, dear, thanks, regards */
    LEX_ASSISTANT, /* Claude, Siri: never a person when alone */
    LEX_ORGWORD,   /* University, Bank, Council */
    LEX_SPEECH,    /* said, asked, wrote: what people do */
    LEX_COUNT,
};

/* Word lists in 16 bits: how strongly a folded word is a first name, surname, plain word, city. */
struct gaz {
    uint8_t first, last, common, city, lex; /* 0-6, 0-3, 0-5, 0-5, enum ner_lex */
};
enum { GAZ_FIRST_MAX = 6, GAZ_LAST_MAX = 3, GAZ_COMMON_MAX = 5, GAZ_CITY_MAX = 5 };

static inline uint32_t gaz_pack(struct gaz g)
{
    return (uint32_t)(g.first | g.last << 3 | g.common << 5 | g.city << 8 | g.lex << 11);
}

static inline struct gaz gaz_unpack(uint32_t v)
{
    return (struct gaz){v & 7, v >> 3 & 3, v >> 5 & 7, v >> 8 & 7, v >> 11 & 15};
}

/* The open-addressed table of the word lists, of at least 16 slots: bits 0-14 gaz_pack, bits 15-31
 * of the word's hash. 0 = free. Found by linear probing from the cache line that the low bits of
 * the hash choose. */
enum { GAZ_BITS = 15, GAZ_PROBES = 64 };
struct gaz_table {
    const uint32_t *slots;
    unsigned log2;
};
struct gaz gaz_find(const struct gaz_table *t, uint64_t hash);

enum word_kind { WORD_LETTERS, WORD_DIGITS, WORD_SIGN, WORD_NEWLINE };
/* Letter case of a word; other kinds of tokens have theirs too, so that one value tells shapes. */
enum word_cap {
    CAP_LOWER,
    CAP_FIRST,   /* Anna, A */
    CAP_ALL,     /* ANNA */
    CAP_MIXED,   /* McDonald, iPhone */
    CAP_NONE,    /* a script without case */
    CAP_INITIAL, /* one upper-case letter */
    CAP_DIGITS,
    CAP_SIGN,
    CAP_NEWLINE,
};

enum { LOOK_CAP = 0x80, LOOKS = LOOK_CAP + CAP_NEWLINE + 1 }; /* struct word.looks */

/* What a word may be to a name, from the word alone: the first sieve (window.c). */
enum word_hint {
    HINT_NONE, /* never part of a name by itself */
    HINT_LINK, /* inside a name between two of its words: of, de, -, & */
    HINT_NUMBER,
    HINT_SHY,   /* a plain word that is a name too: only beside something that may be one */
    HINT_MAYBE, /* capital letter, listed, unknown, or without case */
};

enum { WORD_BYTES = 32 /* of a word that are looked at; a longer one counts as its beginning */ };
enum { AFFIXES = 6 };
enum { WORD_SLOTS = 5 /* positions -2..+2 at which a word is looked at from a neighbour */ };
enum { SLOT_OWN = 2 };

/*
 * All that is known of a word apart from where it stands. Made once per distinct word of a block.
 * Behind its 32 bytes of text (token.c) it fills three cache lines: what every pass asks; what a
 * candidate needs; the sums that its neighbours need.
 */
struct word {
    uint32_t id;       /* what features use: the hash's upper half, or 0 when dropped in training */
    uint32_t form;     /* feature.c: what it is to what stands beside it */
    uint8_t flags;     /* 0: from here to `looks` as in struct tok, which has a copy (token.c) */
    uint8_t kind, cap; /* enum word_kind, enum word_cap */
    uint8_t sign;      /* WORD_SIGN: the ASCII sign, or 1; else 0 */
    uint16_t marks;    /* 1 << enum mark */
    uint8_t hint;      /* enum word_hint */
    uint8_t looks;     /* its sign, or LOOK_CAP + cap: what tables go by */
    struct gaz gaz;
    uint8_t len;            /* in code points, at most 255 */
    uint8_t summed;         /* enum word_sums: those that are valid */
    uint32_t exact, coarse; /* lists and letter case as one number each: feature.c */
    uint64_t hash;          /* of the folded bytes */
    uint32_t aff[AFFIXES];  /* prefixes, suffixes of 2-4 folded bytes; 0 = word too short */
    uint32_t id_line, exact_line, coarse_line; /* feature.c */
    uint32_t shape;                            /* behind it the sums for neighbours begin a line */
    int16_t sum[WORD_SLOTS][WIDTH];            /* word_slot gives the order: the word's own first */
};

/* Which sums of a word are made together. */
enum word_sums { SUMMED_OWN = 1, SUMMED_NEAR = 2 };

/* Where the sum of slot `slot` lies: those for neighbours behind the own one. */
enum { SUM_OWN, SUM_NEAR };
static inline unsigned word_slot(unsigned slot)
{
    static const uint8_t at[WORD_SLOTS] = {1, 2, SUM_OWN, 3, 4};
    return at[slot];
}

/* What passes over a block ask of a token: bits of struct word.marks, but for the last two, which
 * only the token has. */
enum mark {
    MARK_LINE,     /* a line end, or a sign that may end a key */
    MARK_CHAIN,    /* a sign, number or word that identifiers and links have: look closer */
    MARK_MAYBE,    /* hint: HINT_MAYBE */
    MARK_SHY,      /* HINT_SHY */
    MARK_CONNECTS, /* any but HINT_NONE */
    MARK_END,      /* no identifier or link goes past it */
    MARK_LETTERS,  /* a word of letters */
    MARK_LONG,     /* ... of more than two */
    MARK_DIGITS,
    MARK_DOT,
    MARK_BEFORE,    /* a number or particle, which names begin with: 12 Main Street, van der Berg */
    MARK_HEAD,      /* may stand in a table's line of names */
    MARK_SEPARATES, /* may separate fields */
    MARK_JOINS,     /* may stand between two words of a name: - . & ' and particles */
    MARK_GLUED,     /* TOKEN_GLUED */
    MARK_CODE,      /* TOKEN_CODE */
    MARKS,
};

enum token_flag {
    TOKEN_GLUED = 1, /* nothing between it and the token before */
    TOKEN_CODE = 2,  /* identifier, key, link, base64: never part of a name */
};

struct tok {
    uint32_t start, end; /* bytes of the text */
    struct word *w;
    uint16_t run_from; /* the run of name-like words it belongs to: tokens [from, to) */
    uint16_t run_to;   /* 0,0 = none */
    uint16_t line;     /* number of its line in the block */
    uint16_t key_at;   /* 1 + the separator : = | > before it that has a key; 0 = none */
    uint8_t flags;
    uint8_t kind, cap, sign; /* from here on of its word, where passes over all tokens see them */
    uint16_t marks;
    uint8_t hint, looks;
};

enum line_case { LINE_NORMAL, LINE_NO_CAPITALS, LINE_ALL_CAPITALS, LINE_MANY_CAPITALS };

enum {
    BLOCK_TOKENS = 1024, /* tokens looked at together */
    BLOCK_EDGE = 8,      /* of these, seen again as left context of the next block */
};

/* One bit for each token of a block, and 64 zeros and more on both sides. */
enum { BITS_FRONT = 64, BITS_WORDS = BITS_FRONT / 64 + BLOCK_TOKENS / 64 + 2 };
struct bits {
    uint64_t v[BITS_WORDS];
};

/* Those of 64 tokens, the first of which is `at` - BITS_FRONT. */
static inline uint64_t bits_window(const struct bits *b, size_t at)
{
    return b->v[at / 64] >> at % 64 | b->v[at / 64 + 1] << 1 << (63 - at % 64);
}

/* Where a loop over the words of bits of tokens [0, n) ends; it begins at BITS_FRONT / 64. */
static inline size_t bits_end(size_t n)
{
    return (BITS_FRONT + n + 63) / 64;
}

/* Word k of `b` when each bit is that of the token `by` before; of the one `by` behind. */
static inline uint64_t bits_before(const struct bits *b, size_t k, unsigned by)
{
    return b->v[k] << by | b->v[k - 1] >> (64 - by);
}

static inline uint64_t bits_behind(const struct bits *b, size_t k, unsigned by)
{
    return b->v[k] >> by | b->v[k + 1] << (64 - by);
}

/* How many tokens from i on, or before i, have theirs set, one after the other. */
static inline size_t bits_run(const struct bits *b, size_t i)
{
    size_t n = 0, more;
    do {
        uint64_t open = ~bits_window(b, BITS_FRONT + i + n);
        more = open ? (size_t)__builtin_ctzll(open) : 64;
        n += more;
    } while (more == 64);
    return n;
}

static inline size_t bits_run_before(const struct bits *b, size_t i)
{
    size_t n = 0, more;
    do {
        uint64_t open = ~bits_window(b, i - n);
        more = open ? (size_t)__builtin_clzll(open) : 64;
        n += more;
    } while (more == 64);
    return n;
}

/* Has any of the tokens [from, to) its bit? Of 64 and more the answer may be a wrong yes. */
static inline bool bits_maybe_any(const struct bits *b, size_t from, size_t to)
{
    if (to - from >= 64)
        return true;
    return (bits_window(b, BITS_FRONT + from) & ((1ULL << (to - from)) - 1)) != 0;
}

/* Set the bit of token i where `on`. */
static inline void bits_put(struct bits *b, size_t i, bool on)
{
    b->v[(BITS_FRONT + i) / 64] |= (uint64_t)on << i % 64;
}

/* Clear those of the tokens [from, to). */
static inline void bits_clear(struct bits *b, size_t from, size_t to)
{
    for (size_t i = from, n; i < to; i += n) {
        uint64_t those = ~0ULL << i % 64;
        n = 64 - i % 64;
        if (to - i < n) {
            n = to - i;
            those &= (1ULL << (i + n) % 64) - 1;
        }
        b->v[(BITS_FRONT + i) / 64] &= ~those;
    }
}

/* The first token from i on whose bit is set; where none of the first `tokens` is, `tokens` or
 * more.
 */
static inline size_t bits_next(const struct bits *b, size_t i, size_t tokens)
{
    for (; i < tokens; i += 64) {
        uint64_t set = bits_window(b, BITS_FRONT + i);
        if (set)
            return i + (size_t)__builtin_ctzll(set);
    }
    return i;
}

/* The first `tokens` whose bits are set, in order; no bit behind them is. Returns how many. */
static inline size_t bits_list(const struct bits *b, size_t tokens, uint16_t at[BLOCK_TOKENS])
{
    size_t n = 0;
    for (size_t k = BITS_FRONT / 64; k < bits_end(tokens); k++)
        for (uint64_t bits = b->v[k]; bits; bits &= bits - 1)
            at[n++] = (uint16_t)(64 * k - BITS_FRONT + (unsigned)__builtin_ctzll(bits));
    return n;
}

/* A byte for each token of a block, and some before and behind. */
enum { BYTES_FRONT = 16, BYTES_ROOM = BYTES_FRONT + BLOCK_TOKENS + 16 };

/* The bits of each mark of a block's tokens; what each looks like (struct word.looks), and what
 * that says of a place (context_said). */
struct marks {
    struct bits of[MARKS];
    uint8_t looks[BYTES_ROOM], said[BYTES_ROOM];
};

/* The word before a separator, as features use it; that and the word before it. */
struct key_ids {
    uint32_t one, two;
};

/* A block: tokens [0, n) of one text. v[-4..-1] and v[n..n+3] are padding with an empty word. */
enum { PAD = 4 };
struct seq {
    struct tok *v;
    size_t n;
    struct key_ids *keys; /* by tok.key_at; keys[0] are zeros: BLOCK_TOKENS + 2 */
    struct marks *marks;
    uint8_t *line_case; /* enum line_case of each line: BLOCK_TOKENS + 1 */
    uint16_t *maybe;    /* the tokens that token_maybe is true of, in order: BLOCK_TOKENS */
    size_t maybes;
};

/* ---- word.c */

/* 64-bit hash of folded bytes; the word lists and the weights depend on it. */
uint64_t word_hash(const uint8_t *folded, size_t n);
enum { FOLDED_MAX = 64 /* longer words are cut: they are no names */ };
/* Fold the letters of `s` into out[FOLDED_MAX]; returns the bytes written. */
size_t word_fold(struct span s, uint8_t out[FOLDED_MAX]);
/* Everything about a word but what the lists say: the first `n` bytes of a token as cut.c cuts it,
 * at most WORD_BYTES, with zeros behind them. */
void word_make(const uint8_t text[WORD_BYTES], size_t n, enum word_kind kind, struct word *w);
/* The rest: lists and hint. word_fetch, some words earlier, hides the wait for memory. */
void word_look_up(const struct gaz_table *gaz, struct word *w);
void word_fetch(const struct gaz_table *gaz, const struct word *w);

/* ---- cut.c */

/* The next token at or after *at: moves *at to its start, returns its end; both text.n at the end.
 */
size_t cut_next(struct span text, size_t *at, enum word_kind *kind);
/* Markdown emphasizes by these: *Ada*, __Ada__, ~~Ada~~, `Ada`. A run of them is one token. */
static inline bool sign_emphasizes(uint8_t c)
{
    return c == '*' || c == '_' || c == '~' || c == '`';
}

/* Where cutting stands: behind `at`, which is behind the last token and one blank. */
struct cutter {
    struct span text;
    size_t at;
    uint32_t glue; /* the end of the last token, which one that begins there is glued to */
};
#define CUT_NO_GLUE UINT32_MAX /* behind a line end, and at first */

/* Room for tokens that are cut, without their words. */
struct cuts {
    struct tok *tok; /* start, end, TOKEN_GLUED; the place is zeros, the rest is not written */
    /* What each is. Of some there are few different words, so that one needs no search: a sign or
     * line end is its ASCII byte, a number '0' and its digits, up to nine (word_make). Of stars and
     * tildes a single one is another word than a run: they count up from bytes that are no signs.
     */
    uint8_t *is;
};
enum { CUT_LETTERS = 0, CUT_SIGN = 1 /* that is no ASCII */, CUT_STARS = 0x10, CUT_TILDES = 0x11 };
static inline enum word_kind cut_kind(uint8_t is)
{
    if (is == CUT_LETTERS)
        return WORD_LETTERS;
    if (is == '\n')
        return WORD_NEWLINE;
    return is >= '0' && is <= '9' ? WORD_DIGITS : WORD_SIGN;
}
/* The next tokens, at most `max`. Fewer before the end of the text too, but not none. */
size_t cut_many(struct cutter *c, struct cuts out, size_t max);
/* The same with vectors of 16 bytes at most, where there are any; and from the plain twin. */
size_t cut_many_narrow(struct cutter *c, struct cuts out, size_t max);
size_t cut_many_plain(struct cutter *c, struct cuts out, size_t max);

/* ---- token.c */

/* Words of the running block, by their bytes. Fixed size; emptied between blocks when filling. */
struct dict;
MUST struct err dict_new(struct dict **out);
void dict_free(struct dict *d);
/* Make sure that a block of tokens fits: forget all words if it might not. */
void dict_refresh(struct dict *d);
/* Forget all words. */
void dict_clear(struct dict *d);
/* The bytes of a word, zero behind it. */
struct key {
    uint64_t v[WORD_BYTES / 8];
};
struct dict_entry {
    struct key key;
    struct word word;
} __attribute__((aligned(64)));
/* How many words it holds, and the *n of them from the one numbered `from` on, in the order in
 * which they came. The empty word is number 0, and is never forgotten. */
size_t dict_count(const struct dict *d);
struct dict_entry *dict_since(struct dict *d, size_t from, size_t *n);
/* The empty word that pads blocks, and a token of it. */
struct word *dict_pad(struct dict *d);
struct tok dict_padding(struct dict *d);

/* Cut `text` from *at on into at most `max` tokens; moves *at behind the last one. */
size_t tokenise(struct dict *d, const struct gaz_table *gaz, struct span text, size_t *at,
                struct tok *out, size_t max);

/* ---- context.c */

/* Fill line, key_at, run and the code flag of every token of the block, and the list `maybe`. */
void context_fill(struct seq *s);

/* What the nearest tokens before a place say of it, the others nothing; by struct word.looks. */
enum { CONTEXT_INSIDE = 4, CONTEXT_LINE = 2, CONTEXT_SENTENCE = 1, CONTEXT_SAID = 3 };
extern const uint8_t context_said[LOOKS];

/* The four bytes from at[0] on, which is the lowest. */
static inline uint32_t four_bytes(const uint8_t at[4])
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* 2 first word of a line, 1 of a sentence, 0 inside one. */
static inline unsigned context_pos(const struct seq *s, size_t i)
{
    enum { REACH = 4 };
    uint32_t said = four_bytes(s->marks->said + BYTES_FRONT + i - REACH);
    if (said == 0)
        return 0;
    unsigned back = (unsigned)__builtin_clz(said) / 8; /* tokens between */
    unsigned is = said >> 8 * (REACH - 1 - back) & CONTEXT_SAID;
    const struct tok *p = s->v + i - back - 2; /* "1." begins a line, "word." ends a sentence */
    bool number = (p->kind == WORD_DIGITS) & (p[-1].kind == WORD_NEWLINE);
    return is + ((is == CONTEXT_SENTENCE) & number);
}

/* The key a token stands behind: zeros where there is none. */
struct key_words {
    uint32_t one, two; /* as in struct key_ids */
    unsigned far;      /* tokens since the separator, 1-7; 0 = on a line before */
};
static inline struct key_words context_key(const struct seq *s, size_t i)
{
    enum { FAR = 7 };
    const struct tok *t = &s->v[i];
    bool has = t->key_at != 0;
    size_t sep = t->key_at - (size_t)has, far = i - sep;
    unsigned near = 0U - (has & (s->v[sep].line == t->line));
    struct key_ids k = s->keys[t->key_at];
    return (struct key_words){k.one, k.two, near & (unsigned)(far > FAR ? FAR : far)};
}

/* May a token that stands here begin or continue a name at all? */
static inline bool token_maybe(const struct tok *t)
{
    return (t->hint == HINT_MAYBE) & !(t->flags & TOKEN_CODE);
}

/* ---- feature.c */

/* Fill `exact`, `coarse` and the lines; again whenever the word's lists or its id change. */
void feature_lists(struct word *w);

enum {
    FEAT_OWN_MAX = 16,   /* of the word itself */
    FEAT_NEAR = 2,       /* of a word seen from a neighbour */
    FEAT_PLACE_MAX = 23, /* of the place in the text */
    ROWS_A_LINE = 8,     /* rows that lie side by side: the low bits of a number choose one */
};
/* Feature numbers of word `w` seen at `slot` - 2 positions from the token labelled. Returns how
 * many; model_row gives the row of weights. */
size_t feature_word(const struct word *w, unsigned slot, uint32_t *out);
/* Of the word itself, always as many, with a zero for each that is missing; returns how many are.
 */
unsigned feature_own(const struct word *w, uint32_t out[FEAT_OWN_MAX]);
/* Of the slots that are not the word's own the first one's; those of the next follow each by one:
 * the rows of all four lie side by side, in the order of word_slot. */
void feature_near(const struct word *w, uint32_t out[FEAT_NEAR]);
/* Feature numbers of token i that no single word decides. */
size_t feature_place(struct seq s, size_t i, uint32_t out[FEAT_PLACE_MAX]);

/* Those of a token that is no code: FEAT_FETCHED of them, of which the first FEAT_HASHED are to be
 * hashed from values and the others are known, and two that have few values, whose rows lie in a
 * table (struct ner). */
enum { FEAT_HASHED = 16, FEAT_KNOWN = 4, FEAT_FETCHED = FEAT_HASHED + FEAT_KNOWN, FEAT_FEW = 3520 };
enum { KNOWN_CASE_ID, KNOWN_CASE, KNOWN_ID_POS, KNOWN_POS /* in the line of KNOWN_CASE */ };
struct place_values {
    uint32_t a[FEAT_HASHED], b[FEAT_HASHED];
    uint32_t known[FEAT_KNOWN];
    uint32_t there;  /* which of those that may be missing are not (feature.c) */
    uint16_t few[2]; /* each below FEAT_FEW */
};
void feature_values(const struct seq *s, size_t i, struct place_values *out);
/* The feature number that one of `few` stands for. */
uint32_t feature_few(unsigned few);
/* The numbers, with a zero for each that is missing. Some time after feature_values: vectors of
 * what was just written in pieces would have to wait for it. */
struct place_ids {
    uint32_t id[FEAT_FETCHED];
    uint32_t missing;
};
void feature_ids(const struct place_values *v, struct place_ids *out);
#if defined(__x86_64__)
/* The same where the CPU has AVX2. */
void feature_ids_avx2(const struct place_values *v, struct place_ids *out);
/* ... those of feature_own in another order. */
unsigned feature_own_avx2(const struct word *w, uint32_t out[FEAT_OWN_MAX]);
#endif

/* ---- wide.c */

/*
 * Names in Chinese, Japanese and Korean script: found in `names` (room, kept between calls), then
 * merged into out->v[first..], which is in order; what they touch there goes.
 */
MUST struct err wide_names(struct span text, struct findings *names, struct findings *out,
                           size_t first);

/* ---- place.c */

/* Add to out->v[first..] what labels announce and nothing was found in: streets, towns, parts of
 * names. They stay in order and apart. */
MUST struct err field_names(struct span text, struct findings *added, struct findings *out,
                            size_t first);

/* Mend the borders of out->v[first..]: labels of forms, numbers of houses, postcodes. They stay in
 * order and apart; `added` is scratch. */
MUST struct err place_mend(struct span text, struct findings *added, struct findings *out,
                           size_t first);

#endif
