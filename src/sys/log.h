/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line a fact, to standard error: logfmt by default, or JSON. Names and numbers; never content
 * of requests. The last stage is a redactor that knows the secrets it was told of and the shapes of
 * keys in general, so that a mistake above does not become a leak. Bounded: a burst of
 * LOG_BURST lines, then LOG_RATE a second; what was dropped is counted in the next line.
 *
 * Only roles and commands log; floors below return errors.
 *
 *     log_line(LOG_LEVEL_WARNING, "peer closed", LOG_U64("peer", i), LOG_ERR("error", e));
 *     time=2026-01-02T03:04:05.678Z level=warning role=gate pid=12 msg="peer closed" peer=0 error=…
 */
#ifndef SANCTUM_SYS_LOG_H
#define SANCTUM_SYS_LOG_H

#include "err.h"
#include "span.h"

enum {
    LOG_BURST = 100,
    LOG_RATE = 20,
    LOG_LINE_MAX = 2048,
    LOG_FIELDS_MAX = 12,
    LOG_SECRETS_MAX = 64
};

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_LOGFMT, LOG_JSON };

struct log_field {
    const char *key; /* constant; NULL ends the list */
    enum { LOG_IS_TEXT, LOG_IS_NUMBER } is;
    struct span text;
    uint64_t number;
};
#define LOG_STR(k, str)  ((struct log_field){(k), LOG_IS_TEXT, span_str(str), 0})
#define LOG_SPAN(k, spn) ((struct log_field){(k), LOG_IS_TEXT, (spn), 0})
#define LOG_U64(k, v)    ((struct log_field){(k), LOG_IS_NUMBER, {0}, (v)})
/* Category and, for ERR_IO, the errno's name. */
#define LOG_ERR(k, e) ((struct log_field){(k), LOG_IS_TEXT, log_err_text(e), 0})

/* Who speaks (constant text) and from which level on. */
void log_open(const char *role, enum log_level level, enum log_format format);
/* Write the line; `msg` is constant. Text is escaped, cut at LOG_LINE_MAX. Never fails, never
 * blocks for long (one write). */
void log_fields(enum log_level level, const char *msg, const struct log_field *fields);
#define log_line(level, msg, ...)                                                                  \
    log_fields((level), (msg), (const struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){0}})
/* "io: Connection refused", "limit" …; static until the next call. */
struct span log_err_text(struct err e);

/* From now on this value (8 bytes or longer, borrowed until log_secret_drop) is printed as
 * [redacted]. ERR_LIMIT when LOG_SECRETS_MAX are known. */
MUST struct err log_secret(struct span value);
void log_secret_drop(struct span value);
/* The redactor itself, in place; returns the new length. Total. */
size_t log_redact(uint8_t *line, size_t n);

#endif
