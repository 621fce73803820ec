/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What cues add to a score: the strongest word for a type, the counter-cues and other types' labels
 * against it (docs/detection.md).
 */
#include "cue_int.h"
#include "scan_int.h"

bool cues_name(const struct cues *c, enum entity e)
{
    return has_hit(c, e) || is_vat(e) || c->identity;
}

enum cue_tier cues_tier(const struct cues *c, unsigned kind)
{
    enum cue_tier best = CUE_NONE;
    for (size_t i = 0, n = has_hit(c, kind) ? c->n : 0; i < n; i++)
        if (c->v[i].kind == kind && c->v[i].tier > best)
            best = (enum cue_tier)c->v[i].tier;
    return best;
}

/* What a cue adds, by tier (docs/detection.md): words that fit others too, the type's own name. */
static const float weight[3][4] = {
    [1] = {0, 0.4F, 1.0F, CUE_WEAK_MAX},
    [2] = {0, 1.2F, 3.0F, 4.5F},
};
static const float counter[4] = {0, -0.3F, -1.5F, -4.0F};

/* What a state knows its people by, and what some would call a national id. Bare numbers of nine
 * digits are not among them: half of all pass the check of one country or another. */
static bool is_identity(enum entity e)
{
    static const bool identities[ENTITY_COUNT] = {
        [ENTITY_BE_NATIONAL_NUMBER] = true,
        [ENTITY_BR_CPF] = true,
        [ENTITY_CA_SIN] = true,
        [ENTITY_CH_AHV] = true,
        [ENTITY_CL_RUT] = true,
        [ENTITY_CN_RESIDENT_ID] = true,
        [ENTITY_CZ_RODNE_CISLO] = true,
        [ENTITY_DE_TAX_ID] = true,
        [ENTITY_DK_CPR] = true,
        [ENTITY_ES_NIE] = true,
        [ENTITY_ES_NIF] = true,
        [ENTITY_FI_PERSONAL_IDENTITY_CODE] = true,
        [ENTITY_FR_NIR] = true,
        [ENTITY_HK_ID_CARD] = true,
        [ENTITY_IN_AADHAAR] = true,
        [ENTITY_IN_PAN] = true,
        [ENTITY_IT_FISCAL_CODE] = true,
        [ENTITY_KR_RRN] = true,
        [ENTITY_MX_CURP] = true,
        [ENTITY_NO_FODSELSNUMMER] = true,
        [ENTITY_PL_PESEL] = true,
        [ENTITY_RO_CNP] = true,
        [ENTITY_SE_PERSONNUMMER] = true,
        [ENTITY_SG_NRIC_FIN] = true,
        [ENTITY_TH_TNIN] = true,
        [ENTITY_TR_NATIONAL_ID] = true,
        [ENTITY_UK_NINO] = true,
        [ENTITY_ZA_ID_NUMBER] = true,
    };
    return e < ENTITY_COUNT && identities[e];
}

float cues_weight(const struct cues *c, enum entity e, bool evident)
{
    float best = 0;
    unsigned strong = 0;
    enum cue_tier tier = CUE_NONE, against = cues_tier(c, CUE_COUNTER);
    for (size_t i = 0, n = cues_name(c, e) ? c->n : 0; i < n; i++) {
        const struct cue_hit *h = &c->v[i];
        if (stands_for(h->kind, e) && weight[h->strong][h->tier] > best) {
            best = weight[h->strong][h->tier];
            strong = h->strong;
            tier = (enum cue_tier)h->tier;
        }
    }
    /* "Routing 021000021, account 1234567890": where a bank is named, an account is the bank's */
    if (e == ENTITY_US_BANK_NUMBER && best > 0 && cues_tier(c, e) == CUE_LABEL &&
        cues_tier(c, ENTITY_ABA_ROUTING_NUMBER))
        best = weight[2][CUE_LABEL];
    if (against > tier || (against == CUE_LABEL && strong < 2)) /* a purchase order's "number" */
        best += counter[evident && against ? against - 1 : against];
    if (evident)
        return best;
    if (c->identity && tier < CUE_NEAR && is_identity(e)) /* "National ID": of any country */
        return best + (c->identity == 2 ? weight[1][CUE_NEAR] : 0);
    if (c->foreign && tier < CUE_LABEL)
        best -= tier == CUE_NEAR ? 1.5F : 3.0F;
    else if (c->foreign && strong < 2 && e == ENTITY_PHONE_NUMBER)
        best -= 3.0F; /* "BSN-nummer": the weak word belongs to the other's name */
    return best;
}

bool cues_settle(const struct cues *c, enum entity e)
{
    for (size_t i = 0, n = cues_name(c, e) ? c->before : 0; i < n; i++)
        if (stands_for(c->v[i].kind, e) && c->v[i].strong == 2 && c->v[i].tier == CUE_LABEL)
            return true;
    return false;
}
