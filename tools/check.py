#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The house rules a compiler does not know: layers, lone headers, exported names, mirror, ceilings,
licences. Exit 0 clean, 1 finding, 2 the checker itself could not work (never taken for clean).

usage: check.py [--root DIR] [--build DIR] [RULE...]"""
import argparse
import json
import os
import re
import shlex
import subprocess
import sys

import fuzz_targets

FILE_LINES, FUNCTION_LINES, COMPLEXITY = 600, 60, 15

# Third-party headers and the one folder below src/ that may include each.
OWNERS = {
    "event2/": "sys", "seccomp.h": "sys", "linux/": "sys",
    "openssl/ssl.h": "tls", "openssl/x509": "tls", "openssl/bio.h": "tls",
    "openssl/": "crypt", "sodium.h": "crypt", "yaml.h": "conf",
    "zlib.h": "inflate", "lzma.h": "inflate", "bzlib.h": "inflate", "zstd.h": "inflate", "brotli/": "inflate",
    "sqlite3.h": "db", "libpq-fe.h": "db",
}
# A folder that may share an owner's header, with the reason.
SHARED = {
    ("crypt", "openssl/x509"): "certificates under model signatures",
    ("tls", "openssl/"): "TLS objects carry EVP keys and error queues",
}
SYSTEM = ("unistd.h", "fcntl.h", "poll.h", "signal.h", "dirent.h", "netdb.h", "termios.h", "pthread.h")
SYSTEM_DIRS = ("sys/", "linux/", "arpa/", "netinet/", "net/")
SYSTEM_ROOMS = ("sys", "cmd")  # commands own a terminal and a process; roles go through sys

# Shared objects that may be linked, with their licences; anything else is a finding.
LICENCES = {
    "linux-vdso": "kernel", "ld-linux": "LGPL-2.1 (glibc)", "libc": "LGPL-2.1 (glibc)",
    "libm": "LGPL-2.1 (glibc)", "libpthread": "LGPL-2.1 (glibc)", "libdl": "LGPL-2.1 (glibc)",
    "libcrypto": "Apache-2.0", "libssl": "Apache-2.0", "libsodium": "ISC",
    "libevent_core-2.1": "BSD-3-Clause", "libseccomp": "LGPL-2.1", "libyaml-0": "MIT",
    "libz": "Zlib", "liblzma": "public domain", "libbz2": "bzip2-1.0.6", "libzstd": "BSD-3-Clause", "libbrotlidec": "MIT", "libbrotlicommon": "MIT",
    "libsqlite3": "public domain", "libgcc_s": "GPL-3 with runtime exception",
}


class Broken(Exception):
    """The check could not be made."""


def sources(root, *folders):
    for folder in folders:
        for path, dirs, files in os.walk(os.path.join(root, folder)):
            dirs[:] = sorted(d for d in dirs if not d.startswith(("corpus", ".", "node_modules", "data")))
            for name in sorted(files):
                yield os.path.relpath(os.path.join(path, name), root)


def c_files(root, *folders):
    return [p for p in sources(root, *folders) if p.endswith((".c", ".h", ".def", ".re"))]


def text_of(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as f:
        return f.read()


def room(path):
    """The folder of src/ a file stands in: sys, traffic/mask, role/gate …"""
    return os.path.dirname(path)[len("src/"):]


def includes(text):
    return re.findall(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', text, re.M)


def rule_spdx(root, _build):
    files = c_files(root, "src", "test", "fuzz", "bench", "proof")
    files += [p for p in sources(root, "tools", "src", "test", "bench", ".ci")
              if p.endswith((".py", ".sh", ".mjs", ".js", "meson.build")) or p.startswith(".ci/")]
    for p in files:
        if "SPDX-License-Identifier: Apache-2.0" not in "\n".join(text_of(root, p).split("\n")[:4]):
            yield f"{p}:1: no SPDX line"


def rule_layers(root, _build):
    """What the include path cannot see: dots, private headers, owners, system calls, twin names."""
    headers = {}
    for p in c_files(root, "src"):
        if p.endswith(".h"):
            base = os.path.basename(p)
            if base in headers:
                yield f"{p}: a header of this name stands in {headers[base]} too"
            headers[base] = p
    for p in c_files(root, "src"):
        for kind, name in includes(text_of(root, p)):
            if kind == '"':
                if "/" in name:
                    yield f'{p}: include "{name}" by bare name, not by path'
                home = headers.get(os.path.basename(name))
                if home and name.endswith("_int.h") and os.path.dirname(home) != os.path.dirname(p):
                    yield f'{p}: "{name}" is private to {os.path.dirname(home)}'
                continue
            yield from owner_findings(p, name)


def owner_findings(p, name):
    here = room(p)
    owner = next((o for h, o in OWNERS.items() if name == h or name.startswith(h)), None)
    shared = any(here == r and name.startswith(h) for r, h in SHARED)
    if owner and here != owner and not shared:
        yield f"{p}: <{name}> belongs to src/{owner}"
    system = name in SYSTEM or name.startswith(SYSTEM_DIRS)
    if system and not owner and here.split("/")[0] not in SYSTEM_ROOMS:
        yield f"{p}: <{name}> is for src/sys"


def compile_flags(build):
    """Folder of src/ -> its -iquote and -D flags, from the build's own record."""
    try:
        with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
            commands = json.load(f)
    except (OSError, ValueError) as e:
        raise Broken(f"no compile_commands.json in {build}: {e}") from e
    flags = {}
    for c in commands:
        path = os.path.normpath(os.path.join(c["directory"], c["file"]))
        words = shlex.split(c["command"])
        keep = [w for i, w in enumerate(words) if w.startswith("-D") or w.startswith("-I/")
                or w == "-iquote" or (i and words[i - 1] == "-iquote")]
        flags[os.path.dirname(path)] = keep
    return flags


