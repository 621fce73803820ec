#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every bad sample of test/machine/weights/data is found for the right reason: the names that its own labels
say it imports, the dangerous member its labels name, or else what reasons.txt beside the samples says. The
holes that were published (CVE numbers) each have a sample here."""
import json
import os
import subprocess
import unittest

SANCTUM = os.path.join(os.environ["SANCTUM_BUILD"], "sanctum")
DATA = "test/machine/weights/data"
FOLDERS = ("safetensors", "gguf", "onnx", "pickle")
# The allow list that the samples were labelled by (DATA.md).
ALLOWED = set("""collections.OrderedDict collections.defaultdict torch._utils._rebuild_tensor_v2 torch.FloatStorage
torch.HalfStorage torch.LongStorage torch.BFloat16Storage torch.Size numpy.dtype numpy.ndarray
numpy.core.multiarray._reconstruct numpy._core.multiarray._reconstruct numpy.core.multiarray.scalar _codecs.encode
datetime.datetime decimal.Decimal""".split()) | {
    f"{m}.{n}" for m in ("builtins", "__builtin__") for n in ("set", "frozenset", "bytearray", "complex")}
CVES = {
    "CVE-2025-53630": ("gguf/bytes-overflow.gguf", "the size in bytes overflows"),
    "CVE-2026-27940": ("gguf/bytes-overflow.gguf", "the size in bytes overflows"),
    "CVE-2026-33298": ("gguf/dims-overflow.gguf", "the product of the dimensions overflows"),
    "CVE-2026-7482": ("gguf/exabyte.gguf", "a tensor that reaches beyond the file"),
    "CVE-2024-21802": ("gguf/array-of-strings-huge.gguf", "an array of more strings than fit"),
}


def cases(folder):
    with open(f"{DATA}/{folder}/cases.json", encoding="utf-8") as f:
        return [c for c in json.load(f) if c["expect"] not in ("valid", "benign")]


def inspect(paths):
    out = subprocess.run([SANCTUM, "model", "inspect", "--json", *paths], capture_output=True, text=True, check=False,
                         timeout=120)
    return {os.path.relpath(r["path"], DATA): r for r in map(json.loads, out.stdout.splitlines())}


class Reasons(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cases = {f"{folder}/{c['file']}": c for folder in FOLDERS for c in cases(folder)}
        cls.found = inspect([os.path.join(DATA, name) for name in cls.cases])
        with open(f"{DATA}/reasons.txt", encoding="utf-8") as f:
            rows = [line.rstrip("\n").split(" | ", 2) for line in f if not line.startswith("#")]
        cls.table = {name: (rule, reason) for name, rule, reason in rows}

    def bad(self, name):
        return [f for f in self.found[name]["findings"] if f["level"] != "ok"]

    def unnamed(self, name, case):
        """The labelled imports that no finding names."""
        names = {".".join(g) for g in case.get("globals", []) + case.get("globals_python_loader", [])} - ALLOWED
        return [n for n in names if not any(f["reason"].endswith(": " + n) for f in self.bad(name))]

    def test_every_import_is_named(self):
        seen = 0
        for name, case in self.cases.items():
            if case["expect"] in ("dangerous", "unknown") and case.get("globals"):
                self.assertEqual(self.unnamed(name, case), [], name)
                seen += 1
        self.assertGreater(seen, 150)

    def test_members(self):
        """In an archive the finding stands at the member that the labels call dangerous."""
        seen = 0
        for name, case in self.cases.items():
            for member, verdict in case.get("members") or []:
                if verdict == "dangerous" and member.isascii() and "\\" not in member and len(member) < 60:
                    names = {member} | {f["reason"].split(" ")[1] for f in self.bad(name)
                                        if f["rule"] == "zip-name" and member in f["reason"]}
                    levels = {f["level"] for f in self.bad(name) if f.get("member") in names}
                    self.assertIn("malicious", levels, (name, member))
                    seen += 1
        self.assertGreater(seen, 5)

    def test_table(self):
        for name, case in self.cases.items():
            if case.get("globals") and case["expect"] in ("dangerous", "unknown"):
                continue
            self.assertIn((self.table[name][0], self.table[name][1]), {(f["rule"], f["reason"]) for f in self.bad(name)}, name)

    def test_published_holes(self):
        for cve, (name, reason) in CVES.items():
            self.assertIn(reason, {f["reason"] for f in self.bad(name)}, cve)

    def test_control(self):
        """A label that is not in the file is missed, and a reason of another file is not found."""
        name, case = next((n, c) for n, c in self.cases.items() if c.get("globals"))
        self.assertEqual(self.unnamed(name, {"globals": [["planted", "name"]]}), ["planted.name"])
        self.assertNotIn("the size in bytes overflows", {f["reason"] for f in self.bad(name)})


if __name__ == "__main__":
    unittest.main()
