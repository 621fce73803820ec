/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy in a C program: may this tool run? Build it from the build directory with
 *     cc -I include/sanctum-cel examples/cel.c libsanctum-cel.a -lm
 */
#include "cel.h"

#include <stdio.h>

static const char policy[] = "tool in ['Read', 'Grep'] || "
                             "(tool == 'Bash' && !args.exists(a, a.startsWith('rm')))";

/* 1 allowed, 0 denied, -1 the policy is broken. An error while evaluating denies. */
static int decide(const char *tool, const struct cel_value *args, size_t n)
{
    struct arena memory = arena_init(1 << 20);
    struct cel_env *env = NULL;
    struct cel_program *program = NULL;
    struct cel_value vars[2];
    struct fault f = {0};
    unsigned at_tool, at_args;
    int answer = -1;
    struct err e = cel_env_new(NULL, &env);
    if (!failed(e))
        e = cel_env_var(env, "tool", "string", &at_tool);
    if (!failed(e))
        e = cel_env_var(env, "args", "list(string)", &at_args);
    if (!failed(e))
        e = cel_compile(env, span_str(policy), 0, &program, &f);
    if (!failed(e))
        e = cel_list_of(&memory, args, n, &vars[at_args]);
    if (!failed(e)) {
        vars[at_tool] = cel_string(span_str(tool));
        const struct cel_input in = {
            .vars = vars, .n_vars = 2, .arena = &memory, .cost_max = 100000};
        answer = cel_is_true(cel_eval(program, &in, NULL));
    } else if (f.why) {
        fprintf(stderr, "policy: byte %zu: %s\n", f.at, f.why);
    }
    cel_program_free(program);
    cel_env_free(env);
    arena_free(&memory);
    return answer;
}

int main(void)
{
    struct cel_value rm[2] = {cel_string(SPAN_LIT("rm")), cel_string(SPAN_LIT("-rf"))};
    struct cel_value ls[1] = {cel_string(SPAN_LIT("ls"))};
    printf("Read: %d\nBash ls: %d\nBash rm: %d\n", decide("Read", NULL, 0), decide("Bash", ls, 1),
           decide("Bash", rm, 2));
    return 0;
}
