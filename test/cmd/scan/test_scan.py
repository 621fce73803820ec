#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sanctum scan` on files, trees, git history and the index: what is told, where, and that no secret
is in what it prints or writes. Every value here is made up."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import growth  # noqa: E402

SANCTUM = os.path.join(os.environ["SANCTUM_BUILD"], "sanctum")
PASSWORD = "hT7#kq9Lm2"
TOKEN = "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"
SAMPLE = f'# é\npassword = "{PASSWORD}"\nuse {TOKEN} here\n'
GIT = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
       "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}


class Scan(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = folder.name

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(text.encode() if isinstance(text, str) else text)
        return path

    def scan(self, *args, status=None):
        out = subprocess.run([SANCTUM, "scan", *args], cwd=self.dir, capture_output=True, check=False,
                             timeout=60, stdin=subprocess.DEVNULL)
        for secret in (PASSWORD, TOKEN, TOKEN[4:]):
            self.assertNotIn(secret.encode(), out.stdout + out.stderr)
        if status is not None:
            self.assertEqual(out.returncode, status, out.stderr)
        return out

    def lines(self, *args, status=1):
        return [json.loads(x) for x in self.scan("--json", *args, status=status).stdout.splitlines()]

    def git(self, *args):
        subprocess.run(["git", *args], cwd=self.dir, env=GIT, check=True, capture_output=True)

    def test_a_tree(self):
        self.write("src/a.txt", SAMPLE)
        self.write("src/.git/config", SAMPLE)
        self.write("src/b.bin", b"\0" + SAMPLE.encode())
        self.write("src/c.txt", "nothing to see\n")
        found = self.lines("src")
        self.assertEqual([(f["path"], f["line"], f["column"], f["rule"], f["entity_type"], f["evidence"],
                           f["masked"]) for f in found],
                         [("src/a.txt", 2, 13, "password", "SECRET", "context", "****"),
                          ("src/a.txt", 3, 5, "npm-token", "SECRET", "checksum", "npm_****")])

    def test_many_files_are_told_in_order(self):
        """Thousands of files, small and large, binary, unreadable and none: on one processor as on all of them."""
        for i in range(1500):
            self.write(f"t/{i % 13:02}/{i:04}.txt", SAMPLE if i % 10 == 0 else "nothing\n" * (i % 50))
        for i in range(0, 1500, 97):
            self.write(f"t/{i % 13:02}/{i:04}.bin", b"\0" + SAMPLE.encode())
        self.write("t/05/large.txt", "a" * (3 << 20) + "\n" + SAMPLE)
        self.write("t/06/too-large.txt", "a" * (5 << 20))
        processors, outputs = os.sched_getaffinity(0), []
        for some in ({min(processors)}, processors):
            os.sched_setaffinity(0, some)
            try:
                out = self.scan("--json", "--max-size", "4", "gone", "t", "t/00/0000.txt", status=2)
            finally:
                os.sched_setaffinity(0, processors)
            rows = [json.loads(x) for x in out.stdout.splitlines()]
            outputs.append(([(r["path"], r["line"], r["rule"]) for r in rows], out.stderr))
        self.assertEqual(outputs[0], outputs[1])
        paths = [path for path, line, rule in outputs[0][0] if rule == "npm-token"]
        self.assertEqual(paths[:-1], sorted(paths[:-1]))
        self.assertEqual((len(paths), paths[-1]), (152, "t/00/0000.txt"))
        self.assertEqual([x.split(": ")[1] for x in outputs[0][1].decode().splitlines()], ["gone", "t/06/too-large.txt"])

    def test_columns_count_code_points(self):
        self.write("a.txt", f"é {TOKEN}\n")
        self.assertEqual([(f["line"], f["column"]) for f in self.lines(".")], [(1, 3)])

    def test_a_long_line_costs_its_length(self):
        """Thousands of findings on one line: none is paid for with the line's length."""
        value = f"use {TOKEN}; ".encode()
        self.assertLess(growth.grown(self.dir, lambda n: value * n, lambda path: self.scan("--json", path, status=1),
                                     2000), growth.BAD)

    def test_clean_is_zero_and_silent(self):
        self.write("a.txt", "password: ${PASSWORD}\nhttps://example.com/\n")
        self.assertEqual(self.scan("--json", "a.txt", status=0).stdout, b"")

    def test_what_cannot_be_read_is_an_error(self):
        self.write("a.txt", SAMPLE)
        self.assertIn(b"No such file", self.scan("gone", "a.txt", status=2).stderr)
        self.write("big.txt", "a" * (2 << 20))
        self.assertIn(b"not looked at", self.scan("--max-size", "1", "big.txt", status=2).stderr)
        self.scan("--max-size", "3", "big.txt", status=0)

    def test_usage(self):
        for args in (["--json", "--sarif"], ["--git", "--staged"], ["--entities", "NOPE"],
                     ["--threshold", "2"], ["--max-size", "0"]):
            self.scan(*args, status=64)

    def test_entities(self):
        self.write("a.txt", "card 4111 1111 1111 1111, mail kim@corp.internal.org\n")
        self.assertEqual([f["rule"] for f in self.lines("a.txt")], ["credit-card"])
        self.assertEqual([f["entity_type"] for f in self.lines("--entities", "EMAIL_ADDRESS", "a.txt")],
                         ["EMAIL_ADDRESS"])

    def test_threshold_and_wrong_checksum(self):
        self.write("a.txt", TOKEN[:-1] + "Q\n")
        self.assertEqual([f["evidence"] for f in self.lines("a.txt")], ["shape"])
        self.scan("--threshold", "0.7", "a.txt", status=0)

    def test_allowed_line(self):
        self.write("a.txt", f'password = "{PASSWORD}"  # sanctum:allow, a test account\n')
        self.scan("a.txt", status=0)

    def test_baseline(self):
        self.write("a.txt", SAMPLE)
        self.scan("--write-baseline", "known", "a.txt", status=0)
        with open(os.path.join(self.dir, "known"), encoding="utf-8") as f:
            known = f.read()
        self.assertEqual(len(known.splitlines()), 3)
        self.assertNotIn(PASSWORD, known)
        self.assertNotIn(TOKEN, known)
        self.scan("--baseline", "known", "a.txt", status=0)
        # lines above do not matter, another value in its place does, another finding does
        self.write("a.txt", "\n\n" + SAMPLE)
        self.scan("--baseline", "known", "a.txt", status=0)
        self.write("a.txt", SAMPLE.replace(PASSWORD, "zW4!pQ8sVx"))
        self.assertEqual([f["rule"] for f in self.lines("--baseline", "known", "a.txt")], ["password"])
        self.write("a.txt", SAMPLE + 'api_key = "Zk3mQ8vT1xWc7RbN5pLd"\n')
        self.assertEqual([f["line"] for f in self.lines("--baseline", "known", "a.txt")], [4])

    def test_baseline_holds_for_every_way_to_name_a_file(self):
        self.git("init", "-q", ".")
        path = self.write("sub/a.txt", SAMPLE)
        self.scan("--write-baseline", "known", ".", status=0)
        for name in (".", "sub", "sub/a.txt", "./sub/../sub/a.txt", path):
            self.scan("--baseline", "known", name, status=0)
        self.git("add", "sub")
        self.scan("--baseline", "known", "--staged", status=0)
        self.write("sub/b.txt", SAMPLE)
        self.assertEqual(len(self.lines("--baseline", "known", ".")), 2)

    def test_utf16(self):
        for name, codec in (("le.txt", "utf-16-le"), ("be.txt", "utf-16-be")):
            self.write(name, ("\ufeff" + SAMPLE + "\U0001f600 " + SAMPLE).encode(codec))
        found = self.lines("le.txt", "be.txt")
        self.assertEqual([(f["line"], f["column"]) for f in found], [(2, 13), (3, 5), (5, 13), (6, 5)] * 2)
        self.write("none.bin", b"\xff\xfe\0\0" + SAMPLE.encode())
        self.scan("none.bin", status=0)

    def test_build_logs(self):
        """The digest beside an object file is no secret of the name it has."""
        self.write(".ninja_log", "1\t2\t3\tlibsys.a.p/src_sys_secret.c.o\t6eae59c9d1b3e859\n")
        self.scan(".", status=0)
        self.write("x.txt", "src_sys_secret\t6eae59c9d1b3e859e1a7\n")
        self.scan("x.txt", status=1)

    def test_evidence_of_numbers(self):
        self.write("n.txt", "mail anna@corp-mail.de\ncard 4539 1488 0343 6467\n")
        found = self.lines("--entities", "EMAIL_ADDRESS,CREDIT_CARD", "n.txt")
        self.assertEqual([(f["entity_type"], f["evidence"]) for f in found],
                         [("EMAIL_ADDRESS", "shape"), ("CREDIT_CARD", "checksum")])

    def test_broken_baseline_names_its_line(self):
        self.write("a.txt", SAMPLE)
        self.write("known", "sanctum-baseline 1 " + "0" * 32 + "\nnonsense\n")
        self.assertIn(b"known:2", self.scan("--baseline", "known", "a.txt", status=2).stderr)
        self.write("known", "sanctum-baseline 2 " + "0" * 32 + "\n")
        self.assertIn(b"known:1", self.scan("--baseline", "known", "a.txt", status=2).stderr)

    def test_sarif(self):
        self.write("a b.txt", SAMPLE)
        doc = json.loads(self.scan("--sarif", "a b.txt", status=1).stdout)
        self.assertEqual(doc["version"], "2.1.0")
        run = doc["runs"][0]
        self.assertEqual(run["tool"]["driver"]["name"], "sanctum")
        self.assertEqual([r["ruleId"] for r in run["results"]], ["password", "npm-token"])
        place = run["results"][1]["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"]["uri"], "a%20b.txt")
        self.assertEqual(place["region"], {"startLine": 3, "startColumn": 5, "endColumn": 45})
        # GitHub shows nothing of a run without rules.
        rules = run["tool"]["driver"]["rules"]
        self.assertEqual([rules[r["ruleIndex"]]["id"] for r in run["results"]], ["password", "npm-token"])
        self.assertEqual([r["shortDescription"]["text"] for r in rules], ["A secret: password", "A secret: npm-token"])
        self.assertTrue(all(r["fullDescription"]["text"] and r["help"]["text"] for r in rules))
        again = json.loads(self.scan("--sarif", "a b.txt", "a b.txt", status=1).stdout)["runs"][0]
        self.assertEqual(([r["ruleIndex"] for r in again["results"]], len(again["tool"]["driver"]["rules"])),
                         ([0, 1, 0, 1], 2))
        empty = json.loads(self.scan("--sarif", "--entities", "US_SSN", "a b.txt", status=0).stdout)
        self.assertEqual((empty["runs"][0]["results"], empty["runs"][0]["tool"]["driver"]["rules"]), ([], []))

    def test_history_finds_what_was_removed(self):
        self.git("init", "-q", ".")
        self.write("dir/a.txt", "one\ntwo\nthree\nfour\n" + SAMPLE)
        self.git("add", ".")
        self.git("commit", "-qm", "first")
        self.git("rm", "-q", "dir/a.txt")
        self.git("commit", "-qm", "second")
        self.scan("dir" if os.path.exists(os.path.join(self.dir, "dir")) else ".", status=0)
        found = self.lines("--git", ".")
        self.assertEqual([(f["path"], f["line"], f["rule"]) for f in found],
                         [("dir/a.txt", 6, "password"), ("dir/a.txt", 7, "npm-token")])
        self.assertRegex(found[0]["commit"], "^[0-9a-f]{40}$")

    def test_messages_of_commits_and_tags(self):
        """Of git's own objects: what `git show` prints of them is indented and re-encoded."""
        self.git("init", "-q", ".")
        self.write("a.txt", "one\n")
        self.git("add", ".")
        self.git("commit", "-qm", f"first\n\nit works with\n  {TOKEN}\n\nSigned-off-by: a")
        for i in range(70):  # more than git is asked for at once
            self.git("commit", "-q", "--allow-empty", "-m", f"number {i}" + (f" for {TOKEN}" if i == 68 else ""))
        self.git("tag", "plain")
        self.git("tag", "-a", "-m", f"for {TOKEN}", "inner")
        self.git("tag", "-a", "-m", "a tag of a tag that has no name of its own", "told", "inner")
        self.git("tag", "-d", "inner")
        self.git("-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "--allow-empty", "-m",
                 b"caf\xe9 " + TOKEN.encode())
        found = self.lines("--git")
        self.assertEqual([(f["path"], f["line"], f["column"], f["rule"]) for f in found],
                         [("COMMIT_MESSAGE", 4, 3, "npm-token"), ("COMMIT_MESSAGE", 1, 15, "npm-token"),
                          ("COMMIT_MESSAGE", 1, 6, "npm-token"), ("TAG_MESSAGE", 1, 5, "npm-token")])
        self.assertEqual(len({f["commit"] for f in found}), 4)

    def test_the_hook_of_the_guide_for_messages(self):
        self.git("init", "-q", ".")
        hook = self.write(".git/hooks/commit-msg", f'#!/bin/sh\nexec {SANCTUM} scan "$1"\n')
        os.chmod(hook, 0o755)
        for message, status in (("nothing", 0), (f"use {TOKEN}", 1)):
            out = subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", message], cwd=self.dir, env=GIT,
                                 check=False, capture_output=True)
            self.assertEqual(out.returncode, status, out.stderr)

    def test_staged_tells_only_what_is_added(self):
        self.git("init", "-q", ".")
        self.write("a.txt", SAMPLE)
        self.git("add", ".")
        self.git("commit", "-qm", "first")
        self.scan("--staged", status=0)
        # the name stands on a line that was there, the value on a new one; "++ b/" is content
        self.write("a.txt", SAMPLE + '++ b/evil\napi_key = "Zk3mQ8vT1xWc7RbN5pLd"\n')
        self.scan("--staged", status=0)
        self.git("add", ".")
        self.assertEqual([(f["path"], f["line"]) for f in self.lines("--staged")], [("a.txt", 5)])

    def test_a_new_key_behind_an_old_begin_line(self):
        """Of a key that replaces another one only the lines between BEGIN and END are added."""
        lines = ["".join(chr(65 + (i * i * 31 + k * k * 17 + i * k) % 26) for k in range(64)) for i in range(24)]
        head, tail = "-----BEGIN PRIVATE KEY-----\n", "-----END PRIVATE KEY-----\n"
        self.git("init", "-q", ".")
        self.write("a.pem", head + "MII" + "\n".join(lines[:12]) + "\n" + tail)
        self.git("add", ".")
        self.git("commit", "-qm", "first")
        self.write("a.pem", head + "MII" + "\n".join(lines[12:]) + "\n" + tail)
        self.git("add", ".")
        self.assertEqual([(f["line"], f["rule"]) for f in self.lines("--staged")], [(1, "private-key")])
        self.git("commit", "-qm", "second")
        self.assertEqual(len(self.lines("--git")), 2)
        with open(os.path.join(self.dir, "a.pem"), "a", encoding="ascii") as f:
            f.write("nothing\n")
        self.git("add", ".")
        self.scan("--staged", status=0)

    def test_no_setting_hides_a_commit(self):
        """Replaced objects go to others as they were; first commits and other folders count, too."""
        self.git("init", "-q", ".")
        self.write("a.txt", SAMPLE)
        self.write("sub/b.txt", "one\n")
        self.git("add", ".")
        self.git("commit", "-qm", "first")
        self.git("config", "log.showRoot", "false")
        self.assertEqual(len(self.lines("--git")), 2)
        self.git("config", "diff.relative", "true")
        self.write("a.txt", SAMPLE + f"use {TOKEN} again\n")
        self.git("add", ".")
        self.assertEqual(len(self.lines("--staged", "sub")), 1)
        self.git("replace", "HEAD:a.txt", "HEAD:sub/b.txt")
        self.assertEqual(len(self.lines("--git")), 2)
        self.git("commit", "-qam", "second")
        self.assertEqual(len(self.lines("--git")), 3)
        self.write("a.txt", SAMPLE)
        self.git("commit", "-qam", "third")
        ids = subprocess.run(["git", "rev-list", "HEAD"], cwd=self.dir, env=GIT, check=True, capture_output=True,
                             text=True).stdout.split()
        self.write(".git/info/grafts", f"{ids[0]} {ids[2]}\n")  # the second is gone, says git
        self.assertEqual(len(self.lines("--git")), 3)

    def commit(self, *args, status):
        """`git commit` behind the hook of the guide."""
        hook = self.write(".git/hooks/pre-commit", f"#!/bin/sh\nexec {SANCTUM} scan --staged\n")
        os.chmod(hook, 0o755)
        out = subprocess.run(["git", "commit", "-qm", "next", *args], cwd=self.dir, env=GIT, check=False,
                             capture_output=True)
        self.assertEqual(out.returncode, status, out.stderr)

    def test_a_hook_sees_what_is_committed(self):
        """git commits from an index of its own with -a or paths; what lies in the folder does not count."""
        self.git("init", "-q", ".")
        self.write("a.txt", "one\n")
        self.git("add", ".")
        self.commit(status=0)
        self.write("a.txt", SAMPLE)
        self.commit("-a", status=1)
        self.commit("--", "a.txt", status=1)
        self.git("add", ".")
        self.write("a.txt", "two\n")
        self.commit(status=1)
        self.commit("-a", status=0)
        self.write("a.txt", SAMPLE)
        self.commit("--allow-empty", status=0)

    def test_no_attribute_hides_a_file(self):
        """-diff and UTF-16: files that git shows no lines of."""
        self.git("init", "-q", ".")
        self.write(".gitattributes", "*.env -diff\n*.key binary\n")
        self.write("a b.env", f"use {TOKEN} here\n")
        self.write('"é.key', f"one\nuse {TOKEN} here\n")
        self.write("u.txt", f"use {TOKEN} here\n".encode("utf-16"))
        self.write("c.bin", b"\0\1" + TOKEN.encode())
        self.git("add", ".")
        want = {("a b.env", 1, 5), ('"é.key', 2, 5), ("u.txt", 1, 5)}
        self.assertEqual({(f["path"], f["line"], f["column"]) for f in self.lines("--staged")}, want)
        self.git("commit", "-qm", "first")
        found = self.lines("--git")
        self.assertEqual({(f["path"], f["line"], f["column"]) for f in found}, want)
        self.assertRegex(found[0]["commit"], "^[0-9a-f]{40}$")
        self.git("rm", "-q", "a b.env", "c.bin")
        self.scan("--staged", status=0)
        self.git("commit", "-qm", "second")
        self.assertEqual(len(self.lines("--git")), 3)
        self.assertIn(b"larger than --max-size", self.large_blob().stderr)

    def large_blob(self):
        self.write("l.env", "x" * (1 << 20) + "y")
        self.git("add", ".")
        return self.scan("--staged", "--max-size", "1", status=2)

    def test_what_a_merge_adds_itself(self):
        self.git("init", "-q", "-b", "main", ".")
        text = "".join(f"{i}\n" for i in range(40))
        self.write("a.txt", text)
        self.write("b.env", b"\0")
        self.git("add", ".")
        self.git("commit", "-qm", "first")
        self.git("checkout", "-qb", "side")
        self.write("a.txt", text + "theirs\n")
        self.git("commit", "-qam", "side")
        self.git("checkout", "-q", "main")
        self.write("a.txt", f"ours {TOKEN}\n" + text)
        self.git("commit", "-qam", "main")
        self.git("merge", "-q", "--no-commit", "side")
        self.write("a.txt", f"ours {TOKEN}\n" + text.replace("20\n", f'20\npassword = "{PASSWORD}"\n') + "theirs\nno end")
        self.write("new/x y.txt", f"-- use {TOKEN} here")
        self.git("add", ".")
        self.git("commit", "-qm", "merge")
        self.assertEqual(sorted((f["path"], f["line"], f["rule"]) for f in self.lines("--git")),
                         [("a.txt", 1, "npm-token"), ("a.txt", 23, "password"), ("new/x y.txt", 1, "npm-token")])

    def test_paths_as_git_writes_them(self):
        names = ["sp ace.txt", 'q"x.txt', "tab\there.txt", "back\\slash.txt", "é.txt", "bell\x07\n.txt"]
        self.git("init", "-q", ".")
        for name in names:
            self.write(name, f"use {TOKEN} here\n")
        self.git("add", ".")
        self.assertEqual({f["path"] for f in self.lines("--staged")}, set(names))
        self.git("commit", "-qm", "first")
        self.assertEqual({f["path"] for f in self.lines("--git")}, set(names))

    def test_a_repository_runs_nothing(self):
        mark = os.path.join(self.dir, "ran")
        hook = self.write("x.sh", f"#!/bin/sh\ntouch {mark}\ncat\n")
        os.chmod(hook, 0o755)
        self.git("init", "-q", ".")
        self.write(".gitattributes", "*.txt diff=evil\n")
        self.write("a.txt", SAMPLE)
        self.git("add", ".")
        self.git("commit", "-qm", "first")
        for key in ("diff.external", "diff.evil.textconv", "diff.evil.command", "core.fsmonitor",
                    "core.pager"):
            self.git("config", key, hook)
        self.write("a.txt", SAMPLE + SAMPLE)
        subprocess.run(["git", "-c", "core.fsmonitor=false", "add", "."], cwd=self.dir, env=GIT, check=True)
        if os.path.exists(mark):
            os.remove(mark)
        self.assertEqual(len(self.lines("--git", ".")), 2)
        self.assertEqual(len(self.lines("--staged", ".")), 2)
        self.assertFalse(os.path.exists(mark))

    def test_no_repository(self):
        self.assertIn(b"not a git repository", self.scan("--git", ".", status=2).stderr)

    def test_a_symbolic_link_is_not_followed(self):
        self.write("out/a.txt", SAMPLE)
        os.mkdir(os.path.join(self.dir, "in"))
        os.symlink("../out/a.txt", os.path.join(self.dir, "in/link"))
        os.symlink("..", os.path.join(self.dir, "in/loop"))
        self.scan("in", status=0)


if __name__ == "__main__":
    unittest.main()
