/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parent with the real resolve and fakes for the other roles (fake_roles.h): start, one instance,
 * restart with back-off, a bad message ends its sender, records outlive both ends of a ring,
 * reload, drain, stop.
 */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "fake_roles.c"
#include "file.h"
#include "net.h"

enum { WAIT_MS = 8000, PATH_ROOM = 512 };

static char root[PATH_ROOM], exe_dir[PATH_ROOM];
static struct net_addr address;
static pid_t parent = -1;
static int parent_out = -1;

static char *in_root(const char *name)
{
    static char path[4][PATH_ROOM * 2];
    static unsigned turn;
    char *p = path[turn++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", root, name);
    return p;
}

static void copy_program(const char *from, const char *name)
{
    struct buf b = buf_init(64 << 20);
    assert_ok(file_read(from, &b));
    assert_ok(file_replace(in_root(name), buf_span(&b), 0755));
    buf_free(&b);
}

/* A port that is free now. */
static void choose_port(void)
{
    int fd;
    assert_ok(net_parse(SPAN_LIT("127.0.0.1:0"), &address));
    assert_ok(net_listen(&address, false, &fd));
    assert_ok(net_local(fd, &address));
    net_close(&fd);
}

static void write_config(unsigned gates, const char *more)
{
    char text[1024];
    snprintf(text, sizeof text,
             "version: 1\nlisten: 127.0.0.1:%u\ngates: %u\nproviders:\n  local: {kind: ollama, "
             "base_url: \"http://localhost:11434\", trust: local}\nmodels: {\"*\": [local/*]}\n%s",
             address.port, gates, more);
    assert_ok(file_replace(in_root("config.yaml"), span_str(text), 0600));
}

static int set_up(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/sanctum-parent-test.XXXXXX");
    assert_non_null(mkdtemp(root));
    char self[PATH_ROOM], path[PATH_ROOM * 2];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(n > 0);
    self[n] = 0;
    snprintf(exe_dir, sizeof exe_dir, "%s", self);
    *strrchr(exe_dir, '/') = 0;
    static const char *const fakes[] = {"sanctum-gate", "sanctum-ledger", "sanctum-vault",
                                        "sanctum-control"};
    for (size_t i = 0; i < 4; i++)
        copy_program(self, fakes[i]);
    static const char *const real[] = {"sanctum-parent", "sanctum-resolve"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/libexec/%s", exe_dir, real[i]);
        copy_program(path, real[i]);
    }
    assert_ok(file_replace(in_root("ner-en.bin"), SPAN_LIT("no fake role reads this"), 0644));
    choose_port();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[PATH_ROOM * 2];
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

/* ---- running it ---- */

static pid_t start_program(int *out)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], 1);
        if (!getenv("SHOW_LOGS"))
            dup2(open(in_root("log"), O_CREAT | O_APPEND | O_WRONLY, 0600), 2);
        close(ends[0]);
        close(ends[1]);
        execl(in_root("sanctum-parent"), "sanctum-parent", "--config", in_root("config.yaml"),
              "--state", in_root("state"), (char *)NULL);
        _exit(126);
    }
    close(ends[1]);
    *out = ends[0];
    return pid;
}

