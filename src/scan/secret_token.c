/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs of token bytes. Called for every run of 16 or more, which prose hardly has and code has now
 * and then (long identifiers, paths). One walk gathers what the run is made of; a run without a
 * digit is done after a look at its word starts.
 */
#include "b64.h"
#include "secret_int.h"

/* Formats may look at this many bytes of a run, and not at more: a run made of prefixes is not a
 * token, and must not cost more than its length. */
enum { PROBE_MIN = 32, JWT_PART_MAX = 8192, WORK_MIN = 16384, WORK_PER_BYTE = 8 };

enum { F_LOWER = 1, F_UPPER = 2, F_DIGIT = 4, F_MARK = 8, F_PERCENT = 16, F_DOLLAR = 32 };

#define R5(c, v)  [c] = v, [(c) + 1] = v, [(c) + 2] = v, [(c) + 3] = v, [(c) + 4] = v
#define R25(c, v) R5(c, v), R5((c) + 5, v), R5((c) + 10, v), R5((c) + 15, v), R5((c) + 20, v)
#define RUN_CLASSES(lower, upper, digit, mark, percent, dollar)                                    \
    R5('0', digit), R5('5', digit), R25('A', upper),                                               \
        ['Z'] = upper, R25('a', lower), ['z'] = lower, ['_'] = mark, ['-'] = mark, ['.'] = mark,   \
        ['~'] = mark, ['+'] = mark, ['/'] = mark, ['='] = mark, ['$'] = dollar, ['%'] = percent

const bool secret_run_byte[256] = {RUN_CLASSES(true, true, true, true, true, true)};
static const uint8_t run_class[256] = {
    RUN_CLASSES(F_LOWER, F_UPPER, F_DIGIT, F_MARK, F_PERCENT, F_DOLLAR)};

struct makeup {
    bool digit, upper, lower, percent, dollar;
    bool head; /* a word in it begins like a format */
};

