/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small HTTP server for commands: loopback only, one thread, answers that are ready at once.
 *
 *   [reading] ──a whole request──▶ answer ──▶ [writing] ──all taken──▶ [reading]
 *       └──────── malformed, end of input, 8 s without progress ────────▶ closed
 */
#ifndef SANCTUM_CMD_WEB_WEBSERVE_H
#define SANCTUM_CMD_WEB_WEBSERVE_H

#include "buf.h"
#include "http.h"
#include "net.h"

enum {
    WEB_CLIENTS = 64,
    WEB_HEAD_MAX = 8192,      /* bytes of a request's head: more is 431 */
    WEB_ANSWER_MAX = 33 << 20 /* bytes of an answer's body */
};

/* HEAD comes as GET; its answer's body is not sent. Borrowed for the call. */
struct web_request {
    enum http_method method;
    struct span target, body;
};

/* What to answer; `type` and `caching` are constants. As it comes: 200, plain text, not cached. */
struct web_answer {
    unsigned status;
    const char *type, *caching;
    struct buf body;
};
typedef void web_fn(void *self, const struct web_request *r, struct web_answer *a);

/* Make the answer one of a status alone, with its reason as text. */
void web_refuse(struct web_answer *a, unsigned status);

/*
 * Serve at `at` (a port of 0: any) until a signal ends the program; "serving http://…/" goes to
 * standard output when it listens. Bodies of up to `body_max` bytes are taken, with a
 * Content-Length; 0: none. A request whose Host is not this machine's own is refused (421): a page
 * of a foreign site that points its name at this address learns nothing. Returns on failure.
 */
MUST struct err web_serve(const struct net_addr *at, size_t body_max, web_fn *fn, void *self);

#endif
