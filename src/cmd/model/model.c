/* SPDX-License-Identifier: Apache-2.0 */
/* `sanctum model`: the table of its subcommands. */
#include "modelcmd_int.h"

static const struct cmd_opt inspect_options[] = {
    {"json", 0, NULL, "print one JSON object a file"},
    {"sarif", 0, NULL, "print one SARIF 2.1.0 document"},
    {0}};

static const struct cmd_opt sign_options[] = {
    {"key", 'k', "FILE", "private key in PEM: ECDSA P-256, P-384, P-521 or Ed25519"},
    {"passphrase-file", 0, "FILE", "first line opens the private key"},
    {"certificate", 0, "FILE", "certificate of the key; put into the signature"},
    {"chain", 0, "FILE", "certificates between it and the root (may be repeated)"},
    {"signature", 's', "FILE", "where to write the signature; MODEL/model.sig by default"},
    {"ignore", 0, "PATH", "leave out a file or folder of the model (may be repeated)"},
    {"hash", 0, "NAME", "sha256 (default), blake2b or blake3"},
    {"shard-size", 0, "BYTES", "sign pieces of this size instead of whole files"},
    {"follow-links", 0, NULL, "sign what symbolic links to files point at"},
    {"json", 0, NULL, "print one JSON object"},
    {0}};

static const struct cmd_opt verify_options[] = {
    {"key", 'k', "FILE", "the signer's public key in PEM"},
    {"chain", 0, "FILE", "trusted root certificates in PEM, instead of a key (may be repeated)"},
    {"signature", 's', "FILE", "the signature; MODEL/model.sig by default"},
    {"ignore", 0, "PATH", "a file or folder that need not be listed (may be repeated)"},
    {"json", 0, NULL, "print one JSON object"},
    {0}};

static const struct cmd_sub subs[] = {
    {"inspect", "PATH...", "judge model files without loading them", inspect_options, run_inspect},
    {"sign", "MODEL", "sign a model's files", sign_options, run_sign},
    {"verify", "MODEL", "check a model against its signature", verify_options, run_verify},
    {0}};

static const struct cmd_spec spec = {
    "model", "inspect, sign and verify model files", subs,
    "inspect reads model files and whole folders and says of each whether loading it is ok, "
    "suspicious, malformed or malicious, and at which byte and why. The content decides the "
    "format, "
    "never the name. Nothing is loaded or executed.\n\n"
    "sign and verify use OpenSSF model signatures: a list of every file's digest, signed with a "
    "key or "
    "with certificates. verify insists that every listed file is unchanged and that no other file "
    "is "
    "there.\n\n"
    "Exit status: 0 every file is ok, 1 something was found, 2 something could not be looked at."};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
