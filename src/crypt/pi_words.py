#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The fractional part of pi in 32-bit words: Blowfish's first state (Schneier, 1993) is its first 18 + 4 × 256.

    pi_words.py > pi_words_int.h

Machin's formula in whole numbers: pi = 16 arctan(1/5) - 4 arctan(1/239)."""
WORDS, GUARD = 18 + 4 * 256, 64
ONE = 1 << (32 * WORDS + GUARD)


def arctan_of_inverse(n):
    total, power, k = 0, ONE // n, 0
    while power:
        total += power // (2 * k + 1) * (-1 if k % 2 else 1)
        power //= n * n
        k += 1
    return total


def main():
    pi = 16 * arctan_of_inverse(5) - 4 * arctan_of_inverse(239)
    fraction = pi % ONE >> GUARD
    words = [fraction >> 32 * (WORDS - 1 - i) & 0xffffffff for i in range(WORDS)]
    print("/* Written by pi_words.py. */")
    print(f"static const uint32_t pi_words[{WORDS}] = {{")
    for i in range(0, WORDS, 6):
        print("    " + " ".join(f"0x{w:08x}," for w in words[i:i + 6]))
    print("};")


main()
