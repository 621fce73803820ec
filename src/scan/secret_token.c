/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs of token bytes. Called for every run of 16 or more but short names and paths: of prose
 * hardly ever, of code and logs now and then. One walk tells what the run is made of; most runs are
 * done after a look at the places where something may begin.
 */
#include "b64.h"
#include "secret_int.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

/* Formats may look at this many bytes of a run, and not at more: a run made of prefixes is not a
 * token, and must not cost more than its length. */
enum {
    PROBE_MIN = 32,
    JWT_PART_MAX = 8192,
    WORK_MIN = 16384,
    WORK_PER_BYTE = 8,
    JOINTS_MAX = 24,
    MIXED_MIN = 24,
    AWS_SECRET = 40,
    TWILIO_TOKEN = 32
};

#define LOWER(c)  ((c) >= 'a' && (c) <= 'z')
#define UPPER(c)  ((c) >= 'A' && (c) <= 'Z')
#define DIGIT(c)  ((c) >= '0' && (c) <= '9')
#define MARK(c)   ((c) == '_' || (c) == '-' || (c) == '.')
#define SPLIT(c)  ((c) == '+' || (c) == '/' || (c) == '=' || (c) == '$' || (c) == '%')
#define OF_RUN(c) (LOWER(c) || UPPER(c) || DIGIT(c) || MARK(c) || SPLIT(c) || (c) == '~')
#define CLASSES(c)                                                                                 \
    ((LOWER(c) ? F_LOWER : 0) | (UPPER(c) ? F_UPPER : 0) | (DIGIT(c) ? F_DIGIT : 0) |              \
     (LOWER(c) || UPPER(c) || DIGIT(c) || MARK(c) ? F_NAME : 0) | (SPLIT(c) ? F_SPLIT : 0) |       \
     ((c) == '$' ? F_DOLLAR : 0) | ((c) == '%' ? F_PERCENT : 0) | (OF_RUN(c) ? 0 : F_NONE))

const bool secret_run_byte[256] = {SECRET_EACH_BYTE(OF_RUN)};
const uint8_t secret_classes[256] = {SECRET_EACH_BYTE(CLASSES)};

/* A run, and what it is made of. */
struct run {
    size_t at, end;
    bool digit, upper, lower, percent, dollar;
};

static bool format_head(struct span text, size_t i)
{
    return text.n - i >= 3 && secret_head(text.p + i);
}

/* The run at `at`: many bytes at once without a branch, since in a random value nothing predicts
 * one. */
static void run_read(struct span text, size_t at, struct run *r)
{
    enum { AT_ONCE = 8 };
    unsigned all = 0, some;
    size_t end = at;
    for (; text.n - end >= AT_ONCE; end += AT_ONCE) {
        some = 0;
#pragma GCC unroll 8
        for (size_t k = 0; k < AT_ONCE; k++)
            some |= secret_classes[text.p[end + k]];
        if (some & F_NONE)
            break;
        all |= some;
    }
    for (; end < text.n && !((some = secret_classes[text.p[end]]) & F_NONE); end++)
        all |= some;
    *r = (struct run){.at = at,
                      .end = end,
                      .digit = all & F_DIGIT,
                      .upper = all & F_UPPER,
                      .lower = all & F_LOWER,
                      .percent = all & F_PERCENT,
                      .dollar = all & F_DOLLAR};
}

/* ---- where in a run something may begin ---- */

enum { BLOCK = 16 };

/* The places of a run, one by one: its first byte, each behind a sign, each '$'. */
struct places {
    struct span text;
    size_t at, end; /* of the block in hand, and of the run */
    unsigned left;  /* its places not yet given */
    unsigned word;  /* whether the byte before the next block is a letter or digit */
};

/* Which of a block's bytes are letters and digits, which are '$'. */
static inline unsigned block_words(const uint8_t *p, unsigned *dollar)
{
#if defined(__x86_64__)
    const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i letter = _mm_add_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8(0x80 - 'a'));
    __m128i digit = _mm_add_epi8(v, _mm_set1_epi8((char)(0x80 - '0')));
    letter = _mm_cmpgt_epi8(_mm_set1_epi8(-128 + 26), letter);
    digit = _mm_cmpgt_epi8(_mm_set1_epi8(-128 + 10), digit);
    *dollar = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('$')));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(letter, digit));
