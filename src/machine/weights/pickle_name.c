/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judging the names that a pickle imports. Only the allow list makes a name clean; the other lists
 * tell the known dangerous from the merely unknown. Called once per import.
 */
#include "pickle_int.h"

#include <stdlib.h>

static const struct allowed {
    const char *module, *name;
    enum name_use use;
    unsigned size;
} allow[] = {
#define ALLOW(module, name, use, size) {module, name, use, size},
#include "pickle_name.def"
#undef ALLOW
};

static const char *const danger_tops[] = {
#define DANGER_TOP(module) module,
#include "pickle_name.def"
#undef DANGER_TOP
};

static const char *const danger_paths[] = {
#define DANGER_PATH(module) module,
#include "pickle_name.def"
#undef DANGER_PATH
};

static const struct {
    const char *module, *name;
} dangers[] = {
#define DANGER(module, name) {module, name},
#include "pickle_name.def"
#undef DANGER
};

static const char *const danger_words[] = {
#define DANGER_WORD(word) word,
#include "pickle_name.def"
#undef DANGER_WORD
};

static const struct {
    const char *module, *name;
} plain[] = {
#define PLAIN(module, name) {module, name},
#include "pickle_name.def"
#undef PLAIN
};

static const char *const builtin_data[] = {
#define BUILTIN_DATA(name) name,
#include "pickle_name.def"
#undef BUILTIN_DATA
};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum name_use pickle_name_use(unsigned n)
{
    return n < COUNT(allow) ? allow[n].use : USE_DATA;
}

unsigned pickle_name_size(unsigned n)
{
    return n < COUNT(allow) ? allow[n].size : 0;
}

static int compare_top(const void *key, const void *entry)
{
    return span_cmp(*(const struct span *)key, span_str(*(const char *const *)entry));
}

static bool danger_top(struct span module)
{
    struct span top = span_cut(module, 0, span_find(module, 0, '.'));
    return bsearch(&top, danger_tops, COUNT(danger_tops), sizeof danger_tops[0], compare_top) !=
           NULL;
}

static bool danger_path(struct span module)
{
    for (size_t i = 0; i < COUNT(danger_paths); i++) {
        struct span d = span_str(danger_paths[i]);
        if (span_starts(module, d) && (module.n == d.n || module.p[d.n] == '.'))
            return true;
    }
    return false;
}

static bool danger_name(struct span module, struct span name)
{
    for (size_t i = 0; i < COUNT(dangers); i++)
        if (span_is(module, dangers[i].module) && span_is(name, dangers[i].name))
            return true;
    return false;
}

static bool builtin_danger(struct span module, struct span name)
{
    if (!span_is(module, "builtins") && !span_is(module, "__builtin__"))
        return false;
    for (size_t i = 0; i < COUNT(builtin_data); i++)
        if (span_is(name, builtin_data[i]))
            return false;
    return true;
}

/* A dotted name walks through attributes: collections._sys.modules. Harmless only where it names a
 * class within a class of somebody's own. */
static bool walks(struct span module, struct span name)
{
    size_t dot = span_find(name, 0, '.');
    if (dot == name.n)
        return false;
    struct span top = span_cut(module, 0, span_find(module, 0, '.'));
    for (size_t i = 0; i < COUNT(allow); i++) {
        struct span a = span_str(allow[i].module);
        if (span_eq(top, span_cut(a, 0, span_find(a, 0, '.'))))
            return true;
    }
    static const char *const parts[] = {"sys",     "_sys",       "os",        "_os",
                                        "modules", "subprocess", "system",    "eval",
                                        "exec",    "popen",      "importlib", "builtins"};
    for (size_t at = 0; at <= name.n;) {
        size_t end = span_find(name, at, '.');
        struct span part = span_cut(name, at, end - at);
        for (size_t i = 0; i < COUNT(parts); i++)
            if (span_is(part, parts[i]))
                return true;
        if (span_starts(part, SPAN_LIT("__")))
            return true;
        at = end + 1;
    }
    return false;
}

/* One of a name's words, `_read_output` has two, is that of a function that acts. Classes, which
 * begin with a capital, act only when one of the other lists says so. */
static bool acts(struct span name)
{
    struct span last = name;
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] == '.')
            last = span_from(name, i + 1);
    if (last.n && (uint8_t)(last.p[0] - 'A') < 26)
        return false;
    for (size_t at = 0; at <= last.n;) {
        size_t end = span_find(last, at, '_');
        struct span word = span_cut(last, at, end - at);
        for (size_t i = 0; word.n && i < COUNT(danger_words); i++)
            if (span_is(word, danger_words[i]))
                return true;
        at = end + 1;
    }
    return false;
}

static bool plain_class(struct span module, struct span name)
{
    for (size_t i = 0; i < COUNT(plain); i++)
        if (span_is(module, plain[i].module) && span_is(name, plain[i].name))
            return true;
    return false;
}

unsigned pickle_name(struct span module, struct span name, enum weights_verdict *level,
                     const char **why)
{
    for (unsigned i = 0; i < COUNT(allow); i++)
        if (span_is(name, allow[i].name) && span_is(module, allow[i].module))
            return i;
    *level = WEIGHTS_MALICIOUS;
    if (plain_class(module, name)) {
        *level = WEIGHTS_SUSPICIOUS;
        *why = "imports a class that is not on the allow list";
    } else if (danger_top(module) || danger_path(module) || danger_name(module, name) ||
               builtin_danger(module, name)) {
        *why = "imports a callable that a model never needs";
    } else if (acts(name)) {
        *why = "imports a function that acts, by its name";
    } else if (walks(module, name)) {
        *why = "reaches through attributes of a module";
    } else {
        *level = WEIGHTS_SUSPICIOUS;
        *why = "imports a name that is not on the allow list";
    }
    return NAME_BAD;
}
