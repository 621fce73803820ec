/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum model sign` and `sanctum model verify`: OpenSSF model signatures with a key or with
 * certificates. Verifying goes: signature under the pinned key or root, then the manifest's own
 * rules, then every file and no other. Nothing of the payload is used before its signature holds.
 */
#include "b64.h"
#include "cert.h"
#include "file.h"
#include "folder.h"
#include "hash.h"
#include "hashpool.h"
#include "modelcmd_int.h"
#include "num.h"
#include "sign.h"
#include "wr.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

enum { KEY_MAX = 1 << 20, IGNORE_MAX = 4200, PATH_BYTES = 8192 };

static const char *const git_paths[] = {".git", ".gitattributes", ".github", ".gitignore"};

struct ignore {
    struct span v[IGNORE_MAX];
    size_t n;
    char signature[PATH_BYTES];
};

static struct err read_small(const char *path, struct buf *out)
{
    *out = buf_init(KEY_MAX);
    return file_read(path, out);
}

/* The signature's path relative to the model, when it lies inside; else "". */
static void inside(const char *model, const char *signature, char out[PATH_BYTES])
{
    char a[PATH_MAX], b[PATH_MAX];
    char folder[PATH_BYTES];
    out[0] = 0;
    snprintf(folder, sizeof folder, "%s", signature);
    char *slash = strrchr(folder, '/');
    const char *base = slash ? slash + 1 : folder;
    char name[PATH_BYTES];
    snprintf(name, sizeof name, "%s", base);
    if (slash)
        *slash = 0;
    if (!realpath(model, a) || !realpath(slash ? (folder[0] ? folder : "/") : ".", b))
        return;
    size_t n = strlen(a);
    if (strncmp(a, b, n) != 0 || (b[n] && b[n] != '/'))
        return;
    if ((size_t)snprintf(out, PATH_BYTES, "%s%s%s", b[n] ? b + n + 1 : "", b[n] ? "/" : "", name) >=
        PATH_BYTES)
        out[0] = 0;
}

static bool ignore_add(struct ignore *g, struct span path)
{
    while (path.n && path.p[path.n - 1] == '/')
        path.n--;
    if (!path.n || g->n == IGNORE_MAX)
        return false;
    for (size_t i = 0; i < g->n; i++)
        if (span_eq(g->v[i], path))
            return true;
    g->v[g->n++] = path;
    return true;
}

static void ignore_known(struct cmd_call *c, struct ignore *g, const char *model,
                         const char *signature)
{
    for (size_t i = 0; i < sizeof git_paths / sizeof git_paths[0]; i++)
        ignore_add(g, span_str(git_paths[i]));
    inside(model, signature, g->signature);
    ignore_add(g, span_str(g->signature));
    const char *one;
    for (size_t at = 0; (one = cmd_next_value(c, "ignore", &at)) != NULL;)
        ignore_add(g, span_str(strncmp(one, "./", 2) == 0 ? one + 2 : one));
}

static const char *signature_path(struct cmd_call *c, const char *model, char out[PATH_BYTES])
{
    const char *given = cmd_value(c, "signature");
    snprintf(out, PATH_BYTES, "%s/model.sig", model);
    return given ? given : out;
}

static void hint_of(struct span pem, char hex[2 * HASH_BYTES + 1])
{
    uint8_t digest[HASH_BYTES];
    hash_sha256(pem, digest);
    struct wr w = wr_of(hex, 2 * HASH_BYTES);
    hex_encode(&w, span(digest, sizeof digest));
    hex[2 * HASH_BYTES] = 0;
}

/* ---- sign ---- */

/* Parts for every file; shards where asked. Empty files have no shards. */
static struct err list_parts(const struct folder *f, struct manifest *m, uint64_t *total)
{
    size_t n = 0;
    *total = 0;
    for (size_t i = 0; i < f->n; i++) {
        n += m->shard_size ? (f->v[i].size + m->shard_size - 1) / m->shard_size : 1;
        *total += f->v[i].size;
    }
    m->v = calloc(n + 1, sizeof *m->v);
    if (!m->v)
        return err(ERR_NOMEM);
    for (size_t i = 0; i < f->n; i++) {
        uint64_t size = f->v[i].size;
        if (!m->shard_size)
            m->v[m->n++] = (struct manifest_part){.path = folder_name(f, i), .end = MANIFEST_WHOLE};
        for (uint64_t at = 0; m->shard_size && at < size; at += m->shard_size)
            m->v[m->n++] = (struct manifest_part){
                .path = folder_name(f, i),
                .start = at,
                .end = size - at < m->shard_size ? size : at + m->shard_size};
    }
    return OK;
}

static int read_signer(struct cmd_call *c, struct sign_key *key, struct bundle *b)
{
    const char *path = cmd_value(c, "key"), *cert = cmd_value(c, "certificate"),
               *pass = cmd_value(c, "passphrase-file");
    BUF_AUTO pem = {0};
    BUF_AUTO word = {0};
    if (!path)
        return cmd_fail(c, EXIT_USAGE, "--key names the private key");
    struct err e = read_small(path, &pem);
    if (!failed(e) && pass)
        e = read_small(pass, &word);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s: %s", pass && pem.n ? pass : path, cmd_err_text(e));
    while (word.n && (word.p[word.n - 1] == '\n' || word.p[word.n - 1] == '\r'))
        word.n--;
    e = sign_key_private(buf_span(&pem), buf_span(&word), key);
    buf_wipe(&pem);
    buf_wipe(&word);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR,
                        "%s: not an ECDSA or Ed25519 private key, or its passphrase is another",
                        path);
    if (!cert) {
        BUF_AUTO text = buf_init(8192);
        char hex[2 * HASH_BYTES + 1];
        if (failed(sign_key_pem(key, &text)))
            return cmd_fail(c, EXIT_ERROR, "%s: its public half cannot be written", path);
        hint_of(buf_span(&text), hex);
        return failed(buf_puts(&b->hint, hex)) ? EXIT_ERROR : EXIT_CLEAN;
    }
    struct cert_chain chain = cert_chain_init();
    const char *next = cert;
    for (size_t at = 0; next && !failed(e); next = cmd_next_value(c, "chain", &at)) {
        BUF_AUTO text = {0};
        e = read_small(next, &text);
        if (!failed(e))
            e = cert_chain_pem(&chain, buf_span(&text));
    }
    if (!failed(e) && !cert_matches(&chain, key))
        e = err(ERR_DENIED);
    for (size_t i = 0; !failed(e) && i < chain.n; i++) {
        b->cert_len[b->cert_n++] = chain.v[i].n;
        e = buf_put(&b->certs, cert_chain_der(&chain, i));
    }
    cert_chain_free(&chain);
    if (!failed(e))
        return EXIT_CLEAN;
    return cmd_fail(c, EXIT_ERROR,
                    err_cat(e) == ERR_DENIED ? "%s: the certificate is of another key"
                                             : "%s: not a chain of certificates",
                    cert);
}

static struct err sign_and_write(struct manifest *m, const struct sign_key *key, struct bundle *b,
                                 const char *path)
{
    BUF_AUTO text = buf_init(MANIFEST_FILE_MAX + 256);
    BUF_AUTO file = buf_init(2 * MANIFEST_FILE_MAX);
    TRY(manifest_write(m, &b->payload));
    TRY(bundle_signed_text(buf_span(&b->payload), &text));
    TRY(sign_make(key, buf_span(&text), &b->signature));
    TRY(bundle_write(b, &file));
    return file_put(path, buf_span(&file), 0644);
}

static bool pick_hash(const char *name, enum manifest_hash *out)
{
    for (int h = MANIFEST_SHA256; name && h <= MANIFEST_BLAKE3; h++)
        if (strcmp(name, manifest_hash_name((enum manifest_hash)h)) == 0) {
            *out = (enum manifest_hash)h;
            return true;
        }
    return !name;
}

static int sign_model(struct cmd_call *c, const char *model, struct ignore *g, struct folder *f)
{
    char path[PATH_BYTES];
    const char *sig = signature_path(c, model, path), *shard = cmd_value(c, "shard-size");
    struct manifest m = {.allow_symlinks = cmd_has(c, "follow-links")};
    if (!pick_hash(cmd_value(c, "hash"), &m.hash) ||
        (shard && (failed(num_u64(span_str(shard), INT64_MAX, &m.shard_size)) || !m.shard_size)))
        return cmd_fail(c, EXIT_USAGE,
                        "--hash is sha256, blake2b or blake3; --shard-size a number of bytes");
    ignore_known(c, g, model, sig);
    struct err e = folder_read(model, g->v, g->n, m.allow_symlinks, f);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s: %s", model, cmd_err_text(e));
    if (f->odd.n)
        return cmd_fail(c, EXIT_ERROR,
                        "%s/%.*s: a symbolic link or device; see --follow-links and --ignore",
                        model, SPAN_ARG(buf_span(&f->odd)));
    const char *base = strrchr(model, '/');
    m.subject = span_str(base && base[1] ? base + 1 : model);
    m.ignore = g->v;
    m.ignore_n = f->single ? 0 : g->n;
    struct bundle b = bundle_init();
    struct sign_key key = {0};
    int status = read_signer(c, &key, &b);
    uint64_t total;
    size_t bad = 0;
    e = status == EXIT_CLEAN ? list_parts(f, &m, &total) : OK;
    if (status == EXIT_CLEAN && !failed(e) && !m.n)
        status = cmd_fail(c, EXIT_ERROR, "%s: no file to sign", model);
    if (status == EXIT_CLEAN && !failed(e))
        e = hashpool_run(model, &m, total, &bad);
    if (status == EXIT_CLEAN && !failed(e))
        e = sign_and_write(&m, &key, &b, sig);
    if (failed(e))
        status = cmd_fail(c, EXIT_ERROR, "%s: %s", model, cmd_err_text(e));
    else if (status == EXIT_CLEAN && cmd_has(c, "json"))
        printf("{\"verdict\":\"signed\",\"files\":%zu}\n", f->n);
    else if (status == EXIT_CLEAN)
        printf("signed %zu files: %s\n", f->n, sig);
    sign_key_free(&key);
    bundle_free(&b);
    free(m.v);
    return status;
}

int run_sign(struct cmd_call *c)
{
    if (cmd_operands(c) != 1)
        return cmd_fail(c, EXIT_USAGE, "which model? One file or folder");
    struct ignore *g = calloc(1, sizeof *g);
    struct folder f = {0};
    if (!g)
        return cmd_fail(c, EXIT_ERROR, "out of memory");
    int status = sign_model(c, cmd_operand(c, 0), g, &f);
    folder_free(&f);
    free(g);
    return status;
}

/* ---- verify ---- */

struct check {
    struct cmd_call *call;
    const char *model;
    struct bundle bundle;
    struct manifest m;
    struct folder folder;
    struct ignore ignore;
    bool no_hint;
    char why[PATH_BYTES + 256]; /* what failed; "": nothing */
};

static bool fail(struct check *k, const char *what, struct span name)
{
    snprintf(k->why, sizeof k->why, "%s%s%.*s", what, name.n ? ": " : "", SPAN_ARG(name));
    return false;
}

/* The pinned public key, checked against what the bundle says of it. */
static bool pinned_key(struct check *k, struct span pem, struct sign_key *key)
{
    BUF_AUTO text = buf_init(8192);
    char hex[2 * HASH_BYTES + 1];
    if (failed(sign_key_public(pem, key)) || failed(sign_key_pem(key, &text)))
        return fail(k, "the key given is no ECDSA or Ed25519 public key in PEM", SPAN_NONE);
    hint_of(buf_span(&text), hex);
    if (k->bundle.hint.n && !span_is(buf_span(&k->bundle.hint), hex))
        return fail(k, "the signature names another key", SPAN_NONE);
    if (k->bundle.key.n && !span_eq(buf_span(&k->bundle.key), buf_span(&text)))
        return fail(k, "the signature holds another key", SPAN_NONE);
    k->no_hint = !k->bundle.hint.n && !k->bundle.key.n;
    return true;
}

static bool certified_key(struct check *k, const struct cert_chain *roots, struct sign_key *key)
{
    struct cert_chain chain = cert_chain_init();
    struct err e = k->bundle.cert_n ? OK : err(ERR_INPUT);
    for (size_t i = 0, at = 0; !failed(e) && i < k->bundle.cert_n; at += k->bundle.cert_len[i++])
        e = cert_chain_add(&chain, span_cut(buf_span(&k->bundle.certs), at, k->bundle.cert_len[i]));
    const char *why = "the signature holds no certificate";
    if (!failed(e))
        e = cert_signer(&chain, roots, key, &why);
    cert_chain_free(&chain);
    return failed(e) ? fail(k, why, SPAN_NONE) : true;
}

static bool signature_holds(struct check *k, const struct sign_key *key)
{
    BUF_AUTO text = buf_init(MANIFEST_FILE_MAX + 256);
    if (failed(bundle_signed_text(buf_span(&k->bundle.payload), &text)) ||
        failed(sign_check(key, buf_span(&text), buf_span(&k->bundle.signature))))
        return fail(k, "the signature is not this key's", SPAN_NONE);
    return true;
}

/* The manifest lists exactly the files that are there. */
static bool same_files(struct check *k, uint64_t *total)
{
    size_t i = 0;
    *total = 0;
    for (size_t j = 0; j < k->folder.n; j++) {
        struct span name = folder_name(&k->folder, j);
        uint64_t size = k->folder.v[j].size;
        *total += size;
        int c = i < k->m.n ? manifest_path_cmp(k->m.v[i].path, name) : 1;
        if (c < 0)
            return fail(k, "a listed file is missing", k->m.v[i].path);
        if (c > 0 && k->m.shard_size && size == 0)
            continue; /* an empty file has no shards and is not covered */
        if (c > 0)
            return fail(k, "a file that is not listed", name);
        uint64_t end = MANIFEST_WHOLE;
        while (i < k->m.n && span_eq(k->m.v[i].path, name))
            end = k->m.v[i++].end;
        if (k->m.shard_size && end != size)
            return fail(k, "shards that do not cover their file", name);
    }
    return i == k->m.n ? true : fail(k, "a listed file is missing", k->m.v[i].path);
}

static bool same_digests(struct check *k, uint64_t total)
{
    struct manifest now = k->m;
    size_t bad = 0;
    now.v = calloc(k->m.n + 1, sizeof *now.v);
    if (!now.v)
        return fail(k, "out of memory", SPAN_NONE);
    memcpy(now.v, k->m.v, k->m.n * sizeof *now.v);
    struct err e = hashpool_run(k->model, &now, total, &bad);
    bool same = !failed(e) || fail(k, "a file cannot be read", now.v[bad].path);
    size_t n = manifest_hash_bytes(k->m.hash);
    for (size_t i = 0; same && i < k->m.n; i++)
        if (memcmp(now.v[i].digest, k->m.v[i].digest, n) != 0)
            same = fail(k, "a file was changed", k->m.v[i].path);
    free(now.v);
    return same;
}

static bool model_holds(struct check *k)
{
    struct fault f = {0};
    if (failed(manifest_read(buf_span(&k->bundle.payload), &k->m, &f)))
        return fail(k, f.why ? f.why : "the manifest cannot be read", SPAN_NONE);
    for (size_t i = 0; i < k->m.ignore_n; i++)
        if (!ignore_add(&k->ignore, k->m.ignore[i]))
            return fail(k, "too many ignored paths", SPAN_NONE);
    struct err e = folder_read(k->model, k->ignore.v, k->ignore.n, k->m.allow_symlinks, &k->folder);
    if (failed(e))
        return fail(k, "the model cannot be read", SPAN_NONE);
    if (k->folder.odd.n)
        return fail(k, "a symbolic link or device", buf_span(&k->folder.odd));
    uint64_t total;
    return same_files(k, &total) && same_digests(k, total);
}

static bool everything_holds(struct check *k, struct span pem, const struct cert_chain *roots,
                             struct span file)
{
    struct fault f = {0};
    struct sign_key key = {0};
    if (failed(bundle_read(file, &k->bundle, &f)))
        return fail(k, f.why ? f.why : "the signature cannot be read", SPAN_NONE);
    bool good = (roots->n ? certified_key(k, roots, &key) : pinned_key(k, pem, &key)) &&
                signature_holds(k, &key);
    sign_key_free(&key);
    return good && model_holds(k);
}

static int tell(struct check *k, bool good)
{
    if (cmd_has(k->call, "json")) {
        printf("{\"path\":");
        cmd_json_string(stdout, span_str(k->model));
        printf(",\"verdict\":\"%s\",\"files\":%zu,\"reason\":", good ? "ok" : "bad", k->folder.n);
        cmd_json_string(stdout, span_str(k->why));
        puts("}");
    } else if (good) {
        printf("ok: %zu files\n", k->folder.n);
    } else {
        printf("bad: %s\n", k->why);
    }
    if (good && k->no_hint)
        fputs("sanctum model: the signature does not say which key it is of\n", stderr);
    return good ? EXIT_CLEAN : EXIT_FINDING;
}

static int read_trust(struct cmd_call *c, struct buf *pem, struct cert_chain *roots)
{
    const char *key = cmd_value(c, "key"), *chain;
    struct err e = OK;
    if (!key == !cmd_has(c, "chain"))
        return cmd_fail(c, EXIT_USAGE, "--key names the public key, or --chain the trusted roots");
    if (key && failed(e = read_small(key, pem)))
        return cmd_fail(c, EXIT_ERROR, "%s: %s", key, cmd_err_text(e));
    for (size_t at = 0; (chain = cmd_next_value(c, "chain", &at)) != NULL;) {
        BUF_AUTO text = {0};
        e = read_small(chain, &text);
        if (!failed(e))
            e = cert_chain_pem(roots, buf_span(&text));
        if (failed(e))
            return cmd_fail(c, EXIT_ERROR, "%s: %s", chain, cmd_err_text(e));
    }
    return EXIT_CLEAN;
}

int run_verify(struct cmd_call *c)
{
    if (cmd_operands(c) != 1)
        return cmd_fail(c, EXIT_USAGE, "which model? One file or folder");
    struct check *k = calloc(1, sizeof *k);
    if (!k)
        return cmd_fail(c, EXIT_ERROR, "out of memory");
    k->call = c;
    k->model = cmd_operand(c, 0);
    char path[PATH_BYTES];
    const char *sig = signature_path(c, k->model, path);
    struct buf pem = {0}, file = buf_init(MANIFEST_FILE_MAX);
    struct cert_chain roots = cert_chain_init();
    int status = read_trust(c, &pem, &roots);
    struct err e = status == EXIT_CLEAN ? file_read(sig, &file) : OK;
    if (failed(e))
        status = cmd_fail(c, EXIT_ERROR, "%s: %s", sig, cmd_err_text(e));
    if (status == EXIT_CLEAN) {
        ignore_known(c, &k->ignore, k->model, sig);
        status = tell(k, everything_holds(k, buf_span(&pem), &roots, buf_span(&file)));
    }
    cert_chain_free(&roots);
    buf_free(&pem);
    buf_free(&file);
    bundle_free(&k->bundle);
    manifest_free(&k->m);
    folder_free(&k->folder);
    free(k);
    return status;
}