#else
    unsigned word = *dollar = 0;
    for (unsigned i = 0; i < BLOCK; i++) {
        word |= (unsigned)((secret_classes[p[i]] & F_WORD) != 0) << i;
        *dollar |= (unsigned)(p[i] == '$') << i;
    }
    return word;
#endif
}

/* The same of the text's last bytes, fewer than a block. */
__attribute__((noinline)) static unsigned last_words(struct span rest, unsigned *dollar)
{
    uint8_t block[BLOCK] = {0};
    memcpy(block, rest.p, rest.n);
    return block_words(block, dollar);
}

static inline void places_read(struct places *w)
{
    struct span rest = span_from(w->text, w->at);
    size_t inside = w->end - w->at;
    unsigned dollar;
    unsigned word = rest.n < BLOCK ? last_words(rest, &dollar) : block_words(rest.p, &dollar);
    w->left = ~(word << 1 | w->word) | dollar;
    w->left &= inside < BLOCK ? (1U << inside) - 1 : (1U << BLOCK) - 1;
    w->word = word >> (BLOCK - 1);
}

static inline struct places places_of(struct span text, const struct run *r)
{
    struct places w = {.text = text, .at = r->at, .end = r->end};
    places_read(&w);
    return w;
}

static inline bool places_next(struct places *w, size_t *place)
{
    while (!w->left) {
        w->at += BLOCK;
        if (w->at >= w->end)
            return false;
        places_read(w);
    }
    *place = w->at + (size_t)__builtin_ctz(w->left);
    w->left &= w->left - 1;
    return true;
}

/* Does a word in the run begin like a format? */
__attribute__((noinline)) static bool has_head(struct span text, const struct run *r)
{
    size_t at;
    for (struct places w = places_of(text, r); places_next(&w, &at);)
        if (format_head(text, at))
            return true;
    return false;
}

bool secret_run_idle(struct span text, size_t at, size_t n, uint64_t word)
{
    struct span run = span_cut(text, at, n);
    uint64_t signs = ~word & (((uint64_t)1 << n) - 1);
    if (n >= MIXED_MIN || text.n - at < n + 3 || (at && text.p[at - 1] == '\\') ||
        format_head(text, at))
        return false;
    for (; signs; signs &= signs - 1) {
        size_t k = (size_t)__builtin_ctzll(signs);
        if (secret_classes[run.p[k]] & (F_DOLLAR | F_PERCENT) ||
            (k + 1 < n && format_head(text, at + k + 1)))
            return false;
    }
    return true;
}

/* A JSON object in base64url that names an algorithm other than none. */
static bool jwt_header(struct span part)
{
    uint8_t out[512];
    struct wr w = wr_of(out, sizeof out);
    if (part.n > 600 || failed(b64_decode(&w, part, B64_URL_RAW, NULL)) || w.n < 10)
        return false;
    struct span json = span(out, w.n);
    size_t alg = span_search(json, 0, SPAN_LIT("\"alg\""));
    if (out[0] != '{' || out[w.n - 1] != '}' || alg >= json.n)
        return false;
    struct span value = span_trim(span_cut(json, alg + 5, 16));
    return value.n && value.p[0] == ':' && span_search(value, 0, SPAN_LIT("\"none\"")) >= value.n;
}

static size_t b64u_len(struct span text, size_t at)
{
    size_t n = 0;
    while (at + n < text.n && n < JWT_PART_MAX &&
           (secret_alnum(text.p[at + n]) || text.p[at + n] == '-' || text.p[at + n] == '_'))
        n++;
    return n;
}

