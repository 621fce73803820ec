/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What looks like a value behind a telling name and is a program's or its documentation's: the name
 * again, a type, a constant, an algorithm, "pass" as a verb. Called by secret_word.c for values
 * that would be weighed otherwise.
 */
#include "secret_gap_int.h"

#include "num.h"

/* "key: Linux-node-" and the digest of a lock file, as caches of CI are called. */
SECRET_RARE static bool cache_key(struct span s)
{
    enum { SHA1 = 40, SHA256 = 64 };
    size_t dash = s.n;
    while (dash > 0 && s.p[dash - 1] != '-')
        dash--;
    size_t digest = s.n - dash;
    return dash && (digest == SHA1 || digest == SHA256) && secret_hex(span_from(s, dash));
}

/* "Pass `a=b` to …", should_pass("f(x)"): the word is a verb, what follows is code. */
static bool verb_of_code(const struct value *v, struct span s, struct span name, size_t name_end)
{
    return v->quoted && v->start == name_end + 2 && name.n >= 4 && secret_has_code(s) &&
           span_is(span_from(name, name.n - 3), "ass") && (name.p[name.n - 4] | 0x20) == 'p';
}

static size_t digits_of(struct span s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += secret_digit(s.p[i]);
    return n;
}

/* "you must pass `spec` or …", "pass `spec` to …": the same of what has no sign of code. */
static bool verb_of_prose(struct span t, const struct value *v, size_t at, struct span name)
{
    static const char *const before[] = {"you ", "must ", "can ",    "cannot ",     "to ",
                                         "may ", "not ",  "should ", "optionally ", "could "};
    static const char *const behind[] = {" to ", " into ", " around ", " as "};
    size_t end = v->end + v->quoted;
    struct span s = span_cut(t, v->start, v->end - v->start);
    if (name.n != 4 || !v->quoted || v->start != at + 6 || !span_is(span_from(name, 1), "ass") ||
        (name.p[0] | 0x20) != 'p' || secret_spelled(s) ||
        (digits_of(s) > 1 && secret_surprise(s) >= SECRET_RANDOM_LIKELY))
        return false;
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        size_t n = strlen(before[i]);
        if (at > n && span_is_nocase(span_cut(t, at - n, n), before[i]) && t.p[at - n - 1] <= ' ')
            return true;
    }
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++)
        if (span_starts(span_from(t, end), span_str(behind[i])))
            return true;
    return false;
}

/* "--- PASS: TestParse", "PASS: test_parse": the verdict of a test. */
static bool verdict(struct span t, size_t name_at, struct span name, struct span s)
{
    static const char *const tests[] = {"test", "fuzz", "bench", "example"};
    if (!span_is(name, "PASS") || secret_byte(t, name_at + name.n) != ':')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!secret_alnum(s.p[i]) && !memchr("_/.:-[]()+\\\"", s.p[i], 12))
            return false;
    if (name_at >= 4 && !memcmp(t.p + name_at - 4, "--- ", 4))
        return true;
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        if (span_eq_nocase(span_cut(s, 0, strlen(tests[i])), span_str(tests[i])))
            return true;
    return false;
}

/* uint32(x), __cpu_to_be16(0x2000): a conversion's name, with its size. */
static bool conversion(struct span t, struct span s, size_t end)
{
    static const char *const names[] = {"int", "float", "complex", "_be", "_le", "be", "le"};
    size_t open = span_find(s, 0, '('), n = open;
    if (open == s.n || (s.p[s.n - 1] != ')' && secret_byte(t, end) != ')'))
        return false;
    while (n > 0 && secret_digit(s.p[n - 1]))
        n--;
    struct span name = span_cut(s, 0, n);
    for (size_t i = 0; i < sizeof names / sizeof *names && n < open; i++)
        if (span_is(name, names[i]) ||
            (span_ends(name, span_str(names[i])) && (s.p[0] == 'u' || s.p[0] == '_')))
            return true;
    return false;
}

static bool letters(struct span s)
{
    size_t n = 0;
    while (n < s.n && (uint8_t)((s.p[n] | 0x20) - 'a') < 26)
        n++;
    return n == s.n;
}

/* password: Uint8Array */
static bool array_type(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!secret_alnum(s.p[i]))
            return false;
    return span_ends(s, SPAN_LIT("Array"));
}

