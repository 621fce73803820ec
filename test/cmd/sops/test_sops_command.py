#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The subcommands of `sanctum sops` around a document: edit with its second try, exec-env and exec-file, rotate with
recipients added and removed, updatekeys, filestatus, standard input, other formats, .sops.yaml; beside sops where
it is. Exit 77 without it: then the rest has run."""
import contextlib
import io
import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time

import reference

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("SANCTUM_BUILD", os.path.join(ROOT, "build"))
SANCTUM = os.path.abspath(os.path.join(BUILD, "sanctum"))
REFERENCE = reference.program("sops")
REFERENCE = REFERENCE and os.path.abspath(REFERENCE)
YAML = '# c\na: 1\nb:\n    - x\n    - k: 2.50\nt: true\nz:\nd: 2020-01-02\ns: "two words"\n'
ENV = 'A=1\nexport B="q x"\nA=2\n#c\n\nC=\nD=a#b\n'
INI = "; top\nglob = 1\n[s]\npath = C:\\new\nm = \"\"\"x\ny\"\"\"\na: b\nc = v ; note\n# h\nd = pa#ss\n[empty]\n[t]\nq = r\n"
failures = []


def run(*cmd, env=None, stdin=b""):
    return subprocess.run(cmd, capture_output=True, check=False, env={**os.environ, **(env or {})}, input=stdin, timeout=60)


def sops(*args, **kw):
    return run(SANCTUM, "sops", *args, **kw)


def expect(good, what, r=None):
    if not good:
        failures.append(what)
        print(f"FAILED {what}: {(r.stdout + r.stderr).decode(errors='replace').strip()[:400] if r else ''}")


def write(name, text):
    with open(name, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    return name


def read(name):
    with open(name, "rb") as f:
        return f.read()


def sealed(name, text, to, *more):
    write(name, text)
    r = sops("encrypt", "--age", to, *more, "-i", name)
    expect(r.returncode == 0, f"encrypt {name}", r)
    return name


def edit(to):
    """A text that is no document comes back to the editor; nothing changes where nothing was changed."""
    path = sealed("e.yaml", "k: v\n", to)
    before = read(path)
    script = write("editor", "#!/bin/sh\nn=$(cat count 2>/dev/null || echo 0); echo $((n + 1)) > count\n"
                   '[ "$n" = 0 ] && printf "k: w\\nz: [\\n" > "$1" || printf "k: w\\nz: 1\\n" > "$1"\nls -l "$1" | cut -c1-10 > mode\n')
    os.chmod(script, 0o755)
    left = set(os.listdir("/dev/shm")) if os.path.isdir("/dev/shm") else set()
    r = sops("edit", path, env={"EDITOR": "./editor"})
    expect(r.returncode == 2 and read(path) == before and read("count") == b"1\n", "a broken text without a second try", r)
    expect(re.search(rb"e\.yaml:[23]: ", r.stderr), "the line of a broken text", r)
    os.unlink("count")
    r = sops("edit", path, env={"EDITOR": "./editor"}, stdin=b"\n")
    expect(r.returncode == 0 and read("count") == b"2\n" and b"Enter" in r.stderr, "the second try", r)
    expect(sops("decrypt", path).stdout == b"k: w\nz: 1\n" and read("mode") == b"-rw-------\n", "what was edited")
    before = read(path)
    for name, status in (("true", 0), ("false", 2)):
        r = sops("edit", path, env={"EDITOR": name})
        expect(r.returncode == status and read(path) == before, f"EDITOR={name}", r)
    r = sops("edit", "--age", to, "new.json", env={"SOPS_EDITOR": "sed -i s/world/there/", "EDITOR": "false"})
    expect(r.returncode == 0 and json.loads(sops("decrypt", "new.json").stdout) == {"hello": "there"}, "a new file", r)
    if os.path.isdir("/dev/shm"):
        mine = {n for n in set(os.listdir("/dev/shm")) - left if n.startswith("sanctum-") and len(n) == 14}
        expect(not mine, f"left behind {mine}")


def outputs(to):
    """What a person names is written where it leads: through a link, into a pipe or a device."""
    path = sealed("o.yaml", "k: v\n", to)
    os.symlink("o.yaml", "link.yaml")
    expect(sops("set", "link.yaml", '["k"]', '"w"').returncode == 0, "set through a link")
    expect(os.path.islink("link.yaml") and sops("decrypt", path).stdout == b"k: w\n", "a link stays")
    os.mkfifo("pipe")
    with subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE) as reader:
        r = sops("decrypt", "-o", "pipe", path)
        end = time.monotonic() + 120
        while reader.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        reader.kill()
        expect(r.returncode == 0 and reader.stdout.read() == b"k: w\n", "into a pipe", r)
    expect(stat.S_ISFIFO(os.stat("pipe").st_mode), "a pipe stays")


def await_file(name):
    """Until it is there and what it shall hold is in it."""
    end = time.monotonic() + 120
    while not (os.path.exists(name) and read(name)) and time.monotonic() < end:
        time.sleep(0.01)


def stopped(to):
    """Whoever is stopped while a clear file lies there removes it, and what the editor left beside it."""
    path = sealed("s.yaml", "k: v\n", to)
    before = read(path)
    write("spoil", '#!/bin/sh\necho "k: [" > "$1"; cp "$1" "$1~"; echo "$1" > where\n')
    write("wait", '#!/bin/sh\nls "$1" > /dev/null; echo "$1" > where; exec sleep 60\n')
    for script in ("spoil", "wait"):
        os.chmod(script, 0o755)
    jobs = [(("edit", path), "./spoil", n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    jobs += [(("edit", path), "./wait", n) for n in (signal.SIGTERM, signal.SIGHUP)]
    jobs += [(("exec-file", *o, path, "exec ./wait {}"), "", signal.SIGTERM) for o in (("--no-fifo",), ("--filename", "n"))]
    for args, editor, number in jobs:
        with contextlib.suppress(FileNotFoundError):
            os.unlink("where")
        with subprocess.Popen([SANCTUM, "sops", *args], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                              env={**os.environ, "EDITOR": editor}) as p:
            await_file("where")
            if editor == "./spoil":
                while b"Enter" not in p.stderr.readline():
                    pass
            time.sleep(0.2)  # now it reads, or waits
            p.send_signal(number)
            status = p.wait(120)
        folder = os.path.dirname(read("where").decode().strip())
        expect(status != 0 and folder.count("/") > 1 and not os.path.exists(folder) and read(path) == before,
               f"{args[0]} {editor} stopped by {number}: {status}, {folder}")


WORK = """echo $$ > pid.sh; sh -c 'echo $$ > pid.inner; sleep 60; :' & (sh -c 'echo $$ > pid.orphan; sleep 60; :' &)
%s sleep 60; :"""


def alive(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return b") Z " not in read(f"/proc/{pid}/stat")
    return False


def children(pids):
    return [int(k) for n in pids for k in read(f"/proc/{n}/task/{n}/children").split()]


def told(to):
    """A signal to the command alone reaches everything below it: shells, their children, orphans; not those with a
    session of their own. What ignores it may go on. No clear file stays."""
    path = sealed("w.yaml", "k: v\n", to)
    names = ("pid.sh", "pid.inner", "pid.orphan")
    ways = [("exec-env",), ("exec-file",), ("exec-file", "--no-fifo"), ("exec-file", "--filename", "n")]
    jobs = [(w, n, "") for w in ways for n in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
    jobs += [(ways[0], signal.SIGTERM, "setsid -f sh -c 'echo $$ > pid.away; exec sleep 60'; while ! [ -s pid.away ]; do :; done;")]
    for way, number, more in jobs:
        for name in (*names, "pid.away", "where"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
        # shells let their background jobs ignore SIGINT
        work = "echo $$ > pid.sh; sh -c 'echo $$ > pid.inner; sleep 60; :'; :" if number == signal.SIGINT else WORK % more
        wanted = names[:2] if number == signal.SIGINT else names
        with subprocess.Popen([SANCTUM, "sops", *way, path, "echo {} > where; " + work]) as p:
            for name in wanted:
                await_file(name)
            if more:
                await_file("pid.away")
            pids = [int(read(name)) for name in wanted]
            end = time.monotonic() + 120
            while len(kids := children(pids)) < 2 + (number != signal.SIGINT) and time.monotonic() < end:
                time.sleep(0.01)
            p.send_signal(number)
            status = p.wait(120)
        end = time.monotonic() + 120
        while any(map(alive, pids + kids)) and time.monotonic() < end:
            time.sleep(0.01)
        left = [n for n in pids + kids if alive(n)]
        place = read("where").decode().strip()
        expect(status == -number and len(kids) >= 2 and not left, f"{way} told {number}: {status}, {kids}, left {left}")
        expect("/shm/" not in place or not os.path.exists(os.path.dirname(place)), f"{way} told {number}: {place} stays")
        if more:
            away = int(read("pid.away"))
            expect(alive(away), "one with a session of its own was told, too")
            os.kill(away, signal.SIGKILL)
        for n in left:
            os.kill(n, signal.SIGKILL)


COUNT = """import signal, time
n = 0
def on(number, frame):
    global n
    n += 1
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, on)
open("up", "w").write("x")
end = time.monotonic() + 120
while not n and time.monotonic() < end:
    time.sleep(.01)
