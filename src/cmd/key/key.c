/* SPDX-License-Identifier: Apache-2.0 */
/* `sanctum key`: make, list, revoke and check access keys. A key is shown once, when it is made. */
#define _DEFAULT_SOURCE
#include "audit_time.h"
#include "clock.h"
#include "cmdkit.h"
#include "file.h"
#include "key_int.h"
#include "num.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t second_ns = 1000000000;

/* --- options ------------------------------------------------------------------------------- */

/* "90d", "12h", "2w", or a date: seconds since 1970. */
static struct err read_expiry(const char *text, uint64_t now_s, uint64_t *out)
{
    static const struct {
        char unit;
        uint32_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
    struct span s = span_str(text);
    uint64_t n, ns;
    if (!failed(audit_time_read(s, &ns))) {
        *out = ns / second_ns;
        return *out > now_s ? OK : err(ERR_INPUT);
    }
    for (size_t i = 0; s.n && i < sizeof units / sizeof *units; i++)
        if (s.p[s.n - 1] == (uint8_t)units[i].unit) {
            TRY(num_u64(span_cut(s, 0, s.n - 1), 1000000, &n));
            *out = now_s + n * units[i].seconds;
            return n ? OK : err(ERR_INPUT);
        }
    return err(ERR_INPUT);
}

static struct err read_scopes(const struct cmd_call *c, uint32_t *scopes)
{
    size_t iter = 0;
    const char *v;
    *scopes = cmd_has(c, "scope") ? 0 : KEY_SCOPES_DEFAULT;
    while ((v = cmd_next_value(c, "scope", &iter)) != NULL) {
        uint32_t some;
        TRY(key_scopes_read(span_str(v), &some));
        *scopes |= some;
    }
    return OK;
}

static int broken(struct cmd_call *c, struct place *p, struct err e)
{
    int status = cmd_fail(c, EXIT_ERROR, "%s (%s)", *p->books.why ? p->books.why : "failed",
                          cmd_err_text(e));
    place_close(p);
    return status;
}

/* --- create -------------------------------------------------------------------------------- */

static int run_create(struct cmd_call *c)
{
    struct place p;
    char text[KEY_TEXT_CHARS + 1];
    const char *name = cmd_value(c, "name"), *expires = cmd_value(c, "expires");
    struct key_entry e = {.state = KEY_ACTIVE, .created_s = clock_wall_ns() / second_ns};
    if (!name || cmd_operands(c))
        return cmd_fail(c, EXIT_USAGE, "give --name NAME and nothing else");
    if (!key_name_valid(span_str(name)))
        return cmd_fail(c, EXIT_USAGE,
                        "a name is 1 to 64 letters, digits, '.', '_' or '-', a "
                        "letter or digit first");
    if (expires && failed(read_expiry(expires, e.created_s, &e.expires_s)))
        return cmd_fail(c, EXIT_USAGE,
                        "--expires wants a time from now (12h, 90d, 2w) or a date to come "
                        "(2030-01-31), not %.32s",
                        expires);
    if (failed(read_scopes(c, &e.scopes)))
        return cmd_fail(c, EXIT_USAGE, "unknown scope (see sanctum key --help)");
    struct err bad = place_open(&p, cmd_value(c, "state"));
    if (failed(bad))
        return broken(c, &p, bad);
    strcpy(e.name, name); /* length checked by key_name_valid */
    key_text_make(text);
    memcpy(e.id, text + sizeof KEY_TEXT_PREFIX - 1, KEY_ID_CHARS);
    key_text_hash(span_str(text), e.hash);
    bad = place_add(&p, &e);
    if (failed(bad)) {
        explicit_bzero(text, sizeof text);
        return broken(c, &p, bad);
    }
    place_close(&p);
    if (cmd_has(c, "json"))
        printf("{\"id\":\"%s\",\"name\":\"%s\",\"key\":\"%s\"}\n", e.id, e.name, text);
    else
        printf("%s\n", text);
    if (!cmd_has(c, "json"))
        fprintf(stderr, "key %s of %s; it is shown only this once\n", e.id, e.name);
    explicit_bzero(text, sizeof text);
    return EXIT_CLEAN;
}

/* --- list ---------------------------------------------------------------------------------- */

static int by_age(const void *a, const void *b)
{
    const struct key_entry *x = a, *y = b;
    if (x->created_s != y->created_s)
        return x->created_s < y->created_s ? -1 : 1;
    return strcmp(x->id, y->id);
}

/* All keys, oldest first; the caller frees. */
static struct key_entry *all_keys(const struct place *p, size_t *n)
{
    struct key_entry *v = calloc(p->table.count, sizeof *v);
    *n = 0;
    for (uint32_t i = 0; v && i < p->table.count; i++)
        *n += key_table_at(&p->table, i, &v[*n]);
    if (v)
        qsort(v, *n, sizeof *v, by_age);
    return v;
}

static const char *state_of(const struct key_entry *e, uint64_t now_s)
{
    if (e->state == KEY_REVOKED)
        return "revoked";
    return e->expires_s && now_s >= e->expires_s ? "expired" : "active";
}

/* "2026-11-21T10:04:02Z" */
static const char *time_text(uint64_t s, char out[AUDIT_TIME_BYTES + 1])
{
    struct wr w = wr_of(out, AUDIT_TIME_BYTES);
    audit_time_put(&w, s > UINT64_MAX / second_ns ? UINT64_MAX : s * second_ns);
    strcpy(out + AUDIT_TIME_BYTES - 11, "Z"); /* without the fraction */
    return out;
}

static void print_key(const struct key_entry *e, uint64_t now_s, bool json)
{
    char created[AUDIT_TIME_BYTES + 1], expires[AUDIT_TIME_BYTES + 1], scopes[KEY_SCOPES_TEXT_MAX];
    time_text(e->created_s, created);
    time_text(e->expires_s, expires);
    key_scopes_format(e->scopes, scopes);
    const char *state = state_of(e, now_s);
    if (!json)
        printf("%-9s %-24s %-8s %-21s %-21s %s\n", e->id, e->name, state, created,
               e->expires_s ? expires : "never", scopes);
    else if (e->expires_s)
        printf("{\"id\":\"%s\",\"name\":\"%s\",\"state\":\"%s\",\"created\":\"%s\",\"expires\":"
               "\"%s\",\"scopes\":\"%s\"}\n",
               e->id, e->name, state, created, expires, scopes);
    else
        printf("{\"id\":\"%s\",\"name\":\"%s\",\"state\":\"%s\",\"created\":\"%s\",\"expires\":"
               "null,\"scopes\":\"%s\"}\n",
               e->id, e->name, state, created, scopes);
}

static int run_list(struct cmd_call *c)
{
    struct place p;
    size_t n;
    struct err bad = place_open(&p, cmd_value(c, "state"));
    if (failed(bad))
        return broken(c, &p, bad);
    struct key_entry *all = all_keys(&p, &n);
    place_close(&p);
    if (!all)
        return cmd_fail(c, EXIT_ERROR, "out of memory");
    bool json = cmd_has(c, "json");
    uint64_t now_s = clock_wall_ns() / second_ns;
    if (!json && n)
        printf("%-9s %-24s %-8s %-21s %-21s %s\n", "ID", "NAME", "STATE", "CREATED", "EXPIRES",
               "SCOPES");
    for (size_t i = 0; i < n; i++)
        print_key(&all[i], now_s, json);
    free(all);
    return EXIT_CLEAN;
}

/* --- revoke -------------------------------------------------------------------------------- */

/* Every active key of that id or name. */
static struct err revoke_matching(struct place *p, const char *which, size_t *revoked)
{
    size_t n;
    struct key_entry *all = all_keys(p, &n);
    struct err e = all ? OK : err(ERR_NOMEM);
    *revoked = 0;
    for (size_t i = 0; i < n && !failed(e); i++) {
        bool match = strcmp(all[i].id, which) == 0 || strcmp(all[i].name, which) == 0;
        if (!match || all[i].state != KEY_ACTIVE)
            continue;
        e = place_revoke(p, &all[i]);
        *revoked += !failed(e);
    }
    free(all);
    return e;
}

static int run_revoke(struct cmd_call *c)
{
    struct place p;
    size_t revoked;
    if (cmd_operands(c) != 1)
        return cmd_fail(c, EXIT_USAGE, "give the ID or NAME of the keys to revoke");
    struct err bad = place_open(&p, cmd_value(c, "state"));
    if (!failed(bad))
        bad = revoke_matching(&p, cmd_operand(c, 0), &revoked);
    if (failed(bad))
        return broken(c, &p, bad);
    place_close(&p);
    if (revoked == 0)
        return cmd_fail(c, EXIT_ERROR, "no active key has that id or name");
    printf(cmd_has(c, "json") ? "{\"revoked\":%zu}\n" : "%zu revoked\n", revoked);
    return EXIT_CLEAN;
}

/* --- check --------------------------------------------------------------------------------- */

static int run_check(struct cmd_call *c)
{
    struct buf text = buf_init(4096);
    const char *why;
    struct err e = file_read_fd(0, &text);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "cannot read standard input: %s", cmd_err_text(e));
    struct span key = buf_span(&text);
    if (key.n && key.p[key.n - 1] == '\n')
        key.n--;
    bool good = !failed(key_text_check(key, &why));
    if (good)
        printf("well formed, id %.*s\n", KEY_ID_CHARS,
               (const char *)key.p + sizeof KEY_TEXT_PREFIX - 1);
    buf_wipe(&text);
    return good ? EXIT_CLEAN : cmd_fail(c, EXIT_FINDING, "%s", why);
}

