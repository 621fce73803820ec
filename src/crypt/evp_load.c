/* SPDX-License-Identifier: Apache-2.0 */
/* Loads libcrypto by its name; asked for by bulk ciphers and RSA. At most once a process, whichever
 * of its threads asks first. */
#include "evp_load_int.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>
#include <threads.h>

static bool find(void *lib, const char *name, void *slot)
{
    void *symbol = dlsym(lib, name);
    memcpy(slot, &symbol, sizeof symbol);
    return symbol != NULL;
}

static struct evp_table table;
static bool found;

static void load(void)
{
    void *lib = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
    if (!lib)
        return;
    found = true;
#define X(name) found = find(lib, #name, &table.name) && found;
    EVP_LOADED(X)
#undef X
}

const struct evp_table *evp_load(void)
{
    static once_flag once = ONCE_FLAG_INIT;
    call_once(&once, load);
    return found ? &table : NULL;
}
