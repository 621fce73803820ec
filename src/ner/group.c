/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people are called besides their names: members of a nation, religion, people or party; forms
 * of address; the names they log in with. Word lists and places, no model: the tagger's findings
 * tell what a word in them is part of. Called for a text after ner_tag, where one of the three
 * types is asked for.
 *
 * Nearly all words are of no list and cost nothing: bitmaps (group_marks.h) tell where a capital
 * begins a word, where a sign stands and where a word is given a value, and only there is looked.
 */
#include "group_heads.h"
#include "group_marks.h"
#include "letters.h"
#include "ner.h"
#include "pace.h"

#include <stdlib.h>
#include <string.h>

enum { WORD_MAX = 23, WORD_ROOM = 24, HANDLE_MIN = 2, HANDLE_MAX = 32, COMMENT_MAX = 120 };

enum how { PLAIN, DOUBTFUL, SURE, WITH_NAME };
struct entry {
    char word[WORD_ROOM]; /* filled with zeros */
    enum how how;
};

static const struct entry groups[] = {
#define GROUP(word, how) {word, how},
#include "group.def"
#undef GROUP
};
static const struct entry honorifics[] = {
#define HONORIFIC(word, how) {word, how},
#include "title.def"
#undef HONORIFIC
};

/* What every finding of one call needs. */
struct walk {
    struct span text;
    struct findings *out;
    size_t next,
        names_end; /* the tagger's in `out`, in order: the first that ends behind where we are */
    size_t past;   /* what stands before it has been read */
    enum { UNKNOWN, NO, YES } perl;
};

/* Bytes by what they are in a word or beside one. */
enum {
    LETTER = 1,
    UPPER = 2,
    WORD = 4,   /* of an identifier */
    KEY = 8,    /* of what a value has been given for */
    JOINT = 16, /* between two letters it is part of their word */
    GIVES = 32, /* behind a key: its quote, or what gives it a value */
};
static const uint8_t kinds[256] = {
    ['A' ... 'Z'] = LETTER | UPPER | WORD | KEY,
    ['a' ... 'z'] = LETTER | WORD | KEY,
    [0x80 ... 0xFF] = LETTER | WORD | KEY,
    ['0' ... '9'] = WORD,
    ['_'] = WORD | KEY,
    ['-'] = JOINT,
    ['.'] = JOINT,
    ['"'] = GIVES,
    ['\''] = GIVES,
    [':'] = GIVES,
    ['='] = GIVES,
};

static inline bool is_kind(uint8_t c, unsigned of)
{
    return (kinds[c] & of) != 0;
}

static inline bool is_letter(uint8_t c)
{
    return is_kind(c, LETTER);
}

static inline bool is_word(uint8_t c)
{
    return is_kind(c, WORD);
}

static inline bool is_upper(uint8_t c)
{
    return is_kind(c, UPPER);
}

/* Past bytes of these kinds from `at` on. */
static inline size_t run_end(struct span t, size_t at, unsigned of)
{
    while (at < t.n && is_kind(t.p[at], of))
        at++;
    return at;
}

/* The end of the letters at `at`. */
static inline size_t letters_end(struct span t, size_t at)
{
    return run_end(t, letters_ascii_end(t, at), LETTER);
}

/* ---- lists ---- */

/* `word` as a list spells it: as it is, or from all capitals. False: too long, or a mixture. */
static bool spell(struct span word, char out[WORD_ROOM])
{
    if (word.n > WORD_MAX)
        return false;
    memset(out, 0, WORD_ROOM);
    memcpy(out, word.p, word.n);
    if (word.n < 2 || !is_upper(word.p[1]))
        return true;
    for (size_t i = 1; i < word.n; i++)
        if (is_letter((uint8_t)out[i - 1])) {
            if ((uint8_t)(out[i] - 'a') < 26)
                return false;
            out[i] = (char)ascii_lower((uint8_t)out[i]);
        }
    return true;
}

/* The first letters of a word as a number that sorts as they do. */
static inline uint64_t head_of(const char word[WORD_ROOM])
{
    uint64_t v;
    memcpy(&v, word, sizeof v);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? v : __builtin_bswap64(v);
}

/* May the word at `at` be listed, by its first letters? Most words with a capital are not, or are
 * names. */
static inline bool may_be_listed(struct span t, size_t at)
{
    unsigned first = t.p[at] & 31, second = byte_at(t, at + 1) & 31,
             third = byte_at(t, at + 2) & 31;
    return group_second[first] >> second & group_third[first] >> third & 1;
}

