/* SPDX-License-Identifier: Apache-2.0 */
/* What single words of a body are: roles, signatures, names of members. Called by read.c for those
 * members alone whose place asks for it. */
#include "shape_int.h"

enum llm_role shape_role(struct span role)
{
    static const struct {
        const char *name;
        enum llm_role role;
    } roles[] = {{"user", LLM_ROLE_USER},     {"assistant", LLM_ROLE_ASSISTANT},
                 {"system", LLM_ROLE_SYSTEM}, {"developer", LLM_ROLE_SYSTEM},
                 {"tool", LLM_ROLE_TOOL},     {"function", LLM_ROLE_TOOL}};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (span_is(role, roles[i].name))
            return roles[i].role;
    return LLM_ROLE_OTHER;
}

/* Signatures are long words of base64; what a person or a careless client puts in their place
 * vouches for nothing. PHP writes a slash with a backslash. */
bool shape_signature(struct span s)
{
    enum { SHORTEST = 64 };
    bool digit = false;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if ((uint8_t)(c - '0') < 10)
            digit = true;
        else if ((uint8_t)(ascii_lower(c) - 'a') >= 26 && !(c && strchr("+/=-_.:", c)) &&
                 !(c == '\\' && i + 1 < s.n && s.p[i + 1] == '/'))
            return false;
    }
    return digit && s.n >= SHORTEST;
}

/* Could this name of a member be more than a name? Those that providers give are lower-case words.
 */
bool shape_key_may_name(struct span key)
{
    enum { LONG = 64 };
    if (key.n && (uint8_t)(key.p[0] - 'A') < 26)
        return true;
    for (size_t i = 0; i < key.n; i++) {
        uint8_t c = key.p[i];
        if ((uint8_t)(ascii_lower(c) - 'a') >= 26 && c != '_' && c != '-' && c != '.')
            return true;
    }
    return key.n > LONG;
}
