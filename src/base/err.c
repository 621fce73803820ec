/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the error categories: for messages and logs, never on a hot path. */
#include "err.h"

const char *err_word(struct err e)
{
    static const char *const words[] = {"none",   "input", "limit",   "denied", "again",
                                        "closed", "io",    "corrupt", "memory", "bug"};
    size_t i = err_cat(e);
    return i < sizeof words / sizeof *words ? words[i] : "unknown";
}
