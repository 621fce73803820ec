/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses of crypto-currencies: base58check, bech32(m), Ethereum with or without its checksum,
 * Monero by shape. Called for words of 25 characters and more that hold a digit; the prefix decides
 * which check runs, so hashes and ids cost a few compares.
 */
#include "coin.h"
#include "scan_int.h"

static bool ethereum(struct span w)
{
    if (w.n != 42 || w.p[0] != '0' || (w.p[1] != 'x' && w.p[1] != 'X'))
        return false;
    bool lower = false, upper = false;
    for (size_t i = 2; i < 42; i++) {
        if (!is(w.p[i], C_HEX))
            return false;
        lower = lower || is(w.p[i], C_LOWER);
        upper = upper || is(w.p[i], C_UPPER);
    }
    return !(lower && upper) || coin_eip55(span_from(w, 2));
}

static bool base58(struct span w)
{
    switch (w.p[0]) {
    case '1':
    case '3': /* Bitcoin */
    case 'L':
    case 'M': /* Litecoin */
    case 'D': /* Dogecoin */
    case 'T': /* Tron */
        return w.n >= 25 && w.n <= 35 && coin_base58check(w);
    default:
        return false;
    }
}

static bool bech32(struct span w)
{
    static const char *const heads[] = {"bc1", "tb1", "ltc1", "addr1"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (w.n > strlen(heads[i]) + 6 &&
            span_eq_nocase(span_cut(w, 0, strlen(heads[i])), span_str(heads[i])))
            return coin_bech32(w, strlen(heads[i]) - 1);
    return false;
}

static bool monero(struct span w)
{
    if ((w.n != 95 && w.n != 106) || (w.p[0] != '4' && w.p[0] != '8') ||
        !((w.p[1] >= '0' && w.p[1] <= '9') || w.p[1] == 'A' || w.p[1] == 'B'))
        return false;
    for (size_t i = 0; i < w.n; i++)
        if (!is(w.p[i], C_WORD) || strchr("0OIl", w.p[i]))
            return false;
    return true;
}

size_t coin_read(struct probe *p, size_t at, size_t end)
{
    struct span w = span_cut(p->text, at, end - at);
    if (w.n < 25 || is(peek(p->text, end), C_WORD) || is(prev(p->text, at), C_WORD))
        return 0;
    float odds;
    if (ethereum(w) || monero(w))
        odds = 3.0F;
    else if (base58(w) || bech32(w))
        odds = 6.0F;
    else
        return 0;
    scan_emit(p, ENTITY_CRYPTO, at, end, odds, 0);
    return end;
}