time.sleep(.5)
print(n)
"""


def told_once(to):
    """One signal is one, also where a supervisor sends it to the whole group and the command has it already."""
    path = sealed("o.yaml", "k: v\n", to)
    write("count.py", COUNT)
    for way in (("exec-env",), ("exec-file", "--no-fifo"), ("exec-file", "--filename", "n")):
        for number in (signal.SIGTERM, signal.SIGINT):
            for send in (os.kill, os.killpg):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink("up")
                with subprocess.Popen([SANCTUM, "sops", *way, path, f"exec {sys.executable} count.py"], stdout=subprocess.PIPE,
                                      start_new_session=True) as p:
                    await_file("up")
                    send(p.pid, number)
                    out = p.stdout.read()
                    expect(p.wait(120) == 0 and out == b"1\n", f"{way} {send.__name__} {number}: {out} times, {p.returncode}")


def execute(to):
    path = sealed("x.yaml", "k: v\nn: 5\nt: true\nz:\nm: |\n  a\n  b\n", to)
    for options, kind in (((), "l"), (("--no-fifo",), "-"), (("--filename", "n.yaml"), "p"), (("--no-fifo", "--filename", "n.yaml"), "-")):
        r = sops("exec-file", *options, path, "ls -l {} | cut -c1; cat {}; echo {}; exit 7")
        lines = r.stdout.decode().split("\n")
        expect(r.returncode == 7 and lines[0] == kind and lines[1:3] == ["k: v", "n: 5"], f"exec-file {options}", r)
        name = lines[-2]
        expect(("--filename" not in options or name.endswith("/n.yaml")) and not os.path.exists(name), f"exec-file {options}: {name}")
    expect(sops("exec-file", "--filename", "n", path, "true").returncode == 0, "a pipe that nobody reads")
    expect(sops("exec-file", "--filename", "a/b", path, "true").returncode == 64, "a name with a folder")
    r = sops("exec-file", "--output-type", "json", path, "cat {}")
    expect(json.loads(r.stdout)["m"] == "a\nb\n", "exec-file --output-type", r)
    r = sops("exec-env", path, 'printf "%s|" "$k" "$n" "$t" "$m" "${z-none}" "$HOME"; exit 3', env={"HOME": "/h"})
    expect(r.returncode == 3 and r.stdout == b"v|5|true|a\nb\n|none|/h|", "exec-env", r)
    r = sops("exec-env", "--pristine", path, "/usr/bin/env", env={"SECRET_BEFORE": "x"})
    expect(b"SECRET_BEFORE" not in r.stdout and b"k=v" in r.stdout, "exec-env --pristine", r)
    for text in ("m: {}\n", "l: [1]\n", '"a=b": 1\n'):
        expect(sops("exec-env", sealed("n.yaml", text, to), "true").returncode == 2, f"exec-env took {text!r}")


def keys(to, other):
    path = sealed("r.yaml", YAML, to)
    key, none = {"SOPS_AGE_KEY_FILE": "other"}, {"SOPS_AGE_KEY_FILE": ""}
    expect(sops("decrypt", path, env=key).returncode == 1, "opened without its key")
    expect(sops("rotate", "-i", "--add-age", other, path).returncode == 0, "--add-age")
    expect(sops("decrypt", path, env=key).stdout == sops("decrypt", path).stdout != b"", "after --add-age")
    r = sops("rotate", "-i", "--rm-age", to, path)
    expect(r.returncode == 0 and sops("decrypt", path).returncode == 1 and sops("decrypt", path, env=key).returncode == 0, "--rm-age", r)
    expect(sops("rotate", "-i", "--rm-age", other, path, env=key).returncode == 2, "the last recipient went")
    if REFERENCE:
        r = run(REFERENCE, "decrypt", path, env=key)
        expect(r.returncode == 0, "sops opens it", r)
    before = read(path)
    r = sops("updatekeys", "--age", other, path, env=key)
    expect(r.returncode == 0 and read(path) == before and b"already" in r.stderr, "updatekeys without a change", r)
    r = sops("updatekeys", "--age", to, path, env=key)
    expect(r.returncode == 0 and sops("decrypt", path).returncode == 0, "updatekeys", r)
    r = sops("decrypt", path, env={**none, "SOPS_AGE_KEY_CMD": 'echo "# $SOPS_AGE_RECIPIENT" > asked; cat key'})
    expect(r.returncode == 0 and read("asked").decode() == f"# {to}\n", "SOPS_AGE_KEY_CMD", r)
    r = sops("decrypt", path, env={**none, "SOPS_AGE_KEY_CMD": "false"})
    expect(r.returncode == 2 and not r.stdout, "a command that fails", r)
    os.makedirs("home/.config/sops/age", exist_ok=True)
    os.link("key", "home/.config/sops/age/keys.txt")
    r = sops("decrypt", path, env={"SOPS_AGE_KEY_FILE": "other", "HOME": os.path.abspath("home"), "XDG_CONFIG_HOME": ""})
    expect(r.returncode == 0, "keys.txt counts beside SOPS_AGE_KEY_FILE", r)
    for name, text, want in (("f.yaml", read(path), True), ("f2.yaml", "a: 1\n", False), ("f.env", "A=1\n", False)):
        r = sops("filestatus", write(name, text))
        expect(json.loads(r.stdout) == {"encrypted": want}, f"filestatus {name}", r)


def formats(to):
    """Other formats on the way out and in; sops prints the same bytes where its values have one spelling."""
    path = sealed("o.yaml", YAML, to)
    for name, text in (("o.env", ENV), ("o.ini", INI)):
        sealed(name, text, to)
        back = sops("decrypt", name).stdout.decode()
        expect(back == text.replace("pa#ss", "`pa#ss`"), f"{name} came back as {back!r}")  # sops would cut it bare
    ini = json.loads(sops("decrypt", "--json", "o.ini").stdout)["s"]
    expect(ini["path"] == "C:\\new" and ini["m"] == "x\ny" and ini["c"] == "v" and ini["d"] == "pa#ss", f"INI values: {ini}")
    if REFERENCE:
        theirs = json.loads(run(REFERENCE, "decrypt", "--output-type", "json", "o.ini").stdout)["s"]
        expect(theirs == ini, f"INI values in sops: {theirs}")
    for text in ("[]\na = b\n", "[a]\n= b\n", '[a]\n"b c" = d\n', "[a] x\nb = c\n", "[a\nb = c\n", "[a] ; c\nb = c\n", "[a]\nb = c\nb = d\n"):
        expect(sops("encrypt", "--age", to, write("bad.ini", text)).returncode == 2, f"{text!r} was taken")
    for name, types in (("o.yaml", ("json",)), ("o.env", ("yaml", "json")), ("o.ini", ("json", "yaml"))):
        for kind in types:
            r = sops("decrypt", "--output-type", kind, name)
            expect(r.returncode == 0, f"{name} as {kind}", r)
            if REFERENCE and name != "o.ini":
                theirs = run(REFERENCE, "decrypt", "--output-type", kind, name).stdout
                expect(r.stdout == theirs or kind == "yaml" and len(r.stdout.split()) == len(theirs.split()), f"{name} as {kind}: {theirs!r}", r)
    for name, kind in (("o.yaml", "dotenv"), ("o.yaml", "ini"), ("o.yaml", "binary"), ("o.env", "ini"), ("o.ini", "dotenv")):
        r = sops("decrypt", "--output-type", kind, name)
        expect(r.returncode == 2 and not r.stdout, f"{name} as {kind}", r)
    for index in ('["a"]', '["b"]', '["b"][1]', '["b"][1]["k"]', '["t"]', '["z"]', '["d"]', '["s"]', '["no"]', '["b"][7]'):
        r = sops("decrypt", "--extract", index, path)
        if REFERENCE:
            theirs = run(REFERENCE, "decrypt", "--extract", index, path)
            expect((r.returncode == 0) == (theirs.returncode == 0) and r.stdout == theirs.stdout, f"--extract {index}: {theirs.stdout!r}", r)
    r = sops("encrypt", "--age", to, "--filename-override", "x.yaml", stdin=b"a: 1\n")
    expect(sops("decrypt", "--input-type", "yaml", stdin=r.stdout).stdout == b"a: 1\n", "standard input", r)
    write("c.yaml", YAML)
    r = sops("encrypt", "--age", to, "--output-type", "json", "-o", "c.json", "c.yaml")
    expect(sops("decrypt", "--json", "c.json").stdout == sops("decrypt", "--json", path).stdout, "encrypt --output-type", r)


def ignore_mac(to):
    """A wrong MAC refuses everywhere, and opens only where a person says so, with a warning; wrong values never do."""
    path = sealed("m.yaml", "a_unencrypted: 1\nb: x\nc: w\n", to)
    good = read(path)
    changed = good.replace(b"a_unencrypted: 1", b"a_unencrypted: 2")
    missing = b"".join(line for line in good.splitlines(True) if b"  mac: " not in line)
    value = good.replace(b"b: ENC[AES256_GCM,data:", b"b: ENC[AES256_GCM,data:AA")
    clear = b"a_unencrypted: 2\nb: x\nc: w\n"
    jobs = (("decrypt",), ("set", '["b"]', '"z"'), ("unset", '["c"]'), ("rotate", "-i"), ("edit",), ("exec-env", "true"), ("exec-file", "true"))
    expect(changed != good and missing != good, "the changes")
    for name, *more in jobs:
        args = (name, write(path, changed), *more)
        r = sops(*args, env={"EDITOR": "true"})
        expect(r.returncode == 1 and b"mac: " in r.stderr and not r.stdout and read(path) == changed, f"{name} took a wrong MAC", r)
        r = sops(*args, "--ignore-mac", env={"EDITOR": "true", "SOPS_IGNORE_MAC": "1"})
        if name.startswith("exec"):
            expect(r.returncode == 64 and read(path) == changed, f"{name} --ignore-mac", r)
            continue
        expect(r.returncode == 0 and b"WARNING: --ignore-mac" in r.stderr and b"document was changed" in r.stderr, f"{name} --ignore-mac", r)
        if name in ("set", "unset", "rotate"):
            expect(sops("decrypt", path).stdout.startswith(b"a_unencrypted: 2\n"), f"{name} --ignore-mac: the MAC made anew")
    write(path, missing)
    expect(sops("decrypt", path).returncode == 1, "no MAC")
    r = sops("decrypt", "--ignore-mac", path)
    expect(r.stdout == clear.replace(b"2", b"1") and b"no MAC" in r.stderr, "no MAC, --ignore-mac", r)
    write(path, value)
    r = sops("decrypt", "--ignore-mac", path)
    expect(r.returncode == 1 and not r.stdout, "a wrong value, --ignore-mac", r)
    write(path, good)
    r = sops("decrypt", "--ignore-mac", path)
    expect(r.returncode == 0 and b"the MAC is right" in r.stderr, "a right MAC, --ignore-mac", r)
    expect(not sops("decrypt", path).stderr, "a warning without the option")
    if REFERENCE:
        write(path, changed)
        expect(run(REFERENCE, "decrypt", path).returncode != 0, "sops took a wrong MAC")
        expect(run(REFERENCE, "decrypt", "--ignore-mac", path).stdout == sops("decrypt", "--ignore-mac", path).stdout == clear, "as sops")


def sections(to):
    """INI: a section may come twice and stays two; a name that does in one section is refused with its place."""
    for text in ("[s]\na = 1\n\n[s]\na = 2\nb = 3\n", "[s]\na = 1\n\n[t]\nx = 1\n\n[s]\nz = 1\n", "g = 1\n\n[DEFAULT]\nh = 1\n",
                 "".join(f"[s]\na = {i}\n\n" for i in range(300)).rstrip() + "\n"):
        path = sealed("d.ini", text, to)
        expect(sops("decrypt", path).stdout.decode() == text, f"two sections {text[:60]!r}", sops("decrypt", path))
        if REFERENCE:
            r = run(REFERENCE, "decrypt", path)
            expect(r.stdout.decode() == text, "sops reads two sections", r)
            r = run(REFERENCE, "encrypt", "--age", to, write("p.ini", text))
            r = sops("decrypt", write("p.ini", r.stdout))
            expect(r.stdout.decode() == text, "two sections of sops", r)
        if text.startswith("[s]"):
            expect(sops("set", path, '["s"]["a"]', '"7"').returncode == 0, "set in the first of two")
            expect(sops("decrypt", path).stdout.decode() == text.replace("= 1" if "= 0" not in text else "= 0", "= 7", 1), "the first of two")
            expect(sops("decrypt", "--extract", '["s"]["a"]', path).stdout == b"7", "extract from the first of two")
    for line, text in ((4, "[s]\na = 1\nb = 2\na = 3\n"), (2, "a = 1\na = 1\n"), (4, "[t]\n[s]\nx: 1\nx = 2\n"),
                       (5, "[s]\na = 1\n[sops]\nmac = 1\n[sops]\nmac = 2\n")):
        before = write("d.ini", text)
        r = sops("encrypt", "--age", to, "-i", before)
        expect(r.returncode == 2 and f"d.ini:{line}: ".encode() in r.stderr and b"comes twice" in r.stderr and read(before).decode() == text, f"took {text!r}", r)


def rules(to, other):
    """.sops.yaml: the first rule that fits, groups, indentation; a rule with other keys is not half obeyed."""
    write(".sops.yaml", f"creation_rules:\n  - path_regex: ^pgp/\n    pgp: ABCD\n    age: {to}\n  - path_regex: g\\.[a-z]+$\n    shamir_threshold: 2\n"
          f"    key_groups:\n      - age: [{to}]\n      - age: [{other}]\n  - path_regex: \\.yaml$\n    encrypted_regex: ^a\n    mac_only_encrypted: true\n"
          f"    age: >-\n      {to},\n      {other}\n  - age: {to}\nstores:\n  yaml:\n    indent: 2\n  json:\n    indent: 3\n")
    expect(sops("encrypt", "--filename-override", "pgp/x.yaml", stdin=b"a: 1\n").returncode == 2, "a rule with pgp was half obeyed")
    r = sops("encrypt", "--filename-override", "m.yaml", stdin=b"a: 1\nb: 2\n")
    text = r.stdout.decode()
    expect("a: ENC" in text and "\nb: 2\n" in text and "\n  mac_only_encrypted: true\n" in text and text.count("recipient:") == 2, "the fitting rule", r)
    write("both", read("key") + read("other"))
    for name in ("g.yaml", "g.json"):
        r = sops("encrypt", "--filename-override", name, stdin=b'{"k": {"l": "v"}}\n')
        write(name, r.stdout)
        expect(sops("decrypt", name).returncode == 1, f"{name}: one group of two opened it")
        r = sops("edit", name, env={"EDITOR": "sed -i s/v/W/", "SOPS_AGE_KEY_FILE": "both"})
        after = read(name).decode()
        expect(r.returncode == 0 and ("\n  key_groups:\n    - age:" in after or '\n      "key_groups": [\n         {' in after), f"{name}: its style", r)
        programs = ([SANCTUM, "sops"], [REFERENCE]) if REFERENCE else ([SANCTUM, "sops"],)
        for program in programs:
            r = run(*program, "decrypt", "--output-type", "json", name, env={"SOPS_AGE_KEY_FILE": "both"})
            expect(r.returncode == 0 and json.loads(r.stdout) == {"k": {"l": "W"}}, f"{name} in {program[-1]}", r)
    os.unlink(".sops.yaml")


def foreign(to):
    """Keys of other kinds stay through set and edit, and stop a rotation."""
    path = sealed("pgp.yaml", "k: v\n", to)
    text = read(path).decode().replace("    lastmodified", "    pgp:\n        - created_at: \"2026-01-01T00:00:00Z\"\n          enc: secret\n          fp: ABCD\n    lastmodified")
    write(path, text)
    expect(sops("set", path, '["k"]', '"w"').returncode == 0, "set beside pgp")
    r = sops("edit", path, env={"EDITOR": "sed -i s/w/x/"})
    expect(r.returncode == 0 and b"fp: ABCD" in read(path) and sops("decrypt", path).stdout == b"k: x\n", "edit beside pgp", r)
    expect(sops("rotate", "-i", path).returncode == 2, "a rotation left pgp out")


def main():
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests under nohup hands down that it is ignored
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        to, other = "", ""
        for name in ("key", "other"):
            run(SANCTUM, "age", "keygen", "-o", name)
        to, other = (run(SANCTUM, "age", "keygen", "-y", n).stdout.decode().strip() for n in ("key", "other"))
        os.environ.update(SOPS_AGE_KEY_FILE="key", HOME=work, XDG_CONFIG_HOME="")
        os.environ.pop("SOPS_EDITOR", None)
        edit(to)
        outputs(to)
        stopped(to)
        told(to)
        told_once(to)
        execute(to)
        keys(to, other)
        formats(to)
        ignore_mac(to)
        sections(to)
        rules(to, other)
        foreign(to)
        os.chdir(ROOT)
    mark = len(failures)
    with contextlib.redirect_stdout(io.StringIO()):
        expect(False, "the control")
    if len(failures) == mark:
        return 1
    failures.pop()
    print(f"{len(failures)} failures, {REFERENCE or reference.missing('sops')}")
    return 1 if failures else 0 if REFERENCE else 77


if __name__ == "__main__":
    sys.exit(main())