/* NULL: it is not in the list of n. */
static const struct entry *listed(const struct entry *list, size_t n, struct span word)
{
    char spelt[WORD_ROOM];
    const struct entry *e = list;
    if (!spell(word, spelt))
        return NULL;
    const uint64_t head = head_of(spelt);
    const unsigned bit = group_bit(head);
    if (!(group_begins[bit / 64] >> bit % 64 & 1))
        return NULL; /* most: one look at memory, where the search takes nine */
    for (size_t half; n > 1; n -= half) { /* e: the last whose head is no larger, of the n there */
        half = n / 2;
        e += head_of(e[half].word) <= head ? half : 0;
    }
    for (; head_of(e->word) == head; e--) {
        if (!memcmp(e->word, spelt, sizeof spelt))
            return e;
        if (e == list)
            break;
    }
    return NULL;
}
#define LISTED(list, word) listed(list, sizeof(list) / sizeof *(list), word)

/* The end of the word at `at`; hyphens and points inside belong to it. */
static inline size_t word_end(struct span t, size_t at)
{
    for (;; at++) {
        at = letters_end(t, at);
        if (!is_kind(byte_at(t, at), JOINT) || !is_letter(byte_at(t, at + 1)))
            return at;
    }
}

/* ---- places ---- */

/* The tagger's finding that holds or touches this place from the right; or NULL. */
static const struct finding *name_at(struct walk *w, size_t start, size_t end)
{
    const struct finding *v = w->out->v;
    while (w->next < w->names_end && v[w->next].end <= start)
        w->next++;
    for (size_t i = w->next; i < w->names_end && v[i].start < end; i++)
        if (v[i].score >= 0.7F)
            return &v[i];
    return NULL;
}

/* The word before `at` on the same line, without what stands between. */
static struct span word_before(struct span t, size_t at)
{
    while (at && strchr(" \t\"':=(", t.p[at - 1]) && t.p[at - 1])
        at--;
    size_t end = at;
    while (at && is_letter(t.p[at - 1]))
        at--;
    return span_cut(t, at, end - at);
}

#define IS_ANY(word, list) one_of(word, list, sizeof(list) / sizeof *(list))

static struct err add(struct walk *w, enum entity e, size_t start, size_t end, float score)
{
    return findings_add(w->out, (struct finding){(uint32_t)start, (uint32_t)end, (uint16_t)e,
                                                 NER_RULE_LIST, score});
}

/* ---- groups ---- */

static float group_score(const struct walk *w, const struct entry *e, size_t at)
{
    static const char *const telling[] = {"a",           "an",         "ethnic",   "nationality",
                                          "citizenship", "citizen",    "religion", "party",
                                          "ethnicity",   "is",         "was",      "as",
                                          "devout",      "practising", "fellow"};
    static const char *const language[] = {"in", "speak", "speaks", "speaking", "spoken",
                                           "to", "into",  "from",   "learn"};
    struct span before = word_before(w->text, at);
    if (e->how == DOUBTFUL)
        return IS_ANY(before, telling) || (at && w->text.p[at - 1] == '(') ? 0.75F : 0.4F;
    return IS_ANY(before, language) ? 0.6F : 0.85F;
}

/* One to three words at `at`, the longest that is listed. *end: behind it, or behind the word. */
static struct err take_group(struct walk *w, size_t at, size_t *end)
{
    size_t ends[3], n = 0;
    for (size_t from = at; n < 3; from = ends[n - 1] + 1) {
        ends[n++] = word_end(w->text, from);
        if (byte_at(w->text, ends[n - 1]) != ' ' || !is_upper(byte_at(w->text, ends[n - 1] + 1)))
            break;
    }
    *end = ends[0];
    while (n--) {
        const struct entry *e = LISTED(groups, span_cut(w->text, at, ends[n] - at));
        if (!e || is_word(byte_at(w->text, ends[n])))
            continue;
        *end = ends[n];
        if (name_at(w, at, ends[n]))
            return OK; /* French Guiana, German Lopez */
        return add(w, ENTITY_NRP, at, ends[n], group_score(w, e, at));
    }
    return OK;
}

/* ---- forms of address ---- */

