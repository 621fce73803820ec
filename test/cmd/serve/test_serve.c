/* SPDX-License-Identifier: Apache-2.0 */
/* `sanctum serve` as a person meets it: help, wrong usage, broken settings. That it serves is
 * test/role/parent's. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "file.h"
#include "proc.h"

static struct buf out, error_text;

/* Run it with these arguments; returns its exit status. */
static int serve(const char *a, const char *b, const char *c, const char *d)
{
    BUF_AUTO path = buf_init(4096);
    assert_ok(proc_self_dir(&path));
    assert_ok(buf_puts(&path, "/libexec/sanctum-serve"));
    assert_ok(buf_put_u8(&path, 0));
    const char *const argv[] = {"sanctum-serve", a, b, c, d, NULL};
    const char *const envp[] = {"PATH=/usr/bin:/bin", NULL};
    struct proc_run r = {.path = (const char *)path.p,
                         .argv = argv,
                         .envp = envp,
                         .out = &out,
                         .err_text = &error_text,
                         .timeout_ms = 20000};
    struct proc_end end;
    buf_clear(&out);
    buf_clear(&error_text);
    assert_ok(proc_run(&r, &end));
    assert_int_equal(end.signal, 0);
    return end.status;
}

static bool says(const struct buf *b, const char *what)
{
    return span_search(buf_span(b), 0, span_str(what)) < b->n;
}

static void help(void **state)
{
    (void)state;
    assert_int_equal(serve("--help", NULL, NULL, NULL), 0);
    assert_true(says(&out, "--config"));
    assert_true(says(&out, "--passphrase-fd"));
    assert_true(says(&out, "SIGHUP"));
}

static void usage(void **state)
{
    (void)state;
    assert_int_equal(serve("--nonsense", NULL, NULL, NULL), 64);
    assert_int_equal(serve("--config", NULL, NULL, NULL), 64);
    assert_int_equal(serve("operand", NULL, NULL, NULL), 64);
    assert_int_equal(serve("--passphrase-fd", "three", NULL, NULL), 64);
    assert_true(error_text.n > 0);
}

static void broken_settings(void **state)
{
    (void)state;
    char dir[] = "/tmp/sanctum-serve-test.XXXXXX", config[64], home[64], command[96];
    assert_non_null(mkdtemp(dir));
    snprintf(config, sizeof config, "%s/c.yaml", dir);
    snprintf(home, sizeof home, "--state=%s/state", dir);
    assert_ok(file_replace(config, SPAN_LIT("version: 1\nlisten: nowhere\n"), 0600));
    assert_int_equal(serve("--config", config, home, NULL), 2);
    assert_true(says(&error_text, "c.yaml:2: expected"));
    assert_int_equal(serve("--config", "/no/such/file", home, NULL), 2);
    assert_true(says(&error_text, "/no/such/file"));
    assert_int_equal(out.n, 0);
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    out = buf_init(1 << 16);
    error_text = buf_init(1 << 16);
    const struct CMUnitTest tests[] = {cmocka_unit_test(help), cmocka_unit_test(usage),
                                       cmocka_unit_test(broken_settings)};
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    buf_free(&out);
    buf_free(&error_text);
    return failures;
}