/* What the run is made of, its end, and whether any format may begin in it. */
static size_t run_walk(struct span text, size_t at, struct makeup *m)
{
    uint8_t all = 0, before = 0;
    size_t i = at;
    for (; i < text.n; i++) {
        uint8_t f = run_class[text.p[i]];
        if (!f)
            break;
        bool starts = !(before & (F_LOWER | F_UPPER | F_DIGIT));
        if (starts && (f & (F_LOWER | F_UPPER | F_DIGIT) || text.p[i] == '_') && i + 1 < text.n &&
            secret_head(text.p[i], text.p[i + 1]))
            m->head = true;
        all |= f;
        before = f;
    }
    m->digit = all & F_DIGIT;
    m->upper = all & F_UPPER;
    m->lower = all & F_LOWER;
    m->percent = all & F_PERCENT;
    m->dollar = all & F_DOLLAR;
    return i;
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

size_t secret_hash(struct secret_pass *p, size_t at)
{
    struct span text = p->text;
    size_t n = secret_crypt(span_from(text, at));
    if (!n)
        return at;
    /* Behind a name that says it is a hash, or in a page about hashes, it is expected there. */
    size_t from = at > 64 ? at - 64 : 0;
    struct span before = span_cut(text, from, at - from);
    bool told = false;
    static const char *const words[] = {"hash", "Hash", "HASH", "xample", "digest", "crypt"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        told |= span_search(before, 0, span_str(words[i])) < before.n;
    secret_emit(p, at, at + n, SECRET_password_hash, told ? 0.45F : 0.75F);
    return at + n;
}

/* Judge every format that begins at `at`; the end of the longest taken, `at` if none. */
static size_t formats_at(struct secret_pass *p, size_t at)
{
    struct secret_match m = {.work = 0};
    size_t end = at;
    for (size_t iter = 0; secret_match_prefix(p->text, at, &iter, &m);)
        if (secret_judge(p, &m) && m.end > end)
            end = m.end;
    p->work += m.work;
    return end;
}

static size_t probes_at(struct secret_pass *p, size_t at)
{
    struct secret_match m = {.work = 0};
    size_t end = at;
    for (size_t iter = 0; secret_match_probe(p->text, at, &iter, &m);)
        if (secret_judge(p, &m) && m.end > end)
            end = m.end;
    p->work += m.work;
    return end;
}

/* Formats whose mark stands before the run: digits and a colon, fifteen characters and a '!'. */
static size_t behind_mark(struct secret_pass *p, size_t at)
{
    struct secret_match m = {.work = 0};
    if (at == 0)
        return at;
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
    if ((m.start == 0 || !secret_alnum(p->text.p[m.start - 1])) &&
        secret_match_rule(p->text, m.start, m.rule, &m) && secret_judge(p, &m))
        return m.end;
    return at;
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

/* Look at the word starts of text[at, end); whether anything was taken. */
static bool run_formats(struct secret_pass *p, size_t at, size_t end, const struct makeup *m)
{
    struct span text = p->text;
    bool taken = false, border = true;
    size_t allowed = p->work + WORK_MIN + WORK_PER_BYTE * (end - at);
    for (size_t i = at; i + 8 <= end && p->work < allowed;) {
        uint8_t c = text.p[i];
        bool word = secret_alnum(c);
        size_t next = i;
        if (border && (word || c == '_') && secret_head(c, text.p[i + 1]))
            next = formats_at(p, i);
        if (next == i && border && c == 'e' && text.p[i + 1] == 'y' && text.p[i + 2] == 'J')
            next = secret_jwt(p, i);
        if (next == i && c == '$' && m->dollar)
            next = secret_hash(p, i);
        bool start = i == at || memchr("=/+$%", text.p[i - 1], 5);
        if (next == i && m->digit && start && end - i >= PROBE_MIN)
            next = probes_at(p, i);
        taken |= next > i;
        border = next > i ? false : !word;
        i = next > i ? next : i + 1;
    }
    return taken;
}

/* Prose before a random run: "please rotate X", "the leaked one was X". */
static bool prose_before(struct span text, size_t at)
{
    static const char *const words[] = {"rotate", "rotating", "rotated", "revoke", "revoked",
                                        "leaked", "leaking",  "exposed", "Rotate", "Revoke"};
    size_t from = at > 40 ? at - 40 : 0;
    struct span before = span_cut(text, from, at - from);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_search(before, 0, span_str(words[i])) < before.n)
            return true;
    return false;
}

static void run_prose(struct secret_pass *p, size_t at, size_t end)
{
    struct span text = p->text;
    while (end > at && memchr(".-=/", text.p[end - 1], 4) && text.p[end - 1] != '=')
        end--;
    struct span s = span_cut(text, at, end - at);
    if (s.n < 20 || s.n > 200 || secret_byte(text, end) == ':' || at == 0 ||
        !memchr(" \"'`:", text.p[at - 1], 5) || secret_surprise(s) < SECRET_RANDOM_SURE ||
        !prose_before(text, at) || secret_placeholder(s))
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
        if (span_starts(s, span_str(heads[i])))
            return true;
    return at >= 7 && memcmp(text.p + at - 7, "base64,", 7) == 0 && s.n > 200;
}

size_t secret_at_run(struct secret_pass *p, size_t at)
{
    struct makeup m = {0};
    size_t end = run_walk(p->text, at, &m);
    if (at < p->skip || at < p->run_end)
        return end > at ? end : at + 1;
    p->run_end = end;
    size_t from = at + escape_len(p->text, at);
    if (end - at < SECRET_RUN_MIN || from >= end || is_data(p->text, from, end))
        return end > at ? end : at + 1;
    size_t look_end = end - from > 4 * SECRET_VALUE_MAX ? from + 4 * SECRET_VALUE_MAX : end;
    /* Letters and punctuation without a format's beginning: an identifier, a path. */
    if (!m.digit && !m.head && !m.dollar && !m.percent && !(m.upper && m.lower && end - at >= 24))
        return end;
    if (behind_mark(p, from) > from || run_formats(p, from, look_end, &m))
        return end;
    if (m.digit && (m.lower || m.upper))
        run_prose(p, from, end);
    if (p->depth < 2 && (m.percent || ((m.digit || (m.upper && m.lower)) && end - from >= 24)))
        secret_decode(p, from, end);
    if (p->depth < 2 && secret_byte(p->text, end) == '\\')
        end = secret_escaped(p, from, end);
    p->run_end = end;
    return end;
}
