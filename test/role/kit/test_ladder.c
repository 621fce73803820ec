/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a role can still do after the ladder, tried one thing at a time in a process of its own.
 * Every attempt is made twice: without the ladder it must succeed (else the test shows nothing),
 * behind it it must fail, be it by an error or by the end of the process. The tables of calls are
 * compared with golden files, for both architectures.
 */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "net.h"
#include "proc.h"
#include "rolecalls.h"

#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup 425
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

/* A sibling to attack: it sleeps, holds a file, and has a known word in its memory. */
static pid_t sibling, plain, armoured;
static volatile int word = 4711;
static struct net_addr tcp; /* a listener of the test's */
static int tcp_listener;

/* ---- attempts: true when the thing could be done ---- */

static bool open_file(void)
{
    return open("/etc/passwd", O_RDONLY) >= 0;
}

static bool write_file(void)
{
    int fd = open("/tmp/sanctum-ladder-test", O_WRONLY | O_CREAT, 0600);
    unlink("/tmp/sanctum-ladder-test");
    return fd >= 0;
}

static bool list_directory(void)
{
    return open("/", O_RDONLY | O_DIRECTORY) >= 0;
}

static bool run_program(void)
{
    execl("/bin/true", "true", (char *)NULL);
    return false; /* on success the exit status 0 of true tells */
}

static bool fork_process(void)
{
    pid_t p = fork();
    if (p == 0)
        _exit(0);
    return p > 0;
}

static bool attach(void)
{
    return ptrace(PTRACE_ATTACH, sibling, NULL, NULL) == 0;
}

static bool read_memory(void)
{
    int got = 0;
    struct iovec mine = {&got, sizeof got}, theirs = {(void *)&word, sizeof word};
    return process_vm_readv(sibling, &mine, 1, &theirs, 1, 0) == sizeof got && got == 4711;
}

static bool write_memory(void)
{
    int put = 4711;
    struct iovec mine = {&put, sizeof put}, theirs = {(void *)&word, sizeof word};
    return process_vm_writev(sibling, &mine, 1, &theirs, 1, 0) == sizeof put;
}

static bool steal_descriptor(void)
{
    int fd = (int)syscall(SYS_pidfd_open, sibling, 0);
    return fd >= 0 && syscall(SYS_pidfd_getfd, fd, 0, 0) >= 0;
}

static bool signal_sibling(void)
{
    return kill(sibling, 0) == 0;
}

static bool read_proc(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", sibling);
    return open(path, O_RDONLY) >= 0;
}

static bool connect_tcp(void)
{
    int fd;
    struct err e = net_connect(&tcp, &fd);
    return !failed(e) || err_cat(e) == ERR_AGAIN;
}

static bool listen_tcp(void)
{
    struct net_addr a = tcp;
    a.port = 0;
    int fd;
    return !failed(net_listen(&a, false, &fd));
}

static bool udp(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(53)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return fd >= 0 && sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof to) == 1;
}

static bool unix_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool netlink(void)
{
    return socket(AF_NETLINK, SOCK_RAW, 0) >= 0;
}

static bool executable_memory(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) != MAP_FAILED;
}

