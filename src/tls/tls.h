/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS over a non-blocking socket: client towards model providers, server towards agents. TLS 1.2
 * and 1.3 (RFC 8446, RFC 9325), ALPN "http/1.1". OpenSSL behind it reads no configuration file and
 * no directory, whatever the environment says: certificates come as bytes.
 *
 * A client always verifies: the chain against the bundle given, the name (RFC 9525; IP addresses
 * against IP subject alternative names) against the host connected to, dates against the clock. No
 * call and no parameter turns any of it off.
 *
 * The socket stays the caller's: it is used, never closed. The process must ignore SIGPIPE.
 * Works with edge-triggered polling: call until ERR_AGAIN, then wait for what tls_want says.
 */
#ifndef SANCTUM_TLS_TLS_H
#define SANCTUM_TLS_TLS_H

#include "err.h"
#include "span.h"

struct tls_config; /* made once, shared by any number of endpoints of one thread */
struct tls;        /* one endpoint of one connection */

enum { TLS_PEM_MAX = 4 << 20, TLS_HOST_MAX = 253 };

enum tls_want {
    TLS_WANT_NONE,
    TLS_WANT_READ,  /* wait until the socket is readable */
    TLS_WANT_WRITE, /* wait until the socket is writable */
};

/* Before any other use of OpenSSL in the process: no configuration file is read from then on. The
 * config constructors call it themselves. Ends the process when OpenSSL cannot start. */
void tls_prepare(void);

/*
 * Client settings from a PEM bundle of authorities (at least one certificate; ERR_INPUT when one
 * does not parse, with why in *why, a constant sentence; why may be NULL). ERR_NOMEM. Sessions are
 * kept and resumed per host.
 */
MUST struct err tls_client_config(struct tls_config **out, struct span ca_pem, const char **why);
/* Server settings from a PEM chain, leaf first, and its unencrypted PEM key. ERR_INPUT when they do
 * not parse, do not belong together, or the key is encrypted. No client certificates are asked for.
 */
MUST struct err tls_server_config(struct tls_config **out, struct span chain_pem,
                                  struct span key_pem, const char **why);
/* Frees once the last endpoint made from it is gone too. Leaves *c NULL. */
void tls_config_free(struct tls_config **c);

/*
 * An endpoint on a connected non-blocking socket. `host` is the name or IP literal (v6 without
 * brackets) that the connection is for: sent as SNI unless it is an address, and verified.
 * ERR_INPUT for an empty or impossible host, ERR_NOMEM.
 */
MUST struct err tls_client(struct tls **out, struct tls_config *c, int fd, struct span host);
MUST struct err tls_server(struct tls **out, struct tls_config *c, int fd);
/* Frees without a word to the peer (tls_close says goodbye). Leaves *t NULL. */
void tls_free(struct tls **t);

/*
 * Each returns OK, or
 *   ERR_AGAIN   wait for tls_want(t), then call again; a write with the same bytes
 *   ERR_CLOSED  the peer said close_notify: what was read is complete
 *   ERR_CORRUPT the connection ended without close_notify (a cut), or a record failed its check
 *   ERR_DENIED  the peer's certificate was not accepted; tls_reason says why
 *   ERR_INPUT   the peer does not speak TLS as we accept it
 *   ERR_IO      the socket failed; detail = errno
 * After any error but ERR_AGAIN and ERR_CLOSED the endpoint is of no further use.
 */
MUST struct err tls_handshake(struct tls *t);
/* Up to cap (> 0) bytes into p; *n says how many. OK with *n > 0. Handshakes first if need be. */
MUST struct err tls_read(struct tls *t, uint8_t *p, size_t cap, size_t *n);
/* Bytes from `in` (not empty); *n says how many were taken, at most 16 KiB each call. */
MUST struct err tls_write(struct tls *t, struct span in, size_t *n);
/* Send close_notify. OK when it is out; does not wait for the peer's. */
MUST struct err tls_close(struct tls *t);

/* What the last ERR_AGAIN waits for. */
enum tls_want tls_want(const struct tls *t);
/* Decrypted bytes that wait inside: read them before polling the socket. */
bool tls_pending(const struct tls *t);
/* Why the last call failed, one English sentence without outside bytes, "" when nothing failed. */
const char *tls_reason(const struct tls *t);
/* For status and tests: "TLSv1.3", and whether the handshake resumed an earlier session. */
const char *tls_version(const struct tls *t);
bool tls_resumed(const struct tls *t);

#endif
