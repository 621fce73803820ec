/* SPDX-License-Identifier: Apache-2.0 */
/* The books from a command. A few calls in a command's life. */
#define _GNU_SOURCE
#include "statebooks.h"

#include "audit_log.h"
#include "clock.h"
#include "disk.h"
#include "file.h"
#include "json.h"
#include "json_put.h"

#include <stdio.h>
#include <time.h>

enum { TRIES = 100, AGAIN_MS = 30 };

struct err statebooks_fail(struct statebooks *b, struct err e, const char *why)
{
    snprintf(b->why, sizeof b->why, "%s", why);
    return e;
}

void statebooks_path(const struct statebooks *b, const char *name, char out[STATEBOOKS_PATH])
{
    snprintf(out, STATEBOOKS_PATH, "%s/%s", (const char *)b->state.p, name);
}

/* --- opening ------------------------------------------------------------------------------- */

static struct err connect_daemon(struct statebooks *b)
{
    BUF_AUTO path = buf_init(STATEBOOKS_PATH);
    TRY(statedir_socket((const char *)b->state.p, &path));
    TRY(buf_put_u8(&path, 0));
    return ctl_open((const char *)path.p, &b->ctl);
}

/* ERR_AGAIN: somebody has the directory, and no daemon answers. */
static struct err lock_or_connect(struct statebooks *b)
{
    struct err e = statedir_open((const char *)b->state.p, &b->lock);
    if (err_cat(e) != ERR_AGAIN)
        return failed(e) ? statebooks_fail(b, e, "the state directory cannot be used") : OK;
    e = connect_daemon(b);
    b->remote = !failed(e);
    if (b->remote)
        return OK;
    return statebooks_fail(b, err_cat(e) == ERR_CLOSED ? err(ERR_AGAIN) : e,
                           "the state directory is in use, but no daemon answers");
}

struct err statebooks_open(struct statebooks *b, const char *state)
{
    *b = (struct statebooks){.lock = -1, .ctl = {.fd = -1}, .state = buf_init(STATEDIR_MAX + 1)};
    if (failed(statedir_path(state, &b->state)) || failed(buf_put_u8(&b->state, 0)))
        return statebooks_fail(b, err(ERR_INPUT), "no state directory: give --state");
    for (int i = 0;; i++) {
        struct err e = lock_or_connect(b);
        if (err_cat(e) != ERR_AGAIN || i == TRIES)
            return e;
        nanosleep(&(struct timespec){.tv_nsec = AGAIN_MS * 1000000L}, NULL);
    }
}

void statebooks_close(struct statebooks *b)
{
    ctl_close(&b->ctl);
    disk_close(&b->lock);
    buf_free(&b->state);
}

/* --- the daemon ---------------------------------------------------------------------------- */

struct err statebooks_ask(struct statebooks *b, struct span line, struct span *answer)
{
    struct span ok, text;
    bool good = false;
    struct err e = ctl_ask(&b->ctl, line, answer);
    if (failed(e))
        return statebooks_fail(b, e, "the daemon does not answer");
    TRY(json_find(*answer, &ok, "ok", NULL));
    TRY(json_find(*answer, &text, "error", NULL));
    if (ok.n)
        TRY(json_get_bool(ok, &good));
    if (good)
        return OK;
    BUF_AUTO why = buf_init(sizeof b->why - 1);
    if (text.n && !failed(json_get_string(text, &why)))
        snprintf(b->why, sizeof b->why, "%.*s", SPAN_ARG(buf_span(&why)));
    else
        snprintf(b->why, sizeof b->why, "the daemon refused");
    return err(ERR_DENIED);
}

/* --- the directory ------------------------------------------------------------------------- */

static struct err store(struct audit_log *log, const struct audit_record *r)
{
    struct audit_record timed = *r;
    uint64_t seq;
    timed.time_ns = clock_wall_ns();
    timed.mono_ns = clock_mono_ns();
    TRY(audit_log_add(log, &timed, &seq));
    TRY(audit_log_commit(log));
    return audit_log_tend(log);
}

struct err statebooks_note(struct statebooks *b, const struct audit_record *r)
{
    char dir[STATEBOOKS_PATH], head_dir[STATEBOOKS_PATH], pin[STATEBOOKS_PATH];
    struct audit_log *log;
    struct audit_found found;
    statebooks_path(b, "ledger", dir);
    statebooks_path(b, "head", head_dir);
    statebooks_path(b, "head/ledger", pin);
    TRY(file_make_dirs(head_dir, 0700));
    struct audit_log_options o = {
        .dir = dir, .pin = pin, .boot = SPAN_LIT("command"), .mode = AUDIT_LOG_DURABLE};
    struct err e = audit_log_open(&o, &log, &found);
    if (failed(e))
        return statebooks_fail(b, e,
                               found.why ? found.why : "the log of records cannot be written");
    e = store(log, r);
    audit_log_close(log);
    return failed(e) ? statebooks_fail(b, e, "the log of records cannot be written") : OK;
}

/* --- secrets ------------------------------------------------------------------------------- */

static struct err tell_daemon(struct statebooks *b, const char *deed, struct span object)
{
    BUF_AUTO line = buf_init(1024);
    struct span answer;
    struct json_put j = json_put_to(&line);
    json_put_object(&j, NULL);
    json_put_text(&j, "deed", deed);
    json_put_str(&j, "object", object);
    json_put_text(&j, "op", "secret_note");
    json_put_end(&j);
    TRY(json_put_done(&j));
    return statebooks_ask(b, buf_span(&line), &answer);
}

struct err statebooks_secret(struct statebooks *b, enum audit_kind kind, struct span name)
{
    BUF_AUTO object = buf_init(512);
    TRY(buf_printf(&object, "vault:%.*s", SPAN_ARG(name)));
    if (b->remote)
        return tell_daemon(b,
                           kind == AUDIT_secret_read  ? "read"
                           : kind == AUDIT_secret_set ? "set"
                                                      : "removed",
                           buf_span(&object));
    return statebooks_note(b, &(struct audit_record){.kind = kind,
                                                     .actor = SPAN_LIT("command"),
                                                     .object = buf_span(&object)});
}