size_t secret_jwt(struct secret_pass *p, size_t at)
{
    struct span text = p->text;
    size_t head = b64u_len(text, at);
    p->work += head;
    if (head < 16 || secret_byte(text, at + head) != '.')
        return at;
    size_t body_at = at + head + 1, body = b64u_len(text, body_at);
    p->work += body;
    if (secret_byte(text, body_at + body) != '.')
        return at;
    size_t sign_at = body_at + body + 1, sign = b64u_len(text, sign_at);
    size_t end = sign_at + sign;
    while (secret_byte(text, end) == '=')
        end++;
    if (sign == 0 && body == 0)
        return at;
    bool five = secret_byte(text, end) == '.'; /* an encrypted token has five parts */
    for (unsigned part = 0; five && part < 2; part++)
        end += 1 + b64u_len(text, end + 1);
    if (sign < 16 && !five)
        return at;
    if (!jwt_header(span_cut(text, at, head)))
        return at;
    /* the introduction's token: subject 1234567890 */
    struct span sample = SPAN_LIT("eyJzdWIiOiIxMjM0NTY3ODkw");
    bool told = span_starts(span_from(text, body_at), sample);
    secret_emit(p, at, end, SECRET_jwt, told ? 0.5F : 1);
    return end;
}

/* Judge every format that begins at `at`; the end of the longest taken, `at` if none. */
static __attribute__((noinline)) size_t formats_at(struct secret_pass *p, size_t at)
{
    struct secret_match m = {.joints = p->joints};
    size_t end = at;
    for (size_t iter = 0; secret_match_prefix(p->text, at, &iter, &m);)
        if (secret_judge(p, &m) && m.end > end)
            end = m.end;
    p->work += m.work;
    return end;
}

static __attribute__((noinline)) size_t probes_at(struct secret_pass *p, size_t at)
{
    struct secret_match m = {.joints = p->joints};
    size_t end = at;
    for (size_t iter = 0; secret_match_probe(p->text, at, &iter, &m);)
        if (secret_judge(p, &m) && m.end > end)
            end = m.end;
    p->work += m.work;
    return end;
}

/* Formats whose mark stands before the run: digits and a colon, fifteen characters and a '!'. */
SECRET_RARE static size_t behind_mark(struct secret_pass *p, size_t at)
{
    struct secret_match m = {.joints = p->joints};
    if (p->text.p[at - 1] == '}')
        return secret_ldap_hash(p, at);
    if (p->text.p[at - 1] == ',' && at >= 5 && memcmp(p->text.p + at - 5, "$md5", 4) == 0)
        return secret_hash(p, at - 5) > at ? p->run_end : at;
    if (p->text.p[at - 1] == ':' && p->text.p[at] == 'A') {
        size_t from = at - 1;
        while (from > 0 && at - from < 12 && secret_digit(p->text.p[from - 1]))
            from--;
        m.start = from;
        m.rule = SECRET_telegram;
    } else if (p->text.p[at - 1] == '!' && at >= 16) {
        m.start = at - 16;
        m.rule = SECRET_salesforce;
    } else {
        return at;
    }
    bool of_link = m.start >= 4 && !memcmp(p->text.p + m.start - 3, "bot", 3) &&
                   !secret_alnum(p->text.p[m.start - 4]); /* api.telegram.org/bot123:A… */
    if ((m.start == 0 || !secret_alnum(p->text.p[m.start - 1]) || of_link) &&
        secret_match_rule(p->text, m.start, m.rule, &m) && secret_judge(p, &m))
        return m.end;
    return at;
}

/* Does such a mark stand there? */
static inline bool marked(struct span text, size_t at)
{
    uint8_t c = at ? text.p[at - 1] : 0;
    return c == '}' || c == ',' || c == ':' || c == '!';
}

/* A run that follows an escape of a string (\nghp_…) begins behind the escape's letter. */
static size_t escape_len(struct span text, size_t at)
{
    if (at == 0 || text.p[at - 1] != '\\')
        return 0;
    if (memchr("nrtbf", text.p[at], 5))
        return 1;
    return text.p[at] == 'u' && text.n - at >= 5 ? 5 : 0;
}

/* Whatever may begin at text[i]: the end of what was taken, i if nothing. */
static inline size_t take_at(struct secret_pass *p, size_t i, const struct run *r)
{
    struct span text = p->text;
    uint8_t c = text.p[i];
    size_t next = i;
    if (format_head(text, i)) {
        next = formats_at(p, i);
        if (next == i &&
            span_starts(span_from(text, i), SPAN_LIT("eyJ"))) /* begins a format, too */
            next = secret_jwt(p, i);
    }
    if (next == i && c == '$')
        next = secret_hash(p, i);
    /* formats with a mark inside; without capitals only two of them */
    bool split = i == r->at || secret_classes[text.p[i - 1]] & F_SPLIT;
    if (next == i && r->digit && split && r->end - i >= PROBE_MIN &&
        (r->upper || secret_byte(text, i + 32) == '-' || secret_byte(text, i + 10) == 'm'))
        next = probes_at(p, i);
    return next;
}

