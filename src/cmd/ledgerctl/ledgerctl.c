/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum ledger`: look at the records and check that they are whole. Reads the files directly,
 * whether a daemon writes them or not: everything read is checked on the way.
 */
#define _GNU_SOURCE
#include "audit_log.h"
#include "audit_reader.h"
#include "audit_time.h"
#include "cmdkit.h"
#include "json.h"
#include "num.h"
#include "statedir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FOLLOW_MS = 200, FIELD_MAX = 256, PATH_SIZE = STATEDIR_MAX + 64 };

struct place {
    char dir[PATH_SIZE], pin[PATH_SIZE];
    struct audit_reader *reader;
};

static int open_place(struct cmd_call *c, struct place *p)
{
    BUF_AUTO state = buf_init(STATEDIR_MAX + 1);
    if (cmd_operands(c))
        return cmd_fail(c, EXIT_USAGE, "takes no operands");
    if (failed(statedir_path(cmd_value(c, "state"), &state)))
        return cmd_fail(c, EXIT_ERROR, "no state directory: give --state");
    snprintf(p->dir, sizeof p->dir, "%.*s/ledger", SPAN_ARG(buf_span(&state)));
    snprintf(p->pin, sizeof p->pin, "%.*s/head/ledger", SPAN_ARG(buf_span(&state)));
    struct err e = audit_reader_open(p->dir, &p->reader);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "cannot read %s: %s", p->dir, cmd_err_text(e));
    return EXIT_CLEAN;
}

/* One line of findings, as text or JSON. */
static int say_damage(struct cmd_call *c, const struct place *p, struct err e)
{
    struct audit_fault f = audit_reader_fault(p->reader);
    if (err_cat(e) != ERR_CORRUPT)
        return cmd_fail(c, EXIT_ERROR, "cannot read %s: %s", p->dir, cmd_err_text(e));
    if (cmd_has(c, "json")) {
        printf("{\"ok\":false,\"seq\":%llu,\"segment\":%llu,\"byte\":%llu,\"why\":\"%s\"}\n",
               (unsigned long long)f.seq, (unsigned long long)f.segment, (unsigned long long)f.at,
               f.why);
        return EXIT_FINDING;
    }
    return cmd_fail(c, EXIT_FINDING, "record %llu (segment %llu, byte %llu): %s",
                    (unsigned long long)f.seq, (unsigned long long)f.segment,
                    (unsigned long long)f.at, f.why);
}

/* --- show ---------------------------------------------------------------------------------- */

/* A member as text: strings without quotes, numbers as they are, "-" when absent. */
static const char *field(struct span json, const char *name, char out[FIELD_MAX])
{
    struct span raw;
    BUF_AUTO text = buf_init(FIELD_MAX - 1);
    strcpy(out, "-");
    if (failed(json_find(json, &raw, name, NULL)) || raw.n == 0)
        return out;
    bool fits =
        raw.p[0] == '"' ? !failed(json_get_string(raw, &text)) : !failed(buf_put(&text, raw));
    if (fits && text.n) {
        memcpy(out, text.p, text.n);
        out[text.n] = 0;
    }
    return out;
}

static void print_head(void)
{
    printf("%8s %-24s %-11s %-16s %-24s %6s %6s %9s\n", "SEQ", "TIME", "KIND", "KEY", "MODEL",
           "MASKED", "STATUS", "MS");
}

static void print_line(const struct audit_entry *e)
{
    static const char *const names[] = {"time",   "kind",   "key",       "model",
                                        "masked", "status", "latency_ms"};
    char v[7][FIELD_MAX];
    for (size_t i = 0; i < 7; i++)
        field(e->json, names[i], v[i]);
    printf("%8llu %.23sZ %-11s %-16s %-24s %6s %6s %9s\n", (unsigned long long)e->seq, v[0], v[1],
           v[2], v[3], v[4], v[5], v[6]);
}

static void print_entry(const struct audit_entry *e, bool json)
{
    if (!json) {
        print_line(e);
        return;
    }
    fwrite(e->json.p, 1, e->json.n, stdout);
    putchar('\n');
}

static struct err seek(struct cmd_call *c, struct audit_reader *r)
{
    const char *last = cmd_value(c, "last"), *from = cmd_value(c, "from"),
               *since = cmd_value(c, "since");
    uint64_t n = 0, end;
    if (since) {
        TRY(audit_time_read(span_str(since), &n));
        return audit_reader_seek_time(r, n);
    }
    if (from) {
        TRY(num_u64(span_str(from), UINT64_MAX, &n));
        return audit_reader_seek(r, n);
    }
    if (!last)
        return OK;
    TRY(num_u64(span_str(last), UINT64_MAX, &n));
    TRY(audit_reader_end(r, &end));
    return audit_reader_seek(r, n < end ? end - n : 0);
}

static int show_all(struct cmd_call *c, struct place *p)
{
    bool json = cmd_has(c, "json"), follow = cmd_has(c, "follow");
    struct audit_entry e;
    struct err end;
    if (!json)
        print_head();
    for (;;) {
        while (!failed(end = audit_reader_next(p->reader, &e)))
            print_entry(&e, json);
        if (err_cat(end) != ERR_AGAIN)
            return say_damage(c, p, end);
        if (!follow || fflush(stdout) != 0)
            return EXIT_CLEAN;
        nanosleep(&(struct timespec){.tv_nsec = FOLLOW_MS * 1000000L}, NULL);
    }
}

static int run_show(struct cmd_call *c)
{
    struct place p;
    int status = open_place(c, &p);
    if (status != EXIT_CLEAN)
        return status;
    struct err e = seek(c, p.reader);
    if (err_cat(e) == ERR_INPUT || err_cat(e) == ERR_LIMIT)
        status = cmd_fail(c, EXIT_USAGE,
                          "--last and --from want a number, --since a date "
                          "(2026-01-31) or a time (2026-01-31T12:00:00Z)");
    else if (failed(e))
        status = say_damage(c, &p, e);
    else
        status = show_all(c, &p);
    audit_reader_close(p.reader);
    return status;
}

/* --- verify -------------------------------------------------------------------------------- */

static int say_whole(struct cmd_call *c, uint64_t records)
{
    if (cmd_has(c, "json"))
        printf("{\"ok\":true,\"records\":%llu}\n", (unsigned long long)records);
    else
        printf("%llu records, whole\n", (unsigned long long)records);
    return EXIT_CLEAN;
}

static int say_missing(struct cmd_call *c, uint64_t records, uint64_t pinned)
{
    const char *what = records ? "truncated" : "missing";
    if (cmd_has(c, "json"))
        printf("{\"ok\":false,\"seq\":%llu,\"why\":\"%s: %llu records are not there\"}\n",
               (unsigned long long)records, what, (unsigned long long)(pinned - records));
    else
        cmd_fail(c, EXIT_FINDING, "%s: %llu records are not there, from number %llu on", what,
                 (unsigned long long)(pinned - records), (unsigned long long)records);
    return EXIT_FINDING;
}

/* The numbers that the records themselves carry are their places. */
static bool number_is_right(const struct audit_entry *e)
{
    struct span raw;
    uint64_t seq;
    return !failed(json_find(e->json, &raw, "seq", NULL)) &&
           !failed(json_get_u64(raw, UINT64_MAX, &seq)) && seq == e->seq;
}

static int run_verify(struct cmd_call *c)
{
    struct place p;
    struct audit_entry e;
    struct err end;
    uint64_t n = 0, pinned;
    int status = open_place(c, &p);
    if (status != EXIT_CLEAN)
        return status;
    if (failed(audit_pin_records(p.pin, &pinned))) { /* before the log: it only grows */
        audit_reader_close(p.reader);
        return cmd_fail(c, EXIT_FINDING, "altered: %s is not the head of a log", p.pin);
    }
    while (!failed(end = audit_reader_next(p.reader, &e))) {
        if (!number_is_right(&e)) {
            audit_reader_close(p.reader);
            return cmd_fail(c, EXIT_FINDING, "altered: record %llu has another number",
                            (unsigned long long)n);
        }
        n++;
    }
    if (err_cat(end) != ERR_AGAIN)
        status = say_damage(c, &p, end);
    else
        status = n < pinned ? say_missing(c, n, pinned) : say_whole(c, n);
    audit_reader_close(p.reader);
    return status;
}

/* --- table --------------------------------------------------------------------------------- */

static const struct cmd_opt show_opts[] = {
    {"json", 0, NULL, "print each record as it is stored: one JSON object a line"},
    {"last", 'n', "N", "only the last N records"},
    {"from", 0, "SEQ", "from this record on"},
    {"since", 0, "TIME", "from this time on: 2026-01-31 or 2026-01-31T12:00:00Z (UTC)"},
    {"follow", 'f', NULL, "go on as records come"},
    {"state", 0, "DIR", "the state directory"},
    {0}};
static const struct cmd_opt verify_opts[] = {
    {"json", 0, NULL, "print one JSON object"}, {"state", 0, "DIR", "the state directory"}, {0}};

static const struct cmd_sub subs[] = {
    {"show", "", "print records", show_opts, run_show},
    {"verify", "", "check every record: hashes, chain, numbers, and that none is missing",
     verify_opts, run_verify},
    {0}};

static const struct cmd_spec spec = {
    "ledger", "what left, when, for whom: the records", subs,
    "Each request leaves two records: `opened` before its bytes go upstream, `closed` at its end.\n"
    "They hold names, counts and times, never content.\n\n"
    "verify exits 0 when all is whole, 1 when something was altered or is missing (and says "
    "where),\n"
    "2 when it could not check."};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
