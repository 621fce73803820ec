/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a policy decision costs: compile with check, and evaluate with the cost limit on. The first
 * argument matches, so no clause is skipped. Prints the best of several rounds, in nanoseconds.
 */
#include "cel.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 15, EVALS = 200000, COMPILES = 10000 };

static const char policy[] =
    "tool == \"Bash\" && !(host in [\"a.com\",\"b.com\"]) && args.size() < 100 && "
    "args.exists(a, a.startsWith(\"rm\"))";

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void need(struct err e, const char *what)
{
    if (!failed(e))
        return;
    fprintf(stderr, "%s: %s\n", what, err_word(e));
    exit(2);
}

static struct cel_env *environment(unsigned slot[3])
{
    struct cel_env *env;
    need(cel_env_new(NULL, &env), "env");
    need(cel_env_var(env, "tool", "string", &slot[0]), "tool");
    need(cel_env_var(env, "host", "string", &slot[1]), "host");
    need(cel_env_var(env, "args", "list(string)", &slot[2]), "args");
    return env;
}

static double bench_compile(const struct cel_env *env)
{
    double best = 1e18;
    for (int r = 0; r < ROUNDS; r++) {
        double start = now();
        for (int i = 0; i < COMPILES; i++) {
            struct cel_program *p;
            need(cel_compile(env, span_str(policy), 0, &p, NULL), "compile");
            cel_program_free(p);
        }
        double t = (now() - start) / COMPILES;
        best = t < best ? t : best;
    }
    return best;
}

static double bench_eval(const struct cel_program *p, const struct cel_input *in)
{
    double best = 1e18;
    for (int r = 0; r < ROUNDS; r++) {
        int yes = 0;
        double start = now();
        for (int i = 0; i < EVALS; i++) {
            yes += cel_is_true(cel_eval(p, in, NULL));
            arena_reset(in->arena);
        }
        double t = (now() - start) / EVALS;
        best = t < best ? t : best;
        if (yes != EVALS) {
            fprintf(stderr, "the policy must hold\n");
            exit(2);
        }
    }
    return best;
}

int main(void)
{
    unsigned slot[3];
    struct cel_env *env = environment(slot);
    struct cel_program *p;
    struct arena a = arena_init(1 << 20);
    struct cel_value args[2] = {cel_string(SPAN_LIT("rm")), cel_string(SPAN_LIT("-rf"))}, vars[3];
    vars[slot[0]] = cel_string(SPAN_LIT("Bash"));
    vars[slot[1]] = cel_string(SPAN_LIT("c.com"));
    need(cel_list_of(&a, args, 2, &vars[slot[2]]), "args");
    struct arena work = arena_init(1 << 20);
    const struct cel_input in = {.vars = vars, .n_vars = 3, .arena = &work, .cost_max = 100000};
    double compile = bench_compile(env);
    need(cel_compile(env, span_str(policy), 0, &p, NULL), "compile");
    uint64_t cost;
    (void)cel_is_true(cel_eval(p, &in, &cost));
    printf("compile and check  %8.0f ns\nevaluate           %8.1f ns  (cost %llu)\n", compile,
           bench_eval(p, &in), (unsigned long long)cost);
    cel_program_free(p);
    cel_env_free(env);
    arena_free(&a);
    arena_free(&work);
    return 0;
}
