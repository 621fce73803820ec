#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sanctum-verify against logs that another writer made and then every kind of attack on them."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tilelog  # noqa: E402

EXE = os.path.join(os.environ["SANCTUM_BUILD"], "libexec", "sanctum-verify")
SIZE = 700
ENTRIES = [f"entry {i}".encode() for i in range(SIZE)]


def verify(*args, status):
    done = subprocess.run([EXE, "--json", *args], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return json.loads(done.stdout) if done.stdout else done.stderr


class Logs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.key = tilelog.Key("log.example/test")
        cls.witness = tilelog.Key("witness.example/w", 4)
        cls.folder = tempfile.TemporaryDirectory()
        cls.whole = os.path.join(cls.folder.name, "whole")
        cls.note = tilelog.write_log(cls.whole, ENTRIES, cls.key, [(cls.witness, 1760000000)])

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def setUp(self):
        self.log = os.path.join(self.folder.name, self._testMethodName)
        shutil.copytree(self.whole, self.log)

    def file(self, name):
        return os.path.join(self.log, name)

    def beside(self, name, data):
        full = os.path.join(self.folder.name, self._testMethodName + "." + name)
        with open(full, "wb") as f:
            f.write(data)
        return full

    def check(self, verdict, *args, **more):
        """The first finding's word (and what else is given of it), or intact."""
        out = verify("--key", self.key.vkey, *args, self.log, status=0 if verdict == "intact" else 1)
        self.assertEqual(out["verdict"], verdict, out)
        for name, value in more.items():
            self.assertEqual((out["findings"] or [out])[0].get(name), value, out)
        return out

    def rewrite(self, name, change):
        with open(self.file(name), "rb") as f:
            data = bytearray(f.read())
        change(data)
        with open(self.file(name), "wb") as f:
            f.write(data)

    def flip(self, name, at):
        def change(data):
            data[at] ^= 1
        self.rewrite(name, change)

    def test_intact(self):
        out = self.check("intact", "--witness", self.witness.vkey)
        self.assertEqual((out["size"], out["checked"], out["tail"]), (SIZE, SIZE, 0))
        self.assertEqual(out["cosigned"], [{"name": "witness.example/w", "time": 1760000000}])

    def test_people_read_it_too(self):
        done = subprocess.run([EXE, "-k", self.key.vkey, self.log], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, f"{self.log}: intact, 700 of 700 entries checked\n"))

    def test_every_stored_byte_of_an_entry_counts(self):
        for at in range(0, 40):
            name = tilelog.tile_path("entries", 1)
            self.flip(name, at)
            out = verify("-k", self.key.vkey, self.log, status=1)
            self.assertIn(out["verdict"], ("altered", "truncated"), (at, out))
            self.flip(name, at)
        self.check("intact")

    def test_altered_entry(self):
        self.flip(tilelog.tile_path("entries", 1), 2)
        self.check("altered", index=256)

    def test_altered_tile(self):
        self.flip(tilelog.tile_path(0, 1), 32 * 5)
        self.check("altered", index=261)

    def test_altered_upper_tile(self):
        self.flip(tilelog.tile_path(1, 0, 2), 32)
        self.check("altered", index=256)

    def test_entry_inserted(self):
        entries = ENTRIES[:300] + [b"new"] + ENTRIES[300:-1]
        tilelog.put(self.log, tilelog.tile_path("entries", 1),
                    b"".join(len(e).to_bytes(2, "big") + e for e in entries[256:512]))
        self.check("altered", index=300)

    def test_entries_reordered(self):
        entries = ENTRIES[:256] + ENTRIES[258:260] + ENTRIES[256:258] + ENTRIES[260:]
        tilelog.put(self.log, tilelog.tile_path("entries", 1),
                    b"".join(len(e).to_bytes(2, "big") + e for e in entries[256:512]))
        self.check("altered", index=256)

    def test_hole_in_the_middle(self):
        os.remove(self.file(tilelog.tile_path("entries", 1)))
        self.check("altered", index=256)

    def test_newest_entries_gone(self):
        os.remove(self.file(tilelog.tile_path("entries", 2, 188)))
        self.check("truncated", index=512, count=188)

    def test_newest_entries_gone_and_tiles_made_shorter(self):
        shutil.rmtree(self.file("tile"))
        tilelog.write_tiles(self.log, ENTRIES[:600])
        self.check("truncated", index=600, count=100)

    def test_bundle_cut(self):
        self.rewrite(tilelog.tile_path("entries", 2, 188), lambda d: d.__delitem__(slice(-1, None)))
        self.check("truncated", index=699, count=1)

    def test_everything_gone(self):
        shutil.rmtree(self.file("tile"))
        self.check("missing")
        os.remove(self.file("checkpoint"))
        self.check("missing")

    def test_begun_again_at_nothing(self):
        old = self.beside("old", self.note)
        shutil.rmtree(self.log)
        tilelog.write_log(self.log, [], self.key)
        self.check("intact")
        self.check("missing", "--remembered", old)

    def test_rewritten(self):
        entries = ENTRIES[:400] + [b"changed"] + ENTRIES[401:]
        tilelog.write_tiles(self.log, entries)
        self.check("rewritten")

    def test_rewritten_with_upper_tiles_left(self):
        with open(self.file(tilelog.tile_path(1, 0, 2)), "rb") as f:
            upper = f.read()
        tilelog.write_tiles(self.log, ENTRIES[:400] + [b"changed"] + ENTRIES[401:])
        tilelog.put(self.log, tilelog.tile_path(1, 0, 2), upper)
        self.check("rewritten", index=256)

    def test_rewritten_and_signed_again(self):
        old = self.beside("old", tilelog.checkpoint(self.key, 500, tilelog.root([tilelog.leaf(e) for e in
                                                                                 ENTRIES[:500]])))
        self.check("intact", "--remembered", old)
        tilelog.write_log(self.log, ENTRIES[:400] + [b"changed"] + ENTRIES[401:], self.key)
        self.check("intact")
        self.check("rewritten", "--remembered", old)

    def test_fork_and_split_view(self):
        other = tilelog.root([tilelog.leaf(e) for e in reversed(ENTRIES)])
        note = tilelog.checkpoint(self.key, SIZE, other)
        self.check("fork", "--remembered", self.beside("fork", note))
        note = tilelog.checkpoint(self.key, SIZE, other, [(self.witness, 1760000001)])
        self.check("split view", "--remembered", self.beside("split", note), "--witness", self.witness.vkey)

    def test_what_is_no_witness(self):
        """The log's own key, a key of the log's kind and one witness given twice are nobody else's word."""
        plain = tilelog.Key("witness.example/p", 1)
        for args in (("-w", self.key.vkey), ("-w", plain.vkey), ("-w", self.witness.vkey, "-w", self.witness.vkey)):
            verify("-k", self.key.vkey, *args, self.log, status=64)

    def test_too_few_witnesses(self):
        other = tilelog.Key("witness.example/v", 4)
        args = ["--witness", self.witness.vkey, "--witness", other.vkey]
        self.check("split view", *args)
        self.check("intact", *args, "--quorum", "1")

    def test_rolled_back(self):
        old = self.beside("old", self.note)
        shutil.rmtree(self.log)
        tilelog.write_log(self.log, ENTRIES[:600], self.key)
        self.check("intact")
        self.check("rolled back", "--remembered", old, count=100)

    def test_other_keys(self):
        for key in (tilelog.Key("log.example/test"), tilelog.Key("log.example/other")):
            tilelog.write_log(self.log, ENTRIES, key)
            self.check("unauthorised key")

    def test_checkpoint_altered(self):
        for at in range(len(self.note)):
            self.flip("checkpoint", at)
            out = verify("-k", self.key.vkey, "-w", self.witness.vkey, self.log, status=1)
            self.assertIn(out["verdict"], ("altered", "unauthorised key", "split view"))
            self.flip("checkpoint", at)
        self.check("intact")

    def test_clock(self):
        early = [(self.witness, 1760000100)]
        old = self.beside("old", tilelog.checkpoint(
            self.key, 100, tilelog.root([tilelog.leaf(e) for e in ENTRIES[:100]]), early))
        self.check("clock", "--witness", self.witness.vkey, "--remembered", old)

    def test_tail(self):
        tilelog.write_tiles(self.log, ENTRIES + [b"x"] * 100)
        self.assertEqual(self.check("intact")["tail"], 100)

    def test_state(self):
        state = os.path.join(self.folder.name, "state")
        self.check("intact", "--state", state)
        with open(state, "rb") as f:
            ended = f.read()
        self.assertTrue(ended.startswith(b"sanctum-verify state 1\nended\nlog.example/test\n700\n"))
        with open(state, "wb") as f:  # as a run that was killed leaves it
            f.write(ended.replace(b"\nended\n", b"\nbegun\n"))
        self.check("incomplete", "--state", state)
        self.check("intact", "--state", state)
        shutil.rmtree(self.log)
        self.check("missing", "--state", state)
        tilelog.write_log(self.log, ENTRIES[:600], self.key)
        self.check("rolled back", "--state", state)
        self.check("rolled back", "--state", state)  # a finding is not forgotten

    def test_what_is_no_regular_file_holds_nobody_up(self):
        for name in ("checkpoint", "tile/entries/001", "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2"):
            path = self.file(name)
            with open(path, "rb") as f:
                data = f.read()
            aside = self.beside("aside", data)
            os.unlink(path)
            for make in (lambda p=path: os.mkfifo(p), lambda p=path: os.mkdir(p),
                         lambda p=path, a=aside: os.symlink(a, p), lambda p=path: os.symlink("/dev/zero", p)):
                make()
                self.check("altered")
                (os.rmdir if os.path.isdir(path) else os.unlink)(path)
            with open(path, "wb") as f:
                f.write(data)
        self.check("intact")

    def test_could_not_check(self):
        out = verify("-k", self.key.vkey, self.log + ".none", status=2)
        self.assertEqual(out["verdict"], "could not check")
        verify("-k", self.key.vkey, "--remembered", self.beside("none", b"rubbish"), self.log, status=2)
        verify("-k", self.key.vkey, "--state", self.beside("state", b"rubbish"), self.log, status=2)
        verify("-k", "rubbish", self.log, status=64)
        verify(self.log, status=64)

    def test_proof(self):
        args = ["-k", self.key.vkey, "--entry", self.beside("entry", ENTRIES[77])]
        good = tilelog.proof(ENTRIES, 77, self.note)
        self.assertEqual(verify(*args, self.beside("good", good), status=0)["verdict"], "intact")
        self.assertEqual(verify("-k", self.key.vkey, "--leaf", tilelog.leaf(ENTRIES[77]).hex(),
                                self.beside("good", good), status=0)["verdict"], "intact")
        verify("-k", self.key.vkey, "--entry", self.beside("other", b"other"), self.beside("good", good), status=1)
        head = len(good) - len(self.note)
        for at in range(0, head):
            bad = good[:at] + bytes([good[at] ^ 1]) + good[at + 1:]
            self.assertEqual(verify(*args, self.beside("bad", bad), status=1)["verdict"], "altered")
        for n in range(0, head, 7):
            verify(*args, self.beside("cut", good[:n]), status=1)

    def test_stands_alone(self):
        with open(EXE, "rb") as f:
            if b"__asan_" in f.read():
                self.skipTest("a sanitized build links the sanitizers")
        out = subprocess.run(["ldd", EXE], capture_output=True, text=True, check=True).stdout
        names = {line.split()[0].split(".so")[0] for line in out.splitlines() if "=>" in line}
        self.assertEqual(names, {"libc", "libcrypto"})


if __name__ == "__main__":
    unittest.main()
