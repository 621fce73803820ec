/* SPDX-License-Identifier: Apache-2.0 */
/* Loads libcrypto by its name; asked for by chunk.c and rsa.c. At most once a process. */
#include "evp_load_int.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

static bool find(void *lib, const char *name, void *slot)
{
    void *symbol = dlsym(lib, name);
    memcpy(slot, &symbol, sizeof symbol);
    return symbol != NULL;
}

const struct evp_table *evp_load(void)
{
    static struct evp_table table;
    static bool tried, found;
    if (tried)
        return found ? &table : NULL;
    tried = true;
    void *lib = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
    if (!lib)
        return NULL;
    found = true;
#define X(name) found = find(lib, #name, &table.name) && found;
    EVP_LOADED(X)
#undef X
    return found ? &table : NULL;
}
