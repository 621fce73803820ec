/* SPDX-License-Identifier: Apache-2.0 */
/* `sanctum ledger show`: records as a table or as they are stored. */
#define _GNU_SOURCE
#include "audit_time.h"
#include "json.h"
#include "ledgerctl_int.h"
#include "num.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { FOLLOW_MS = 200, FIELD_MAX = 256 };

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
    for (size_t i = 0; i < 7; i++) {
        struct span raw;
        if (failed(json_find(e->json, &raw, names[i], NULL)))
            raw = SPAN_NONE;
        json_get_shown(raw, v[i], sizeof v[i]);
    }
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

int run_show(struct cmd_call *c)
{
    struct place p;
    int status = place_open(c, &p);
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
    place_close(&p);
    return status;
}
