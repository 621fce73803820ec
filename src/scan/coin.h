/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of crypto-currency addresses. Total; the word is taken as it is written. */
#ifndef SANCTUM_SCAN_COIN_H
#define SANCTUM_SCAN_COIN_H

#include "span.h"

/* Base58, 25 bytes, the last four the double SHA-256 of the rest. */
bool coin_base58check(struct span w);
/* BIP 173 and BIP 350; the separator '1' stands at `one`. */
bool coin_bech32(struct span w, size_t one);
/* EIP-55: a letter of the 40 hex digits is upper case when the Keccak-256 nibble is 8 or more. */
bool coin_eip55(struct span hex);
/* Keccak-256 (the padding of 2011, not SHA-3's) of up to 135 bytes. */
void coin_keccak256(struct span in, uint8_t out[32]);

#endif
