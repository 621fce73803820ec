#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The guides of masking: every command in them says what the guide says it does. And what the commands share: lines
that cannot be read, key files."""
import gzip
import json
import os
import re
import subprocess
import tempfile
import threading
import unittest

BUILD = os.environ["SANCTUM_BUILD"]
SANCTUM = os.path.join(BUILD, "sanctum")


def shell(command, folder):
    env = {**os.environ, "PATH": BUILD + os.pathsep + os.environ["PATH"], "HOME": folder}
    env.pop("SANCTUM_CONFIG", None)
    return subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False, timeout=60,
                          env=env)


class Guides(unittest.TestCase):
    def follow(self, guide, least):
        with open(f"docs/guides/{guide}.md", encoding="utf-8") as f:
            text = f.read()
        pairs = [p for block in re.findall(r"```console\n(.*?)```", text, re.S)
                 for p in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.M)]
        self.assertGreaterEqual(len(pairs), least)
        with tempfile.TemporaryDirectory() as folder:
            for config in re.findall(r"```yaml\n(.*?)```", text, re.S)[:1]:
                with open(os.path.join(folder, "sanctum.yaml"), "w", encoding="utf-8") as f:
                    f.write(config)
            for command, expected in pairs:
                out = shell(command, folder)
                self.assertEqual(out.stdout + out.stderr, expected, command)

    def test_files(self):
        self.follow("mask", 8)

    def test_operators(self):
        self.follow("operators", 9)

    def test_recognisers(self):
        self.follow("recognisers", 3)


class Shared(unittest.TestCase):
    def test_long_lines_are_named_and_the_others_done(self):
        for command, good in (("mask", {"text": "x"}), ("restore", {"masked": "x", "map": {}})):
            text = json.dumps(good) + "\n" + "x" * (129 << 20) + "\n" + json.dumps(good) + "\n"
            out = subprocess.run([SANCTUM, command, "--jsonl"], input=text, capture_output=True, text=True, check=False,
                                 timeout=60)
            rows = [json.loads(line) for line in out.stdout.splitlines()]
            self.assertEqual((out.returncode, len(rows)), (2, 3), out.stderr)
            self.assertEqual(rows[0], rows[2])
            self.assertEqual(rows[1], {"line": 2, "error": "the line is longer than 128 MiB"})

    def test_texts_of_utf_16(self):
        """Come back as they were written; nothing that is not read goes through."""
        text = "mail maria@example.com \U0001f600\r\n"
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "map.json")

            def run(*args, text):
                return subprocess.run([SANCTUM, *args], input=text, capture_output=True, check=False, timeout=60)
            for mark, form in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
                given = mark + text.encode(form)
                masked = run("mask", "--save-map", path, text=given)
                self.assertEqual((masked.returncode, masked.stderr), (0, b""))
                self.assertRegex(masked.stdout.decode("utf-16"), r"^mail <EMAIL_ADDRESS_\w+> \U0001f600\r\n$")
                self.assertEqual(run("restore", "--map", path, text=masked.stdout).stdout, given)
                said = run("outbound", text=mark + "SSN 536-22-8714".encode(form))
                self.assertEqual(said.stdout, mark + "SSN [SSN]".encode(form))
                for bad, why in ((text.encode(form), b"zero bytes"), (given[:-1], b"no whole text of UTF-16")):
                    for command in (("mask",), ("restore", "--map", path), ("outbound",)):
                        out = run(*command, text=bad)
                        self.assertEqual((out.returncode, out.stdout), (2, b""))
                        self.assertIn(why, out.stderr)
            for form in ("utf-32-le", "utf-32-be"):  # the one's mark begins with that of UTF-16
                out = run("mask", text="\ufeff{}".format(text).encode(form))
                self.assertEqual((out.returncode, out.stdout), (2, b""))
                self.assertIn(b"zero bytes", out.stderr)
            with open("/dev/full", "wb") as full:
                out = subprocess.run([SANCTUM, "mask"], input=b"x", stdout=full, stderr=subprocess.PIPE, check=False)
                self.assertEqual((out.returncode, out.stderr), (2, b"sanctum mask: cannot write the output\n"))
            # A zero byte here and there is nobody's concern.
            for given in (b"one\0two\0mail maria@example.com\0", b"a@b.cd\0"):
                self.assertIn(b"<EMAIL_ADDRESS_", run("mask", text=given).stdout)

    def test_texts_of_windows_1252(self):
        """One byte a character, as spreadsheets export: names are seen, and come back as they were written."""
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "map.json")

            def run(*args, text):
                return subprocess.run([SANCTUM, *args], input=text, capture_output=True, check=False, timeout=60)

            def restore(text):
                out = run("restore", "--map", path, text=text)
                self.assertEqual((out.returncode, out.stderr), (0, b""))
                return out.stdout
            given = ("Name;Stadt;Gru\u00df\r\n"
                     "J\u00fcrgen M\u00fcller;K\u00f6ln;sch\u00f6n \u2013 wei\u00df\r\n").encode("cp1252")
            masked = run("mask", "--save-map", path, text=given).stdout
            self.assertRegex(masked.decode("cp1252"), "^Name;Stadt;Gru\u00df\r\n<PERSON_[\\w.]+>;")
            self.assertEqual(restore(masked), given)
            for given in (gzip.compress(b"mail maria@example.com"), b"%PDF-1.7\n\xe2\xe3" + bytes(range(256))):
                for command in ("mask", "outbound"):
                    out = run(command, text=given)
                    self.assertEqual((out.returncode, out.stdout), (2, b""))
                    self.assertIn(b"is no text", out.stderr)
            # Some control characters are in texts, too; the masked one may be the shorter.
            for given in (b"caf\xe9 \x1b[1m\x0c\x01", b"caf\xe9\x01\x02\x03" + b" %s@example.com" % (b"maria" * 40)):
                masked = run("mask", "--save-map", path, text=given)
                self.assertEqual(masked.returncode, 0)
                self.assertEqual(restore(masked.stdout), given)
            # What is left may be no letter of the kind, or one of the other kind.
            for given in ("Name: J\u00fcrgen M\u00fcller".encode("cp1252"), "Name: J\u00fcrgen M\u00fcller".encode(),
                          "Name: \u0141ukasz Wa\u0142\u0119sa, na\u00efve ".encode() + b"\xff",
                          "Name: J\u00fcrgen M\u00fcller, ".encode() + b"\xff"):
                masked = run("mask", "--save-map", path, "--entities", "PERSON", text=given).stdout
                self.assertRegex(masked, b"^Name: <PERSON_[\\w.]+>")
                self.assertEqual(restore(masked), given)
            # An answer in UTF-8 to what was not.
            given = "Name: J\u00fcrgen M\u00fcller".encode("cp1252")
            masked = run("mask", "--save-map", path, "--entities", "PERSON", text=given).stdout
            self.assertEqual(restore(masked + "\u20ac 5 f\u00fcr".encode()),
                             "Name: J\u00fcrgen M\u00fcller\u20ac 5 f\u00fcr".encode())
            # An answer in windows-1252 cannot have every letter: no other stands in its place.
            given = "Name: \u0141ukasz Wa\u0142\u0119sa".encode()
            masked = run("mask", "--save-map", path, "--entities", "PERSON", text=given).stdout
            out = run("restore", "--map", path, text=masked + b" f\xfcr Sie")
            self.assertEqual((out.returncode, out.stdout), (2, b""))
            self.assertIn(b"give it as UTF-8", out.stderr)
            for bad in ('{"charset":"x"}', '{"charset":"utf-8","charset":"utf-8"}', '{"charset":8}'):
                with open(path, "w", encoding="utf-8") as f:
                    f.write(bad)
                self.assertEqual(run("restore", "--map", path, text=b"x").returncode, 2, bad)

    def test_lines_are_cut_at_line_feeds(self):
        """Wherever the reading stops: short lines, long ones, an empty one, one without a line feed at the end."""
        texts = ["x" * n for n in (0, 1, 65535 - 12, 65536 - 12, 65537 - 12, 200000, 3)] + ["y" * 50] * 3000
        given = [json.dumps({"text": t}) for t in texts]
        given.insert(3, "")
        for end in ("", "\n", "\r\n\t\n"):
            out = subprocess.run([SANCTUM, "mask", "--jsonl", "--entities", "EMAIL_ADDRESS"], input="\n".join(given) + end,
                                 capture_output=True, text=True, check=False, timeout=60)
            rows = [json.loads(line) for line in out.stdout.splitlines()]
            self.assertEqual(rows.pop(3)["line"], 4)
            self.assertEqual(len(rows), len(texts) + (1 if "\t" in end else 0))
            self.assertEqual([r["masked"] for r in rows[:len(texts)]], texts)

    def test_who_waits_for_an_answer_has_it(self):
        for command, line in (("mask", b'{"id":1,"text":"x"}'), ("restore", b'{"id":1,"masked":"x","map":{}}')):
            with subprocess.Popen([SANCTUM, command, "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as tool:
                for _ in range(3):
                    tool.stdin.write(line + b"\n")
                    tool.stdin.flush()
                    self.assertIn(b'"id":1', tool.stdout.readline())
                tool.stdin.close()

    def test_threads_change_nothing(self):
        """Thousands of lines, bad and long ones among them, on one processor and on all of them."""
        lines = [json.dumps({"id": i, "text": f"Jane Roe {i}, jane.roe{i}@corp-mail.net " + "and so on " * (i % 97)})
                 for i in range(6000)]
        for i in range(50, 6000, 611):
            lines[i] = '{"id": %d' % i
        lines[3333] = "x" * (33 << 20)
        lines[4444] = json.dumps({"text": "mail me: a.b@corp-mail.net " * 40000})
        given = "\n".join(lines).encode()
        processors = os.sched_getaffinity(0)
        with tempfile.TemporaryDirectory() as folder:
            argv = [SANCTUM, "mask", "--jsonl", "--map", "--key-file", os.path.join(folder, "key")]
            answers = []
            for some in ({min(processors)}, processors):
                os.sched_setaffinity(0, some)
                try:
                    out = subprocess.run(argv, input=given, capture_output=True, check=False, timeout=120)
                finally:
                    os.sched_setaffinity(0, processors)
                self.assertEqual(out.returncode, 2, out.stderr)
                answers.append(out.stdout)
            self.assertEqual(answers[0], answers[1])
            rows = [json.loads(line) for line in answers[0].splitlines()]
            self.assertEqual(len(rows), len(lines))
            bad = [i for i, r in enumerate(rows) if "error" in r]
            self.assertEqual(bad, sorted([*range(50, 6000, 611), 3333]))
            self.assertEqual([rows[i]["line"] for i in bad], [i + 1 for i in bad])
            self.assertEqual([r["id"] for r in rows[5000:5010]], list(range(5000, 5010)))
            back = subprocess.run([SANCTUM, "restore", "--jsonl"], capture_output=True, check=False, timeout=120,
                                  input=b"\n".join(json.dumps(r).encode() for r in rows if "masked" in r))
            self.assertEqual((back.returncode, [json.loads(line)["text"] for line in back.stdout.splitlines()]),
                             (0, [json.loads(line)["text"] for i, line in enumerate(lines) if i not in bad]))

    def test_half_a_line_keeps_no_answer_back(self):
        """Much input, then a line in two parts: the answers to what was whole come before its end is sent."""
        many = b'{"id":1,"text":"x"}\n' * 40000
        argv = [SANCTUM, "mask", "--jsonl", "--entities", "EMAIL_ADDRESS"]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as tool:
            sender = threading.Thread(target=lambda: (tool.stdin.write(many + b'{"id":2,'), tool.stdin.flush()))
            sender.start()
            for _ in range(40000):
                self.assertIn(b'"id":1', tool.stdout.readline())
            sender.join()
            tool.stdin.write(b'"text":"x"}\n')
            tool.stdin.close()
            self.assertIn(b'"id":2', tool.stdout.readline())

    def test_long_lines_leave_no_memory_behind(self):
        """However many threads have answered one."""
        short, long = b'{"text":"x"}\n', json.dumps({"text": "the day was long and " * 1000000}).encode() + b"\n"
        argv = [SANCTUM, "mask", "--jsonl", "--entities", "EMAIL_ADDRESS"]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as tool:
            for line in [short] * 5 + [long] * 6 + [short] * 4:
                tool.stdin.write(line)
                tool.stdin.flush()
                self.assertTrue(tool.stdout.readline())
            with open(f"/proc/{tool.pid}/status", encoding="utf-8") as f:
                resident = int(re.search(r"VmRSS:\s*(\d+) kB", f.read())[1])
            tool.stdin.close()
        with open(os.path.join(BUILD, "libexec", "sanctum-mask"), "rb") as f:
            if b"__asan_" not in f.read():
                self.assertLess(resident, 24 << 10)

    def test_who_stops_listening_ends_it(self):
        argv = [SANCTUM, "mask", "--jsonl", "--entities", "EMAIL_ADDRESS"]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as tool:
            tool.stdout.close()
            with self.assertRaises(BrokenPipeError):
                for _ in range(1000):
                    tool.stdin.write(b'{"id":1,"text":"x"}\n' * 10000)
            self.assertNotEqual(tool.wait(60), 0)

    def test_what_cannot_be_written_is_told(self):
        if os.path.exists("/dev/full"):
            with open("/dev/full", "wb") as full:
                out = subprocess.run([SANCTUM, "mask", "--jsonl", "--entities", "EMAIL_ADDRESS"], input=b'{"text":"x"}\n',
                                     stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
            self.assertEqual((out.returncode, b"cannot read or write" in out.stderr), (2, True))

    def test_key_files(self):
        with tempfile.TemporaryDirectory() as folder:
            for content, says in ((b"12", "expected 64 hexadecimal digits"), (b"z" * 64, "expected 64"),
                                  (b"1" * 66, "expected 64"), (b"1" * 400, "k")):
                with open(os.path.join(folder, "k"), "wb") as f:
                    f.write(content)
                os.chmod(os.path.join(folder, "k"), 0o600)
                for command in ("mask", "restore"):
                    out = shell(f"echo x | sanctum {command} --key-file k", folder)
                    self.assertEqual((out.returncode, out.stdout), (2, ""), content)
                    self.assertIn(says, out.stderr)
            out = shell("echo x | sanctum restore --key-file none; ls", folder)
            self.assertNotIn("none\n", out.stdout)  # restoring makes no key
            self.assertEqual(shell("chmod 644 k; echo x | sanctum restore --key-file k", folder).returncode, 2)


if __name__ == "__main__":
    unittest.main()
