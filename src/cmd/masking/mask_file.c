/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and making the key file of the masking commands. */
#define _GNU_SOURCE
#include "mask_file.h"

#include "b64.h"
#include "disk.h"
#include "file.h"
#include "random.h"

#include <stdio.h>

static struct err make_root(const char *file, uint8_t root[MASK_ROOT_BYTES])
{
    uint8_t line[2 * MASK_ROOT_BYTES + 1];
    struct wr w = wr_of(line, sizeof line);
    random_bytes(root, MASK_ROOT_BYTES);
    if (!file)
        return OK;
    hex_encode(&w, span(root, MASK_ROOT_BYTES));
    wr_u8(&w, '\n');
    struct err e = file_replace(file, wr_span(&w), 0600);
    explicit_bzero(line, sizeof line);
    return e;
}

static struct err read_root(const char *file, uint8_t root[MASK_ROOT_BYTES])
{
    struct buf hex = buf_init(256);
    struct wr w = wr_of(root, MASK_ROOT_BYTES);
    FILE *in = fopen(file, "re");
    struct err e = in ? disk_check_private(fileno(in)) : err(ERR_IO);
    if (!failed(e))
        e = file_read_fd(fileno(in), &hex);
    if (in)
        fclose(in);
    hex.n -= span_ends(buf_span(&hex), SPAN_LIT("\n"));
    if (!failed(e))
        e = hex_decode(&w, buf_span(&hex));
    if (!failed(e))
        e = w.n == MASK_ROOT_BYTES ? OK : err(ERR_INPUT);
    buf_wipe(&hex);
    return e;
}

int cmd_mask_key(const struct cmd_call *c, const char *file, bool make, struct mask_key *out)
{
    uint8_t root[MASK_ROOT_BYTES];
    bool fresh = !file || (make && !file_exists(file));
    struct err e = fresh ? make_root(file, root) : read_root(file, root);
    if (!failed(e))
        e = mask_key_init(out, span(root, sizeof root), SPAN_LIT("command line"));
    explicit_bzero(root, sizeof root);
    if (!failed(e))
        return EXIT_CLEAN;
    if (err_cat(e) == ERR_DENIED)
        return cmd_fail(c, EXIT_ERROR, "%s: others may read it; chmod 600 it", file);
    if (err_cat(e) == ERR_INPUT || err_cat(e) == ERR_LIMIT)
        return cmd_fail(c, EXIT_ERROR, "%s: expected 64 hexadecimal digits", file);
    return cmd_fail(c, EXIT_ERROR, "%s: %s", file ? file : "the key", cmd_err_text(e));
}
