/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum witness`: watch over logs on other machines (C2SP tlog-witness). It cosigns a log's head
 * only when that follows from the head it cosigned before, so whoever trusts a witness knows that
 * nobody was shown another history.
 *
 *   POST /add-checkpoint   judge ─▶ store ─▶ answer with the cosignature
 *   GET /<hex>/checkpoint  the head cosigned last; <hex>: SHA-256 of the log's origin
 */
#include "clock.h"
#include "cmdkit.h"
#include "webserve.h"
#include "witnesscmd_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { LOGS_MAX = 256, LINE_BYTES = 1024 };
#define DEFAULT_ADDR  "127.0.0.1:4047"
#define SECOND_NS     UINT64_C(1000000000)
#define CHECKPOINT    SPAN_LIT("/checkpoint")
#define TEXT_OF_SIZES "text/x.tlog.size"

struct watcher {
    struct keep keep;
    struct note_key logs[LOGS_MAX];
    size_t log_count;
};

static bool not_there(struct err e)
{
    return err_cat(e) == ERR_IO && err_detail(e) == ENOENT;
}

/* --- judging ------------------------------------------------------------------------------- */

static const struct note_key *log_of(const struct watcher *w, struct span origin)
{
    for (size_t i = 0; i < w->log_count; i++)
        if (span_is(origin, w->logs[i].name))
            return &w->logs[i];
    return NULL;
}

/* The head cosigned last, as it stands on disk: by the log and by this witness, or it is not gone
 * on with. `head` borrows `note`; false in *any: there is none. */
static struct err read_last(const struct watcher *w, const struct note_key *log, const char *id,
                            struct buf *note, struct checkpoint *head, bool *any)
{
    struct note_key keys[2] = {*log, w->keep.signer.public};
    struct note_seen seen[2];
    struct err e = keep_last(&w->keep, id, note);
    *any = !not_there(e);
    if (!*any)
        return OK;
    TRY(e);
    TRY(checkpoint_open(buf_span(note), SPAN_NONE, keys, 2, head, seen, NULL));
    return seen[1].good ? OK : err(ERR_CORRUPT);
}

/* Stored first: what was answered is never forgotten. */
static struct err cosign(const struct watcher *w, const struct witness_ask *ask, const char *id,
                         struct web_answer *a)
{
    BUF_AUTO whole = buf_init(NOTE_MAX + LINE_BYTES);
    struct note note;
    TRY(note_parse(ask->checkpoint, &note, NULL));
    TRY(note_cosign(&note, &w->keep.signer, clock_wall_ns() / SECOND_NS, &a->body));
    TRY(buf_put(&whole, ask->checkpoint));
    TRY(buf_put(&whole, buf_span(&a->body)));
    return keep_store(&w->keep, id, buf_span(&whole));
}

static struct err judge(const struct watcher *w, const struct witness_ask *ask,
                        const struct note_key *log, struct web_answer *a)
{
    char id[KEEP_ID + 1];
    struct checkpoint last, next;
    BUF_AUTO note = buf_init(NOTE_MAX);
    bool any;
    keep_id(span_str(log->name), id);
    TRY(read_last(w, log, id, &note, &last, &any));
    enum witness_verdict v = witness_judge(ask, any ? &last : NULL, log, &next);
    if (v == WITNESS_COSIGN)
        return cosign(w, ask, id, a);
    web_refuse(a, v);
    if (v != WITNESS_OTHER_OLD)
        return OK;
    buf_clear(&a->body);
    a->type = TEXT_OF_SIZES;
    TRY(buf_put_u64(&a->body, any ? last.size : 0));
    return buf_put_u8(&a->body, '\n');
}

static void add_checkpoint(const struct watcher *w, struct span body, struct web_answer *a)
{
    struct witness_ask ask;
    if (failed(witness_ask_parse(body, &ask, NULL))) {
        web_refuse(a, WITNESS_MALFORMED);
        return;
    }
    const struct note_key *log = log_of(w, witness_ask_origin(&ask));
    if (!log) {
        web_refuse(a, WITNESS_UNKNOWN_LOG);
        return;
    }
    struct err e = judge(w, &ask, log, a);
    if (!failed(e))
        return;
    fprintf(stderr, "sanctum witness: %s: %s\n", log->name, cmd_err_text(e));
    web_refuse(a, 500);
}

static void show(const struct watcher *w, struct span target, struct web_answer *a)
{
    char id[KEEP_ID + 1];
    a->caching = "no-cache";
    for (size_t i = 0; i < w->log_count; i++) {
        keep_id(span_str(w->logs[i].name), id);
        if (span_is(span_cut(target, 1, KEEP_ID), id) && target.n == 1 + KEEP_ID + CHECKPOINT.n &&
            span_ends(target, CHECKPOINT) && !failed(keep_last(&w->keep, id, &a->body)))
            return;
    }
    web_refuse(a, 404);
}

static void answer(void *self, const struct web_request *r, struct web_answer *a)
{
    const struct watcher *w = self;
    if (r->method == HTTP_POST && span_is(r->target, "/add-checkpoint"))
        add_checkpoint(w, r->body, a);
    else if (r->method == HTTP_GET)
        show(w, r->target, a);
    else
        web_refuse(a, span_is(r->target, "/add-checkpoint") ? 405 : 404);
}

/* --- commands ------------------------------------------------------------------------------ */

static int find(struct cmd_call *c, struct keep *k)
{
    if (failed(keep_find(k, cmd_value(c, "state"))))
        return cmd_fail(c, EXIT_ERROR, "no state directory: give --state");
    return EXIT_CLEAN;
}

static int print_key(struct cmd_call *c, const struct keep *k)
{
    char text[NOTE_KEY_TEXT_MAX];
    struct wr w = wr_of(text, sizeof text);
    note_key_write(&k->signer.public, &w);
    if (failed(wr_done(&w)))
        return cmd_fail(c, EXIT_ERROR, "the key is too long");
    printf("%.*s\n", SPAN_ARG(wr_span(&w)));
    return EXIT_CLEAN;
}

static int run_init(struct cmd_call *c)
{
    struct keep k;
    if (cmd_operands(c) != 1)
        return cmd_fail(c, EXIT_USAGE, "give the witness a name, such as witness.example/kitchen");
    int status = find(c, &k);
    if (status != EXIT_CLEAN)
        return status;
    struct err e = keep_make(&k, span_str(cmd_operand(c, 0)));
    if (err_cat(e) == ERR_DENIED)
        status = cmd_fail(c, EXIT_ERROR, "%s/key: there is a key already", k.dir);
    else if (err_cat(e) == ERR_INPUT)
        status = cmd_fail(c, EXIT_USAGE, "a name has no white space and no '+'");
    else if (failed(e))
        status = cmd_fail(c, EXIT_ERROR, "%s: %s", k.dir, cmd_err_text(e));
    else
        status = print_key(c, &k);
    keep_close(&k);
    return status;
}

static int load(struct cmd_call *c, struct keep *k)
{
    int status = find(c, k);
    if (status != EXIT_CLEAN)
        return status;
    struct err e = keep_load(k);
    if (not_there(e))
        return cmd_fail(c, EXIT_ERROR, "%s: no key; see sanctum witness init", k->dir);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s/key: %s", k->dir,
                        err_cat(e) == ERR_DENIED ? "others may read it" : cmd_err_text(e));
    return EXIT_CLEAN;
}

static int run_key(struct cmd_call *c)
{
    struct keep k;
    int status = load(c, &k);
    if (status == EXIT_CLEAN)
        status = print_key(c, &k);
    keep_close(&k);
    return status;
}

static int read_logs(struct cmd_call *c, struct watcher *w)
{
    size_t iter = 0;
    const char *text;
    while ((text = cmd_next_value(c, "log", &iter)) != NULL) {
        struct fault f = {0, NULL};
        if (w->log_count == LOGS_MAX)
            return cmd_fail(c, EXIT_USAGE, "more than %d logs", LOGS_MAX);
        struct note_key *k = &w->logs[w->log_count];
        if (failed(note_key_parse(span_str(text), k, &f)))
            return cmd_fail(c, EXIT_USAGE, "--log %s: %s at byte %zu", text, f.why, f.at);
        if (k->type != NOTE_ED25519 || log_of(w, span_str(k->name)))
            return cmd_fail(c, EXIT_USAGE, "--log %s: not a log's key, or its name is there twice",
                            text);
        w->log_count++;
    }
    return w->log_count ? EXIT_CLEAN : cmd_fail(c, EXIT_USAGE, "give the key of a log with --log");
}

static int serve(struct cmd_call *c, struct watcher *w, const struct net_addr *at)
{
    int status = read_logs(c, w);
    if (status == EXIT_CLEAN)
        status = load(c, &w->keep);
    if (status != EXIT_CLEAN)
        return status;
    struct err e = keep_lock(&w->keep);
    if (err_cat(e) == ERR_AGAIN)
        return cmd_fail(c, EXIT_ERROR, "%s: another witness serves with this key", w->keep.dir);
    if (!failed(e)) /* serves until it is ended by a signal */
        e = web_serve(at, WITNESS_ASK_MAX, answer, w);
    return cmd_fail(c, EXIT_ERROR, "cannot serve: %s", cmd_err_text(e));
}

static int run_serve(struct cmd_call *c)
{
    const char *listen = cmd_value(c, "listen");
    struct net_addr at;
    if (cmd_operands(c))
        return cmd_fail(c, EXIT_USAGE, "takes no operands");
    if (failed(net_parse(span_str(listen ? listen : DEFAULT_ADDR), &at)) || !net_is_loopback(&at))
        return cmd_fail(c, EXIT_USAGE, "--listen wants an address of this machine, " DEFAULT_ADDR);
    struct watcher *w = calloc(1, sizeof *w);
    if (!w)
        return cmd_fail(c, EXIT_ERROR, "no memory");
    w->keep.lock = -1;
    int status = serve(c, w, &at);
    keep_close(&w->keep);
    free(w);
    return status;
}

/* --- table --------------------------------------------------------------------------------- */

#define STATE                                                                                      \
    {                                                                                              \
        "state", 0, "DIR", "the state directory"                                                   \
    }
static const struct cmd_opt state_opts[] = {STATE, {0}};
static const struct cmd_opt serve_opts[] = {
    {"log", 'l', "KEY", "the verifier key of a log to watch over; may be given more than once"},
    {"listen", 0, "ADDRESS", "a loopback address and port (default: " DEFAULT_ADDR ")"},
    STATE,
    {0}};
static const struct cmd_sub subs[] = {
    {"init", "NAME", "make the witness's key and print its public half", state_opts, run_init},
    {"key", "", "print the public half", state_opts, run_key},
    {"serve", "--log KEY…", "cosign what logs show, over HTTP, until ended", serve_opts, run_serve},
    {0}};
static const struct cmd_spec spec = {
    "witness", "watch over the logs of other machines", subs,
    "A witness cosigns the head of a log when it follows from the one cosigned before (C2SP\n"
    "tlog-witness): then nobody can cut, rewrite or exchange that log unseen, not even who has "
    "its\n"
    "key. Run it on another machine than the log's. It listens on loopback: let a reverse proxy "
    "or\n"
    "an SSH tunnel lead to it. What it cosigned last of each log is in STATE/witness."};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
