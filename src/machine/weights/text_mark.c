/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts beside a model that are neither JSON nor templates: settings in YAML, models in XML. What
 * is looked for makes the program that reads them load code or files of the text's choice: Python's
 * own tags in YAML, a class to be called (_target_, loader_module), XML entities, layers of
 * OpenVINO that live in a library. Prose that mentions them is left alone: a tag counts only where
 * a value stands. Called for every text that no other reader takes; most have none of it.
 */
#include "pickle_int.h"

#include <ctype.h>

/* `key: value` or `- value` of one line; key is empty in the second form. */
static bool setting(struct span line, struct span *key, struct span *value)
{
    line = span_trim(line);
    while (span_starts(line, SPAN_LIT("- ")))
        line = span_trim(span_from(line, 2));
    size_t n = 0;
    while (n < line.n && (isalnum(line.p[n]) || strchr("_-.", line.p[n])) && line.p[n])
        n++;
    bool pair = n && n < line.n && line.p[n] == ':';
    *key = span_cut(line, 0, pair ? n : 0);
    *value = span_trim(span_from(line, pair ? n + 1 : 0));
    if (value->n > 1 && (value->p[0] == '"' || value->p[0] == '\'') &&
        value->p[value->n - 1] == value->p[0])
        *value = span_cut(*value, 1, value->n - 2);
    return value->n > 0;
}

/* Would a pickle that names it be malicious? */
static bool dangerous(struct span dotted)
{
    size_t dot = dotted.n;
    while (dot && dotted.p[dot - 1] != '.')
        dot--;
    enum weights_verdict level = WEIGHTS_OK;
    const char *why;
    return dot &&
           pickle_name(span_cut(dotted, 0, dot - 1), span_from(dotted, dot), &level, &why) ==
               NAME_BAD &&
           level == WEIGHTS_MALICIOUS;
}

static void line_look(struct look *k, struct span line, uint64_t at)
{
    const struct span python = SPAN_LIT("tag:yaml.org,2002:python/");
    struct span key, value;
    if (!setting(line, &key, &value))
        return;
    bool tag = span_starts(value, SPAN_LIT("!!python/")) ||
               (span_starts(value, SPAN_LIT("!<")) && span_starts(span_from(value, 2), python)) ||
               (span_starts(value, SPAN_LIT("%TAG")) && span_search(value, 0, python) < value.n);
    if (tag)
        look_note(k, WEIGHTS_MALICIOUS, "yaml-python", at, "YAML that makes Python objects: %s",
                  look_text(k, value));
    else if (span_is(key, "_target_") && dangerous(value))
        look_note(k, WEIGHTS_MALICIOUS, "remote-code", at, "settings that call a function: %s",
                  look_text(k, value));
    else if (span_is(key, "loader_module") && !span_starts(value, SPAN_LIT("mlflow.")))
        look_note(k, WEIGHTS_SUSPICIOUS, "remote-code", at,
                  "settings that load the model with code beside it: %s", look_text(k, value));
}

/* An element of OpenVINO's graph whose operations are not of its own sets. */
static void layer_look(struct look *k, struct span tag, uint64_t at)
{
    size_t version = span_search(tag, 0, SPAN_LIT(" version=\""));
    struct span set = span_from(tag, version < tag.n ? version + 10 : tag.n);
    set = span_cut(set, 0, span_find(set, 0, '"'));
    if (set.n && !span_starts(set, SPAN_LIT("opset")))
        look_note(k, WEIGHTS_SUSPICIOUS, "custom-op", at,
                  "a layer that needs a library beside the model: %s", look_text(k, set));
}

static void xml_look(struct look *k, struct span s)
{
    size_t entity = span_search(s, 0, SPAN_LIT("<!ENTITY"));
    if (entity < s.n)
        look_note(k, WEIGHTS_MALICIOUS, "xml-entity", entity,
                  "XML with entities of its own: readers unfold them or fetch what they name");
    for (size_t at = 0; (at = span_search(s, at, SPAN_LIT("<layer "))) < s.n;) {
        struct span tag = span_cut(s, at, span_find(s, at, '>') - at);
        layer_look(k, tag, at);
        at += tag.n;
    }
}

void text_mark_look(struct look *k, struct span s)
{
    if (span_starts(span_trim(s), SPAN_LIT("<"))) {
        xml_look(k, s);
        return;
    }
    for (size_t at = 0; at < s.n;) {
        size_t end = span_find(s, at, '\n');
        line_look(k, span_cut(s, at, end - at), at);
        at = end + 1;
    }
}

bool text_code_dangerous(struct span module)
{
    enum weights_verdict level = WEIGHTS_OK;
    const char *why;
    return pickle_name(module, SPAN_LIT("Class"), &level, &why) == NAME_BAD &&
           level == WEIGHTS_MALICIOUS;
}