static bool make_executable(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p != MAP_FAILED && mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool memory_file(void)
{
    return memfd_create("x", 0) >= 0;
}

static bool ring_of_operations(void)
{
    uint8_t params[120] = {0};
    long r = syscall(SYS_io_uring_setup, 1, params);
    return r >= 0 || errno == EPERM; /* EPERM: the machine's own switch, which we do not own */
}

static bool dumpable_again(void)
{
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}

static bool core_file(void)
{
    struct rlimit r = {RLIM_INFINITY, RLIM_INFINITY};
    return setrlimit(RLIMIT_CORE, &r) == 0;
}

static bool new_namespace(void)
{
    return syscall(SYS_unshare, 0) == 0;
}

/* Work that a role must still be able to do. */
static bool ordinary_work(void)
{
    int ends[2];
    void *p = malloc(1 << 20);
    bool fine = p && socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0; /* not even that */
    free(p);
    log_line(LOG_LEVEL_DEBUG, "a line");
    return fine && getpid() > 0;
}

/* ---- running them ---- */

enum verdict { DONE, REFUSED, KILLED, BROKEN };

static struct sandbox *with; /* NULL: no ladder */

static enum verdict try(bool (*attempt)(void))
{
    pid_t p = fork();
    if (p == 0) {
        struct sandbox_report report;
        if (with && failed(sandbox_enter(with, &report)))
            _exit(99);
        _exit(attempt() ? 0 : 1);
    }
    int status;
    waitpid(p, &status, 0);
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGSYS ? KILLED : BROKEN;
    if (WEXITSTATUS(status) == 99)
        return BROKEN;
    return WEXITSTATUS(status) == 0 ? DONE : REFUSED;
}

struct attempt {
    const char *name;
    bool (*run)(void);
    bool kills;     /* an attempt that ends the process */
    bool root_only; /* without the ladder only root can */
    unsigned may;   /* set of roles that may */
};

#define MAY(r) (1U << WIRE_##r)
static const struct attempt attempts[] = {
    {"open a file", open_file, false, false, MAY(LEDGER) | MAY(VAULT) | MAY(RESOLVE)},
    {"write a file", write_file, false, false, MAY(LEDGER) | MAY(VAULT)},
    {"list a directory", list_directory, false, false, MAY(LEDGER) | MAY(VAULT) | MAY(RESOLVE)},
    {"run a program", run_program, true, false, 0},
    {"fork", fork_process, false, false, 0},
    {"ptrace a sibling", attach, true, false, 0},
    {"read a sibling's memory", read_memory, true, false, 0},
    {"write a sibling's memory", write_memory, true, false, 0},
    {"take a sibling's descriptor", steal_descriptor, true, false, 0},
    {"signal a sibling", signal_sibling, true, false, 0},
    {"open a sibling's memory", read_proc, false, false, 0},
    {"connect", connect_tcp, false, false, MAY(GATE) | MAY(RESOLVE)},
    {"listen", listen_tcp, false, false, 0},
    {"send a datagram", udp, false, false, MAY(RESOLVE)},
    {"make a Unix socket", unix_socket, false, false, MAY(RESOLVE)},
    {"make a netlink socket", netlink, false, false, MAY(RESOLVE)},
    {"map executable memory", executable_memory, false, false, 0},
    {"make memory executable", make_executable, false, false, 0},
    {"make a memory file", memory_file, false, false, 0},
    {"use io_uring", ring_of_operations, true, false, 0},
    {"become dumpable", dumpable_again, false, false, 0},
    {"allow core files", core_file, false, true, 0},
    {"unshare", new_namespace, true, false, 0},
};
enum { ATTEMPTS = sizeof attempts / sizeof attempts[0] };

static void without_the_ladder_all_succeed(void **state)
{
    (void)state;
    with = NULL;
    sibling = plain;
    for (size_t i = 0; i < ATTEMPTS; i++) {
        if (attempts[i].root_only && geteuid() != 0)
            continue;
        if (try(attempts[i].run) != DONE)
            fail_msg("without the ladder: %s", attempts[i].name);
        kill(sibling, SIGCONT);
    }
}

static void check_role(enum wire_role role)
{
    struct sandbox box = role_box(role);
    with = &box;
    sibling = armoured; /* as every role is */
    /* What Landlock adds is looked at elsewhere: here the paths and ports are open, if it lets. */
    sandbox_add_path(&box, "/", SANDBOX_PATH_WRITE);
    sandbox_add_port(&box, tcp.port);
    for (size_t i = 0; i < ATTEMPTS; i++) {
        const struct attempt *a = &attempts[i];
        enum verdict v = try(a->run);
        bool fine = a->may >> role & 1 ? v == DONE : a->kills ? v == KILLED : v == REFUSED;
        if (!fine)
            fail_msg("%s, %s: %d", wire_role_name(role), a->name, (int)v);
    }
    assert_int_equal(try(ordinary_work), DONE);
}

static void every_role(void **state)
{
    (void)state;
    static const enum wire_role roles[] = {WIRE_GATE, WIRE_LEDGER, WIRE_VAULT, WIRE_CONTROL,
                                           WIRE_RESOLVE};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        check_role(roles[i]);
}

/* ---- Landlock ---- */

static bool open_etc(void)
{
    return open("/etc/passwd", O_RDONLY) >= 0;
}

static bool create_in_tmp(void)
{
    return write_file();
}

static void paths(void **state)
{
    (void)state;
    if (sandbox_landlock_abi() == 0)
        skip();
    struct sandbox box = role_box(WIRE_LEDGER);
    with = &box;
    assert_int_equal(try(open_etc), REFUSED); /* nothing listed */
    sandbox_add_path(&box, "/etc", SANDBOX_PATH_READ);
    sandbox_add_path(&box, "/no/such/path", SANDBOX_PATH_WRITE);
    assert_int_equal(try(open_etc), DONE);
    assert_int_equal(try(create_in_tmp), REFUSED);
    sandbox_add_path(&box, "/tmp", SANDBOX_PATH_READ);
    assert_int_equal(try(create_in_tmp), REFUSED);
    sandbox_add_path(&box, "/tmp", SANDBOX_PATH_WRITE);
    assert_int_equal(try(create_in_tmp), DONE);
}

static void ports(void **state)
{
    (void)state;
    if (sandbox_landlock_abi() < 4)
        skip();
    struct sandbox box = role_box(WIRE_GATE);
    with = &box;
    assert_int_equal(try(connect_tcp), REFUSED);
    sandbox_add_port(&box, tcp.port);
    assert_int_equal(try(connect_tcp), DONE);
    struct sandbox any = role_box(WIRE_GATE);
    any.any_port = true;
    with = &any;
    assert_int_equal(try(connect_tcp), DONE);
}

static uint32_t holds_with(int abi)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t p = fork();
    if (p == 0) {
        struct sandbox box = role_box(WIRE_GATE);
        struct sandbox_report r;
        sandbox_limit_landlock(abi);
        if (failed(sandbox_enter(&box, &r)) || r.landlock_abi > abi || open_file())
            _exit(1);
        _exit(write(ends[1], &r.holds, sizeof r.holds) == sizeof r.holds ? 0 : 1);
    }
    int status;
    waitpid(p, &status, 0);
    assert_int_equal(status, 0);
    uint32_t holds = 0;
    assert_int_equal(read(ends[0], &holds, sizeof holds), sizeof holds);
    close(ends[0]);
    close(ends[1]);
    return holds;
}

