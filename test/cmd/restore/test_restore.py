#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sanctum restore`: what mask made comes back, however a model spelt the token."""
import json
import os
import subprocess
import tempfile
import unittest

SANCTUM = os.path.join(os.environ["SANCTUM_BUILD"], "sanctum")
TOKEN = "<PERSON_k7f3q2mx>"


def restore(*records):
    text = "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records)
    out = subprocess.run([SANCTUM, "restore", "--jsonl"], input=text.encode(), capture_output=True,
                         check=False, timeout=60)
    return out.returncode, [json.loads(line) for line in out.stdout.splitlines()]


class Restore(unittest.TestCase):
    def test_every_spelling(self):
        for text in (TOKEN, TOKEN.lower(), TOKEN[1:-1], r"\<PERSON\_k7f3q2mx\>", "&lt;PERSON_k7f3q2mx&gt;",
                     "%3CPERSON_k7f3q2mx%3E", r"\u003cPERSON_k7f3q2mx\u003e"):
            status, (r,) = restore({"id": 1, "masked": f"to {text}.", "map": {TOKEN: 'Ö "x"'}})
            self.assertEqual((status, r), (0, {"id": 1, "text": 'to Ö "x".'}), text)

    def test_encrypted_values_need_only_the_key(self):
        values = ["Maria Jensen", "joe@acme-corp.com", "4111 1111 1111 1111"]
        with tempfile.TemporaryDirectory() as d:
            key, other = os.path.join(d, "key"), os.path.join(d, "other")

            def run(command, text, *args):
                return subprocess.run([SANCTUM, command, *args], input=text, capture_output=True, text=True,
                                      check=True, timeout=60).stdout
            made = run("mask", ", ".join(values) + "\n", "--key-file", key, "--operator", "DEFAULT=encrypt")
            self.assertEqual(made.count("enc_"), 3)
            self.assertEqual(run("restore", made, "--key-file", key), ", ".join(values) + "\n")
            line = json.dumps({"id": 7, "masked": made})
            self.assertEqual(json.loads(run("restore", line, "--jsonl", "--key-file", key)),
                             {"id": 7, "text": ", ".join(values) + "\n"})
            # another key's, a changed one, and one that only looks alike stay
            run("mask", "x", "--key-file", other)
            self.assertEqual(run("restore", made, "--key-file", other), made)
            one = made.split(",")[0]
            for at in (6, 40, len(one) - 2):
                changed = one[:at] + ("A" if one[at] != "A" else "B") + one[at + 1:]
                self.assertEqual(run("restore", changed, "--key-file", key), changed)
            for odd in ("enc_", "enc_ enc_AAAA", one[:-1], one + "A", "enc_" + "A" * 500):
                self.assertEqual(run("restore", odd, "--key-file", key), odd)

    def test_look_alikes_stay(self):
        text = "<PERSON_00000000> xPERSON_k7f3q2mx <PERSON_k7f3q2m"
        self.assertEqual(restore({"id": 1, "masked": text, "map": {TOKEN: "v"}})[1][0]["text"], text)

    def test_mask_and_restore_are_inverse(self):
        texts = ["Maria Jensen wrote to maria@example.com", "<PERSON_x> \\ & é \U0001f600", "", "4111 1111 1111 1111"]
        text = "".join(json.dumps({"id": i, "text": t}) + "\n" for i, t in enumerate(texts))
        masked = subprocess.run([SANCTUM, "mask", "--jsonl", "--map"], input=text.encode(),
                                capture_output=True, check=True, timeout=60)
        status, out = restore(*masked.stdout.decode().splitlines())
        self.assertEqual(status, 0)
        self.assertEqual([r["text"] for r in out], texts)

    def test_bad_lines(self):
        status, out = restore("oops", {"id": 1, "masked": "x"}, {"id": 2, "masked": "x", "map": {"no": "v"}},
                              {"id": 3, "masked": "x", "map": {TOKEN: 1}}, {"id": 4, "masked": "x", "map": {}})
        self.assertEqual(status, 2)
        self.assertEqual([r.get("line") for r in out], [1, 2, 3, 4, None])


if __name__ == "__main__":
    unittest.main()