/* `key: value,` of a literal of a program's: a bare word of letters, a comma and the line's end. */
static bool member(struct span t, struct span s, size_t end)
{
    uint8_t next = secret_byte(t, end + 1);
    return secret_byte(t, end) == ',' && (next == '\n' || next == '\r') && letters(s) &&
           secret_surprise(s) < SECRET_RANDOM_LIKELY;
}

static struct span without_number(struct span s)
{
    while (s.n && secret_digit(s.p[s.n - 1]))
        s.n--;
    return s;
}

static bool capitals(struct span s)
{
    size_t n = 0;
    while (n < s.n && (uint8_t)(s.p[n] - 'a') >= 26)
        n++;
    return n == s.n;
}

/* Of strings in a row, others before and behind: names in capitals, or a word of letters:
 * ["countBy", "pass", "keyInObj", "pick"]. */
static bool one_of_names(struct span t, size_t at, struct span name, const struct value *v)
{
    struct span s = span_cut(t, v->start, v->end - v->start);
    return at >= 2 && memchr(", ", t.p[at - 2], 2) && secret_byte(t, v->end + 1) == ',' &&
           (letters(s) || (capitals(name) && capitals(s)));
}

/* "newKeyFromSeed": "newKeyFromSeed1024": a name of several words and a number behind it, or
 * another number; and of two strings side by side those that begin alike: 'krb5_lucid_key',
 * 'krb5_lucid_data'. */
static bool named_alike(struct span name, struct span s, bool listed)
{
    size_t n = 0, sign = 0, words = 1;
    for (; n < name.n && n < s.n && name.p[n] == s.p[n]; n++) {
        bool joint = s.p[n] == '_' || s.p[n] == '-';
        bool hump = n && (uint8_t)(s.p[n] - 'A') < 26 && (uint8_t)(s.p[n - 1] - 'a') < 26;
        words += joint || hump;
        sign = joint ? n + 1 : sign;
    }
    struct span first = without_number(name), second = without_number(s);
    bool series = first.n < name.n && second.n < s.n && span_eq(first, second); /* vbKey3 vbKey4 */
    bool numbered = n == name.n && words > 2 && second.n == n;
    return series || numbered || (listed && sign >= 5);
}

/* Lines of one length, full of base64: the name and the value are pieces of them. */
static bool wrapped(struct span t, size_t name_at, const struct value *v)
{
    enum { LINE_MIN = 60, LINE_MAX = 80 };
    size_t end = v->start - 1, from = end, next = v->start;
    if (v->start == 0 || t.p[end] != '\n' || name_at >= end)
        return false;
    while (from > 0 && end - from <= LINE_MAX && t.p[from - 1] != '\n')
        from--;
    while (next < t.n && next - v->start <= LINE_MAX && t.p[next] > ' ')
        next++;
    return end - from >= LINE_MIN && next - v->start == end - from &&
           span_find(span_cut(t, from, end - from), 0, ' ') == end - from;
}

/* PASS("strip-dead-code") of a list of passes; a constant about pre-shared keys: "AuthPSK". */
static bool registered(struct span t, size_t name_end, struct span name, struct span s)
{
    static const struct span psk[] = {SPAN_LIT("PSK"), SPAN_LIT("psk")};
    if (secret_byte(t, name_end) == '(' && span_ends(name, SPAN_LIT("_PASS")))
        return secret_dashed(s);
    for (size_t i = 0; i < s.n; i++)
        if (secret_digit(s.p[i]))
            return false;
    for (size_t i = 0; i < 2; i++)
        if ((span_search(name, 0, psk[0]) < name.n || span_search(name, 0, psk[1]) < name.n) &&
            span_search(s, 0, psk[i]) < s.n)
            return true;
    return false;
}

/* arn:aws:secretsmanager:…:secret:NAME, urn:ietf:params:oauth:token-type:saml2 */
static bool of_resource(struct span t, size_t at)
{
    enum { BEFORE = 120 };
    if (!at || t.p[at - 1] != ':')
        return false;
    size_t from = at;
    while (from > 0 && at - from < BEFORE && t.p[from - 1] > ' ')
        from--;
    struct span before = span_cut(t, from, at - from);
    size_t urn = span_search(before, 0, SPAN_LIT("urn:"));
    return span_search(before, 0, SPAN_LIT("secretsmanager:")) < before.n ||
           (urn < before.n && (urn == 0 || !secret_alnum(before.p[urn - 1])));
}