/* Kernels that know less: the ladder still stands, and says what holds. */
static void older_kernels(void **state)
{
    (void)state;
    uint32_t must =
        SANDBOX_LIMITS | SANDBOX_NO_NEW_PRIVILEGES | SANDBOX_NOT_DUMPABLE | SANDBOX_CALLS;
    int real = sandbox_landlock_abi();
    static const int abis[] = {0, 2, 4, 7};
    for (size_t i = 0; i < 4; i++) {
        if (abis[i] > real)
            continue;
        uint32_t h = holds_with(abis[i]);
        assert_int_equal(h & must, must);
        assert_int_equal(!!(h & SANDBOX_FILES), abis[i] > 0);
        assert_int_equal(!!(h & SANDBOX_PORTS), abis[i] >= 4);
        assert_int_equal(!!(h & SANDBOX_SCOPES), abis[i] >= 6);
    }
    assert_string_equal(sandbox_step_name(SANDBOX_CALLS), "calls");
    assert_string_equal(sandbox_step_name((enum sandbox_step)3), "?");
}

/* ---- golden files ---- */

/* SANCTUM_GOLDEN=write rewrites them: look at the difference before it is committed. */
static void golden(void **state)
{
    (void)state;
    static const char *const archs[] = {"x86_64", "aarch64"};
    for (unsigned role = WIRE_GATE; role < WIRE_ROLE_COUNT; role++)
        for (size_t i = 0; i < 2; i++) {
            char path[128];
            snprintf(path, sizeof path, SOURCE_ROOT "/test/role/kit/calls/%s.%s.txt",
                     wire_role_name((enum wire_role)role), archs[i]);
            struct buf is = buf_init(1 << 20), want = buf_init(1 << 20);
            struct sandbox box = role_box((enum wire_role)role);
            assert_ok(sandbox_describe(&box, archs[i], &is));
            if (getenv("SANCTUM_GOLDEN"))
                assert_ok(file_replace(path, buf_span(&is), 0644));
            assert_ok(file_read(path, &want));
            assert_span(buf_span(&is), buf_span(&want));
            buf_free(&is);
            buf_free(&want);
        }
    struct buf none = buf_init(1024);
    struct sandbox box = role_box(WIRE_GATE);
    assert_fails(ERR_INPUT, sandbox_describe(&box, "no-such-machine", &none));
    buf_free(&none);
}

/* A table that lists a call which must end the process is refused, not merged. */
static bool contradiction(void)
{
    static const struct sandbox_call calls[] = {{"exit_group", SANDBOX_ALWAYS},
                                                {"execve", SANDBOX_ALWAYS}};
    struct sandbox box = {.calls = calls, .call_count = 2};
    struct sandbox_report r;
    return err_cat(sandbox_enter(&box, &r)) == ERR_BUG;
}

static void tables_do_not_contradict(void **state)
{
    (void)state;
    with = NULL;
    assert_int_equal(try(contradiction), DONE);
}

static pid_t new_sibling(int dumpable)
{
    pid_t p = fork();
    if (p == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_DUMPABLE, dumpable);
        for (;;)
            pause();
    }
    return p;
}

static int set_up(void **state)
{
    (void)state;
    log_open("test", LOG_LEVEL_INFO, LOG_LOGFMT);
    assert_ok(net_parse(SPAN_LIT("127.0.0.1:0"), &tcp));
    assert_ok(net_listen(&tcp, false, &tcp_listener));
    assert_ok(net_local(tcp_listener, &tcp));
    plain = new_sibling(1);
    armoured = new_sibling(0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kill(plain, SIGKILL);
    kill(armoured, SIGKILL);
    waitpid(plain, NULL, 0);
    waitpid(armoured, NULL, 0);
    net_close(&tcp_listener);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_the_ladder_all_succeed),
        cmocka_unit_test(every_role),
        cmocka_unit_test(paths),
        cmocka_unit_test(ports),
        cmocka_unit_test(older_kernels),
        cmocka_unit_test(golden),
        cmocka_unit_test(tables_do_not_contradict),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
