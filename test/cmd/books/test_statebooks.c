/* SPDX-License-Identifier: Apache-2.0 */
/* The books of a state directory without a daemon: what a command records, and two commands at
 * once. With a daemon: test/role/vault and test/role/ledger. */
#define _GNU_SOURCE
#include "unit.h"

#include "audit_reader.h"
#include "statebooks.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char state_dir[64];

static int make(void **state)
{
    (void)state;
    strcpy(state_dir, "/tmp/sanctum-books-XXXXXX");
    return mkdtemp(state_dir) ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", state_dir);
    return system(command);
}

static void note(enum audit_kind kind, const char *name)
{
    struct statebooks b;
    assert_ok(statebooks_open(&b, state_dir));
    assert_false(b.remote);
    assert_ok(statebooks_secret(&b, kind, span_str(name)));
    statebooks_close(&b);
}

/* How many records there are; each holds `text`. */
static uint64_t records_with(const char *text)
{
    char dir[STATEBOOKS_PATH];
    struct audit_reader *r;
    struct audit_entry e;
    uint64_t n = 0;
    snprintf(dir, sizeof dir, "%s/ledger", state_dir);
    assert_ok(audit_reader_open(dir, &r));
    for (; !failed(audit_reader_next(r, &e)); n++)
        assert_non_null(memmem(e.json.p, e.json.n, text, strlen(text)));
    audit_reader_close(r);
    return n;
}

static void a_deed_is_a_record(void **state)
{
    (void)state;
    note(AUDIT_secret_set, "a/b");
    note(AUDIT_secret_read, "a/b");
    note(AUDIT_secret_removed, "a/b");
    assert_int_equal(records_with("{\"actor\":\"command\",\"boot\":\"command\",\"kind\":\"secret_"),
                     3);
    assert_int_equal(records_with("\"object\":\"vault:a/b\""), 3);
}

/* Commands wait for each other: all of them record. */
static void several_at_once(void **state)
{
    enum { MANY = 12 };
    (void)state;
    for (int i = 0; i < MANY; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct statebooks b;
            struct err e = statebooks_open(&b, state_dir);
            if (!failed(e))
                e = statebooks_secret(&b, AUDIT_secret_read, SPAN_LIT("x"));
            statebooks_close(&b);
            _exit(failed(e));
        }
    }
    for (int i = 0; i < MANY; i++) {
        int status;
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    assert_int_equal(records_with("\"object\":\"vault:x\""), MANY);
}

/* One that holds the directory for ever is not waited for for ever. */
static void one_that_does_not_end(void **state)
{
    struct statebooks holder, b;
    (void)state;
    assert_ok(statebooks_open(&holder, state_dir));
    assert_fails(ERR_AGAIN, statebooks_open(&b, state_dir));
    assert_string_equal(b.why, "the state directory is in use, but no daemon answers");
    statebooks_close(&b);
    statebooks_close(&holder);
    note(AUDIT_secret_read, "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_deed_is_a_record, make, drop),
        cmocka_unit_test_setup_teardown(several_at_once, make, drop),
        cmocka_unit_test_setup_teardown(one_that_does_not_end, make, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