def rule_headers(root, build):
    """Every header compiles alone."""
    flags = compile_flags(build)
    for p in c_files(root, "src"):
        if not p.endswith(".h"):
            continue
        folder = os.path.dirname(os.path.abspath(os.path.join(root, p)))
        if folder not in flags:
            continue  # a folder without sources has no flags to compile with
        r = subprocess.run(["cc", "-std=gnu17", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-x", "c",
                            *flags[folder], "-include", os.path.join(root, p), "/dev/null"],
                           capture_output=True, text=True, check=False)
        if r.returncode:
            yield f"{p}: does not compile alone: {r.stderr.splitlines()[0] if r.stderr else '?'}"


def rule_names(root, build):
    """What a library exports is declared in a header of its own folder."""
    libs = [p for p in (os.listdir(build) if os.path.isdir(build) else []) if p.endswith(".a.p")]
    if not libs:
        raise Broken(f"no libraries in {build}")
    folders = {d[len("src/"):].replace("/", "_"): d for d in map(os.path.dirname, c_files(root, "src"))}
    declared, pastes = {}, {}
    for p in c_files(root, "src"):
        if p.endswith((".h", ".def")):
            words = set(re.findall(r"\w+", text_of(root, p)))
            # Names that a header pastes from a table: `stem_##name` with the words of the folder's .def.
            pasted = re.findall(r"(\w+_)##", text_of(root, p))
            declared.setdefault(os.path.dirname(p), set()).update(words)
            pastes.setdefault(os.path.dirname(p), set()).update(pasted)
    for lib in sorted(libs):
        for obj in sorted(os.listdir(os.path.join(build, lib))):
            m = re.match(r"src_(.+)_[^_]+\.c\.o$|src_(.+)\.c\.o$", obj)
            folder = next((folders[k] for k in sorted(folders, key=len, reverse=True)
                           if m and obj.startswith(f"src_{k}_")), None)
            if folder is None:
                continue
            r = subprocess.run(["nm", "-g", "--defined-only", os.path.join(build, lib, obj)],
                               capture_output=True, text=True, check=False)
            if r.returncode:
                raise Broken(f"nm {obj}: {r.stderr.strip()}")
            for name in (line.split()[-1] for line in r.stdout.splitlines()):
                here = declared.get(folder, set())
                if name not in here and not any(name.startswith(s) and name[len(s):] in here
                                                for s in pastes.get(folder, ())):
                    yield f"{folder}: exports {name}, which none of its headers declares"


def functions(text):
    """(first line, name, body) of every function whose braces stand in column 0."""
    lines = text.split("\n")
    start = None
    for i, line in enumerate(lines):
        if line == "{":
            start = i
        elif line == "}" and start is not None:
            head = " ".join(lines[max(0, start - 6):start])
            names = re.findall(r"(\w+)\s*\([^;{}]*$", head)
            yield start + 1, names[0] if names else "?", lines[start + 1:i]
            start = None


