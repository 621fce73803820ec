#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sanctum age` beside age and age-keygen on a made matrix of command lines, key files and damaged files: both take
it or both refuse it, what one writes the other opens with the same plain text, and a refusal leaves no file, a line
on standard error and an exit status of its kind. Exit 77 where age is not here."""
import base64
import contextlib
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile

import reference

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("SANCTUM_BUILD", os.path.join(ROOT, "build"))
OURS = [os.path.abspath(os.path.join(BUILD, "sanctum")), "age"]
AGE, KEYGEN = (path and os.path.abspath(path) for path in map(reference.program, ("age", "age-keygen")))
# What sanctum takes beyond age, on purpose: the recipient of an SSH key.
MORE = {"age-keygen -y ed"}
failures, seen = [], 0


def run(*cmd, cwd, stdin=b""):
    return subprocess.run(cmd, capture_output=True, check=False, cwd=cwd, input=stdin, timeout=60)


def differ(what, a, b):
    failures.append(what)
    print(f"FAILED {what}\n  age {a.returncode} {a.stderr.decode(errors='replace').strip()[:200]}"
          f"\n  own {b.returncode} {b.stderr.decode(errors='replace').strip()[:200]}")


def alike(what, a, b):
    """Both take it or both refuse it; a refusal of ours is one line and leaves nothing on standard output."""
    global seen
    seen += 1
    if what in MORE:
        return False
    if (a.returncode == 0) != (b.returncode == 0):
        differ(what, a, b)
        return False
    if b.returncode and (b.returncode not in (1, 2, 64) or b.stderr.count(b"\n") != 1 or len(b.stderr) > 500):
        differ(what + ": how it is refused", a, b)
    return b.returncode == 0


class Keys:
    """Identity and recipients files of many kinds, in one folder."""

    def __init__(self, work):
        self.work = work
        for name, more in (("one", ()), ("two", ()), ("pq", ("-pq",)), ("pq2", ("-pq",))):
            run(KEYGEN, *more, "-o", name, cwd=work)
        for name, kind, bits in (("ed", "ed25519", ()), ("rsa", "rsa", ("-b", "2048")), ("short", "rsa", ("-b", "1024")),
                                 ("ec", "ecdsa", ())):
            if shutil.which("ssh-keygen"):
                run("ssh-keygen", "-q", "-t", kind, *bits, "-N", "", "-C", "a comment", "-f", name, cwd=work)
        self.text = {n: self.read(n).decode() for n in ("one", "two", "pq", "pq2")}
        self.secret = {n: t.strip().split("\n")[-1] for n, t in self.text.items()}
        self.public = {n: run(KEYGEN, "-y", n, cwd=work).stdout.decode().strip() for n in self.text}
        if os.path.exists(os.path.join(work, "ed.pub")):
            self.public.update({n: self.read(n + ".pub").decode().strip() for n in ("ed", "rsa", "short", "ec")})

    def read(self, name):
        with open(os.path.join(self.work, name), "rb") as f:
            return f.read()

    def write(self, name, data):
        with open(os.path.join(self.work, name), "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        return name


def flipped(text, at):
    return text[:at] + ("q" if text[at] != "q" else "p") + text[at + 1:]


def mixed(text):
    return text[:-1] + (text[-1].upper() if text[-1].islower() else text[-1].lower())


def identity_files(k):
    s, t, p = k.secret["one"], k.secret["two"], k.secret["pq"]
    plugin = "AGE-PLUGIN-YUBIKEY-1Q9G5QGQZQYQSZQGPQYQSZQGPZZ9Z3X"
    texts = {"as made": k.text["one"], "bare": s, "line": s + "\n", "two": s + "\n" + t + "\n", "other first": t + "\n" + s + "\n",
             "crlf": s + "\r\n", "crlf all": k.text["one"].replace("\n", "\r\n"), "blank lines": "\n\n" + s + "\n\n",
             "blank behind": s + " \n", "blank before": " " + s + "\n", "tab behind": s + "\t\n", "comment behind": s + " # c\n",
             "indented comment": "  # c\n" + s + "\n", "lower": s.lower() + "\n", "mixed": mixed(s) + "\n", "short": s[:-1] + "\n",
             "long": s + "Q\n", "flip": flipped(s, 30) + "\n", "hrp": s.replace("AGE-SECRET-KEY-", "AGE-SECRET-KEZ-") + "\n",
             "public": k.public["one"] + "\n", "nothing": "", "comments": "# a\n#b\n", "line end": "\n", "garbage behind": s + "\nxyz\n",
             "bad second": s + "\n" + flipped(t, 40) + "\n", "same twice": s + "\n" + s + "\n", "pq": p + "\n", "pq lower": p.lower() + "\n",
             "pq flip": flipped(p, 40) + "\n", "pq and one": p + "\n" + s + "\n", "plugin": plugin + "\n", "bom": "\ufeff" + s + "\n",
             "nul": s + "\0\n", "utf-8": b"# \xff\n" + s.encode() + b"\n", "utf-8 in key": s.encode()[:-1] + b"\xff\n",
             "long comment": "#" + "x" * 5000 + "\n" + s + "\n", "many": (t + "\n") * 200 + s + "\n", "crs": s + "\r\r\n", "quoted": f'"{s}"\n'}
    return {name: k.write("id-" + name.replace(" ", "-"), text) for name, text in texts.items()}


def recipient_texts(k):
    r, s = k.public["one"], k.secret["one"]
    texts = {"x25519": r, "upper": r.upper(), "mixed": mixed(r), "flip": flipped(r, 20), "short": r[:-1], "long": r + "q", "blank before": " " + r,
             "blank behind": r + " ", "line end": r + "\n", "secret": s, "pq": k.public["pq"], "pq flip": flipped(k.public["pq"], 100),
             "pq short": k.public["pq"][:-1], "pq upper": k.public["pq"].upper(), "empty": "", "word": "alice", "github": "github:alice",
             "plugin": "age1yubikey1q2w7u3vpya839jxxuq8g0sedh3d740d4xvn639sat9s4e6r3r5r", "age1": "age1", "hrp": "bge1" + r[4:],
             "order": "age1" + "q" * 58, "comment": "# c"}
    for n in ("ed", "rsa", "short", "ec"):
        if n in k.public:
            kind, body, *_ = k.public[n].split(" ")
            texts.update({n: k.public[n], n + " bare": f"{kind} {body}", n + " kind": kind, n + " body": body, n + " other kind": f"ssh-dss {body}",
                          n + " cut": f"{kind} {body[:-8]}", n + " two blanks": f"{kind}  {body}", n + " tab": f"{kind}\t{body}",
                          n + " pad": f"{kind} {body}=", n + " options": f'no-pty {kind} {body}', n + " upper": f"{kind.upper()} {body}"})
    return texts


def openers(k):
    names = [n for n in ("one", "two", "pq", "pq2", "ed", "rsa") if os.path.exists(os.path.join(k.work, n))]
    return [x for n in names for x in ("-i", n)]


def both_open(what, k, a, b, plain):
    """What each wrote, opened by the other."""
    for name, program, sealed in (("ours", [AGE], b), ("theirs", OURS, a)):
        r = run(*program, "-d", *openers(k), cwd=k.work, stdin=sealed)
        if r.returncode or r.stdout != plain:
            failures.append(f"{what}: {name} does not open")
            print(f"FAILED {what}: {name} does not open: {r.stderr[:200]}")


def identities(k):
    plain = b"text for identities\n"
    for to in ("one", "pq"):
        sealed = run(AGE, "-r", k.public[to], cwd=k.work, stdin=plain).stdout
        for name, path in identity_files(k).items():
            a, b = (run(*p, "-d", "-i", path, cwd=k.work, stdin=sealed) for p in ([AGE], OURS))
            if alike(f"-i {name} for {to}", a, b) and a.stdout != b.stdout:
                differ(f"-i {name} for {to}: plain text", a, b)
    for name, path in identity_files(k).items():
        a, b = run(KEYGEN, "-y", path, cwd=k.work), run(*OURS, "keygen", "-y", path, cwd=k.work)
        if alike(f"keygen -y {name}", a, b) and a.stdout != b.stdout:
            differ(f"keygen -y {name}: recipients", a, b)
        a, b = (run(*p, "-e", "-i", path, cwd=k.work, stdin=plain) for p in ([AGE], OURS))
        if alike(f"-e -i {name}", a, b):
            both_open(f"-e -i {name}", k, a.stdout, b.stdout, plain)


def recipients(k):
    plain = b"text for recipients\n"
    for name, text in recipient_texts(k).items():
        a, b = (run(*p, "-r", text, cwd=k.work, stdin=plain) for p in ([AGE], OURS))
        if alike(f"-r {name}", a, b):
            both_open(f"-r {name}", k, a.stdout, b.stdout, plain)
        for shape, body in (("line", text + "\n"), ("crlf", text + "\r\n"), ("with comments", f"# c\n\n{text}\n#d\n"),
                            ("and one", f"{k.public['one']}\n{text}\n"), ("bare", text)):
            path = k.write("to", body)
            a, b = (run(*p, "-R", path, cwd=k.work, stdin=plain) for p in ([AGE], OURS))
            if alike(f"-R {name}, {shape}", a, b):
                both_open(f"-R {name}, {shape}", k, a.stdout, b.stdout, plain)


def mixes(k):
    """Post-quantum and classical ones do not mix; everything else does."""
    plain = b"mixed"
    names = [n for n in ("one", "two", "pq", "pq2", "ed", "rsa") if n in k.public]
    for x in names:
        for y in names:
            a, b = (run(*p, "-r", k.public[x], "-r", k.public[y], cwd=k.work, stdin=plain) for p in ([AGE], OURS))
            if alike(f"-r {x} -r {y}", a, b):
                both_open(f"-r {x} -r {y}", k, a.stdout, b.stdout, plain)


def command_lines(k):
    one, to, plain = "one", k.public["one"], b"for the command line"
    k.write("in", plain)
    k.write("sealed", run(AGE, "-r", to, cwd=k.work, stdin=plain).stdout)
    k.write("armored", run(AGE, "-a", "-r", to, cwd=k.work, stdin=plain).stdout)
    k.write("to-one", to + "\n")
    os.mkdir(os.path.join(k.work, "folder"))
    lines = [[], ["-d"], ["-d", "sealed"], ["-d", "-i", one], ["-d", "-i", one, "sealed"], ["-d", "-i", one, "armored"], ["--decrypt", "--identity", one, "sealed"],
             ["-decrypt", "-identity", one, "sealed"], ["-d", "-i=" + one, "sealed"], ["-d", "--identity=" + one, "sealed"], ["-d", "-i", "two", "sealed"],
             ["-d", "-i", "two", "-i", one, "sealed"], ["-d", "-i", "nowhere", "sealed"], ["-d", "-i", one, "nowhere"], ["-d", "-i", one, "in"],
             ["-d", "-i", one, "folder"], ["-d", "-i", "folder", "sealed"], ["-d", "-i", one, "sealed", "sealed"], ["-d", "-e", "-i", one, "sealed"],
             ["-d", "-a", "-i", one, "sealed"], ["-d", "-p", "sealed"], ["-d", "-r", to, "sealed"], ["-d", "-R", "to-one", "sealed"],
             ["-d", "-i", one, "-o", "out", "sealed"], ["-d", "-i", one, "-o", "-", "sealed"], ["-d", "-i", one, "-o", "sealed", "sealed"],
             ["-d", "-i", one, "-o", one, "sealed"], ["-d", "-i", one, "-o", "folder", "sealed"], ["-d", "-i", one, "-o", "no/where", "sealed"],
             ["-d", "-i", one, "-o", "link", "sealed"], ["-d", "-i", "-", "sealed"], ["-d", "-i", "-"], ["-d", "-i", one, "-i", one, "sealed"],
             ["-r", to], ["-r", to, "in"], ["-r", to, "-"], ["-e", "-r", to, "in"], ["-encrypt", "-recipient", to, "in"], ["--encrypt", "--recipient", to, "in"],
             ["-r", to, "-a", "in"], ["-r", to, "--armor", "in"], ["-r", to, "-o", "out", "in"], ["-r", to, "--output=out", "in"],
             ["-r", to, "-o", "in", "in"], ["-r", to, "-o", "folder", "in"], ["-r", to, "-o", "no/where", "in"], ["-r", to, "nowhere"], ["-r", to, "folder"],
             ["-r", to, "in", "in"], ["-r"], ["-o"], ["-r", to, "-o", "-", "in"], ["in"], ["-e", "in"], ["-a", "in"], ["-i", one, "in"],
             ["-e", "-i", one, "in"], ["-e", "-i", "nowhere", "in"], ["-r", to, "-i", one, "in"], ["-e", "-r", to, "-i", "two", "in"],
             ["-R", "to-one", "in"], ["-R", "nowhere", "in"], ["-R", "folder", "in"], ["-R", "in", "in"], ["-R", one, "in"], ["-R", "-", "in"], ["-R", "-"],
             ["--recipients-file", "to-one", "in"], ["-R", "to-one", "-r", to, "in"], ["-R", "to-one", "-R", "to-one", "in"], ["-R", "to-one", "-o", "to-one", "in"],
             ["-p", "-r", to, "in"], ["-p", "-R", "to-one", "in"], ["-p", "-i", one, "in"], ["-e", "-p", "-i", one, "in"], ["-j", "none", "-e", "in"],
             ["-d", "-j", "none", "sealed"], ["-j", "none", "in"], ["--nothing"], ["-z"], ["-d", "-z"], ["--", "in"], ["-r", to, "--", "in"], ["-r", "", "in"],
             ["-d", "-i", "", "sealed"], ["-d", "-i", one, ""], ["-d", "-i", "to-one", "sealed"]]
    for line in lines:
        out = os.path.join(k.work, "out")
        stdin = k.read("sealed") if line == ["-d", "-i", one] else to.encode() if "-R" in line else k.secret["one"].encode() if "-i" in line else plain
        got = []
        for program in ([AGE], OURS):
            for name, data in (("in", plain), ("sealed", k.read("sealed")), (one, k.text["one"].encode()), ("to-one", (to + "\n").encode())):
                k.write(name, data)
            if os.path.lexists(out):
                os.unlink(out)
            link = os.path.join(k.work, "link")
            if not os.path.lexists(link):
                os.symlink("in2", link)
            r = run(*program, *line, cwd=k.work, stdin=stdin)
            made = k.read("out") if os.path.exists(out) else None
            got.append((r, made, k.read("in") == plain and k.read(one) == k.text["one"].encode()))
        (a, amade, _), (b, bmade, kept) = got
        what = "age " + " ".join(x if len(x) < 60 else x[:12] + "…" for x in line)
        if not kept:
            failures.append(what)
            print(f"FAILED {what}: a file was written over")
        taken = alike(what, a, b)
        if (amade is None) != (bmade is None):
            failures.append(what)
            print(f"FAILED {what}: file made: age {amade is not None}, own {bmade is not None}")
        if taken and "-d" in line and (a.stdout, amade) != (b.stdout, bmade):
            differ(what + ": plain text", a, b)
        if taken and "-d" not in line and "--decrypt" not in line and "-decrypt" not in line:
            sealed = plain if "-" == line[-1] or line in (["-r", to],) else plain
            both_open(what, k, amade or a.stdout, bmade or b.stdout, stdin if line[-1] in ("-", to) and "-R" not in line else sealed)


def keygen_lines(k):
    for line in ([], ["-o", "made"], ["-o", "one"], ["-o", "no/where"], ["-o", "folder"], ["--output", "made"], ["x"], ["-y"], ["-y", "one"], ["-y", "one", "two"],
                 ["-y", "nowhere"], ["-y", "-o", "made", "one"], ["-y", "-o", "one", "two"], ["-pq"], ["-pq", "-y", "pq"], ["-pq", "-o", "made"], ["-y", "-"], ["-z"],
                 ["-y", "ed"], ["-output=made"]):
        got = []
        for program in ([KEYGEN], [*OURS, "keygen"]):
            made = os.path.join(k.work, "made")
            if os.path.exists(made):
                os.unlink(made)
            before = k.read("one")
            r = run(*program, *line, cwd=k.work, stdin=k.text["one"].encode())
            got.append((r, os.path.exists(made) and os.stat(made).st_mode & 0o777, k.read("one") == before))
        (a, amade, _), (b, bmade, kept) = got
        what = "age-keygen " + " ".join(line)
        if alike(what, a, b) and "-y" in line and a.stdout != b.stdout:
            differ(what + ": recipients", a, b)
        if not kept or (amade is False) != (bmade is False) or (bmade is not False and "-y" not in line and bmade != 0o600):
            failures.append(what)
            print(f"FAILED {what}: file made {amade} {bmade}, key kept {kept}")


def damaged(k):
    """Every byte of a header changed, every length cut, armor of every kind."""
    plain = b"0123456789" * 5
    sealed = run(AGE, "-r", k.public["one"], cwd=k.work, stdin=plain).stdout
    body = base64.b64encode(sealed).decode()
    lines = [body[i:i + 64] for i in range(0, len(body), 64)]
    begin, end = "-----BEGIN AGE ENCRYPTED FILE-----", "-----END AGE ENCRYPTED FILE-----"
    join = lambda *x, sep="\n": sep.join(x) + sep
    armors = {"as it is": join(begin, *lines, end), "crlf": join(begin, *lines, end, sep="\r\n"), "cr": join(begin, *lines, end, sep="\r"),
              "no last line end": join(begin, *lines, end)[:-1], "blanks before": "\n \t\r\n" + join(begin, *lines, end), "many blanks before": "\n" * 1030 + join(begin, *lines, end),
              "1000 blanks before": " " * 1000 + join(begin, *lines, end), "blanks behind": join(begin, *lines, end) + "\n \t\r\n\n", "text behind": join(begin, *lines, end) + "x",
              "text before": "x\n" + join(begin, *lines, end), "empty line": join(begin, lines[0], "", *lines[1:], end), "empty line first": join(begin, "", *lines, end),
              "empty line last": join(begin, *lines, "", end), "no end": join(begin, *lines), "no begin": join(*lines, end), "end cut": join(begin, *lines, end)[:-5],
              "begin lower": join(begin.lower(), *lines, end), "end lower": join(begin, *lines, end.lower()), "header": join(begin, "Version: 1", "", *lines, end),
              "long line": join(begin, lines[0] + lines[1], *lines[2:], end), "short lines": join(begin, *[body[i:i + 60] for i in range(0, len(body), 60)], end),
              "blank behind line": join(begin, lines[0] + " ", *lines[1:], end), "blank before line": join(begin, " " + lines[0], *lines[1:], end),
              "blank behind end": join(begin, *lines, end + " "), "blank before end": join(begin, *lines, " " + end), "blank behind begin": join(begin + " ", *lines, end),
              "no padding": join(begin, *lines[:-1], lines[-1].rstrip("="), end), "more padding": join(begin, *lines[:-1], lines[-1] + "=", end),
              "padding inside": join(begin, lines[0][:-1] + "=", *lines[1:], end), "url alphabet": join(begin, *lines, end).replace("+", "-", 3).replace("/", "_"),
              "not base64": join(begin, "!" + lines[0][1:], *lines[1:], end), "twice": join(begin, *lines, end) * 2, "nothing": join(begin, end),
              "other label": join(begin.replace("AGE ENCRYPTED", "PGP"), *lines, end), "mixed ends": begin + "\r\n" + join(*lines, end), "tab": join(begin, *lines, end + "\t")}
    files = {f"cut at {i}": sealed[:i] for i in range(len(sealed))}
    random.seed(3)
    for i in range(len(sealed)):
        files[f"byte {i}"] = sealed[:i] + bytes([sealed[i] ^ (1 << random.randrange(8))]) + sealed[i + 1:]
    header = sealed[:sealed.index(b"\n---")]
    files.update({"crlf header": sealed.replace(b"\n", b"\r\n", 4), "byte behind": sealed + b"x", "utf-16": sealed.decode("latin-1").encode("utf-16"),
                  "stanza twice": header + b"\n" + header[header.index(b"->"):] + sealed[len(header):], "no stanza": b"age-encryption.org/v1" + sealed[len(header):],
                  "version 2": sealed.replace(b"/v1", b"/v2", 1), "nothing": b"", "blank before": b" " + sealed, "grease": sealed.replace(b"\n---", b"\n-> grease a b\nAAAA\n---", 1)})
    files.update({"armor " + n: t.encode() for n, t in armors.items()})
    files.update({f"armor cut at {i}": armors["as it is"][:i].encode() for i in range(0, len(armors["as it is"]), 3)})
    for what, data in files.items():
        a, b = (run(*p, "-d", "-i", "one", cwd=k.work, stdin=data) for p in ([AGE], OURS))
        if alike(what, a, b) and a.stdout != b.stdout or not plain.startswith(b.stdout):
            differ(what + ": plain text", a, b)


def main():
    if not AGE or not KEYGEN:
        print(reference.missing("age", "age-keygen"))
        return 77
    with tempfile.TemporaryDirectory() as work:
        if run(KEYGEN, "-pq", cwd=work).returncode:  # older than 1.3
            print("the age-keygen here knows no hybrid keys; " + reference.missing("age-keygen"))
            return 77
        k = Keys(work)
        identities(k)
        recipients(k)
        mixes(k)
        command_lines(k)
        keygen_lines(k)
        damaged(k)
        good = run(AGE, "-r", k.public["one"], cwd=work, stdin=b"x")
        mark = len(failures)
        bad = run(*OURS, "-d", "-i", "one", cwd=work, stdin=b"x")
        with contextlib.redirect_stdout(io.StringIO()):
            alike("the control", good, bad)
        if len(failures) == mark:
            print("the control was not seen")
            return 1
        failures.pop()
    print(f"{seen} cases, {len(failures)} differ")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
