/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a name announces: DB_PASSWORD, x-api-key, token_type. The name is cut into words (at case
 * changes, digits and punctuation); tables of words decide. Called where the text holds one of the
 * telling words, so a few times in a kilobyte of configuration, seldom in prose.
 */
#include "secret_int.h"
#include "secret_listed_int.h"

enum { WORDS_MAX = 16, WORD_MAX = 24 };

struct words {
    char w[WORDS_MAX][WORD_MAX]; /* lower case */
    size_t n;
};

/* The word being written has `len` bytes: zeros behind it, and on to the next. */
static void word_end(struct words *out, size_t len)
{
    char *w = out->w[out->n++];
    for (size_t i = len; i <= len || i < 4; i++)
        w[i] = 0;
}

static void cut_words(struct span name, struct words *out)
{
    size_t len = 0;
    out->n = 0;
    for (size_t i = 0; i < name.n && out->n < WORDS_MAX; i++) {
        uint8_t c = name.p[i];
        bool letter = (uint8_t)((c | 0x20) - 'a') < 26 || c >= 0x80;
        bool upper = (uint8_t)(c - 'A') < 26;
        uint8_t before = i ? name.p[i - 1] : 0;
        bool hump = upper && ((uint8_t)(before - 'a') < 26 ||
                              ((uint8_t)(before - 'A') < 26 && i + 1 < name.n &&
                               (uint8_t)(name.p[i + 1] - 'a') < 26));
        if (len && (!letter || hump)) {
            word_end(out, len);
            len = 0;
        }
        if (letter && len < WORD_MAX - 1 && out->n < WORDS_MAX)
            out->w[out->n][len++] = (char)ascii_lower(c);
    }
    if (len && out->n < WORDS_MAX)
        word_end(out, len);
}

/* A word of a list, its first four bytes compared at once. */
typedef char listed[16];

static uint32_t four(const char *word)
{
    const uint8_t *w = (const uint8_t *)word;
    return (uint32_t)w[0] | (uint32_t)w[1] << 8 | (uint32_t)w[2] << 16 | (uint32_t)w[3] << 24;
}

/* `word` is one of struct words: at least four bytes, zeros behind its end. */
static bool in(const char *word, const listed *list, size_t n)
{
    uint32_t begins = four(word);
    for (size_t i = 0; i < n; i++)
        if (four(list[i]) == begins && strcmp(word, list[i]) == 0)
            return true;
    return false;
}

