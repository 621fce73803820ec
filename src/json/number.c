/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A double as ECMAScript prints it. The digits come from the exact algorithm of Burger and Dybvig
 * ("Printing Floating-Point Numbers Quickly and Accurately", 1996) on integers of fixed size: the
 * shortest digits that read back as the same double, and of those the closest. Frequent: whole
 * numbers, which never get that far.
 *
 * The value is r / s; a digit string reads back as v while it lies between (r - low) / s and
 * (r + high) / s, ends included when v's significand is even.
 */
#include "jcs.h"

#include <math.h>

enum {
    LIMBS = 40,  /* 1280 bits: the largest is 2^53 * 10^324 * 2, 1,132 bits */
    DIGITS = 17, /* always enough for a double */
};

struct big {
    size_t n; /* limbs in use; the top one is not 0 */
    uint32_t w[LIMBS];
};

static void big_set(struct big *b, uint64_t v, unsigned shift)
{
    *b = (struct big){.n = shift / 32 + 3};
    unsigned __int128 wide = (unsigned __int128)v << (shift % 32);
    for (size_t i = 0; i < 3; i++)
        b->w[shift / 32 + i] = (uint32_t)(wide >> (32 * i));
    while (b->n && b->w[b->n - 1] == 0)
        b->n--;
}

static void big_mul(struct big *b, uint32_t by)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < b->n; i++) {
        carry += (uint64_t)b->w[i] * by;
        b->w[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry)
        b->w[b->n++] = (uint32_t)carry;
}

static void big_mul_pow10(struct big *b, unsigned n)
{
    for (; n >= 9; n -= 9)
        big_mul(b, 1000000000);
    for (; n > 0; n--)
        big_mul(b, 10);
}

static int big_cmp(const struct big *a, const struct big *b)
{
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (size_t i = a->n; i-- > 0;)
        if (a->w[i] != b->w[i])
            return a->w[i] < b->w[i] ? -1 : 1;
    return 0;
}

/* The sign of a + b - c. */
static int big_cmp_sum(const struct big *a, const struct big *b, const struct big *c)
{
    struct big sum = {.n = 0};
    size_t n = a->n > b->n ? a->n : b->n;
    uint64_t carry = 0;
    for (size_t i = 0; i < n; i++) {
        carry += (uint64_t)(i < a->n ? a->w[i] : 0) + (i < b->n ? b->w[i] : 0);
        sum.w[i] = (uint32_t)carry;
        carry >>= 32;
    }
    sum.n = n;
    if (carry)
        sum.w[sum.n++] = (uint32_t)carry;
    return big_cmp(&sum, c);
}

/* a -= b; a >= b. */
static void big_sub(struct big *a, const struct big *b)
{
    uint64_t borrow = 0;
    for (size_t i = 0; i < a->n; i++) {
        uint64_t d = (uint64_t)a->w[i] - (i < b->n ? b->w[i] : 0) - borrow;
        a->w[i] = (uint32_t)d;
        borrow = d >> 63;
    }
    while (a->n && a->w[a->n - 1] == 0)
        a->n--;
}

struct decimal {
    uint8_t digit[DIGITS];
    int n;     /* digits */
    int point; /* the value is 0.DIGITS * 10^point */
};

struct scaled {
    struct big r, s, high, low;
    bool even;
};

/* v = f * 2^e, 2^52 <= f < 2^53 or e the smallest there is. */
static void scale(struct scaled *x, uint64_t f, int e, int point)
{
    /* Below a power of two the next double is half as far away as above it. */
    unsigned uneven = f == (uint64_t)1 << 52 && e > -1074;
    unsigned up = e > 0 ? (unsigned)e : 0, down = e < 0 ? (unsigned)-e : 0;
    big_set(&x->r, f, up + 1 + uneven);
    big_set(&x->s, 1, down + 1 + uneven);
    big_set(&x->high, 1, up + uneven);
    big_set(&x->low, 1, up);
    x->even = (f & 1) == 0;
    if (point >= 0) {
        big_mul_pow10(&x->s, (unsigned)point);
        return;
    }
    big_mul_pow10(&x->r, (unsigned)-point);
    big_mul_pow10(&x->high, (unsigned)-point);
    big_mul_pow10(&x->low, (unsigned)-point);
}

static void times_ten(struct scaled *x)
{
    big_mul(&x->r, 10);
    big_mul(&x->high, 10);
    big_mul(&x->low, 10);
}

/* Is the upper end of the range at or past 1 (in units of s)? */
static bool high_reaches(const struct scaled *x)
{
    return big_cmp_sum(&x->r, &x->high, &x->s) >= (x->even ? 0 : 1);
}