static struct err take_title(struct walk *w, size_t at, size_t end, bool *taken)
{
    const struct entry *e = LISTED(honorifics, span_cut(w->text, at, end - at));
    size_t point = span_find(span_cut(w->text, 0, end), at, '.');
    if (!e && point < end) { /* Mr.Smith */
        e = LISTED(honorifics, span_cut(w->text, at, point - at));
        end = point;
    }
    size_t next = end + (byte_at(w->text, end) == '.');
    *taken = false;
    if (e && byte_at(w->text, next) == ' ')
        next++;
    uint8_t first = byte_at(w->text, next);
    if (!e || next == end || !is_letter(first))
        return OK;
    const struct finding *name = name_at(w, at, next + 1);
    bool person = name && name->entity == ENTITY_PERSON && name->start == next;
    if ((name && !person) ||
        (!person && (e->how == WITH_NAME || !(is_upper(first) || first >= 0x80))))
        return OK;
    *taken = true;
    return add(w, ENTITY_TITLE, at, end, 0.85F);
}

/* ---- names to log in with ---- */

/* The end of the ASCII letters, digits and underscores at `at`. */
static size_t word_part_end(struct span t, size_t at)
{
    while (is_word(byte_at(t, at)) && byte_at(t, at) < 0x80)
        at++;
    return at;
}

/* ... and of more such parts behind single dots and dashes: anna.k-2. */
static size_t handle_end(struct span t, size_t at)
{
    size_t end = word_part_end(t, at), next = end;
    do {
        end = next;
        if (byte_at(t, end) == '.' || byte_at(t, end) == '-')
            next = word_part_end(t, end + 1);
    } while (next > end + 1);
    return end;
}

/* What programmers write after an @. */
static bool is_annotation(struct span word)
{
    static const char *const words[] = {"author",       "brief",     "class",
                                        "classmethod",  "charset",   "dataclass",
                                        "deprecated",   "example",   "everyone",
                                        "extends",      "file",      "font",
                                        "here",         "import",    "include",
                                        "inheritdoc",   "interface", "keyframes",
                                        "layer",        "license",   "link",
                                        "media",        "namespace", "note",
                                        "override",     "package",   "page",
                                        "param",        "private",   "property",
                                        "protected",    "public",    "return",
                                        "returns",      "see",       "since",
                                        "staticmethod", "supports",  "suppresswarnings",
                                        "template",     "test",      "throws",
                                        "todo",         "type",      "typedef",
                                        "var",          "version"};
    return IS_ANY(word, words);
}

/* Does the line that begins at `from` stand in a block comment: do lines with a star lead up to
 * where one begins? */
static bool in_block_comment(struct span t, size_t from)
{
    enum { LINES = 16 };
    for (unsigned line = 0; line < LINES && from > 0; line++) {
        size_t end = from - 1, at;
        for (from = end; from > 0 && end - from < COMMENT_MAX && t.p[from - 1] != '\n';)
            from--;
        for (at = from; at < end && (t.p[at] == ' ' || t.p[at] == '\t');)
            at++;
        struct span above = span_cut(t, at, end - at);
        if (span_starts(above, SPAN_LIT("/*")))
            return true;
        if (!span_starts(above, SPAN_LIT("*")))
            return false;
    }
    return false;
}

/* Does what a decorator stands above come next: def f, class X, @other? */
static bool decorates(struct span t, size_t end)
{
    static const char *const words[] = {"def",    "class",  "async",     "public", "private",
                                        "static", "export", "protected", "func",   "fun"};
    size_t at = end;
    while (byte_at(t, at) == ' ' || byte_at(t, at) == '\t' || byte_at(t, at) == '\n' ||
           byte_at(t, at) == '\r')
        at++;
    size_t word = at;
    while (is_letter(byte_at(t, word)))
        word++;
    return byte_at(t, at) == '@' || IS_ANY(span_cut(t, at, word - at), words);
}

/* " * @param", " * of @mode bytes", "// @ts-ignore", and a decorator alone on its line; but
 * "* @anna" of a list. */
static bool in_comment(struct span t, size_t at, size_t end)
{
    size_t line = at, from, mark = at;
    while (line > 0 && t.p[line - 1] != '\n' && at - line < COMMENT_MAX)
        line--;
    if (at - line == COMMENT_MAX)
        return false;
    for (from = line; from < at && (t.p[from] == ' ' || t.p[from] == '\t');)
        from++;
    while (mark > from && (t.p[mark - 1] == ' ' || t.p[mark - 1] == '\t'))
        mark--;
    struct span lead = span_cut(t, from, mark - from), word = span_cut(t, at + 1, end - at - 1);
    uint8_t next = byte_at(t, end);
    if (lead.n == 0)
        return (next == '\n' || next == '\r') && decorates(t, end);
    if (lead.p[0] == '*')
        return in_block_comment(t, line);
    return span_is(lead, "//") && span_find(word, 0, '-') < word.n;
}

