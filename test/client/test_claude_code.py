#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Claude Code itself, unmodified, in a network namespace that has loopback only: a session with a file read
against a stub model through sanctum. The file's secrets reach the model as tokens and the user in clear."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness  # noqa: E402

CLAUDE = os.path.join(harness.CLIENTS, "node_modules", ".bin", "claude")
NOTE = "Our contact is Anna Kowalska, anna.kowalska@example.com, card 4111 1111 1111 1111."


class ClaudeCode(unittest.TestCase):
    def test_session_with_a_file_read(self):
        with harness.Sanctum() as s:
            work = os.path.join(s.dir, "work")
            os.mkdir(work)
            path = os.path.join(work, "note.txt")
            with open(path, "w", encoding="utf-8") as f:
                f.write(NOTE + "\n")
            r = subprocess.run([CLAUDE, "-p", f"Read the file {path} and tell me what it says", "--allowedTools", "Read",
                                "--model", "claude/code"], cwd=work, capture_output=True, text=True, check=False,
                               timeout=120, stdin=subprocess.DEVNULL, env={
                                   "PATH": os.environ["PATH"], "HOME": s.dir, "ANTHROPIC_BASE_URL": s.url,
                                   "ANTHROPIC_AUTH_TOKEN": s.key, "ANTHROPIC_SMALL_FAST_MODEL": "claude/code",
                                   "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1",
                                   "DISABLE_TELEMETRY": "1"})
            self.assertEqual(r.returncode, 0, r.stdout + r.stderr + s.read_log()[-2000:])
            self.assertIn(NOTE, r.stdout)
            sent = bytes(s.stub.raw).decode("utf-8", "replace")
            for value in ("Kowalska", "anna.kowalska@example.com", "4111 1111 1111 1111"):
                self.assertNotIn(value, sent)
            self.assertRegex(sent, harness.TOKEN)
            self.assertNotIn(s.key, sent)
            print(f"largest request {max(len(q.raw) for q in s.stub.requests)} bytes, "
                  f"{len(s.stub.requests)} requests", file=sys.stderr)


if __name__ == "__main__":
    if not os.path.exists(CLAUDE):
        print("Claude Code is not installed (make check-deps)")
        sys.exit(77)
    if os.environ.get("IN_NAMESPACE") != "1":
        flags = "-n" if os.geteuid() == 0 else "-rn"
        os.execvpe("unshare", ["unshare", flags, "sh", "-c", "ip link set lo up && exec \"$@\"", "sh", sys.executable,
                               *sys.argv], {**os.environ, "IN_NAMESPACE": "1"})
    unittest.main()
