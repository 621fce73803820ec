#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sanctum model` as a program: inspect's three outputs and exit statuses, the signing sample set, and
signatures made here. Where model-signing is to be had, both directions."""
import base64
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import unittest

import growth
import reference

SANCTUM = os.path.join(os.environ["SANCTUM_BUILD"], "sanctum")
DATA = "test/machine/weights/data"


def run(*args, **more):
    return subprocess.run([str(a) for a in args], capture_output=True, text=True, check=False, timeout=120,
                          stdin=subprocess.DEVNULL, **more)


def model(*args):
    return run(SANCTUM, "model", *args)


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = folder.name

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def write(self, name, data):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as f:
            f.write(data)
        return self.path(name)


class Inspect(Folder):
    def test_json(self):
        out = model("inspect", "--json", f"{DATA}/pickle/files/op-newobj.pkl", f"{DATA}/gguf/minimal.gguf")
        self.assertEqual(out.returncode, 1, out.stderr)
        bad, good = [json.loads(line) for line in out.stdout.splitlines()]
        self.assertEqual((bad["format"], bad["verdict"], bad["findings"][0]["offset"]), ("pickle", "malicious", 2))
        self.assertEqual((good["verdict"], good["findings"]), ("ok", []))

    def test_exit_status(self):
        self.assertEqual(model("inspect", f"{DATA}/gguf/minimal.gguf").returncode, 0)
        self.assertEqual(model("inspect", f"{DATA}/gguf/dims-5.gguf").returncode, 1)
        self.assertEqual(model("inspect", self.path("absent")).returncode, 2)
        self.assertEqual(model("inspect").returncode, 64)

    def test_folder_and_sarif(self):
        self.write("a/README.md", b"# a model\nimport os\n")
        self.write("a/config.json", b'{"layers": 3}')
        self.write("a/tokenizer_config.json", json.dumps({"chat_template": "{{ ''.__class__ }}"}).encode())
        shutil.copy(f"{DATA}/safetensors/one-f32.safetensors", self.path("a"))
        out = model("inspect", "--sarif", self.path("a"))
        self.assertEqual(out.returncode, 1, out.stderr)
        results = json.loads(out.stdout)["runs"][0]["results"]
        self.assertEqual({r["ruleId"] for r in results}, {"template"})

    def test_links(self):
        """A store of models as Hugging Face lays it out: blobs by digest, snapshots of links to them."""
        bad = f"{DATA}/pickle/files/op-newobj.pkl"
        os.makedirs(self.path("hf/blobs"))
        os.makedirs(self.path("hf/snapshots/r"))
        shutil.copy(bad, self.path("hf/blobs/abc"))
        os.symlink("../../blobs/abc", self.path("hf/snapshots/r/pytorch_model.bin"))
        os.symlink("../../blobs/abc", self.path("hf/snapshots/r/second.bin"))
        os.symlink("..", self.path("hf/snapshots/r/up"))
        for root in ("hf/snapshots/r", "hf"):
            out = model("inspect", "--json", self.path(root))
            self.assertEqual(out.returncode, 1, out.stderr)
            told = [json.loads(line) for line in out.stdout.splitlines()]
            self.assertEqual([(os.path.basename(t["path"]), t["verdict"]) for t in told],
                             [("pytorch_model.bin", "malicious")])
        os.symlink("nowhere", self.path("hf/snapshots/r/z"))
        self.assertEqual(model("inspect", self.path("hf")).returncode, 2)

    def test_not_files(self):
        """What is no file is named, not waited for, and the look counts as failed."""
        os.mkfifo(self.path("pipe"))
        os.symlink("/dev/zero", self.path("zero"))
        for name in ("pipe", "zero", "."):
            out = model("inspect", self.path(name))
            self.assertEqual(out.returncode, 2, name)
            self.assertIn("neither a file nor a folder", out.stderr)
            self.assertEqual(run(SANCTUM, "scan", self.path(name)).returncode, 0 if name == "." else 2)

    def test_bombs(self):
        """Small archives whose members together decompress to gigabytes: bounded, and told with the reason."""
        import zlib
        import zipfile
        pickled = b"\x80\x02" + b"N0" * (3 << 19) + b"N."
        with zipfile.ZipFile(self.path("many.zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
            for i in range(60):
                z.writestr(f"m{i}.pkl", pickled)
        for name in ("many.zip", self.overlapping("same.zip", 4000, zlib), self.overlapping("more.zip", 32000, zlib)):
            out = model("inspect", "--json", self.path(name))
            report = json.loads(out.stdout)
            self.assertEqual((out.returncode, report["verdict"]), (1, "malformed"), name)
            rules = {f["rule"] for f in report["findings"]}
            self.assertTrue(rules & ({"bomb"} if name == "many.zip" else {"zip-overlap", "zip-name"}), rules)
        grew = growth.growth(lambda: model("inspect", self.path("same.zip")), lambda: model("inspect", self.path("more.zip")))
        self.assertLess(grew, growth.BAD)

    def overlapping(self, name, n, zlib):
        """Every member of the directory has the one local header, and 3 MB of pickle behind it."""
        import struct
        plain = b"\x80\x02" + b"N0" * (3 << 19) + b"N."
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = deflate.compress(plain) + deflate.flush()
        crc = zlib.crc32(plain)
        local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(packed), len(plain), 5, 0) + b"a.pkl"
        entries = b"".join(
            struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(packed), len(plain), 9, 0, 0, 0, 0, 0, 0)
            + b"%05d.pkl" % i for i in range(n))
        end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, n, n, len(entries), len(local) + len(packed), 0)
        self.write(name, local + packed + entries + end)
        return name

    def test_growth(self):
        import pickle
        grew = growth.grown(self.dir, lambda n: pickle.dumps([{"k%d" % i: (i, "v")} for i in range(n)], 4),
                            lambda path: self.assertEqual(model("inspect", path).returncode, 0), 50000)
        self.assertLess(grew, growth.BAD)



class Samples(Folder):
    def verdict(self, case):
        base = self.path("signing")
        here = os.path.join(base, case["model"])
        for link, target in case["symlinks_to_make"]:
            if os.path.isdir(os.path.join(here, link)) and not os.path.islink(os.path.join(here, link)):
                shutil.rmtree(os.path.join(here, link))
            os.symlink(target, os.path.join(here, link))
        ignore = [x for p in case["ignore"] for x in ("--ignore", p)]
        out = model("verify", "--json", "--key", os.path.join(base, case["key"]), "--signature",
                    os.path.join(base, case["signature"]), *ignore, here)
        return out.returncode, out.stdout + out.stderr

    def test_samples(self):
        shutil.copytree(f"{DATA}/signing", self.path("signing"))
        with open(f"{DATA}/signing/cases.json", encoding="utf-8") as f:
            cases = json.load(f)
        self.assertEqual(len(cases), 40)
        wrong = []
        for case in cases:
            status, text = self.verdict(case)
            if status != {"ok": 0, "bad": 1}[case["expect"]]:
                wrong.append((case["name"], case["expect"], status, text))
        self.assertEqual(wrong, [])


class Sign(Folder):
    def setUp(self):
        super().setUp()
        self.write("m/config.json", b"{}")
        self.write("m/sub/weights.bin", os.urandom(3_000_000))
        self.write("m/sub-x/empty", b"")
        self.keys("prime256v1")

    def keys(self, curve):
        self.key, self.pub = self.path("k.pem"), self.path("k.pub.pem")
        if curve == "ed25519":
            run("openssl", "genpkey", "-algorithm", "ed25519", "-out", self.key)
        else:
            run("openssl", "ecparam", "-name", curve, "-genkey", "-noout", "-out", self.key)
        run("openssl", "pkey", "-in", self.key, "-pubout", "-out", self.pub)

    def sign(self, *more):
        out = model("sign", "--key", self.key, *more, self.path("m"))
        self.assertEqual(out.returncode, 0, out.stderr)

    def verify(self, *more):
        return model("verify", "--key", self.pub, *more, self.path("m"))

    def test_round_trip(self):
        for curve in ("prime256v1", "secp384r1", "secp521r1", "ed25519"):
            self.keys(curve)
            for more in ([], ["--shard-size", "1000000"], ["--hash", "blake3"], ["--hash", "blake2b"]):
                self.sign(*more)
                out = self.verify()
                self.assertEqual((curve, more, out.returncode), (curve, more, 0), out.stdout)

    def test_changes(self):
        self.sign()
        with open(self.path("m/sub/weights.bin"), "r+b") as f:
            f.seek(1_500_000)
            byte = f.read(1)
            f.seek(1_500_000)
            f.write(bytes([byte[0] ^ 1]))
        self.bad("a file was changed: sub/weights.bin")
        self.sign()
        self.assertEqual(self.verify().returncode, 0)
        self.write("m/extra", b"x")
        self.bad("a file that is not listed: extra")
        self.assertEqual(self.verify("--ignore", "extra").returncode, 0)
        os.remove(self.path("m/extra"))
        os.remove(self.path("m/config.json"))
        self.bad("a listed file is missing: config.json")

    def bad(self, why):
        out = self.verify("--json")
        self.assertEqual((out.returncode, json.loads(out.stdout)["reason"]), (1, why), out.stderr)

    def test_digests(self):
        """Files of every length side by side: the digests are those of each file alone."""
        sizes = [0, 1, 63, 64, 65, 4096, 65535, 65536, 65537, 1 << 20, 5_000_001] + [977 * i for i in range(40)]
        for i, size in enumerate(sizes):
            self.write(f"m/many/{i:03}.bin", os.urandom(size))
        for name, hasher in (("sha256", hashlib.sha256), ("blake2b", hashlib.blake2b)):
            for shard in (None, 100_000):
                self.sign("--hash", name, *(["--shard-size", str(shard)] if shard else []))
                with open(self.path("m/model.sig"), encoding="utf-8") as f:
                    payload = json.loads(base64.b64decode(json.load(f)["dsseEnvelope"]["payload"]))
                seen = 0
                for r in payload["predicate"]["resources"]:
                    path, start, end = r["name"].rsplit(":", 2) if shard else (r["name"], 0, 1 << 24)
                    with open(self.path("m", path), "rb") as f:
                        f.seek(int(start))
                        self.assertEqual(hasher(f.read(int(end) - int(start))).hexdigest(), r["digest"], r["name"])
                    seen += 1
                self.assertGreater(seen, len(sizes))
                self.assertEqual(self.verify().returncode, 0)

    def certificates(self):
        self.root, self.leaf = self.path("root.pem"), self.path("leaf.pem")
        root_key, request, use = self.path("root.key"), self.path("leaf.csr"), self.write("use", b"keyUsage=digitalSignature\n")
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", root_key,
            "-out", self.root, "-days", "30", "-subj", "/CN=root")
        run("openssl", "req", "-new", "-key", self.key, "-out", request, "-subj", "/CN=signer")
        run("openssl", "x509", "-req", "-in", request, "-CA", self.root, "-CAkey", root_key, "-CAcreateserial", "-out",
            self.leaf, "-days", "30", "-extfile", use)

    def test_certificate(self):
        self.certificates()
        self.sign("--certificate", self.leaf, "--chain", self.root)
        self.assertEqual(model("verify", "--chain", self.root, self.path("m")).returncode, 0)
        mine = self.root
        self.keys("prime256v1")
        self.certificates()  # another root of the same name
        self.assertEqual(model("verify", "--chain", self.root, self.path("m")).returncode, 1)
        self.assertTrue(mine)

    @unittest.skipUnless(reference.program("model_signing"), reference.missing("references"))
    def test_reference(self):
        tool, sig = reference.program("model_signing"), self.path("m/model.sig")
        for more in ([], ["--shard-size", "1000000"], ["--hash", "blake3"]):
            self.sign(*more)
            # its program only knows whole files and SHA-256; its library reads the rest
            program = ("import sys, pathlib, model_signing.verifying as v; a = [pathlib.Path(x) for x in sys.argv[1:]]; "
                       "v.Config().use_elliptic_key_verifier(public_key=a[0]).verify(a[1], a[2])")
            out = run(os.path.join(os.path.dirname(tool), "python"), "-c", program, self.pub, self.path("m"), sig)
            self.assertEqual(out.returncode, 0, (more, out.stdout + out.stderr))
        self.sign()
        out = run(tool, "verify", "key", self.path("m"), "--signature", sig, "--public_key", self.pub)
        self.assertEqual(out.returncode, 0, out.stdout + out.stderr)
        os.remove(sig)
        out = run(tool, "sign", "key", self.path("m"), "--signature", sig, "--private_key", self.key)
        self.assertEqual(out.returncode, 0, out.stdout + out.stderr)
        out = self.verify()
        self.assertEqual(out.returncode, 0, out.stdout)
        self.certificates()
        self.sign("--certificate", self.leaf, "--chain", self.root)
        out = run(tool, "verify", "certificate", self.path("m"), "--signature", sig, "--certificate_chain", self.root)
        self.assertEqual(out.returncode, 0, out.stdout + out.stderr)
        os.remove(sig)
        out = run(tool, "sign", "certificate", self.path("m"), "--signature", sig, "--private_key", self.key,
                  "--signing_certificate", self.leaf, "--certificate_chain", self.root)
        self.assertEqual(out.returncode, 0, out.stdout + out.stderr)
        out = model("verify", "--chain", self.root, self.path("m"))
        self.assertEqual(out.returncode, 0, out.stdout)

    @unittest.skipUnless(reference.program("model_signing"), reference.missing("references"))
    def test_reference_paths(self):
        """Ignored paths and symbolic links mean the same to both."""
        tool, sig, m = reference.program("model_signing"), self.path("m/model.sig"), self.path("m")
        self.write("m/skip/inner", b"1")
        self.write("m/skip.txt", b"1")
        os.symlink("config.json", self.path("m/link.json"))
        refused = model("sign", "--key", self.key, m)
        self.assertEqual((refused.returncode, "link.json" in refused.stderr), (2, True))
        self.sign("--ignore", "skip", "--ignore", "skip.txt", "--follow-links")
        theirs = [tool, "verify", "key", m, "--signature", sig, "--public_key", self.pub]
        self.assertNotEqual(run(*theirs).returncode, 0)
        self.assertEqual(run(*theirs, "--allow_symlinks").returncode, 0)
        os.remove(sig)
        out = run(tool, "sign", "key", m, "--signature", sig, "--private_key", self.key, "--allow_symlinks",
                  "--ignore-paths", self.path("m/skip"), "--ignore-paths", self.path("m/skip.txt"))
        self.assertEqual(out.returncode, 0, out.stdout + out.stderr)
        self.write("m/skip/other", b"2")  # ignored: whatever it holds
        self.assertEqual(self.verify().returncode, 0)
        self.write("m/new", b"3")
        self.bad("a file that is not listed: new")
        os.remove(self.path("m/new"))
        self.write("m/config.json", b"{ }")  # the link leads to it
        self.bad("a file was changed: config.json")
        os.remove(sig)
        os.remove(self.path("m/link.json"))
        self.assertEqual(run(tool, "sign", "key", m, "--signature", sig, "--private_key", self.key).returncode, 0)
        self.assertEqual(self.verify().returncode, 0)
        os.symlink("sub", self.path("m/link"))
        self.bad("a symbolic link or device: link")


if __name__ == "__main__":
    unittest.main(verbosity=1)
