/* SPDX-License-Identifier: Apache-2.0 */
/* `sanctum model`: the table of its subcommands. */
#include "model_int.h"

static const struct cmd_opt inspect_options[] = {
    {"json", 0, NULL, "print one JSON object a file"},
    {"sarif", 0, NULL, "print one SARIF 2.1.0 document"},
    {0}};

static const struct cmd_sub subs[] = {
    {"inspect", "PATH...", "judge model files without loading them", inspect_options, run_inspect},
    {0}};

static const struct cmd_spec spec = {
    "model", "inspect, sign and verify model files", subs,
    "inspect reads model files and whole folders and says of each whether loading it is ok, "
    "suspicious, malformed or malicious, and at which byte and why. The content decides the "
    "format, "
    "never the name. Nothing is loaded or executed.\n\n"
    "Exit status: 0 every file is ok, 1 something was found, 2 something could not be looked at."};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