/* Look at the places of the run; whether anything was taken. */
static bool run_formats(struct secret_pass *p, const struct run *r)
{
    size_t taken = 0, allowed = p->work + WORK_MIN + WORK_PER_BYTE * (r->end - r->at);
    struct places w = places_of(p->text, r);
    for (size_t i; p->work < allowed && places_next(&w, &i);) {
        size_t next = i >= taken ? take_at(p, i, r) : i;
        taken = next > i ? next : taken;
    }
    for (size_t i = secret_joint(&p->joints, r->at + 1), n = 0; i < r->end && n < JOINTS_MAX; n++) {
        size_t next = i >= taken ? take_at(p, i, r) : i;
        taken = next > i ? next : taken;
        i = secret_joint(&p->joints, i + 1);
    }
    return taken > 0;
}

/* Prose of its line before a random run: "please rotate X", "the leaked one was X", "auth failed
 * with X"; not "rotated", not "rotate-keys". Digests are committed and pushed, too. */
static bool prose_before(struct span text, size_t at, bool hex)
{
    enum { BEFORE = 40, OF_KEYS = 6 };
    static const char *const words[] = {
        "rotate",         "rotating",     "revoke",       "leaked",    "leaking",   "exposed",
        "revoked",        "auth",         "oauth",        "pasted",    "committed", "pushed",
        "authentication", "authenticate", "unauthorized", "hardcoded", "hard-coded"};
    static const struct secret_words of = {.words = words,
                                           .n = sizeof words / sizeof *words,
                                           .apart = 2,
                                           .nocase = true,
                                           .next = {['r' & 31] = SECRET_BIT('t') | SECRET_BIT('v'),
                                                    ['l' & 31] = SECRET_BIT('a'),
                                                    ['e' & 31] = SECRET_BIT('p'),
                                                    ['a' & 31] = SECRET_BIT('t'),
                                                    ['o' & 31] = SECRET_BIT('u'),
                                                    ['p' & 31] = SECRET_BIT('s'),
                                                    ['c' & 31] = SECRET_BIT('m'),
                                                    ['u' & 31] = SECRET_BIT('a'),
                                                    ['h' & 31] = SECRET_BIT('r')}};
    size_t from = at > BEFORE ? at - BEFORE : 0;
    struct span before = span_cut(text, from, at - from);
    if (!secret_holds(before, &of))
        return false;
    size_t n = hex ? OF_KEYS : of.n;
    for (size_t k = before.n; k-- > 0 && before.p[k] != '\n';)
        for (size_t i = 0; (!k || !secret_alnum(before.p[k - 1])) && i < n; i++) {
            struct span word = span_str(words[i]);
            if (span_eq_nocase(span_cut(before, k, word.n), word) &&
                !(secret_classes[secret_byte(before, k + word.n)] & F_NAME))
                return true;
        }
    return false;
}

/* The secret half of an AWS key pair right behind its id, AWS_SECRET bytes. */
SECRET_RARE static bool aws_pair(struct secret_pass *p, size_t at, size_t end)
{
    struct span t = p->text, s = span_cut(t, at, end - at);
    size_t from = at > 48 ? at - 48 : 0;
    if (secret_hex(s) || secret_surprise(s) < SECRET_RANDOM_LIKELY || secret_placeholder(s))
        return false;
    struct span before = span_cut(t, from, at - from);
    if (span_search(before, 0, SPAN_LIT("AKIA")) >= before.n &&
        span_search(before, 0, SPAN_LIT("ASIA")) >= before.n)
        return false;
    secret_emit(p, at, end, SECRET_aws_secret_key, 0.85F);
    return true;
}

