/* SPDX-License-Identifier: Apache-2.0 */
/* What a request cost, in integers: nano-dollars. Called once a request, at its end. */
#include "exchange.h"

/* n tokens at `price` nano-dollars a million, rounded up. */
static uint64_t times(uint64_t n, uint64_t price)
{
    unsigned __int128 v = ((unsigned __int128)n * price + 999999) / 1000000;
    return v > UINT64_MAX ? UINT64_MAX : (uint64_t)v;
}

bool cost_of(const struct exchange *x, const struct llm_usage *u, uint64_t *nanousd)
{
    const struct settings *s = x->gate->settings;
    const struct settings_hop *h = &x->hop[x->hop_at];
    if (u->has_cost) {
        *nanousd = u->cost_nano;
        return true;
    }
    BUF_AUTO name = buf_init(4096);
    if (s->n_prices == 0 || failed(buf_put(&name, s->providers[h->provider].name)) ||
        failed(buf_put_u8(&name, '/')) || failed(buf_put(&name, h->model)))
        return false;
    for (size_t i = 0; i < s->n_prices; i++) {
        const struct settings_price *p = &s->prices[i];
        if (!settings_match(p->pattern, buf_span(&name)))
            continue;
        *nanousd = times(u->input, p->input) + times(u->cache_read, p->cached_input) +
                   times(u->cache_write, p->cache_write) + times(u->output, p->output);
        return true;
    }
    return false;
}
