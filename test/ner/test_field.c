/* SPDX-License-Identifier: Apache-2.0 */
/* What labels announce and no model knew. The set of letters that refuses most words was made by
 * hand: each label is here to tell when one is missing there. */
#include "unit.h"

#include "ner_int.h"

#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { FOUND_MOST = 16 };

/* What field_names finds in a text in which `known`, if any, was found as a person before: each as
 * "P:" or "L:" or "Z:" and its text, a blank between two. */
static void found(const char *text, const char *known, char *out, size_t size)
{
    struct findings f = {.max = FOUND_MOST}, more = {.max = FOUND_MOST};
    struct span t = span_str(text);
    if (known) {
        uint32_t at = (uint32_t)(strstr(text, known) - text);
        assert_ok(findings_add(
            &f, (struct finding){at, at + (uint32_t)strlen(known), ENTITY_PERSON, 0, 0.9F}));
    }
    assert_ok(field_names(t, &more, &f, 0));
    *out = 0;
    for (size_t i = 0, n = 0; i < f.n; i++) {
        const struct finding *x = &f.v[i];
        char kind = x->entity == ENTITY_PERSON ? 'P' : x->entity == ENTITY_LOCATION ? 'L' : 'Z';
        n += (size_t)snprintf(out + n, size - n, "%s%c:%.*s", i ? " " : "", kind,
                              (int)(x->end - x->start), text + x->start);
    }
    findings_free(&f);
    findings_free(&more);
}

static void values_are_what_their_labels_say(void **state)
{
    (void)state;
    static const struct {
        const char *text, *known, *found;
    } of[] = {{"{\"street\":\"Lindengracht\",\"nr\":\"1\"}", NULL, "L:Lindengracht"},
              {"Город: Ярославль", NULL, "L:Ярославль"},
              {"Last name: Achterberg\nTown: Deventer", NULL, "P:Achterberg L:Deventer"},
              {"{\"shipping_city\": \"Zwolle\"}", NULL, "L:Zwolle"},
              {"key: surname\nvalue: Achterberg", NULL, "P:Achterberg"},
              {"{\"name\":\"town\",\"value\":\"Deventer\"}", NULL, "L:Deventer"},
              {"Surname OKONKWO Forename IFEANYI DOB 3", "OKONKWO", "P:OKONKWO P:IFEANYI"},
              {"Forename: Ife", "Ife", "P:Ife"},
              {"{\"strasse\":\"Rosenwinkel\"}", "Rosenwinkel", "L:Rosenwinkel"},
              {"City: Ife, Anna", "Anna", "L:Ife P:Anna"},
              {"ADR:;;Torstraße 12;Berlin;;10119;Germany\n", "Berlin",
               "L:Torstraße 12 L:Berlin Z:10119 L:Germany"},
              {"item1.ADR;TYPE=HOME:;;Kade 5;Gouda;;;\n", NULL, "L:Kade 5 L:Gouda"},
              {"{\"street\": \"Masarykova 18\"}", NULL, "L:Masarykova 18"},
              {"Straße: Lerchenweg 9a\n", NULL, "L:Lerchenweg 9a"},
              {"surname: Okoye 18", NULL, ""},
              {"street: Route 12345", NULL, ""},
              {"city: String,", NULL, ""},
              {"city: unknown", NULL, ""},
              {"city: N/A", NULL, ""},
              {"street: see below", NULL, ""},
              {"city: foo.bar()", NULL, ""},
              {"firstName: props.name", NULL, ""},
              {"at 12:30 in town: we met", NULL, ""},
              {"velocity: Great", NULL, ""},
              {"Иван имя параметра", "Иван", "P:Иван"},
              {"Петров Имя Иван", "Петров", "P:Петров P:Иван"},
              {"OKONKWO Met Ada", "OKONKWO", "P:OKONKWO"}};
    char out[256];
    for (size_t i = 0; i < COUNT(of); i++) {
        found(of[i].text, of[i].known, out, sizeof out);
        assert_string_equal(out, of[i].found);
    }
}

static void each_label_counts(void **state)
{
    (void)state;
    static const char *const labels[] = {
        "street",       "streetname", "strasse",    "straße",     "straat",     "straatnaam",
        "calle",        "ulica",      "ulice",      "utca",       "gatuadress", "gateadresse",
        "logradouro",   "sokak",      "улица",      "rua",        "rue",        "indirizzo",
        "Улица",        "city",       "town",       "ort",        "wohnort",    "stadt",
        "stad",         "woonplaats", "ville",      "ciudad",     "cidade",     "città",
        "miasto",       "město",      "bydliště",   "poststed",   "postort",    "oraș",
        "город",        "Город",      "місто",      "Місто",      "град",       "Град",
        "πόλη",         "Πόλη",       "şehir",      "المدينة",    "מגורים",     "birthplace",
        "placeofbirth", "hometown",   "geburtsort", "forename",   "forenames",  "surname",
        "firstname",    "lastname",   "fullname",   "givenname",  "givennames", "familyname",
        "middlename",   "vorname",    "nachname",   "prénom",     "cognome",    "apellido",
        "apellidos",    "nombres",    "sobrenome",  "achternaam", "voornaam",   "imię",
        "nazwisko",     "jméno",      "příjmení",   "fornavn",    "etternavn",  "efternavn",
        "förnamn",      "efternamn",  "etunimi",    "sukunimi",   "keresztnév", "vezetéknév",
        "prenume",      "имя",        "фамилия",    "прізвище",   "όνομα",      "επώνυμο",
        "soyadı",       "maidenname", "county",     "Имя",        "Фамилия",    "Прізвище",
        "Όνομα",        "Επώνυμο"};
    char text[128], out[256];
    for (size_t i = 0; i < COUNT(labels); i++) {
        snprintf(text, sizeof text, "\"%s\": \"Weiher\"", labels[i]);
        found(text, NULL, out, sizeof out);
        assert_int_equal(strlen(out), strlen("P:Weiher"));
        assert_string_equal(out + 2, "Weiher");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_are_what_their_labels_say),
                                       cmocka_unit_test(each_label_counts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
