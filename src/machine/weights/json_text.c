/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON and text beside a model: tokenizer_config.json with its chat templates, code that a
 * configuration asks for, Keras' layers. Called for members of archives and files of a folder.
 */
#include "json.h"
#include "weights_look_int.h"

enum { STRING_MAX = 4 << 20 };

static bool keras_module(struct span m)
{
    return span_is(m, "keras") || span_starts(m, SPAN_LIT("keras.")) || span_is(m, "builtins") ||
           span_starts(m, SPAN_LIT("tensorflow.keras")) || span_starts(m, SPAN_LIT("tf_keras"));
}

/* A class name that is a function's, one that reaches for files or the network: loading the
 * configuration calls it with arguments of the file's choice (CVE-2025-8747). */
static bool keras_function(struct span name)
{
    static const char *const words[] = {"file",      "load",   "save",        "open", "download",
                                        "directory", "unsafe", "deserialize", "exec", "eval"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (span_search(name, 0, span_str(words[i])) < name.n)
            return name.p[0] >= 'a' && name.p[0] <= 'z';
    return false;
}

/* One string member of a Keras configuration. */
static void keras_member(struct look *k, struct span key, struct span value, uint64_t at)
{
    if (span_is(key, "class_name") &&
        (span_is(value, "Lambda") || span_is(value, "__lambda__") || span_is(value, "function") ||
         span_is(value, "TFOpLambda") || span_is(value, "SlicingOpLambda"))) {
        bool code = span_is(value, "Lambda") || span_is(value, "__lambda__");
        look_note(k, code ? WEIGHTS_MALICIOUS : WEIGHTS_SUSPICIOUS, "keras-lambda", at,
                  "a Keras layer that is Python code: %s", look_text(k, value));
    }
    if (span_is(key, "class_name") &&
        (span_is(value, "TFSMLayer") || span_is(value, "TorchModuleWrapper")))
        look_note(k, WEIGHTS_MALICIOUS, "keras-program", at,
                  "a Keras layer that loads a program of another framework: %s",
                  look_text(k, value));
    if (span_is(key, "class_name") && (span_is(value, "JaxLayer") || span_is(value, "FlaxLayer")))
        look_note(k, WEIGHTS_SUSPICIOUS, "keras-program", at,
                  "a Keras layer that wraps a program of another framework: %s",
                  look_text(k, value));
    if (span_is(key, "class_name") && keras_function(value))
        look_note(k, WEIGHTS_MALICIOUS, "keras-function", at,
                  "a function of Keras where a class belongs: %s", look_text(k, value));
    if (span_is(key, "vocabulary") && value.n)
        look_note(k, WEIGHTS_SUSPICIOUS, "keras-file", at,
                  "a Keras layer that reads a file (CVE-2025-12058): %s", look_text(k, value));
    if (span_is(key, "module") && !keras_module(value))
        look_note(k, WEIGHTS_MALICIOUS, "keras-module", at, "a Keras class from outside Keras: %s",
                  look_text(k, value));
    if (span_is(key, "registered_name") && value.n && span_find(value, 0, '>') < value.n &&
        !span_starts(value, SPAN_LIT("keras>")))
        look_note(k, WEIGHTS_SUSPICIOUS, "keras-registered", at,
                  "a Keras class that is not Keras' own: %s", look_text(k, value));
}

static bool template_key(struct span key)
{
    return span_is(key, "chat_template") || span_is(key, "template");
}

struct walk {
    struct look *look;
    struct span name; /* of the file */
    struct json json;
    struct buf key, value;
    bool keras;
    uint64_t base;      /* of the document in the item */
    uint8_t before;     /* type of the token before this one */
    unsigned templates; /* 1 + depth of what chat_template holds; 0: not within it */
    unsigned files;     /* likewise of weight_map: tensors and the files they lie in */
};

/* The value that begins or ends is the one that `mine`, the key before it, said. */
static void within(unsigned *depth, const struct walk *w, const struct json_token *t, bool mine)
{
    bool begin = t->type == JSON_OBJECT || t->type == JSON_ARRAY;
    bool end = t->type == JSON_OBJECT_END || t->type == JSON_ARRAY_END;
    if (begin && !*depth && w->before == JSON_KEY && mine)
        *depth = t->depth + 1U;
    else if (end && *depth == t->depth + 1U)
        *depth = 0;
}

/* chat_template may be a text, a list of named ones or an object of them. */
static void on_shape(struct walk *w, const struct json_token *t)
{
    within(&w->templates, w, t, template_key(buf_span(&w->key)));
    within(&w->files, w, t, span_is(buf_span(&w->key), "weight_map"));
}

/* Keys that ask for code whatever they hold. */
static bool code_key(struct span key)
{
    return span_is(key, "auto_map") || span_is(key, "trust_remote_code") ||
           span_is(key, "custom_generate") || span_is(key, "custom_pipelines");
}

static void on_key(struct walk *w, const struct json_token *t)
{
    buf_clear(&w->key);
    if (failed(json_unescape_buf(json_inner(&w->json, t), JSON_LONE_REPLACE, &w->key)))
        buf_clear(&w->key);
    if (code_key(buf_span(&w->key)))
        look_note(w->look, WEIGHTS_SUSPICIOUS, "remote-code", w->base + t->start,
                  "asks for Python code to be loaded beside the model");
}

static bool has_scheme(struct span s)
{
    return span_search(s, 0, SPAN_LIT("://")) < s.n;
}

/* Keys whose text says which code makes a part of the model: PEFT's auto_mapping, the modules of
 * sentence-transformers, skops' classes. */
static bool part_key(const struct walk *w, struct span key)
{
    return span_is(key, "parent_library") || span_is(key, "__module__") ||
           (span_is(key, "type") && span_ends(w->name, SPAN_LIT("modules.json")));
}

static void part_look(struct walk *w, struct span key, struct span value, uint64_t at)
{
    bool own = span_starts(value, SPAN_LIT("transformers.")) ||
               span_starts(value, SPAN_LIT("sentence_transformers."));
    if (span_is(key, "__module__") ? text_code_dangerous(value) : !own)
        look_note(w->look, WEIGHTS_SUSPICIOUS, "remote-code", at,
                  "a part of the model is made by other code: %s", look_text(w->look, value));
}

static void on_string(struct walk *w, const struct json_token *t)
{
    struct span key = buf_span(&w->key);
    bool template = w->templates || template_key(key);
    bool keras = span_is(key, "class_name") || span_is(key, "module") ||
                 span_is(key, "registered_name") ||
                 (span_is(key, "vocabulary") && w->before == JSON_KEY); /* a list is the words */
    bool part = part_key(w, key);
    bool wanted = template || (w->keras && keras) || part || w->files;
    if (!wanted)
        return;
    buf_clear(&w->value);
    if (failed(json_unescape_buf(json_inner(&w->json, t), JSON_LONE_REPLACE, &w->value))) {
        look_note(w->look, WEIGHTS_SUSPICIOUS, "limit", w->base + t->start,
                  "a text too long to be read");
        return;
    }
    if (template)
        template_look(w->look, buf_span(&w->value), w->base + t->start);
    else if (w->files && (look_path_leaves(buf_span(&w->value)) || has_scheme(buf_span(&w->value))))
        look_note(w->look, WEIGHTS_MALICIOUS, "path", w->base + t->start,
                  "tensors in a file outside the model: %s",
                  look_text(w->look, buf_span(&w->value)));
    else if (part)
        part_look(w, key, buf_span(&w->value), w->base + t->start);
    else if (w->keras && keras)
        keras_member(w->look, key, buf_span(&w->value), w->base + t->start);
}

void json_look(struct look *k, struct span s, bool keras)
{
    struct walk w = {.look = k,
                     .name = look_name(k),
                     .json = json_of_depth(s, JSON_DEPTH_MAX),
                     .key = buf_init(STRING_MAX),
                     .value = buf_init(STRING_MAX),
                     .keras = keras,
                     .base = (uint64_t)(s.p - k->now->bytes.p)};
    struct json_token t;
    do {
        if (failed(json_next(&w.json, &t))) {
            look_note(k, keras ? WEIGHTS_MALFORMED : WEIGHTS_OK, "json", w.base + w.json.fault.at,
                      "not valid JSON: %s", w.json.fault.why ? w.json.fault.why : "too large");
            /* laxer readers go on: what may be templates is looked at as it stands */
            if (span_search(s, w.json.fault.at, SPAN_LIT("template")) < s.n)
                template_look(k, span_from(s, w.json.fault.at), w.base + w.json.fault.at);
            break;
        }
        on_shape(&w, &t);
        if (t.type == JSON_KEY)
            on_key(&w, &t);
        else if (t.type == JSON_STRING)
            on_string(&w, &t);
        w.before = t.type;
    } while (t.type != JSON_END);
    buf_free(&w.key);
    buf_free(&w.value);
}

/* Does an object or list begin at s.p[at], and not a template's code? */
static bool json_begins(struct span s, size_t at)
{
    if (at == s.n || (s.p[at] != '{' && s.p[at] != '['))
        return false;
    uint8_t second = at + 1 < s.n ? s.p[at + 1] : 0;
    return s.p[at] == '[' || (second != '{' && second != '%' && second != '#');
}

void text_look(struct look *k, struct span s)
{
    size_t at = span_starts(s, SPAN_LIT("\xef\xbb\xbf")) ? 3 : 0;
    while (at < s.n && strchr(" \t\r\n", s.p[at]) && s.p[at])
        at++;
    struct span name = look_name(k);
    if (span_ends(name, SPAN_LIT(".jinja")) || span_ends(name, SPAN_LIT(".jinja2")) ||
        span_ends(name, SPAN_LIT(".j2"))) {
        template_look(k, s, 0);
    } else if (json_begins(s, at)) {
        bool keras = span_search(s, 0, SPAN_LIT("\"class_name\"")) < s.n &&
                     (span_search(s, 0, SPAN_LIT("keras")) < s.n ||
                      span_ends(name, SPAN_LIT("config.json")));
        /* in an archive that is Keras' own name for the model */
        keras = keras || (k->now->setting == IN_ARCHIVE && span_is(name, "config.json"));
        json_look(k, span_from(s, at), keras);
    } else if (span_ends(name, SPAN_LIT(".py"))) {
        look_note(k, WEIGHTS_SUSPICIOUS, "remote-code", 0, "Python code beside the model");
    } else if (span_starts(s, SPAN_LIT("#!"))) {
        look_note(k, WEIGHTS_SUSPICIOUS, "script", 0, "a script that the system would run");
    } else {
        text_mark_look(k, s);
    }
}
