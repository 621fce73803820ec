/* SPDX-License-Identifier: Apache-2.0 */
/* Heads of answers: what every answer says about the request it belongs to. */
#include "exchange.h"

static struct err put_count(struct span type, uint64_t n, bool *comma, struct buf *out)
{
    if (n == 0)
        return OK;
    if (*comma)
        TRY(buf_put_u8(out, ','));
    *comma = true;
    TRY(buf_put(out, type));
    TRY(buf_put_u8(out, '='));
    return buf_put_u64(out, n);
}

/* "PERSON=2,EMAIL_ADDRESS=1" of what was masked. The owner's types have their own names, and are
 * not counted under CUSTOM here. */
static struct err put_masked(const struct exchange *x, struct buf *out)
{
    TRY(buf_puts(out, "x-sanctum-masked: "));
    bool comma = false;
    uint64_t left = x->masked_hop ? mask_total(x->map) : 0, own = 0;
    const struct mask_engine *engine = x->gate->providers[x->hop[x->hop_at].provider].engine;
    bool owned = left && engine && mask_count(x->map, ENTITY_CUSTOM); /* which counts them, too */
    for (int e = ENTITY_OWN; e < ENTITY_ALL && owned; e++) {
        uint64_t n = mask_count(x->map, (enum entity)e);
        own += n;
        TRY(put_count(mask_type_name(engine, (unsigned)e), n, &comma, out));
    }
    for (int e = 0; e < ENTITY_COUNT && left > own; e++) {
        uint64_t n = mask_count(x->map, (enum entity)e) - (e == ENTITY_CUSTOM ? own : 0);
        left -= n;
        TRY(put_count(span_str(entity_name((enum entity)e)), n, &comma, out));
    }
    return buf_puts(out, comma ? "\r\n" : "none\r\n");
}

/* "provider/model;hops=N" of the target that was asked. A model name with bytes that no header may
 * hold shows them as '?'. */
static struct err put_route(const struct exchange *x, struct buf *out)
{
    const struct settings_hop *h = &x->hop[x->hop_at];
    const struct settings_provider *p = &x->gate->settings->providers[h->provider];
    TRY(buf_puts(out, "x-sanctum-route: "));
    TRY(buf_put(out, p->name));
    TRY(buf_put_u8(out, '/'));
    for (size_t i = 0; i < h->model.n; i++) {
        uint8_t c = h->model.p[i];
        TRY(buf_put_u8(out, c > 0x20 && c < 0x7f && c != ';' ? c : '?'));
    }
    TRY(buf_puts(out, ";hops="));
    TRY(buf_put_u64(out, x->hop_at + 1));
    return buf_puts(out, "\r\n");
}

struct err answer_head(struct exchange *x, unsigned status, struct buf *out)
{
    TRY(buf_puts(out, "HTTP/1.1 "));
    TRY(buf_put_u64(out, status));
    TRY(buf_put_u8(out, ' '));
    TRY(buf_puts(out, http_reason(status)));
    TRY(buf_puts(out, "\r\nx-sanctum-request-id: "));
    TRY(buf_puts(out, x->id));
    TRY(buf_puts(out, "\r\n"));
    if (x->opened || x->unrecorded) {
        TRY(put_route(x, out));
        TRY(put_masked(x, out));
    } else {
        TRY(buf_puts(out, "x-sanctum-route: none;hops=0\r\nx-sanctum-masked: none\r\n"));
    }
    if (x->client->last || x->gate->draining)
        TRY(buf_puts(out, "connection: close\r\n"));
    return OK;
}

struct err answer_length(uint64_t n, struct buf *out)
{
    TRY(buf_puts(out, "content-length: "));
    TRY(buf_put_u64(out, n));
    return buf_puts(out, "\r\n\r\n");
}

static struct err put_whole(struct exchange *x, unsigned status, const char *type, struct span body,
                            struct buf *out)
{
    TRY(answer_head(x, status, out));
    TRY(buf_puts(out, "content-type: "));
    TRY(buf_puts(out, type));
    TRY(buf_puts(out, "\r\n"));
    TRY(answer_length(body.n, out));
    return x->head_only ? OK : buf_put(out, body);
}

void answer_whole(struct exchange *x, unsigned status, const char *type, struct span body)
{
    struct buf *out = &x->gate->out;
    buf_clear(out);
    x->status = (uint16_t)status;
    if (failed(put_whole(x, status, type, body, out)))
        x->client->last = true;
    else
        client_send(x->client, buf_span(out));
    exchange_end(x);
}