/* May `word` be in the lists of these bits (secret_listed.py)? Most words are in none. */
static bool may_be_in(const char *word, unsigned lists)
{
    return listed_in[four(word) * 0x9E3779B1U >> (32 - LISTED_BITS)] & lists;
}
#define IN(word, list)                                                                             \
    (may_be_in(word, LISTED_##list) && in(word, list, sizeof(list) / sizeof *(list)))

/* As the last word: the value is about the secret, not the secret. */
static const listed tails[] = {
    "count",       "counts",     "type",       "types",        "id",          "ids",
    "name",        "names",      "url",        "uri",          "endpoint",    "path",
    "paths",       "file",       "files",      "filename",     "dir",         "ref",
    "refs",        "field",      "fields",     "label",        "length",      "len",
    "size",        "limit",      "limits",     "policy",       "reset",       "expiry",
    "expires",     "expiration", "ttl",        "age",          "index",       "status",
    "format",      "prefix",     "suffix",     "version",      "manager",     "provider",
    "store",       "storage",    "service",    "class",        "map",         "header",
    "hint",        "regex",      "pattern",    "strength",     "min",         "max",
    "required",    "enabled",    "disabled",   "algorithm",    "alg",         "usage",
    "placeholder", "prompt",     "validator",  "encoder",      "error",       "message",
    "msg",         "help",       "text",       "title",        "page",        "form",
    "input",       "button",     "icon",       "option",       "options",     "source",
    "handler",     "method",     "rule",       "rules",        "budget",      "cost",
    "tokenizer",   "tokens",     "keys",       "secrets",      "passwords",   "credentials",
    "list",        "set",        "group",      "groups",       "scope",       "scopes",
    "domain",      "host",       "hostname",   "port",         "region",      "user",
    "username",    "email",      "arn",        "alias",        "fingerprint", "thumbprint",
    "column",      "table",      "schema",     "issuer",       "audience",    "claim",
    "claims",      "mode",       "level",      "date",         "time",        "timestamp",
    "at",          "interval",   "timeout",    "lifetime",     "window",      "created",
    "updated",     "changed",    "confirm",    "confirmation", "required",    "checker",
    "check",       "mount",      "volume",     "mapping",      "mgr",         "with",
    "realm",       "default",    "encode",     "decode",       "strip",       "split",
    "replace",     "append",     "hexdigest",  "lower",        "upper",       "selector",
    "encoding",    "charset",    "curve",      "use",          "ops",         "script",
    "command",     "cmd",        "helper",     "callback",     "function",    "func",
    "factory",     "repository", "controller", "module",       "config",      "settings",
    "template",    "instance",   "o",          "obj",          "pyc", /* of a file: its digest
                                                                         stands beside it */
};
/* Anywhere: a key that is none. */
static const listed innocent[] = {
    "authenticity", "public",      "pub",    "csrf",     "xsrf",         "primary",    "foreign",
    "sort",         "partition",   "cache",  "keyboard", "keyword",      "keywords",   "shortcut",
    "unique",       "max",         "min",    "num",      "total",        "author",     "authority",
    "authors",      "idempotency", "dedup",  "site",     "translation",  "locale",     "i",
    "hot",          "row",         "range",  "hash",     "object",       "s",          "ssh-rsa",
    "known",        "publishable", "gpg",    "pgp",      "continuation", "pagination", "page",
    "next",         "sync",        "cursor", "etag",     "completion",   "prompt",     "input",
    "output",       "stop",        "eos",    "bos",      "pad",          "unk",        "websocket",
};
static const listed samples[] = {"mock",   "mocked", "fake", "faked",   "example",
                                 "sample", "dummy",  "stub", "invalid", "placeholder"};
static const listed password_words[] = {
    "password",
    "passwd",
    "passwort",
    "passphrase",
    "pwd",
    "pass",
    "passcode",
    "kennwort",
    "senha",
    "clave",
    "contrase\xc3\xb1\x61",
    "contrasena",
    "motdepasse",
    "pw",
    "passw",
    "userpass",
    "dbpass",
    "rootpass",
    "sshpass",
    "storepass",
    "keypass",
    "srcstorepass",
    "srckeypass",
    "deststorepass",
    "destkeypass",
    "psw",
    "psk",
    "userpassword",
    "requirepass",
    "masterauth",
    "mdp",
};
static const listed key_words[] = {
    "secret",        "token",         "apikey",       "bearer",     "credential", "apitoken",
    "apisecret",     "authtoken",     "accesstoken",  "accesskey",  "secretkey",  "privatekey",
    "clientsecret",  "webhooksecret", "authkey",      "signingkey", "masterkey",  "sessionkey",
    "encryptionkey", "pat",           "jwt",          "sas",        "licensekey", "appsecret",
    "appkey",        "refreshtoken",  "sharedsecret", "pepper",
};
/* "key" is a secret behind these … */
static const listed key_makers[] = {
    "api",          "access",      "secret",   "private",     "signing",    "sign",    "encryption",
    "encrypt",      "auth",        "client",   "master",      "license",    "licence", "service",
    "account",      "storage",     "app",      "application", "shared",     "session", "jwt",
    "hmac",         "aes",         "deploy",   "rest",        "admin",      "bot",     "consumer",
    "subscription", "crypto",      "kms",      "root",        "server",     "ngc",     "camo",
    "cookie",       "integration", "function", "host",        "subscriber", "write",   "ingest",
    "ingestion",    "insert",      "live",     "prod",        "project",    "user",
};

/* Is there a pair of neighbouring words `a` `b`? */
static bool pair(const struct words *w, const char *a, const char *b)
{
    for (size_t i = 0; i + 1 < w->n; i++)
        if (w->w[i][0] == a[0] && strcmp(w->w[i], a) == 0 && strcmp(w->w[i + 1], b) == 0)
            return true;
    return false;
}

static enum secret_name strongest(const struct words *w)
{
    enum secret_name best = NAME_NONE;
    for (size_t i = 0; i < w->n; i++) {
        const char *word = w->w[i];
        size_t n = strlen(word);
        enum secret_name k = NAME_NONE;
        if (!may_be_in(word, LISTED_password_words | LISTED_key_words) && word[0] != 'a' &&
            word[0] != 'c' && !memchr("dytn", word[n - 1], 4))
            continue; /* most words: none of the lists', no auth…, credentials, …password, …key */
        bool pass = strcmp(word, "pass") == 0 && i + 1 < w->n; /* PASS_DEPTH: no password */
        if ((IN(word, password_words) && !pass) || (n > 8 && strcmp(word + n - 8, "password") == 0))
            k = NAME_PASSWORD;
        else if (IN(word, key_words) ||
                 (n > 6 &&
                  (strcmp(word + n - 6, "apikey") == 0 || strcmp(word + n - 6, "secret") == 0)) ||
                 (n > 5 && strcmp(word + n - 5, "token") == 0))
            k = NAME_KEY;
        else if (strcmp(word, "key") == 0)
            k = i && IN(w->w[i - 1], key_makers) ? NAME_KEY : NAME_WEAK;
        else if (strcmp(word, "auth") == 0 || strcmp(word, "credentials") == 0 ||
                 strcmp(word, "authorization") == 0)
            k = NAME_WEAK;
        if (k == NAME_WEAK && strcmp(word, "key") == 0 && w->n > 1 && i)
            k = NAME_KEY;
        best = k > best ? k : best;
    }
    return best;
}

/* The value is about a secret, or the secret is none. */
static bool harmless(const struct words *w)
{
    const char *last = w->w[w->n - 1];
    if (pair(w, "secret", "id") || pair(w, "connection", "string"))
        return false;
    if ((w->n > 1 && IN(last, tails)) || pair(w, "web", "socket"))
        return true;
    for (size_t i = 0; i < w->n; i++)
        if (IN(w->w[i], innocent) && !(strcmp(w->w[i], "input") == 0 && i + 1 == w->n) &&
            !(strcmp(w->w[i], "s") == 0 && w->n > 3)) /* fs.s3a.secret.key */
            return true;
    static const listed verbs[] = {"set",    "get",      "has",      "is",     "check",
                                   "verify", "validate", "make",     "hash",   "reset",
                                   "forgot", "update",   "generate", "create", "show",
                                   "toggle", "parse",    "count",    "use",    "with"};
    /* isPassword, hasToken: questions; a setter's argument is looked at by the call rule. */
    return w->n > 1 && IN(w->w[0], verbs) && strcmp(w->w[0], "set") != 0 &&
           strcmp(w->w[0], "with") != 0;
}

struct secret_named secret_name_of(struct span name)
{
    static const char *const once[] = {"client", "request", "change", "lock"};
    struct words w;
    struct secret_named out = {.kind = NAME_NONE};
    cut_words(span_cut(name, 0, 100), &w);
    if (!w.n)
        return out;
    const char *last = w.w[w.n - 1];
    for (size_t i = 0; i < w.n; i++)
        out.sample |= IN(w.w[i], samples);
    enum secret_name kind = strongest(&w);
    if (kind == NAME_PASSWORD &&
        (strcmp(last, "hash") == 0 || strcmp(last, "digest") == 0 || strcmp(last, "crypt") == 0)) {
        out.kind = NAME_HASH;
        return out;
    }
    if (kind == NAME_NONE || harmless(&w))
        return out;
    out.kind = kind;
    for (size_t i = 0; i < w.n; i++)
        out.phrase |= w.w[i][0] == 'p' &&
                      (strcmp(w.w[i], "passphrase") == 0 || strcmp(w.w[i], "phrase") == 0);
    for (size_t i = 0; i < sizeof once / sizeof *once; i++)
        out.once |= pair(&w, once[i], "token");
    out.aws =
        pair(&w, "secret", "access") || (pair(&w, "secret", "key") && strcmp(w.w[0], "aws") == 0);
    return out;
}