static int wait_exit(pid_t pid)
{
    int status;
    for (int i = 0; i < WAIT_MS; i += 5) {
        if (waitpid(pid, &status, WNOHANG) == pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
        usleep(5000);
    }
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return -1;
}

/* After a test that failed half-way. */
static int end_parent(void **state)
{
    (void)state;
    if (parent > 0 && kill(parent, SIGKILL) == 0)
        waitpid(parent, NULL, 0);
    parent = -1;
    return 0;
}

static void start(unsigned gates)
{
    write_config(gates, "");
    parent = start_program(&parent_out);
    char line[512] = "";
    ssize_t n = read(parent_out, line, sizeof line - 1);
    if (n <= 0)
        fail_msg("it did not start: exit %d", wait_exit(parent));
    assert_non_null(strstr(line, "serving on 127.0.0.1"));
}

static void stop(void)
{
    assert_int_equal(kill(parent, SIGTERM), 0);
    assert_int_equal(wait_exit(parent), 0);
    close(parent_out);
    parent = -1;
    assert_int_not_equal(access(in_root("state/control.sock"), F_OK), 0);
}

static int connect_gate(void)
{
    int fd;
    struct err e = net_connect(&address, &fd);
    for (int i = 0; i < WAIT_MS && err_cat(e) == ERR_AGAIN; i++) {
        e = net_connected(fd);
        usleep(err_cat(e) == ERR_AGAIN ? 1000 : 0);
    }
    if (failed(e))
        net_close(&fd);
    return fd;
}

static int say(char c)
{
    int fd = connect_gate();
    size_t n;
    if (fd >= 0 && failed(net_write(fd, span(&c, 1), &n)))
        net_close(&fd);
    return fd;
}

/* What the gate answers, "" when it closes or takes too long. */
static const char *hear(int fd)
{
    static char text[128];
    size_t n = 0;
    struct err e = fd < 0 ? err(ERR_CLOSED) : err(ERR_AGAIN);
    for (int i = 0; i < WAIT_MS && err_cat(e) == ERR_AGAIN; i++) {
        e = net_read(fd, text, sizeof text - 1, &n);
        usleep(err_cat(e) == ERR_AGAIN ? 1000 : 0);
    }
    text[failed(e) ? 0 : n] = 0;
    net_close(&fd);
    return text;
}

static const char *tell(char c)
{
    return hear(say(c));
}

/* Until the gate answers so: connections to a gate that just died end without a word. */
static void expect(char c, const char *text)
{
    for (uint64_t end = clock_mono_ns() + WAIT_MS * 1000000ULL; clock_mono_ns() < end;)
        if (strcmp(tell(c), text) == 0)
            return;
    fail_msg("%c never answered %s", c, text);
}

static void gate_says(unsigned *pid, unsigned *generation, unsigned *index)
{
    for (uint64_t end = clock_mono_ns() + WAIT_MS * 1000000ULL; clock_mono_ns() < end;)
        if (sscanf(tell('p'), "%u %u %u", pid, generation, index) == 3)
            return;
    fail_msg("no gate answers");
}

/* A child of parent with that name; 0: none. `not` is passed over. */
static pid_t find_child(const char *name, pid_t not )
{
    DIR *d = opendir("/proc");
    struct dirent *e;
    pid_t found = 0;
    while (!found && (e = readdir(d)) != NULL) {
        char path[300], text[256] = "", comm[64];
        int pid = atoi(e->d_name), ppid;
        if (pid <= 0 || pid == not )
            continue;
        snprintf(path, sizeof path, "/proc/%d/stat", pid);
        FILE *f = fopen(path, "r");
        if (!f)
            continue;
        size_t n = fread(text, 1, sizeof text - 1, f);
        fclose(f);
        text[n] = 0;
        char state;
        if (sscanf(text, "%*d (%63[^)]) %c %d", comm, &state, &ppid) == 3 && ppid == parent &&
            state != 'Z' && strcmp(comm, name) == 0)
            found = pid;
    }
    closedir(d);
    return found;
}

static pid_t wait_child(const char *name, pid_t not )
{
    for (int i = 0; i < WAIT_MS; i++) {
        pid_t p = find_child(name, not );
        if (p)
            return p;
        usleep(1000);
    }
    fail_msg("no %s", name);
    return 0;
}

/* ---- the tests ---- */

static void serves_and_stops(void **state)
{
    (void)state;
    skip_without_localhost();
    uint64_t begin = clock_mono_ns();
    start(2);
    unsigned pid, generation, index;
    gate_says(&pid, &generation, &index);
    uint64_t ms = (clock_mono_ns() - begin) / 1000000;
    print_message("first answer after %lu ms\n", (unsigned long)ms);
    assert_int_equal(generation, 1);
    assert_string_equal(tell('k'), "key 42");
    assert_string_equal(tell('r'), "stored");
    assert_string_equal(tell('h'), "addresses");
    struct stat st;
    assert_int_equal(stat(in_root("state"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(stat(in_root("state/control.sock"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    /* A second one is told so. */
    int out;
    assert_int_equal(wait_exit(start_program(&out)), 2);
    close(out);
    assert_string_equal(tell('r'), "stored");
    stop();
}

static void broken_settings_do_not_start(void **state)
{
    (void)state;
    int out;
    write_config(1, "nonsense: 1\n");
    assert_int_equal(wait_exit(start_program(&out)), 2);
    close(out);
}

static void what_is_killed_comes_back(void **state)
{
    (void)state;
    skip_without_localhost();
    start(1);
    static const char *const names[] = {"sanctum-gate", "sanctum-ledger", "sanctum-vault",
                                        "sanctum-control", "sanctum-resolve"};
    for (int round = 0; round < 3; round++)
        for (size_t i = 0; i < 5; i++) {
            pid_t p = wait_child(names[i], 0);
            assert_int_equal(kill(p, SIGKILL), 0);
            wait_child(names[i], p);
            expect('k', "key 42");
            expect('r', "stored");
            expect('h', "addresses");
        }
    stop();
}

static void back_off_grows(void **state)
{
    (void)state;
    start(1);
    uint64_t took[6];
    pid_t p = wait_child("sanctum-vault", 0);
    for (int i = 0; i < 6; i++) {
        uint64_t begin = clock_mono_ns();
        kill(p, SIGKILL);
        p = wait_child("sanctum-vault", p);
        took[i] = (clock_mono_ns() - begin) / 1000000;
    }
    uint64_t first = UINT64_MAX;
    for (int i = 0; i < 3; i++)
        first = took[i] < first ? took[i] : first;
    assert_true(first < 700);    /* at once; three of them, for a machine that is busy */
    assert_true(took[5] >= 700); /* 50 ms doubled four times */
    stop();
}

static void garbage_ends_its_sender(void **state)
{
    (void)state;
    start(1);
    unsigned pid, again, generation, index;
    static const char victims[] = "gG"; /* to vault, to parent */
    for (size_t i = 0; i < 2; i++) {
        gate_says(&pid, &generation, &index);
        pid_t vault = wait_child("sanctum-vault", 0);
        assert_string_equal(tell(victims[i]), "ok");
        wait_child("sanctum-gate", (pid_t)pid);
        gate_says(&again, &generation, &index);
        assert_int_not_equal(again, pid);
        assert_int_equal(wait_child("sanctum-vault", 0), vault);
        expect('k', "key 42");
    }
    stop();
}

/* The ledger is stopped while a record waits, then killed: its successor stores it. */
static void records_outlive_the_ledger(void **state)
{
    (void)state;
    start(1);
    pid_t p = wait_child("sanctum-ledger", 0);
    kill(p, SIGSTOP);
    int fd = say('r');
    usleep(50000);
    char c;
    size_t n;
    assert_fails(ERR_AGAIN, net_read(fd, &c, 1, &n)); /* not acknowledged */
    kill(p, SIGKILL);
    assert_string_equal(hear(fd), "stored");
    stop();
}

static void reload_and_drain(void **state)
{
    (void)state;
    start(1);
    unsigned pid, generation, index, next;
    gate_says(&pid, &generation, &index);
    int slow = say('w');
    usleep(20000);
    write_config(2, "");
    kill(parent, SIGHUP);
    for (int i = 0; i < WAIT_MS && generation == 1; i++)
        gate_says(&next, &generation, &index);
    assert_int_equal(generation, 2);
    assert_string_equal(hear(slow), "done"); /* by the old gate, which then ends */
    for (int i = 0; i < WAIT_MS && kill((pid_t)pid, 0) == 0; i++)
        usleep(1000);
    assert_int_equal(kill((pid_t)pid, 0), -1);
    expect('k', "key 42");
    expect('r', "stored");
    /* A broken one changes nothing. */
    write_config(1, "nonsense: 1\n");
    kill(parent, SIGHUP);
    usleep(100000);
    gate_says(&next, &generation, &index);
    assert_int_equal(generation, 2);
    /* Neither does one whose processes do not start. */
    assert_int_equal(rename(in_root("sanctum-vault"), in_root("away")), 0);
    write_config(1, "");
    kill(parent, SIGHUP);
    usleep(300000);
    gate_says(&next, &generation, &index);
    assert_int_equal(generation, 2);
    expect('k', "key 42");
    assert_int_equal(rename(in_root("away"), in_root("sanctum-vault")), 0);
    kill(parent, SIGHUP);
    for (int i = 0; i < WAIT_MS && generation == 2; i++)
        gate_says(&next, &generation, &index);
    assert_true(generation > 2);
    expect('k', "key 42");
    expect('r', "stored");
    stop();
}

static void a_role_that_never_starts(void **state)
{
    (void)state;
    int out;
    write_config(1, "");
    assert_int_equal(rename(in_root("sanctum-control"), in_root("away")), 0);
    assert_int_equal(wait_exit(start_program(&out)), 2);
    close(out);
    assert_int_equal(rename(in_root("away"), in_root("sanctum-control")), 0);
}

static void stopping_waits_for_what_is_open(void **state)
{
    (void)state;
    start(1);
    int slow = say('w');
    usleep(20000);
    kill(parent, SIGTERM);
    assert_string_equal(hear(slow), "done");
    assert_int_equal(wait_exit(parent), 0);
    close(parent_out);
    parent = -1;
}

static void children_die_with_parent(void **state)
{
    (void)state;
    start(1);
    pid_t p = wait_child("sanctum-gate", 0);
    kill(parent, SIGKILL);
    wait_exit(parent);
    close(parent_out);
    parent = -1;
    for (int i = 0; i < WAIT_MS && kill(p, 0) == 0; i++)
        usleep(1000);
    assert_int_equal(kill(p, 0), -1);
}

int main(int argc, char **argv)
{
    const char *name = strrchr(argv[0], '/');
    name = name ? name + 1 : argv[0];
    if (strncmp(name, "sanctum-", 8) == 0)
        fake_role(argc, argv, name);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(serves_and_stops, end_parent),
        cmocka_unit_test_teardown(broken_settings_do_not_start, end_parent),
        cmocka_unit_test_teardown(what_is_killed_comes_back, end_parent),
        cmocka_unit_test_teardown(back_off_grows, end_parent),
        cmocka_unit_test_teardown(garbage_ends_its_sender, end_parent),
        cmocka_unit_test_teardown(records_outlive_the_ledger, end_parent),
        cmocka_unit_test_teardown(reload_and_drain, end_parent),
        cmocka_unit_test_teardown(a_role_that_never_starts, end_parent),
        cmocka_unit_test_teardown(stopping_waits_for_what_is_open, end_parent),
        cmocka_unit_test_teardown(children_die_with_parent, end_parent),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