/* --- table --------------------------------------------------------------------------------- */

#define STATE                                                                                      \
    {                                                                                              \
        "state", 0, "DIR", "the state directory"                                                   \
    }
static const struct cmd_opt create_opts[] = {
    {"name", 'n', "NAME", "whose key it is: the principal (an agent, a person, a machine)"},
    {"expires", 'e', "WHEN", "90d, 12h, 2w, or a date; never when left out"},
    {"scope", 's', "SCOPE", "what it may be used for, repeatable (see below)"},
    {"json", 0, NULL, "print one JSON object"},
    STATE,
    {0}};
static const struct cmd_opt list_opts[] = {
    {"json", 0, NULL, "print one JSON object a line"}, STATE, {0}};
static const struct cmd_opt revoke_opts[] = {
    {"json", 0, NULL, "print one JSON object"}, STATE, {0}};

static const struct cmd_sub subs[] = {
    {"create", "--name NAME", "make a key and print it, once", create_opts, run_create},
    {"list", "", "all keys, revoked ones too, without their secrets", list_opts, run_list},
    {"revoke", "ID|NAME", "revoke a key, or all keys of a name; holds from the next request",
     revoke_opts, run_revoke},
    {"check", "", "say whether the key on standard input is mistyped; asks nobody", NULL,
     run_check},
    {0}};

static const struct cmd_spec spec = {
    "key", "make, list and revoke the access keys of agents", subs,
    "Works with the daemon running or not. Only the SHA-256 of a key is stored.\n"
    "Several keys may have one name: that is how to change a key without a gap.\n\n"
    "Scopes (* without --scope):\n"
#define KEY_SCOPE(name, bit, by_default, help) "  " #name ": " help KEY_STAR_##by_default "\n"
#define KEY_STAR_0                             ""
#define KEY_STAR_1                             " *"
#include "keyscope.def"
#undef KEY_SCOPE
};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