/* Digits of r / s, which lies in [0.1, 1), until what is left lies within the range. */
static void generate(struct scaled *x, struct decimal *out)
{
    for (;;) {
        times_ten(x);
        uint8_t digit = 0;
        for (; big_cmp(&x->r, &x->s) >= 0; digit++)
            big_sub(&x->r, &x->s);
        bool low = big_cmp(&x->r, &x->low) < (x->even ? 1 : 0), high = high_reaches(x);
        if (low && high) { /* the nearer one; in the middle the even one */
            int side = big_cmp_sum(&x->r, &x->r, &x->s);
            high = side > 0 || (side == 0 && digit % 2 == 1);
        }
        out->digit[out->n++] = (uint8_t)('0' + digit + high);
        if (low || high || out->n == DIGITS)
            return;
    }
}

/* The shortest decimal for the positive, finite, nonzero v. */
static void shortest(double v, struct decimal *out)
{
    uint64_t bits;
    memcpy(&bits, &v, 8);
    int biased = (int)(bits >> 52 & 0x7ff);
    uint64_t f = bits & (((uint64_t)1 << 52) - 1);
    if (biased)
        f |= (uint64_t)1 << 52;
    int e = (biased ? biased : 1) - 1075;
    int width = 64 - __builtin_clzll(f);
    /* Never too large, at most one too small: log10(v) from below. */
    out->point = (int)ceil((e + width - 1) * 0.30102999566398114 - 1e-10);
    struct scaled x;
    scale(&x, f, e, out->point);
    if (high_reaches(&x)) {
        big_mul(&x.s, 10);
        out->point++;
    }
    out->n = 0;
    generate(&x, out);
}

/* The same for whole thousandths, as scores are. Two decimals of 15 digits or fewer are never the
 * same double: the one that is v is the shortest. */
static bool thousandths(double v, struct decimal *out)
{
    enum { POINT = 3, PER_ONE = 1000, MOST = 1000000 };
    if (v >= MOST)
        return false;
    uint64_t n = (uint64_t)(v * PER_ONE + 0.5);
    if ((double)n / PER_ONE != v)
        return false;
    int zeros = 0;
    for (; n % 10 == 0; n /= 10)
        zeros++;
    uint8_t digits[DIGITS];
    int at = DIGITS;
    for (; n; n /= 10)
        digits[--at] = (uint8_t)('0' + n % 10);
    out->n = DIGITS - at;
    out->point = out->n + zeros - POINT;
    memcpy(out->digit, digits + at, (size_t)out->n);
    return true;
}

static size_t put(uint8_t *out, const void *p, size_t n)
{
    memcpy(out, p, n);
    return n;
}

static size_t put_zeros(uint8_t *out, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = '0';
    return n > 0 ? (size_t)n : 0;
}

static size_t put_whole(uint8_t *out, uint64_t v)
{
    uint8_t digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (uint8_t)('0' + v % 10);
    while ((v /= 10) != 0);
    return put(out, digits + at, sizeof digits - at);
}

/* ECMA-262, Number::toString, steps 6 to 12. */
static size_t print_decimal(const struct decimal *d, uint8_t *out)
{
    size_t k = (size_t)d->n, n = 0;
    if (d->point > 0 && d->point <= 21) {
        size_t whole = d->n < d->point ? k : (size_t)d->point;
        n += put(out, d->digit, whole);
        n += put_zeros(out + n, d->point - d->n);
        if (whole == k)
            return n;
        out[n++] = '.';
        return n + put(out + n, d->digit + whole, k - whole);
    }
    if (d->point > -6 && d->point <= 0) {
        n += put(out, "0.", 2);
        n += put_zeros(out + n, -d->point);
        return n + put(out + n, d->digit, k);
    }
    out[n++] = d->digit[0];
    if (k > 1) {
        out[n++] = '.';
        n += put(out + n, d->digit + 1, k - 1);
    }
    int exponent = d->point - 1;
    n += put(out + n, exponent < 0 ? "e-" : "e+", 2);
    return n + put_whole(out + n, (uint64_t)(exponent < 0 ? -exponent : exponent));
}

size_t jcs_number(double v, uint8_t out[JCS_NUMBER_MAX])
{
    if (!isfinite(v))
        return 0;
    size_t n = 0;
    if (v < 0) {
        out[n++] = '-';
        v = -v;
    }
    if (v < 9007199254740992.0 && v == (double)(uint64_t)v) /* 0 and -0 too */
        return n + put_whole(out + n, (uint64_t)v);
    struct decimal d;
    if (!thousandths(v, &d))
        shortest(v, &d);
    return n + print_decimal(&d, out + n);
}