/* Is the text a Perl program: does a line of it declare a variable? Looked for once, and only where
 * a handle may stand: there "@names" is an array. */
static bool in_perl(struct walk *w)
{
    static const struct span my[] = {SPAN_LIT("my $"), SPAN_LIT("my ($"), SPAN_LIT("my($")};
    for (size_t i = 0; i < sizeof my / sizeof *my && w->perl == UNKNOWN; i++)
        for (size_t at = 0; (at = span_search(w->text, at, my[i])) < w->text.n; at += my[i].n) {
            size_t end = word_part_end(w->text, at + my[i].n), from = at;
            while (from > 0 && (w->text.p[from - 1] == ' ' || w->text.p[from - 1] == '\t'))
                from--;
            bool begins = from == 0 || strchr("\n{;(", w->text.p[from - 1]);
            end += byte_at(w->text, end) == ' ';
            uint8_t next = byte_at(w->text, end);
            if (begins && end > at + my[i].n && next && strchr("=;,)", next)) {
                w->perl = YES;
                break;
            }
        }
    if (w->perl == UNKNOWN)
        w->perl = NO;
    return w->perl == YES;
}

/* FT_New_Face: a function's or a constant's name; nobody's has a sign between capitals. */
static bool is_api(struct span word)
{
    for (size_t i = 1; i + 1 < word.n; i++)
        if (word.p[i] == '_' && is_upper(word.p[i - 1]) && is_upper(word.p[i + 1]))
            return true;
    return false;
}

/* "@handle": not a mail address, a package (@scope/name), an annotation or a decorator. *past moves
 * behind what was taken, here and below: a name that somebody chose is nothing else as well. */
static struct err take_handle(struct walk *w, size_t at, size_t *past)
{
    struct span t = w->text;
    if (at && (is_word(t.p[at - 1]) || strchr("@/.-+=:", t.p[at - 1])))
        return OK;
    size_t end = handle_end(t, at + 1);
    struct span word = span_cut(t, at + 1, end - at - 1);
    bool opens = at == 0 || t.p[at - 1] == '\n';
    uint8_t next = byte_at(t, end);
    if (word.n < HANDLE_MIN || word.n > HANDLE_MAX || !is_letter(word.p[0]) ||
        is_annotation(word) || is_api(word) || (next && strchr("@/({[=", next)) ||
        (opens && (next == 0 || next == '\n' || next == '\r')) || in_comment(t, at, end) ||
        (at && t.p[at - 1] == '\\') || in_perl(w))
        return OK;
    *past = end;
    return add(w, ENTITY_USERNAME, at + 1, end, 0.75F);
}

static bool has_digit(struct span s)
{
    size_t n = 0;
    while (n < s.n && (s.p[n] < '0' || s.p[n] > '9'))
        n++;
    return n < s.n;
}

/* "login: anna_k", "username=anna.k", {"user_name": "anna"}: the key is [at, end). */
static struct err take_login(struct walk *w, size_t at, size_t end, size_t *past)
{
    static const char *const keys[] = {
        "login",  "username",   "user_name",   "userid",  "user_id", "uname",    "nickname", "nick",
        "handle", "screenname", "screen_name", "twitter", "github",  "telegram", "instagram"};
    static const char *const nobody[] = {
        "admin", "root",   "user",     "test",      "guest", "null", "none",     "true",
        "false", "string", "required", "undefined", "self",  "name", "username", "nobody"};
    struct span t = w->text;
    size_t v = end;
    if (!IS_ANY(span_cut(t, at, end - at), keys))
        return OK;
    v += strchr("\"'", byte_at(t, v)) && byte_at(t, v);
    if (byte_at(t, v) != ':' && byte_at(t, v) != '=')
        return OK;
    for (v++; byte_at(t, v) == ' ' && v < end + 4;)
        v++;
    v += strchr("\"'", byte_at(t, v)) && byte_at(t, v);
    bool plain = byte_at(t, v) != '@';
    v += !plain;
    size_t stop = handle_end(t, v);
    struct span word = span_cut(t, v, stop - v);
    uint8_t next = byte_at(t, stop);
    bool bare = plain && !strchr("\"'", t.p[v - 1]) && next && !strchr("\r\n", next);
    if (bare && span_is(span_cut(t, at, end - at), "handle") && !has_digit(word))
        return OK; /* of a file, of a window */
    bool good = word.n >= HANDLE_MIN && !IS_ANY(word, keys) && word.n <= HANDLE_MAX &&
                !IS_ANY(word, nobody) && !(next && strchr("@({[", next));
    for (size_t i = 0; i < word.n && good; i++)
        if (is_letter(word.p[i])) {
            *past = stop;
            return add(w, ENTITY_USERNAME, v, stop, 0.85F);
        }
    return OK; /* a number is no name */
}

