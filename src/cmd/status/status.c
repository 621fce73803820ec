/* SPDX-License-Identifier: Apache-2.0 */
/* `sanctum status`: what runs, and what holds. Asks the daemon; exit 2 when there is none. */
#include "cmdkit.h"
#include "ctl.h"
#include "json.h"
#include "statedir.h"

#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = STATEDIR_MAX + 64, TEXT_MAX = 256 };

/* The value at a path of up to two names, as text; "-" when absent. */
static const char *text_at(struct span json, const char *a, const char *b, char out[TEXT_MAX])
{
    struct span raw;
    if (failed(json_find(json, &raw, a, b, NULL)))
        raw = SPAN_NONE;
    json_get_shown(raw, out, TEXT_MAX);
    return out;
}

static bool array_of(struct span json, const char *a, const char *b, struct json *j)
{
    struct span raw;
    struct json_token t;
    if (failed(json_find(json, &raw, a, b, NULL)) || raw.n == 0)
        return false;
    *j = json_of(raw);
    return !failed(json_next(j, &t)) && t.type == JSON_ARRAY;
}

/* "files calls …" of ["files","calls"]. */
static void print_words(struct span array)
{
    struct json j = json_of(array);
    struct json_token t;
    while (!failed(json_next(&j, &t)) && t.type != JSON_END)
        if (t.type == JSON_STRING)
            printf(" %.*s", SPAN_ARG(json_inner(&j, &t)));
    putchar('\n');
}

static void print_processes(struct span answer)
{
    struct json j;
    struct span one, holds;
    char v[6][TEXT_MAX];
    if (!array_of(answer, "parent", "processes", &j))
        return;
    printf("\n%-9s %5s %8s %-9s %8s %8s  %s\n", "ROLE", "INDEX", "PID", "STATE", "UP s", "RESTARTS",
           "HOLDS");
    while (!failed(json_skip_value(&j, &one))) {
        printf("%-9s %5s %8s %-9s %8s %8s ", text_at(one, "role", NULL, v[0]),
               text_at(one, "index", NULL, v[1]), text_at(one, "pid", NULL, v[2]),
               text_at(one, "state", NULL, v[3]), text_at(one, "up_s", NULL, v[5]),
               text_at(one, "restarts", NULL, v[4]));
        if (failed(json_find(one, &holds, "holds", NULL)))
            holds = SPAN_NONE;
        print_words(holds);
    }
}

/* Where clients connect, and which of these ask for no key. */
static void print_listeners(struct span a)
{
    struct json each;
    struct span one;
    char address[TEXT_MAX], as[TEXT_MAX], tls[TEXT_MAX];
    if (!array_of(a, "parent", "listeners", &each))
        return;
    while (!failed(json_skip_value(&each, &one)) && one.n) {
        bool named = strcmp(text_at(one, "as", NULL, as), "-") != 0;
        printf("listens on %s%s%s%s\n", text_at(one, "address", NULL, address),
               strcmp(text_at(one, "tls", NULL, tls), "true") == 0 ? " (TLS)" : "",
               named ? ", without a key as " : "", named ? as : "");
    }
}

/* Names of the providers, as the first gate knows them, and what each lacks. */
static void print_providers(struct span gate)
{
    struct span providers;
    struct json j;
    struct json_token name;
    char key[TEXT_MAX], address[TEXT_MAX];
    if (failed(json_find(gate, &providers, "providers", NULL)) || providers.n == 0)
        return;
    j = json_of(providers);
    if (failed(json_next(&j, &name)))
        return;
    printf("\n%-24s %-6s %s\n", "PROVIDER", "KEY", "ADDRESS");
    while (!failed(json_next(&j, &name)) && name.type == JSON_KEY) {
        struct span value;
        if (failed(json_skip_value(&j, &value)))
            return;
        bool has_key = strcmp(text_at(value, "key", NULL, key), "true") == 0;
        bool has_address = strcmp(text_at(value, "address", NULL, address), "true") == 0;
        printf("%-24.*s %-6s %s\n", SPAN_ARG(json_inner(&j, &name)), has_key ? "yes" : "no",
               has_address ? "known" : "not yet");
    }
}

