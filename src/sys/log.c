/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line a fact. Called when something happened that a person may want to know, never for every
 * request. The redactor (redact.c) sees each text before it is escaped and the line as it goes out.
 */
#define _GNU_SOURCE
#include "log.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "utf8.h"
#include "wr.h"

enum { TEXT_SEEN = 2048, TEXT_KEPT = 512, TAIL_ROOM = 64 };

static struct {
    const char *role;
    enum log_level level;
    enum log_format format;
    uint32_t pid;
    /* Bucket: one line costs NS_PER_LINE of the time saved up. */
    uint64_t saved_ns, last_ns, dropped;
} logger = {.role = "sanctum", .level = LOG_LEVEL_INFO};

enum { NS_PER_LINE = 1000000000 / LOG_RATE };

void log_open(const char *role, enum log_level level, enum log_format format)
{
    logger.role = role;
    logger.level = level;
    logger.format = format;
    logger.pid = (uint32_t)getpid();
    logger.saved_ns = (uint64_t)NS_PER_LINE * LOG_BURST;
    logger.last_ns = clock_mono_ns();
}

static bool may_speak(void)
{
    uint64_t now = clock_mono_ns(), full = (uint64_t)NS_PER_LINE * LOG_BURST;
    uint64_t passed = now - logger.last_ns;
    logger.last_ns = now;
    logger.saved_ns = passed > full - logger.saved_ns ? full : logger.saved_ns + passed;
    if (logger.saved_ns < NS_PER_LINE) {
        logger.dropped++;
        return false;
    }
    logger.saved_ns -= NS_PER_LINE;
    return true;
}

struct span log_err_text(struct err e)
{
    static char text[128];
    if (err_cat(e) == ERR_IO && err_detail(e))
        snprintf(text, sizeof text, "io: %s", strerror((int)err_detail(e)));
    else
        snprintf(text, sizeof text, "%s", err_word(e));
    return span_str(text);
}

static void two(struct wr *w, unsigned v)
{
    wr_u8(w, (uint8_t)('0' + v / 10 % 10));
    wr_u8(w, (uint8_t)('0' + v % 10));
}

/* RFC 3339, UTC, milliseconds. Reckoned here: the C library's way would read a zone file. */
static void put_time(struct wr *w, uint64_t ns)
{
    uint64_t s = ns / 1000000000, days = s / 86400 + 719468;
    unsigned of_day = (unsigned)(s % 86400), ms = (unsigned)(ns / 1000000 % 1000);
    uint64_t era = days / 146097;
    unsigned doe = (unsigned)(days % 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned mp = (5 * doy + 2) / 153; /* months from March */
    unsigned month = mp < 10 ? mp + 3 : mp - 9;
    wr_dec(w, era * 400 + yoe + (month <= 2));
    wr_u8(w, '-');
    two(w, month);
    wr_u8(w, '-');
    two(w, doy - (153 * mp + 2) / 5 + 1);
    wr_u8(w, 'T');
    two(w, of_day / 3600);
    wr_u8(w, ':');
    two(w, of_day / 60 % 60);
    wr_u8(w, ':');
    two(w, of_day % 60);
    wr_u8(w, '.');
    wr_u8(w, (uint8_t)('0' + ms / 100));
    two(w, ms % 100);
    wr_u8(w, 'Z');
}

/* Text within quotes, as JSON has it: printable on any terminal. */
static void put_quoted(struct wr *w, struct span s)
{
    wr_u8(w, '"');
    for (size_t at = 0; at < s.n;) {
        uint32_t cp;
        size_t n = utf8_next(s, at, &cp);
        char escape[8];
        if (cp == '"' || cp == '\\') {
            wr_u8(w, '\\');
            wr_u8(w, (uint8_t)cp);
        } else if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || (n == 1 && cp == 0xfffd)) {
            snprintf(escape, sizeof escape, "\\u%04x", (unsigned)cp);
            wr_str(w, escape);
        } else {
            wr_put(w, span_cut(s, at, n));
        }
        at += n;
    }
    wr_u8(w, '"');
}

static bool is_plain(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] >= 0x7f || strchr("\"\\=", s.p[i]))
            return false;
    return s.n > 0;
}

/* What may be shown of a text: secrets out first, then cut. */
static struct span shown(struct span s, uint8_t room[TEXT_SEEN])
{
    s = span_cut(s, 0, TEXT_SEEN);
    if (s.n)
        memcpy(room, s.p, s.n);
    return span_cut(span(room, log_redact(room, s.n)), 0, TEXT_KEPT);
}

static void put_key(struct wr *w, const char *key)
{
    if (logger.format == LOG_JSON) {
        wr_str(w, w->n > 1 ? ",\"" : "\"");
        wr_str(w, key);
        wr_str(w, "\":");
        return;
    }
    if (w->n)
        wr_u8(w, ' ');
    wr_str(w, key);
    wr_u8(w, '=');
}

static void put_text(struct wr *w, const char *key, struct span s)
{
    uint8_t room[TEXT_SEEN];
    put_key(w, key);
    s = shown(s, room);
    if (logger.format == LOG_LOGFMT && is_plain(s))
        wr_put(w, s);
    else
        put_quoted(w, s);
}

static void put_number(struct wr *w, const char *key, uint64_t v)
{
    put_key(w, key);
    wr_dec(w, v);
}

static void put_head(struct wr *w, enum log_level level, const char *msg)
{
    static const char *const levels[] = {"error", "warning", "info", "debug"};
    uint8_t room[40];
    struct wr t = wr_of(room, sizeof room);
    put_time(&t, clock_wall_ns());
    if (logger.format == LOG_JSON)
        wr_u8(w, '{');
    put_text(w, "time", wr_span(&t));
    put_text(w, "level", span_str(levels[level]));
    put_text(w, "role", span_str(logger.role));
    put_number(w, "pid", logger.pid);
    put_text(w, "msg", span_str(msg));
    if (logger.dropped)
        put_number(w, "dropped", logger.dropped);
    logger.dropped = 0;
}

/* Whole fields only: one that does not fit any more is left out, and so is all after it. */
static void put_fields(struct wr *w, const struct log_field *f)
{
    for (size_t i = 0; f[i].key && i < LOG_FIELDS_MAX; i++) {
        struct wr before = *w;
        if (f[i].is == LOG_IS_NUMBER)
            put_number(w, f[i].key, f[i].number);
        else
            put_text(w, f[i].key, f[i].text);
        if (w->full) {
            *w = before;
            w->cap += TAIL_ROOM / 2;
            put_key(w, "cut");
            wr_str(w, "true");
            return;
        }
    }
}

void log_fields(enum log_level level, const char *msg, const struct log_field *fields)
{
    if (level > logger.level || !may_speak())
        return;
    uint8_t line[LOG_LINE_MAX];
    struct wr w = wr_of(line, sizeof line - TAIL_ROOM);
    put_head(&w, level, msg);
    put_fields(&w, fields);
    w.cap = sizeof line;
    w.full = false;
    if (logger.format == LOG_JSON)
        wr_u8(&w, '}');
    w.n = log_redact(line, w.n);
    wr_u8(&w, '\n');
    /* A pipe that can be written takes a whole page: this does not block. */
    struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};
    ssize_t put = 0;
    if (poll(&p, 1, 0) == 1)
        put = write(STDERR_FILENO, line, w.n);
    if (put <= 0)
        logger.dropped++;
}