/* ---- the walk ---- */

/* The word at `at`, and what it announces. */
static struct err take_word(struct walk *w, size_t at)
{
    struct span t = w->text;
    size_t key = letters_end(t, at), end = word_end(t, key);
    if (byte_at(t, key) == '_')
        key = run_end(t, key, KEY);
    bool capital = is_upper(t.p[at]) || t.p[at] == 0xc3; /* no honorific begins otherwise */
    if (capital && may_be_listed(t, at)) {
        bool title;
        TRY(take_title(w, at, end, &title));
        if (!title)
            TRY(take_group(w, at, &end));
    }
    if (key - at > 3 && is_kind(byte_at(t, key), GIVES))
        TRY(take_login(w, at, key, &end));
    w->past = run_end(t, end, WORD); /* the rest of an identifier */
    return OK;
}

/* Does a word that began before go on with the letter at `at`, behind a joint? Only letters do. */
static bool goes_on(const struct walk *w, size_t at)
{
    struct span t = w->text;
    if (at < w->past + 2 || !is_kind(t.p[at - 1], JOINT) || !is_letter(t.p[at]))
        return false;
    size_t from = at - 1;
    while (from > w->past && is_letter(t.p[from - 1]))
        from--;
    return from < at - 1 && !(from > w->past && is_word(t.p[from - 1]));
}

/* The key that what stands at `at` gives a value; one that began as another word has been read. */
static struct err take_given(struct walk *w, size_t at)
{
    struct span t = w->text;
    size_t end = at - !is_kind(t.p[at - 1], KEY), from = end;
    while (from > w->past && is_kind(t.p[from - 1], KEY))
        from--;
    if (end - from <= 3 || (from > 0 && is_word(t.p[from - 1])) || goes_on(w, from))
        return OK;
    size_t past = w->past;
    TRY(take_login(w, from, end, &past));
    w->past = past > w->past ? run_end(t, past, WORD) : past;
    return OK;
}

/* "@" */
static struct err take_sign(struct walk *w, size_t at)
{
    size_t past = at + 1;
    TRY(take_handle(w, at, &past));
    w->past = past;
    return past > at + 1 && is_word(byte_at(w->text, past)) ? take_word(w, past) : OK;
}

static struct err take(struct walk *w, size_t at)
{
    uint8_t c = w->text.p[at];
    if (at < w->past)
        return OK;
    if (c == '@')
        return take_sign(w, at);
    if (c == ':' || c == '=')
        return take_given(w, at);
    return goes_on(w, at) ? OK : take_word(w, at);
}

static struct group_marks marks_at(struct span t, size_t at)
{
    uint8_t pad[GROUP_STEP] = {0};
    if (t.n - at >= sizeof pad)
        return group_marks(t.p + at);
    memcpy(pad, t.p + at, t.n - at);
    return group_marks(pad);
}

struct err ner_lists(struct span text, struct findings *out, size_t first)
{
    struct walk w = {.text = text, .out = out, .next = first, .names_end = out->n};
    uint64_t word = 0, key = 0, quoted = 0; /* of the byte before: bit 0 */
    for (size_t base = 0; base < text.n; base += GROUP_STEP) {
        struct group_marks m = marks_at(text, base);
        uint64_t starts = m.upper & ~(m.word << 1 | word);
        uint64_t behind_key = m.key << 1 | key, closes = m.quote & behind_key;
        uint64_t given = m.gives & (behind_key | closes << 1 | quoted);
        TRY(pace_round(base / GROUP_STEP));
        for (uint64_t all = starts | m.sign | given; all; all &= all - 1)
            TRY(take(&w, base + (size_t)__builtin_ctzll(all)));
        word = m.word >> 63;
        key = m.key >> 63;
        quoted = closes >> 63;
    }
    return OK;
}
