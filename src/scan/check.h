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
/* 8 or 11 characters: a country stands where a BIC has it (iban.c). */
bool check_bic(struct span v);
/* ICAO 9303 weights 7-3-1, the last character is the check digit. */
bool check_icao(struct span v);
/* EAN-13. */
bool check_ean13(struct span v);
/* yy mm dd at v[0..6), a date that exists in 19yy or 20yy. */
bool check_yymmdd(struct span v);
bool check_ddmmyy(struct span v);

/* One number each, named by country or in English; the rule stands at each function. */
bool check_aba(struct span v);
bool check_npi(struct span v);
bool check_dea(struct span v);
bool check_us_ssn(struct span v);
bool check_us_itin(struct span v);
bool check_us_ein(struct span v);
bool check_uk_area(struct span v);
bool check_us_mbi(struct span v);
bool check_vin(struct span v);
bool check_nhs(struct span v);
bool check_nino(struct span v);
bool check_uk_driving(struct span v);
bool check_uk_plate(struct span v);
bool check_ca_sin(struct span v);
bool check_au_tfn(struct span v);
bool check_au_abn(struct span v);
bool check_au_acn(struct span v);
bool check_au_medicare(struct span v);
bool check_de_tax_id(struct span v);
bool check_de_vat(struct span v);
bool check_de_rvnr(struct span v);
bool check_de_kvnr(struct span v);
bool check_de_card(struct span v);
/* The same with a letter behind the first: all digits are an American one, or a coincidence. */
bool check_de_pass(struct span v);
/* As both are printed: without the check digit, which only the machine-readable lines hold. The
 * letters are those that no digit looks like, without vowels; two at least. */
bool check_de_serial(struct span v);
bool check_de_lanr(struct span v);
bool check_at_svnr(struct span v);
bool check_ch_ahv(struct span v);
bool check_es_nif(struct span v);
bool check_es_nie(struct span v);
bool check_it_fiscal(struct span v);
bool check_it_vat(struct span v);
bool check_fr_nir(struct span v);
bool check_nl_bsn(struct span v);
bool check_be_nn(struct span v);
bool check_pt_nif(struct span v);
bool check_pl_pesel(struct span v);
bool check_se_pnr(struct span v);
bool check_se_orgnr(struct span v);
bool check_no_fnr(struct span v);
bool check_dk_cpr(struct span v);
bool check_fi_hetu(struct span v);
bool check_cz_rc(struct span v);
bool check_ro_cnp(struct span v);
bool check_hu_taj(struct span v);
bool check_bg_egn(struct span v);
bool check_gr_amka(struct span v);
bool check_ru_snils(struct span v);
bool check_ru_inn(struct span v);
bool check_ua_rnokpp(struct span v);
bool check_tr_id(struct span v);
bool check_tr_plate(struct span v);
bool check_il_id(struct span v);
bool check_ae_eid(struct span v);
bool check_za_id(struct span v);
bool check_in_aadhaar(struct span v);
bool check_in_pan(struct span v);
bool check_in_gstin(struct span v);
bool check_in_plate(struct span v);
bool check_pk_cnic(struct span v);
bool check_kr_rrn(struct span v);
bool check_kr_frn(struct span v);
bool check_kr_brn(struct span v);
bool check_kr_licence(struct span v);
bool check_jp_my(struct span v);
bool check_cn_id(struct span v);
bool check_hk_id(struct span v);
bool check_tw_id(struct span v);
bool check_sg_nric(struct span v);
bool check_sg_uen(struct span v);
bool check_my_nric(struct span v);
bool check_id_nik(struct span v);
bool check_th_id(struct span v);
bool check_ph_tin(struct span v);
bool check_mx_curp(struct span v);
bool check_mx_rfc(struct span v);
bool check_br_cpf(struct span v);
bool check_br_cnpj(struct span v);
bool check_cl_rut(struct span v);
bool check_ar_cuit(struct span v);

#endif
