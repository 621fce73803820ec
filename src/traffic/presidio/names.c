/* SPDX-License-Identifier: Apache-2.0 */
/* Names of recognisers. Clients compare them with Presidio's; types that it has not get a name of
 * the same form: US_EIN, "UsEinRecognizer". */
#include "presidio_int.h"

static const struct {
    enum entity entity;
    const char *name;
} known[] = {
    {ENTITY_PERSON, "SpacyRecognizer"},
    {ENTITY_LOCATION, "SpacyRecognizer"},
    {ENTITY_ORGANIZATION, "SpacyRecognizer"},
    {ENTITY_NRP, "SpacyRecognizer"},
    {ENTITY_CREDIT_CARD, "CreditCardRecognizer"},
    {ENTITY_CRYPTO, "CryptoRecognizer"},
    {ENTITY_DATE_TIME, "DateRecognizer"},
    {ENTITY_EMAIL_ADDRESS, "EmailRecognizer"},
    {ENTITY_IBAN_CODE, "IbanRecognizer"},
    {ENTITY_IP_ADDRESS, "IpRecognizer"},
    {ENTITY_MEDICAL_LICENSE, "MedicalLicenseRecognizer"},
    {ENTITY_PHONE_NUMBER, "PhoneRecognizer"},
    {ENTITY_UK_NHS, "NhsRecognizer"},
    {ENTITY_URL, "UrlRecognizer"},
    {ENTITY_US_BANK_NUMBER, "UsBankRecognizer"},
    {ENTITY_US_DRIVER_LICENSE, "UsLicenseRecognizer"},
    {ENTITY_ABA_ROUTING_NUMBER, "AbaRoutingRecognizer"},
};
enum { KNOWN = sizeof known / sizeof *known };

/* "US_SSN" to "UsSsnRecognizer". */
static struct err put_camel(const char *name, struct buf *out)
{
    bool up = true;
    for (; *name; name++) {
        if (*name != '_')
            TRY(buf_put_u8(out, up ? (uint8_t)*name : ascii_lower((uint8_t)*name)));
        up = *name == '_';
    }
    return buf_puts(out, "Recognizer");
}

struct err put_recogniser(enum entity e, struct buf *out)
{
    for (size_t i = 0; i < KNOWN; i++)
        if (known[i].entity == e)
            return buf_puts(out, known[i].name);
    return put_camel(entity_name(e), out);
}

bool is_name_entity(enum entity e)
{
    return e == ENTITY_PERSON || e == ENTITY_LOCATION || e == ENTITY_ORGANIZATION ||
           e == ENTITY_NRP;
}

/* CUSTOM has no recogniser of its own. */
static bool is_offered(enum entity e)
{
    return e != ENTITY_CUSTOM;
}

void put_entities(struct json_put *p)
{
    json_put_array(p, NULL);
    for (int e = 0; e < ENTITY_COUNT; e++)
        if (is_offered((enum entity)e))
            json_put_text(p, NULL, entity_name((enum entity)e));
    json_put_end(p);
}

struct err put_recognisers(struct json_put *p)
{
    BUF_AUTO name = buf_init(256);
    json_put_array(p, NULL);
    json_put_text(p, NULL, "SpacyRecognizer");
    for (int e = 0; e < ENTITY_COUNT; e++) {
        if (!is_offered((enum entity)e) || is_name_entity((enum entity)e))
            continue;
        buf_clear(&name);
        TRY(put_recogniser((enum entity)e, &name));
        json_put_kept(p, NULL, buf_span(&name));
    }
    json_put_end(p);
    return OK;
}