/* A number that each gate counts for itself, over all of them. */
static unsigned long long of_gates(struct span a, const char *name)
{
    struct json gates;
    struct span one, raw;
    unsigned long long sum = 0;
    uint64_t n;
    if (!array_of(a, "gates", NULL, &gates))
        return 0;
    while (!failed(json_skip_value(&gates, &one)) && one.n)
        if (!failed(json_find(one, &raw, name, NULL)) && !failed(json_get_u64(raw, UINT64_MAX, &n)))
            sum += n;
    return sum;
}

/* What was done, and what an owner wants to see at 0. */
static void print_counts(struct span a)
{
    char v[3][TEXT_MAX];
    printf("requests: %llu answered, %llu refused, %llu clients now\n", of_gates(a, "served"),
           of_gates(a, "refused"), of_gates(a, "clients"));
    printf("trouble: %llu records lost, %s malformed, %s failures to store, %s keys read without a "
           "record\n",
           of_gates(a, "records_lost"), text_at(a, "ledger", "refused_records", v[0]),
           text_at(a, "ledger", "failures", v[1]), text_at(a, "vault", "unrecorded", v[2]));
}

static void print_text(struct span a)
{
    char v[6][TEXT_MAX], signed_text[TEXT_MAX];
    struct json gates;
    struct span gate;
    printf("sanctum %s, pid %s\n", text_at(a, "parent", "version", v[0]),
           text_at(a, "parent", "pid", v[1]));
    printf("records %s, %s signed (%s%s), keys %s, secrets %s (vault opened by %s)\n",
           text_at(a, "ledger", "records", v[0]),
           text_at(a, "ledger", "signed_records", signed_text), text_at(a, "ledger", "audit", v[1]),
           strcmp(text_at(a, "ledger", "storing", v[2]), "false") == 0 ? ", NOT STORING" : "",
           text_at(a, "ledger", "keys", v[3]), text_at(a, "vault", "secrets", v[4]),
           text_at(a, "vault", "opened_by", v[5]));
    if (strcmp(text_at(a, "not_answering", NULL, v[0]), "0") != 0)
        printf("%s processes did not answer in time\n", v[0]);
    print_counts(a);
    print_listeners(a);
    print_processes(a);
    if (array_of(a, "gates", NULL, &gates) && !failed(json_skip_value(&gates, &gate)))
        print_providers(gate);
}

static int ask(struct cmd_call *c, struct ctl *ctl)
{
    struct span answer, ok;
    bool good = false;
    struct err e = ctl_ask(ctl, SPAN_LIT("{\"op\":\"status\"}"), &answer);
    if (!failed(e))
        e = json_find(answer, &ok, "ok", NULL);
    if (!failed(e) && ok.n)
        e = json_get_bool(ok, &good);
    if (failed(e) || !good)
        return cmd_fail(c, EXIT_ERROR, "the daemon does not answer: %s", cmd_err_text(e));
    if (cmd_has(c, "json"))
        printf("%.*s\n", (int)answer.n, (const char *)answer.p);
    else
        print_text(answer);
    return EXIT_CLEAN;
}

static int run(struct cmd_call *c)
{
    BUF_AUTO state = buf_init(STATEDIR_MAX + 1);
    BUF_AUTO path = buf_init(PATH_SIZE);
    struct ctl ctl;
    struct err e = statedir_path(cmd_value(c, "state"), &state);
    if (!failed(e))
        e = buf_put_u8(&state, 0);
    if (!failed(e))
        e = statedir_socket((const char *)state.p, &path);
    if (!failed(e))
        e = buf_put_u8(&path, 0);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "no state directory: give --state");
    e = ctl_open((const char *)path.p, &ctl);
    if (err_cat(e) == ERR_CLOSED)
        return cmd_fail(c, EXIT_ERROR, "no daemon runs with %s", (const char *)state.p);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s: %s", (const char *)path.p, cmd_err_text(e));
    int status = ask(c, &ctl);
    ctl_close(&ctl);
    return status;
}

static const struct cmd_opt opts[] = {
    {"json", 0, NULL, "print one JSON object"}, {"state", 0, "DIR", "the state directory"}, {0}};
static const struct cmd_sub subs[] = {
    {"", "", "processes, records, keys, providers of the running daemon", opts, run}, {0}};
static const struct cmd_spec spec = {
    "status", "what runs and what holds", subs,
    "HOLDS names the steps of the ladder that each process climbed: what it can no longer do.\n"
    "Exit status 2 when no daemon runs with this state directory."};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
