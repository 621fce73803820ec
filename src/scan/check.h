/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Check digits of the numbers of this world. Each function takes the value's significant characters
 * only (digits and upper-case letters, no separators) and says whether they can be such a number.
 * All are total: a wrong length or character is `false`. Sources: the rules are stated at each.
 */
#ifndef SANCTUM_SCAN_CHECK_H
#define SANCTUM_SCAN_CHECK_H

#include "span.h"

/* General schemes. */
bool check_luhn(struct span v);
/* Verhoeff's dihedral scheme, all digits including the check digit. */
bool check_verhoeff(struct span v);
/* ISO 7064 MOD 11,10. */
bool check_mod11_10(struct span v);
/* ISO 7064 MOD 97-10 over an IBAN as it is written (country and check digits first). */
bool check_iban(struct span v);
/* ICAO 9303 weights 7-3-1, the last character is the check digit. */
bool check_icao(struct span v);
/* EAN-13. */
bool check_ean13(struct span v);
/* yy mm dd at v[0..6), a date that exists in 19yy or 20yy. */
bool check_yymmdd(struct span v);
bool check_ddmmyy(struct span v);

/* One number each; the name is the entity's in lower case. */
#define CHECK(name) bool check_##name(struct span v);
#include "check.def"
#undef CHECK

#endif
