/* SPDX-License-Identifier: Apache-2.0 */
/* The environment: what names mean. Built once, then read by every compilation. */
#include "cel_int.h"

#include <stdlib.h>

enum { ENV_MAX = 16 * 1024 * 1024 };

struct err cel_env_new(const struct cel_env_options *o, struct cel_env **out)
{
    static const struct cel_env_options none;
    if (!o)
        o = &none;
    struct cel_env *env = calloc(1, sizeof *env);
    if (!env)
        return err(ERR_NOMEM);
    env->arena = arena_init(ENV_MAX);
    env->types.a = &env->arena;
    env->schema = o->schema;
    env->flags = o->flags;
    struct err e =
        arena_copy(&env->arena, o->container ? span_str(o->container) : SPAN_NONE, &env->container);
    if (failed(e)) {
        cel_env_free(env);
        return e;
    }
    *out = env;
    return OK;
}

void cel_env_free(struct cel_env *env)
{
    if (!env)
        return;
    arena_free(&env->arena);
    free(env);
}

static size_t place(const struct cel_env *env, struct span name)
{
    size_t lo = 0, hi = env->n_vars;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (span_cmp(env->vars[mid].name, name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

const struct variable *cel_env_find(const struct cel_env *env, struct span name)
{
    size_t at = place(env, name);
    return at < env->n_vars && span_eq(env->vars[at].name, name) ? &env->vars[at] : NULL;
}

/* Letters, digits and _, parts joined by dots. */
static bool good_name(struct span s)
{
    bool start = true;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i], l = ascii_lower(c);
        bool letter = (l >= 'a' && l <= 'z') || c == '_', digit = c >= '0' && c <= '9';
        if (start ? !letter : !letter && !digit && c != '.')
            return false;
        start = c == '.';
    }
    return !start;
}

static struct err room(struct cel_env *env)
{
    if (env->n_vars < env->cap_vars)
        return OK;
    size_t cap = env->cap_vars ? env->cap_vars * 2 : 16;
    void *m;
    TRY(arena_take(&env->arena, cap * sizeof *env->vars, &m));
    if (env->n_vars)
        memcpy(m, env->vars, env->n_vars * sizeof *env->vars);
    env->vars = m;
    env->cap_vars = cap;
    return OK;
}

struct err cel_env_var(struct cel_env *env, const char *name, const char *type, unsigned *slot)
{
    struct variable v = {.slot = (unsigned)env->n_vars};
    if (!good_name(span_str(name)) || cel_env_find(env, span_str(name)))
        return err(ERR_INPUT);
    TRY(cel_type_parse(&env->types, env, span_str(type), &v.type));
    TRY(arena_copy(&env->arena, span_str(name), &v.name));
    TRY(room(env));
    size_t at = place(env, v.name);
    memmove(env->vars + at + 1, env->vars + at, (env->n_vars - at) * sizeof *env->vars);
    env->vars[at] = v;
    env->n_vars++;
    if (slot)
        *slot = v.slot;
    return OK;
}

struct err cel_env_function(struct cel_env *env, const struct cel_function_decl *f)
{
    void *m, *params;
    if (!good_name(span_str(f->name)) || f->n_params > 32)
        return err(ERR_INPUT);
    TRY(arena_take(&env->arena, sizeof(struct function), &m));
    TRY(arena_take(&env->arena, f->n_params * sizeof(struct type *), &params));
    struct function *new = m;
    *new = (struct function){.member = f->member,
                             .param = params,
                             .n = f->n_params,
                             .run = f->run,
                             .arg = f->arg,
                             .next = env->functions};
    for (unsigned i = 0; i < f->n_params; i++)
        TRY(cel_type_parse(&env->types, env, span_str(f->params[i]), &new->param[i]));
    TRY(cel_type_parse(&env->types, env, span_str(f->result), &new->result));
    TRY(arena_copy(&env->arena, span_str(f->name), &new->name));
    env->functions = new;
    return OK;
}
