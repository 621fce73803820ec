/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum ledger`: look at the records, check that they are whole and what was signed, and prove
 * one. Reads the files directly, whether a daemon writes them or not: everything read is checked.
 */
#include "ledgerctl_int.h"

static const struct cmd_opt show_opts[] = {
    {"json", 0, NULL, "print each record as it is stored: one JSON object a line"},
    {"last", 'n', "N", "only the last N records"},
    {"from", 0, "SEQ", "from this record on"},
    {"since", 0, "TIME", "from this time on: 2026-01-31 or 2026-01-31T12:00:00Z (UTC)"},
    {"follow", 'f', NULL, "go on as records come"},
    {"state", 0, "DIR", "the state directory"},
    {0}};
#define JSON                                                                                       \
    {                                                                                              \
        "json", 0, NULL, "print one JSON object"                                                   \
    }
#define STATE                                                                                      \
    {                                                                                              \
        "state", 0, "DIR", "the state directory"                                                   \
    }
#define KEYS                                                                                       \
    {"key", 'k', "KEY", "the log's public key (default: STATE/ledger.vkey)"},                      \
    {                                                                                              \
        "key-file", 0, "FILE", "read the log's public key from FILE"                               \
    }
static const struct cmd_opt verify_opts[] = {JSON, KEYS, STATE, {0}};
#define OUTPUT                                                                                     \
    {                                                                                              \
        "output", 'o', "FILE", "write to FILE (default: standard output)"                          \
    }
static const struct cmd_opt prove_opts[] = {
    OUTPUT,
    {"checkpoint", 0, "FILE", "prove it against this checkpoint (a cosigned one), not the newest"},
    KEYS,
    STATE,
    {0}};
static const struct cmd_opt ask_opts[] = {
    {"old", 0, "N", "how many records the witness cosigned last (default: 0, none)"},
    OUTPUT,
    KEYS,
    STATE,
    {0}};
static const struct cmd_opt cosignature_opts[] = {
    {"witness", 'w', "KEY", "the witness's verifier key"}, OUTPUT, JSON, KEYS, STATE, {0}};
static const struct cmd_opt check_proof_opts[] = {
    {"entry", 'e', "FILE", "the record, when the file does not hold it"}, JSON, KEYS, STATE, {0}};

static const struct cmd_opt serve_opts[] = {
    {"listen", 0, "ADDRESS", "a loopback address and port (default: 127.0.0.1:4046)"}, STATE, {0}};

static const struct cmd_sub subs[] = {
    {"show", "", "print records", show_opts, run_show},
    {"verify", "", "check every record: chain, numbers, tree, signature, and that none is missing",
     verify_opts, run_verify},
    {"prove", "N", "write the proof that record N is in the log (tlog-proof)", prove_opts,
     run_prove},
    {"check-proof", "FILE", "check such a proof and print its record", check_proof_opts,
     run_check_proof},
    {"checkpoint", "", "print the signed head of the log", verify_opts, run_checkpoint},
    {"export", "DIR", "copy what was signed to a new directory, for whoever checks it", verify_opts,
     run_export},
    {"ask-witness", "", "write what a witness is asked with: the signed head and its proof",
     ask_opts, run_ask_witness},
    {"add-cosignature", "ASK ANSWER", "check a witness's answer and write the cosigned checkpoint",
     cosignature_opts, run_add_cosignature},
    {"serve", "", "give out the signed log over HTTP on this machine (tlog-tiles), until ended",
     serve_opts, run_serve},
    {0}};

static const struct cmd_spec spec = {
    "ledger", "what left, when, for whom: the records", subs,
    "Each request leaves two records: `opened` before its bytes go upstream, `closed` at its end.\n"
    "They hold names, counts and times, never content. About once a second, or under load when "
    "that is over, the ledger signs the "
    "tree\n"
    "over all of them (STATE/ledger/checkpoint); the key to check it with is STATE/ledger.vkey. "
    "Whoever can connect "
    "to\n"
    "what `serve` listens on can read all records.\n\n"
    "verify exits 0 when all is whole, 1 when something was altered or is missing (and says "
    "where),\n"
    "2 when it could not check."};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
