/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum-verify`: is this log, or this proof, what its key signed? Offline, from files alone.
 * Runs by hand and from timers. Exit 0 intact, 1 a finding, 2 could not check.
 */
#include "verify_int.h"

#include "b64.h"
#include "file.h"
#include "num.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { KEY_FILE_MAX = 64 * 1024, ENTRY_MAX = 1 << 30, PROOF_MAX = 2 << 20 };

static const struct cmd_opt options[] = {
    {"key", 'k', "KEY", "the log's verifier key, NAME+ID+BASE64"},
    {"key-file", 0, "FILE", "read the log's verifier key from FILE"},
    {"origin", 0, "TEXT", "the origin that the checkpoint must name (default: the key's name)"},
    {"witness", 'w', "KEY", "a witness's verifier key; may be given more than once"},
    {"quorum", 0, "N", "so many of the witnesses must have cosigned (default: all of them)"},
    {"remembered", 'r', "FILE", "a checkpoint of this log seen before, here or elsewhere"},
    {"state", 0, "FILE", "remember in FILE the head found intact, and that a check began"},
    {"entry", 'e', "FILE", "the logged bytes that a proof file is about; - reads standard input"},
    {"leaf", 0, "HEX", "their leaf hash instead"},
    {"json", 0, NULL, "print one JSON object"},
    {0}};

static struct span without_newline(struct span s)
{
    return span_ends(s, SPAN_LIT("\n")) ? span_cut(s, 0, s.n - 1) : s;
}

static int add_key(struct job *j, struct span text)
{
    struct fault f = {0, NULL};
    if (j->key_count == CHECKPOINT_KEYS)
        return cmd_fail(j->call, EXIT_USAGE, "more than %d keys", CHECKPOINT_KEYS);
    struct err e = note_key_parse(text, &j->keys[j->key_count], &f);
    if (failed(e))
        return cmd_fail(j->call, EXIT_USAGE, "key %.*s: %s at byte %zu", SPAN_ARG(text), f.why,
                        f.at);
    j->key_count++;
    return EXIT_CLEAN;
}

/* A witness is somebody else than the log, counts once, and signs cosignatures: a log's own kind of
 * signature says nothing about who else saw it. */
static int add_witness(struct job *j, struct span text)
{
    int status = add_key(j, text);
    if (status)
        return status;
    const struct note_key *w = &j->keys[j->key_count - 1];
    if (w->type != NOTE_COSIGNATURE)
        return cmd_fail(j->call, EXIT_USAGE, "--witness %s: not the key of a witness (type %d)",
                        w->name, NOTE_COSIGNATURE);
    for (size_t i = 0; i + 1 < j->key_count; i++)
        if (memcmp(j->keys[i].key, w->key, sizeof w->key) == 0)
            return cmd_fail(j->call, EXIT_USAGE, "--witness %s: %s", w->name,
                            i ? "given twice" : "the log's own key");
    return EXIT_CLEAN;
}

static int read_keys(struct job *j)
{
    const char *text = cmd_value(j->call, "key"), *file = cmd_value(j->call, "key-file");
    if (!text == !file)
        return cmd_fail(j->call, EXIT_USAGE, "give the log's key with --key or --key-file");
    BUF_AUTO bytes = buf_init(KEY_FILE_MAX);
    if (file) {
        struct err e = file_read(file, &bytes);
        if (failed(e))
            return print_trouble(j, file, e, NULL);
    }
    int status = add_key(j, file ? without_newline(buf_span(&bytes)) : span_str(text));
    size_t at = 0;
    for (const char *w; !status && (w = cmd_next_value(j->call, "witness", &at));)
        status = add_witness(j, span_str(w));
    if (status)
        return status;
    uint64_t quorum = j->key_count - 1;
    const char *told = cmd_value(j->call, "quorum");
    if (told && failed(num_u64(span_str(told), j->key_count - 1, &quorum)))
        return cmd_fail(j->call, EXIT_USAGE, "--quorum %s: there are %zu witnesses", told,
                        j->key_count - 1);
    j->ask.keys = j->keys;
    j->ask.key_count = j->key_count;
    j->ask.quorum = (size_t)quorum;
    return EXIT_CLEAN;
}

static int remember(struct job *j, struct span note)
{
    if (j->ask.remembered_count == LOG_REMEMBERED)
        return cmd_fail(j->call, EXIT_USAGE, "more than %d remembered checkpoints", LOG_REMEMBERED);
    j->remembered[j->ask.remembered_count++] = note;
    return EXIT_CLEAN;
}

static int read_remembered(struct job *j)
{
    size_t at = 0;
    for (const char *path; (path = cmd_next_value(j->call, "remembered", &at));) {
        size_t n = j->ask.remembered_count;
        int status = remember(j, SPAN_NONE);
        if (status)
            return status;
        j->remembered_bytes[n] = buf_init(NOTE_MAX);
        struct err e = file_read(path, &j->remembered_bytes[n]);
        if (failed(e))
            return print_trouble(j, path, e, NULL);
        j->remembered[n] = buf_span(&j->remembered_bytes[n]);
    }
    return EXIT_CLEAN;
}

static int check_log(struct job *j)
{
    struct state state;
    struct log_report report;
    const char *path = cmd_value(j->call, "state");
    struct err e = state_begin(path, &state);
    if (failed(e))
        return print_trouble(j, path, e, NULL);
    int status = state.head.n ? remember(j, buf_span(&state.head)) : EXIT_CLEAN;
    if (status)
        return status;
    e = log_check(&j->ask, &report);
    if (failed(e)) {
        status = print_trouble(j, err_cat(e) == ERR_INPUT ? "a remembered checkpoint" : j->path, e,
                               &report.fault);
    } else {
        bool intact = report.findings == 0;
        if (state.unfinished)
            log_check_found(&report, (struct log_finding){.verdict = LOG_INCOMPLETE,
                                                          .why = "the check before did not end"});
        e = state_end(&state, intact ? buf_span(&report.note) : SPAN_NONE);
        status = failed(e) ? print_trouble(j, path, e, NULL) : print_report(j, &report);
    }
    log_check_free(&report);
    return status;
}

/* The record that the file itself holds, as `sanctum ledger prove` writes it. */
static int leaf_of_extra(struct job *j, const struct tlog_proof *p, struct merkle_hash *out)
{
    BUF_AUTO entry = buf_init(PROOF_MAX);
    struct err e = buf_reserve(&entry, p->extra.n);
    struct wr w = wr_of(entry.p, p->extra.n);
    if (failed(e))
        return print_trouble(j, j->path, e, NULL);
    if (p->extra.n == 0 || failed(b64_decode(&w, p->extra, B64_STD, NULL)))
        return cmd_fail(j->call, EXIT_USAGE,
                        "this proof does not hold its entry: --entry FILE or --leaf HEX");
    merkle_leaf(wr_span(&w), out);
    return EXIT_CLEAN;
}

/* The leaf hash that the proof must be of, from --entry, --leaf or the file. */
static int read_leaf(struct job *j, const struct tlog_proof *p, struct merkle_hash *out)
{
    const char *entry = cmd_value(j->call, "entry"), *leaf = cmd_value(j->call, "leaf");
    if (entry && leaf)
        return cmd_fail(j->call, EXIT_USAGE, "give --entry or --leaf, not both");
    if (leaf) {
        struct wr w = wr_of(out->b, MERKLE_BYTES);
        if (failed(hex_decode(&w, span_str(leaf))) || failed(wr_done(&w)) || w.n != MERKLE_BYTES)
            return cmd_fail(j->call, EXIT_USAGE, "--leaf %s: not 64 hexadecimal digits", leaf);
        return EXIT_CLEAN;
    }
    if (!entry)
        return leaf_of_extra(j, p, out);
    BUF_AUTO bytes = buf_init(ENTRY_MAX);
    struct err e =
        span_is(span_str(entry), "-") ? file_read_fd(0, &bytes) : file_read(entry, &bytes);
    if (failed(e))
        return print_trouble(j, entry, e, NULL);
    merkle_leaf(buf_span(&bytes), out);
    return EXIT_CLEAN;
}

/* The head, the cosigners and the finding of a proof whose leaf is known. */
static struct err judge_proof(struct job *j, const struct tlog_proof *proof,
                              const struct merkle_hash *leaf, struct log_report *r)
{
    struct err e = tlog_proof_verify(proof, leaf, j->ask.origin, j->keys, j->key_count, &r->head,
                                     r->seen, &r->fault);
    size_t have = 0;
    for (size_t k = 1; k < j->key_count; k++)
        have += r->seen[k].good;
    r->has_head = !failed(e);
    r->checked = r->has_head ? 1 : 0;
    if (err_cat(e) == ERR_DENIED)
        log_check_found(r,
                        (struct log_finding){.verdict = LOG_UNAUTHORISED_KEY, .why = r->fault.why});
    else if (failed(e))
        log_check_found(r, (struct log_finding){.verdict = LOG_ALTERED, .why = r->fault.why});
    else if (have < j->ask.quorum)
        log_check_found(r, (struct log_finding){.verdict = LOG_SPLIT_VIEW,
                                                .why = "fewer witnesses than asked for signed"});
    return err_cat(e) == ERR_NOMEM ? e : OK;
}

static int check_proof_file(struct job *j, struct log_report *r)
{
    struct merkle_hash leaf;
    struct tlog_proof proof;
    struct err e = file_read(j->path, &r->note);
    if (failed(e))
        return print_trouble(j, j->path, e, NULL);
    if (failed(tlog_proof_parse(buf_span(&r->note), &proof, &r->fault))) {
        log_check_found(r, (struct log_finding){.verdict = LOG_ALTERED, .why = r->fault.why});
        return print_report(j, r);
    }
    int status = read_leaf(j, &proof, &leaf);
    if (status)
        return status;
    e = judge_proof(j, &proof, &leaf, r);
    return failed(e) ? print_trouble(j, j->path, e, NULL) : print_report(j, r);
}

static int check_proof(struct job *j)
{
    struct log_report r = {.note = buf_init(PROOF_MAX)};
    int status = check_proof_file(j, &r);
    log_check_free(&r);
    return status;
}

static int run_verify(struct cmd_call *c)
{
    struct job j = {.call = c, .path = cmd_operand(c, 0), .json = cmd_has(c, "json")};
    struct stat st;
    if (cmd_operands(c) != 1)
        return cmd_fail(c, EXIT_USAGE, "give one proof file or one log directory");
    const char *origin = cmd_value(c, "origin");
    j.ask.path = j.path;
    j.ask.origin = origin ? span_str(origin) : SPAN_NONE;
    j.ask.remembered = j.remembered;
    int status = read_keys(&j);
    if (!status)
        status = read_remembered(&j);
    if (!status) {
        bool proof = stat(j.path, &st) == 0 && !S_ISDIR(st.st_mode);
        status = proof ? check_proof(&j) : check_log(&j);
    }
    for (size_t i = 0; i < LOG_REMEMBERED; i++)
        buf_free(&j.remembered_bytes[i]);
    return status;
}

static const struct cmd_sub subs[] = {{"", "PROOF|DIRECTORY",
                                       "check a proof file or a whole log against its key", options,
                                       run_verify},
                                      {0}};
static const struct cmd_spec spec = {
    "verify", "check a transparency log or a proof, offline", subs,
    "A DIRECTORY holds a log as tiles (C2SP tlog-tiles): every entry is hashed, every tile "
    "compared, "
    "and the root held against the signed checkpoint and the checkpoints remembered. A PROOF is a "
    "tlog-proof file; the entry that it is about is given with --entry, unless the file holds "
    "it.\n\n"
    "A finding begins with one of: altered, truncated, missing, rewritten, fork, split view, "
    "rolled "
    "back, unauthorised key, clock, incomplete.\n\n"
    "Exit status: 0 intact, 1 a finding, 2 could not check, 64 wrong usage."};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