/* "using RSA key FED6…": the fingerprint of an OpenPGP key, or its id. */
static bool pgp_key(struct span name, struct span s)
{
    enum { FINGERPRINT = 40, ID = 16 };
    return name.n == 3 && (s.n == FINGERPRINT || s.n == ID) && secret_hex(s) &&
           !(secret_made_of(s, secret_classes) & F_LOWER);
}

/* "user[:password]@host", as a manual has it; but config[:password] = "…". */
static bool in_usage(struct span t, size_t at, size_t name_end)
{
    size_t next = name_end + 1;
    if (at < 2 || t.p[at - 1] != ':' || t.p[at - 2] != '[' || secret_byte(t, name_end) != ']')
        return false;
    while (blank(secret_byte(t, next)) || quote(secret_byte(t, next)))
        next++;
    uint8_t c = secret_byte(t, next);
    return c != '=' && c != ':' && c != '(';
}

bool secret_of_program(const struct gap *g, struct span name, const struct value *v)
{
    struct span t = g->text, s = span_cut(t, v->start, v->end - v->start);
    size_t at = (size_t)(name.p - t.p), name_end = at + name.n, n = 1;
    bool stop = s.n && s.p[s.n - 1] == '.';
    if (span_eq_nocase(span_cut(s, 0, s.n - stop), name) || (name.n == 3 && cache_key(s)) ||
        verb_of_code(v, s, name, name_end) || verb_of_prose(t, v, at, name) || wrapped(t, at, v))
        return true;
    if (v->quoted && t.p[v->start - 1] == '`' && span_search(s, 0, SPAN_LIT(":\"")) < s.n)
        return true; /* the tag of a field of Go's */
    if (!v->quoted && (conversion(t, s, v->end) || array_type(s) || member(t, s, v->end) ||
                       verdict(t, at, name, s)))
        return true;
    if (g->loose && pgp_key(name, s))
        return true;
    if (g->loose && secret_byte(s, 0) == '*' && s.p[s.n - 1] != '*') {
        while (n < s.n && (name_byte(s.p[n]) || s.p[n] == '*'))
            n++;
        if (n == s.n)
            return true; /* a pointer's type */
    }
    bool listed = v->quoted && v->start - name_end <= 4 && secret_byte(t, name_end + 1) == ',';
    if (named_alike(name, s, listed) || (listed && one_of_names(t, at, name, v)) ||
        (v->quoted && registered(t, name_end, name, s)))
        return true;
    if (v->quoted && v->start >= 6 && s.n && s.p[0] == '#' &&
        !memcmp(t.p + v->start - 6, "href=", 5))
        return true; /* a place on the page */
    return in_usage(t, at, name_end) || of_resource(t, at);
}

/* ---- the value alone ---- */

/* A word of names of algorithms: 2 where it is one by itself, 1 where it stands beside one. */
static unsigned algorithm_word(struct span word)
{
    /* by their first letter */
    static const char *const ones[32][6] = {
        ['a' & 31] = {"aes", "argon", "aria"},
        ['b' & 31] = {"bcrypt", "blake"},
        ['c' & 31] = {"camellia", "chacha", "crypt"},
        ['d' & 31] = {"dsa"},
        ['e' & 31] = {"ecdh", "ecdhe", "ecdsa", "eddsa"},
        ['h' & 31] = {"hkdf", "hmac"},
        ['p' & 31] = {"pbkdf", "poly"},
        ['r' & 31] = {"rsa"},
        ['s' & 31] = {"scram", "scrypt", "sha", "shake"},
    };
    static const char *const others[32][6] = {
        ['b' & 31] = {"b"},
        ['c' & 31] = {"cbc", "ccm", "cfb", "ctr"},
        ['d' & 31] = {"d", "des", "dhe"},
        ['e' & 31] = {"ecb", "ed", "ede"},
        ['g' & 31] = {"gcm"},
        ['i' & 31] = {"i", "id"},
        ['m' & 31] = {"md"},
        ['n' & 31] = {"null"},
        ['o' & 31] = {"oaep", "ofb"},
        ['p' & 31] = {"padding", "pkcs", "plus", "psk", "pss"},
        ['r' & 31] = {"rc"},
        ['s' & 31] = {"siv"},
        ['t' & 31] = {"tls"},
        ['w' & 31] = {"with"},
        ['x' & 31] = {"x", "xts"},
    };
    for (const char *const *w = ones[word.p[0] & 31]; *w; w++)
        if (span_is_nocase(word, *w))
            return 2;
    for (const char *const *w = others[word.p[0] & 31]; *w; w++)
        if (span_is_nocase(word, *w))
            return 1;
    return 0;
}