/* Twilio's token right behind the account's id: Client("AC…", "X"), TWILIO_TOKEN bytes. */
SECRET_RARE static bool twilio_pair(struct secret_pass *p, size_t at, size_t end)
{
    enum { GAP = 6, ID = 34 };
    struct span t = p->text;
    size_t id = at;
    while (id > 0 && at - id < GAP && !secret_alnum(t.p[id - 1]))
        id--;
    if (id < ID || id == at || t.p[id - ID] != 'A' || t.p[id - ID + 1] != 'C' ||
        !secret_hex(span_cut(t, id - ID + 2, TWILIO_TOKEN)) ||
        !secret_hex(span_cut(t, at, TWILIO_TOKEN)))
        return false;
    secret_emit(p, at, end, SECRET_generic_key, 0.85F);
    return true;
}

/* NewClient("X"), all that a client is made with. */
static bool of_client(struct span t, size_t at, size_t end)
{
    return at > 8 && secret_byte(t, end + 1) == ')' && secret_byte(t, end) == t.p[at - 1] &&
           (t.p[at - 1] == '"' || t.p[at - 1] == '\'') && !memcmp(t.p + at - 8, "Client(", 7);
}

/* The same behind it: "X got leaked, please revoke", "X to call the API". A hexadecimal digest may
 * "leak" otherwise. */
static bool prose_behind(struct span text, size_t at, size_t end)
{
    static const char *const words[] = {
        "leaked",      "exposed",     "revoke",    "rotate",     "compromis",   "committed",
        "git history", "to call the", "to github", "to gitlab",  "to the repo", "to authenticate",
        "me a 401",    "me a 403",    "hardcoded", "hard-coded", "valid api",   "still a valid"};
    static const struct secret_words of = {.words = words,
                                           .n = sizeof words / sizeof *words,
                                           .apart = 2,
                                           .next = {['r' & 31] = SECRET_BIT('t') | SECRET_BIT('v'),
                                                    ['l' & 31] = SECRET_BIT('a'),
                                                    ['e' & 31] = SECRET_BIT('p'),
                                                    ['c' & 31] = SECRET_BIT('m'),
                                                    ['g' & 31] = SECRET_BIT('t'),
                                                    ['t' & 31] = SECRET_BIT(' '),
                                                    ['m' & 31] = SECRET_BIT(' '),
                                                    ['h' & 31] = SECRET_BIT('r'),
                                                    ['v' & 31] = SECRET_BIT('l'),
                                                    ['s' & 31] = SECRET_BIT('i')}};
    struct span rest = span_cut(text, end, 48);
    rest.n = span_find(rest, 0, '\n');
    return rest.n >= 8 && rest.p[0] == ' ' && !secret_hex(span_cut(text, at, end - at)) &&
           secret_holds(rest, &of);
}

/* "rotate X": no digest is. */
static bool to_rotate(struct span text, size_t at, struct span s)
{
    return secret_hex(s) && s.n >= 32 && s.n % 8 == 0 &&
           span_ends(span_cut(text, 0, at), SPAN_LIT("rotate "));
}

/* "unauthorized: request id X": a record's, whatever is said of it. */
static bool of_record(struct span text, size_t at)
{
    while (at && (text.p[at - 1] == ' ' || text.p[at - 1] == ':'))
        at--;
    return at > 3 && span_eq_nocase(span_cut(text, at - 3, 3), SPAN_LIT(" id"));
}

/* "/static/js/main-4fK2.js": a file's name, whatever is said of it. */
static bool file_path(struct span s)
{
    enum { ENDING_MAX = 4 };
    size_t at = s.n;
    while (at && s.n - at <= ENDING_MAX && secret_classes[s.p[at - 1]] & F_LOWER)
        at--;
    return at && at < s.n && s.p[at - 1] == '.' && span_find(s, 0, '/') < s.n;
}

static inline bool prose_sign(uint8_t c)
{
    return c == ' ' || c == '"' || c == '\'' || c == '`' || c == ':';
}