def complexity(body):
    code = re.sub(r'"(\\.|[^"\\])*"|\'(\\.|[^\'\\])+\'|//.*|/\*.*?\*/', "", "\n".join(body), flags=re.S)
    return 1 + len(re.findall(r"\b(?:if|for|while|case)\b|&&|\|\||\?|\bTRY\(", code))


def rule_ceilings(root, _build):
    for p in c_files(root, "src"):
        text = text_of(root, p)
        if p.endswith(".def"):
            continue
        lines = text.count("\n")
        if lines > FILE_LINES:
            yield f"{p}: {lines} lines, the ceiling is {FILE_LINES}"
        for line, name, body in functions(text):
            if len(body) > FUNCTION_LINES:
                yield f"{p}:{line}: {name} has {len(body)} lines, the ceiling is {FUNCTION_LINES}"


def rule_mirror(root, _build):
    """Every folder with code has tests under the same path."""
    rooms = {room(p) for p in c_files(root, "src") if p.endswith(".c")}
    for r in sorted(rooms):
        if not os.path.isdir(os.path.join(root, "test", r)):
            yield f"src/{r}: no test/{r}"
    for kind in ("test", "fuzz", "bench", "proof"):
        for p in c_files(root, kind):
            d = os.path.dirname(p)[len(kind) + 1:]
            if d and d not in ("client", "tools", "house") and not os.path.isdir(os.path.join(root, "src", d)):
                yield f"{p}: mirrors no folder of src/"


def rule_licences(_root, build):
    folder = os.path.join(build, "libexec")
    if not os.path.isdir(folder):
        raise Broken(f"no {folder}")
    for exe in sorted(os.listdir(folder)):
        path = os.path.join(folder, exe)
        if not exe.startswith("sanctum-") or not os.path.isfile(path):
            continue
        r = subprocess.run(["ldd", path], capture_output=True, text=True, check=False)
        for line in r.stdout.splitlines():
            name = os.path.basename(line.split()[0]).split(".so")[0]
            stem = "ld-linux" if name.startswith("ld-linux") else name
            if not any(stem == k or stem.startswith(k + "-") for k in LICENCES) and "statically" not in line:
                yield f"{exe}: links {name}, whose licence is not in the table"


def rule_fuzz(root, _build):
    """Each fuzz target says what it covers and which planted bug it finds, and has inputs to start from."""
    for t in fuzz_targets.every(root):
        where = os.path.relpath(t.source, root)
        if not t.covers:
            yield f"{where}: no covers: comment"
        for path in t.covers:
            if not os.path.isfile(os.path.join(root, path)):
                yield f"{where}: covers {path}, which is not there"
        if not t.planted:
            yield f"{where}: no planted: comment, or more than one"
        elif not os.path.isfile(os.path.join(root, t.planted[0])):
            yield f"{where}: its bug is for {t.planted[0]}, which is not there"
        elif text_of(root, t.planted[0]).count(t.planted[1]) != 1:
            yield f"{where}: {t.planted[0]} does not hold once what its bug replaces: {t.planted[1]}"
        if not os.path.isdir(t.corpus) or not os.listdir(t.corpus):
            yield f"{where}: its corpus is empty"


def rule_paths(root, _build):
    r = subprocess.run(["git", "-C", root, "grep", "-nIE", r"(^|[^a-z.])/(work|farm)/"], capture_output=True,
                       text=True, check=False)
    if r.returncode > 1:
        raise Broken("git grep: " + r.stderr.strip())
    for line in r.stdout.splitlines():
        if not line.startswith("tools/check.py"):
            yield "path of one machine: " + line[:120]


RULES = {n[5:]: f for n, f in globals().items() if n.startswith("rule_")}


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    ap.add_argument("--root", default=here)
    ap.add_argument("--build", default=os.path.join(here, "build"))
    ap.add_argument("rules", nargs="*", metavar="RULE", help=", ".join(RULES))
    a = ap.parse_args()
    unknown = [r for r in a.rules if r not in RULES]
    if unknown:
        print(f"check: no rule {unknown[0]}", file=sys.stderr)
        return 2
    count = 0
    for name in a.rules or RULES:
        try:
            for finding in RULES[name](a.root, a.build):
                print(f"{name}: {finding}")
                count += 1
        except Broken as e:
            print(f"check: rule {name} could not be checked: {e}", file=sys.stderr)
            return 2
    print(f"check: {count} finding(s)", file=sys.stderr)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