static bool algorithm_number(struct span digits)
{
    static const char *const numbers[] = {"1",    "2",    "3",    "4",    "5",   "7",    "8",
                                          "12",   "13",   "16",   "20",   "128", "160",  "192",
                                          "224",  "256",  "384",  "448",  "512", "1024", "1305",
                                          "2048", "3072", "4096", "25519"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (span_is(digits, numbers[i]))
            return true;
    return false;
}

/* SCRAM-SHA-256, TLS_PSK_WITH_AES_128_CCM, argon2id: each run of letters and each of digits is
 * known of names of algorithms. */
static bool algorithm(struct span s)
{
    unsigned best = 0;
    if (span_starts(s, SPAN_LIT("PKCS#")))
        return true; /* PKCS#8-encoded */
    for (size_t i = 0, n; i < s.n; i += n ? n : 1) {
        bool digits = secret_digit(s.p[i]);
        n = 0;
        while (i + n < s.n && secret_alnum(s.p[i + n]) && secret_digit(s.p[i + n]) == digits)
            n++;
        struct span part = span_cut(s, i, n);
        unsigned word = n && !digits ? algorithm_word(part) : 0;
        if (n ? !(digits ? algorithm_number(part) : word) : !memchr("-_/.+", s.p[i], 5))
            return false;
        best = word > best ? word : best;
    }
    return best == 2;
}

/* "\u3299\ufe0f": letters and signs that are not ASCII, spelt by escapes. */
static bool foreign_escapes(struct span s)
{
    size_t i = 0;
    while (s.n - i >= 6 && s.p[i] == '\\' && (s.p[i + 1] | 0x20) == 'u') {
        size_t n = s.p[i + 1] == 'u' ? 4 : 8;
        uint32_t cp = 0;
        for (size_t k = 0; k < n; k++) {
            uint8_t x = num_hex_digit(secret_byte(s, i + 2 + k));
            if (x > 15)
                return false;
            cp = cp << 4 | x;
        }
        if (cp < 0x80)
            return false;
        i += 2 + n;
    }
    return s.n && i == s.n;
}

/* files-api-2025-04-14: words, a date: the version of an interface. */
static bool version(struct span s)
{
    static const char form[] = "-dddd-dd-dd";
    static const char *const of[] = {"api", "beta", "cach", "files", "model", "preview", "tools"};
    size_t head = s.n - (sizeof form - 1);
    if (s.n <= sizeof form - 1)
        return false;
    for (size_t i = 0; form[i]; i++)
        if (form[i] == 'd' ? !secret_digit(s.p[head + i]) : s.p[head + i] != '-')
            return false;
    for (size_t i = 0; i < head; i++)
        if ((uint8_t)(s.p[i] - 'a') >= 26 && s.p[i] != '-')
            return false;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        if (span_search(span_cut(s, 0, head), 0, span_str(of[i])) < head)
            return true;
    return false;
}

/* 1:4.13+dfsg1-1+deb12u1, 14.0.1.dev3: of a package. */
static bool package_version(struct span s)
{
    static const char *const words[] = {"deb",   "dfsg", "ubuntu", "u",    "dev",
                                        "rc",    "post", "alpha",  "beta", "final",
                                        "build", "bpo",  "nmu",    "git",  "ds"};
    size_t dots = 0, told = 0;
    for (size_t i = 0, n; i < s.n; i += n ? n : 1) {
        n = 0;
        while (i + n < s.n && (uint8_t)((s.p[i + n] | 0x20) - 'a') < 26)
            n++;
        size_t k = 0;
        while (n && k < sizeof words / sizeof *words &&
               !span_is_nocase(span_cut(s, i, n), words[k]))
            k++;
        if (k == sizeof words / sizeof *words ||
            (!n && !secret_digit(s.p[i]) && !memchr(".:+-~", s.p[i], 5)))
            return false;
        dots += s.p[i] == '.' || s.p[i] == ':';
        told += n && k < 3;
    }
    return dots > 1 || (dots && told);
}

/* us-west-2, vpc-8db04f81: a region and the things of a cloud. */
static bool of_cloud(struct span s)
{
    static const char *const kinds[] = {"acl",    "ami", "cgw", "eipalloc", "eni", "fs",
                                        "i",      "igw", "nat", "rtb",      "sg",  "snap",
                                        "subnet", "tgw", "vgw", "vol",      "vpc", "vpce"};
    static const char *const realms[] = {"us", "eu", "ap", "sa", "ca", "me", "af", "il", "cn"};
    size_t first = span_find(s, 0, '-'), second = span_find(s, first + 1, '-');
    struct span head = span_cut(s, 0, first);
    if (second + 2 == s.n && secret_digit(s.p[s.n - 1])) {
        for (size_t i = 0; i < sizeof realms / sizeof *realms; i++)
            if (span_is(head, realms[i]))
                return letters(span_cut(s, first + 1, second - first - 1));
        return false;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (span_is(head, kinds[i]))
            return (s.n - first == 9 || s.n - first == 18) && secret_hex(span_from(s, first + 1));
    return false;
}

/* The DER of a public key, as base64: SubjectPublicKeyInfo of RSA, of curves and of Ed25519. */
static bool public_key(struct span s)
{
    static const char *const heads[] = {
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A", "MIICIjANBgkqhkiG9w0BAQEFAAOCAg8A",
        "MIGfMA0GCSqGSIb3DQEBAQUAA4GNAD",   "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD",
        "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE", "MCowBQYDK2VwAyEA"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (span_starts(s, span_str(heads[i])))
            return true;
    return false;
}

/* What AWS's key service has encrypted, what a request to AWS was signed for; the public key of
 * did:key. */
static bool of_key_service(struct span s)
{
    return span_starts(s, SPAN_LIT("AQICAH")) || span_starts(s, SPAN_LIT("z6Mk")) ||
           span_ends(s, SPAN_LIT("/aws4_request"));
}

/* The token with which JWTs are introduced: its subject is 1234567890. */
static bool sample_jwt(struct span s)
{
    return span_starts(s, SPAN_LIT("eyJ")) &&
           span_search(s, 0, SPAN_LIT(".eyJzdWIiOiIxMjM0NTY3ODkw")) < s.n;
}

/* The keys that Stripe's documentation shows to all. */
static bool sample_key(struct span s)
{
    return span_is(s, "sk_test_4eC39HqLyjWDarjtT1zdp7dc") ||
           span_is(s, "sk_test_BQokikJOvBiI2HlWgH4olfQ2");
}

/* Ctrl+Alt+F2: keys that are pressed together. */
static bool chord(struct span s)
{
    static const char *const keys[] = {"Ctrl+", "Control+", "Alt+", "Shift+", "Cmd+"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (span_starts(s, span_str(keys[i])))
            return true;
    return false;
}

/* NAME:x:1000:1000: of /etc/passwd */
static bool passwd_line(struct span s)
{
    size_t at = span_search(s, 0, SPAN_LIT(":x:")) + 3, n = 0;
    while (secret_digit(secret_byte(s, at + n)))
        n++;
    return n && secret_byte(s, at + n) == ':' && secret_digit(secret_byte(s, at + n + 1));
}

bool secret_known_form(struct span s)
{
    uint8_t first = s.p[0], last = s.p[s.n - 1];
    if ((first == '\\' && foreign_escapes(s)) || (first == 'M' && public_key(s)) ||
        (first == 'e' && sample_jwt(s)) || (first == 's' && sample_key(s)) ||
        ((first == 'A' || first == 'z') && of_key_service(s)) ||
        (secret_digit(first) && package_version(s)) || chord(s) || algorithm(s))
        return true;
    bool dash = memchr(s.p, '-', s.n), colon = memchr(s.p, ':', s.n);
    return (dash && ((secret_digit(last) && version(s)) || of_cloud(s))) ||
           (colon && passwd_line(s));
}