static void run_prose(struct secret_pass *p, size_t at, size_t end)
{
    struct span text = p->text;
    if ((end - at == AWS_SECRET && aws_pair(p, at, end)) ||
        (end - at == TWILIO_TOKEN && twilio_pair(p, at, end)))
        return;
    while (end > at && (uint8_t)(text.p[end - 1] - '-') < 3) /* - . / */
        end--;
    struct span s = span_cut(text, at, end - at);
    bool client = of_client(text, at, end);
    if (s.n >= 20 && at >= 6 && (client || !memcmp(text.p + at - 6, "login ", 6)) &&
        !secret_placeholder(s) &&
        ((secret_hex(s) && s.n >= 32) || secret_surprise(s) >= SECRET_RANDOM_SURE)) {
        secret_emit(p, at, end, SECRET_prose_secret, 0.75F); /* "cargo login X" */
        return;
    }
    uint8_t before = at ? text.p[at - 1] : '\n', behind = secret_byte(text, end);
    /* of its line: "X got leaked" */
    bool first =
        before == '\n' && behind == ' ' && secret_classes[secret_byte(text, end + 1)] & F_LOWER;
    if (s.n < 20 || s.n > 200 || behind == ':' || !(first || prose_sign(before)) ||
        (secret_random(p, at, end) < SECRET_RANDOM_SURE && !to_rotate(text, at, s)) ||
        !(prose_before(text, at, secret_hex(s)) || prose_behind(text, at, end)) ||
        secret_placeholder(s) || span_find(s, 0, '=') + 2 < s.n || file_path(s) ||
        of_record(text, at))
        return;
    secret_emit(p, at, end, SECRET_prose_secret, 0.75F);
}

/* "base64," before a run says that it is data: an image, a font. */
static bool is_data(struct span text, size_t at, size_t end)
{
    static const char *const heads[] = {"iVBOR", "/9j/",       "R0lGOD",    "PHN2Zy",
                                        "d09GM", "AAEAAAA",    "JVBERi0",   "UEsDB",
                                        "H4sI",  "AAAAB3NzaC", "AAAAC3NzaC"};
    struct span s = span_cut(text, at, end - at);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (s.p[0] == (uint8_t)heads[i][0] && span_starts(s, span_str(heads[i])))
            return true;
    return at >= 7 && memcmp(text.p + at - 7, "base64,", 7) == 0 && s.n > 200;
}

/* A drive's recovery password (BitLocker): eight numbers of six digits, each eleven times one of
 * sixteen bits. */
static bool drive_recovery(struct span s)
{
    enum { NUMBERS = 8, DIGITS = 6, TIMES = 11 };
    if (s.n != NUMBERS * (DIGITS + 1) - 1)
        return false;
    for (size_t i = 0; i < NUMBERS; i++) {
        uint32_t number = 0;
        size_t at = i * (DIGITS + 1);
        for (size_t k = 0; k < DIGITS; k++) {
            if (!secret_digit(s.p[at + k]))
                return false;
            number = number * 10 + s.p[at + k] - '0';
        }
        if ((i && s.p[at - 1] != '-') || number % TIMES || number / TIMES > UINT16_MAX)
            return false;
    }
    return true;
}

size_t secret_at_run(struct secret_pass *p, size_t at)
{
    struct run r;
    if (at < p->run_end)
        return p->run_end;
    run_read(p->text, at + escape_len(p->text, at), &r);
    size_t end = r.end > at ? r.end : at + 1;
    p->run_end = end;
    if (end - at < SECRET_RUN_MIN || at < p->skip)
        return end;
    /* Letters and punctuation without a format's beginning: an identifier, a path. */
    bool mixed = r.upper && r.lower && end - at >= MIXED_MIN;
    if (!r.digit && !r.dollar && !r.percent && !mixed && !has_head(p->text, &r))
        return end;
    if (is_data(p->text, r.at, end))
        return end;
    if ((marked(p->text, r.at) && behind_mark(p, r.at) > r.at) || run_formats(p, &r))
        return end;
    if (r.digit && (r.lower || r.upper))
        run_prose(p, r.at, end);
    else if (drive_recovery(span_cut(p->text, r.at, end - r.at)))
        secret_emit(p, r.at, end, SECRET_recovery_key, 1);
    if (p->depth < 2 && (r.percent || ((r.digit || mixed) && end - r.at >= MIXED_MIN)))
        secret_decode(p, r.at, end);
    if (p->depth < 2 && secret_byte(p->text, end) == '\\')
        p->run_end = secret_escaped(p, r.at, end);
    return p->run_end;
}
