/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum ledger serve`: the signed log over HTTP as C2SP tlog-tiles says, read-only, for log
 * tools on this machine: /checkpoint, /tile/<L>/<N>[.p/<W>], /tile/entries/<N>[.p/<W>]. Nothing
 * beyond the checkpoint is given out, so what is given never changes and may be kept for ever.
 */
#include "ledgerctl_int.h"
#include "tile_dir.h"
#include "webserve.h"

#define DEFAULT_ADDR "127.0.0.1:4046"

static struct err read_checkpoint(const struct place *p, struct buf *note, uint64_t *size)
{
    BUF_AUTO name = buf_init(PLACE_PATH + 16);
    struct note n;
    struct checkpoint head;
    TRY(buf_printf(&name, "%s/checkpoint", p->dir));
    TRY(buf_put_u8(&name, 0));
    TRY(tile_dir_file((const char *)name.p, note));
    TRY(note_parse(buf_span(note), &n, NULL));
    TRY(checkpoint_parse(n.text, &head, NULL));
    *size = head.size;
    return OK;
}

/* A bundle may be read from a wider one: cut it to its width. */
static struct err cut_bundle(unsigned width, struct buf *bytes)
{
    struct rd r = rd_of(buf_span(bytes));
    struct span entry;
    while (width--)
        TRY(tile_bundle_next(&r, &entry));
    bytes->n = r.at;
    return OK;
}

/* Has the tree of `size` entries this tile, whole or a beginning of it? */
static bool is_covered(const struct tile *t, uint64_t size)
{
    uint64_t full = tile_full(size, t->level);
    return t->number < full || (t->number == full && t->width <= tile_partial(size, t->level));
}

static void answer_tile(const struct place *p, const struct tile *t, struct web_answer *a)
{
    uint64_t size;
    BUF_AUTO note = buf_init(NOTE_MAX);
    if (failed(read_checkpoint(p, &note, &size)) || !is_covered(t, size)) {
        web_refuse(a, 404);
        return;
    }
    struct tile_dir dir = tile_dir_of(p->dir, size);
    struct err e = tile_dir_read(&dir, t, &a->body);
    if (!failed(e) && t->level == TILE_ENTRIES)
        e = cut_bundle(t->width, &a->body);
    a->type = "application/octet-stream";
    a->caching = "public, max-age=31536000, immutable";
    if (failed(e))
        web_refuse(a, 500);
}

static void answer(void *self, const struct web_request *r, struct web_answer *a)
{
    const struct place *p = self;
    struct tile t;
    uint64_t size;
    if (r->method != HTTP_GET) {
        web_refuse(a, 405);
    } else if (span_is(r->target, "/checkpoint")) {
        a->caching = "no-cache";
        if (failed(read_checkpoint(p, &a->body, &size)))
            web_refuse(a, 404);
    } else if (failed(tile_parse(span_from(r->target, 1), &t, NULL))) {
        web_refuse(a, 404);
    } else {
        answer_tile(p, &t, a);
    }
}

int run_serve(struct cmd_call *c)
{
    const char *listen = cmd_value(c, "listen");
    struct net_addr at;
    struct place p;
    if (failed(net_parse(span_str(listen ? listen : DEFAULT_ADDR), &at)) || !net_is_loopback(&at))
        return cmd_fail(c, EXIT_USAGE, "--listen wants an address of this machine, 127.0.0.1:4046");
    int status = place_find(c, &p);
    if (status != EXIT_CLEAN)
        return status;
    /* serves until it is ended by a signal */
    return cmd_fail(c, EXIT_ERROR, "cannot serve: %s", cmd_err_text(web_serve(&at, 0, answer, &p)));
}
