#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sanctum mask`: the JSON lines contract, offsets in code points, and the plain text mode."""
import json
import os
import select
import subprocess
import tempfile
import unittest

SANCTUM = os.path.join(os.environ["SANCTUM_BUILD"], "sanctum")
SECRET = "ghp_" + "kT9vXq2LmR7pZc4WnB8yHs5JdF3gAe0mEL9s"


def mask(*args, text=""):
    return subprocess.run([SANCTUM, "mask", *args], input=text.encode(), capture_output=True,
                          check=False, timeout=60)


def lines(*records, args=()):
    text = "".join((r if isinstance(r, str) else json.dumps(r, ensure_ascii=False)) + "\n" for r in records)
    out = mask("--jsonl", *args, text=text)
    return out.returncode, [json.loads(line) for line in out.stdout.splitlines()]


class Mask(unittest.TestCase):
    def test_offsets_are_code_points(self):
        text = "\U0001f600 Grüße an zoë@example.com, Tel. +49 30 901820"
        status, (r,) = lines({"id": {"any": ["json", 1.10]}, "text": text})
        self.assertEqual(status, 0)
        self.assertEqual(r["id"], {"any": ["json", 1.10]})
        found = {text[s["start"]:s["end"]]: s["entity_type"] for s in r["spans"]}
        self.assertEqual(found.get("+49 30 901820"), "PHONE_NUMBER")
        self.assertNotIn("example.com", r["masked"])
        self.assertNotIn("map", r)

    def test_the_map_holds_every_token(self):
        text = f"Maria Jensen, maria@example.com, MARIA@EXAMPLE.COM, {SECRET}"
        _, (r,) = lines({"id": 1, "text": text}, args=["--map"])
        back = r["masked"]
        for token, value in r["map"].items():
            self.assertRegex(token, r"^<[A-Z_]+_[0-9a-hjkmnp-tv-z]{8}(\.[0-9a-hjkmnp-tv-z]{2})?>$")
            back = back.replace(token, value)
        self.assertEqual(back, text)
        self.assertEqual({s["rule"] for s in r["spans"] if s["entity_type"] == "SECRET"}, {"github-pat"})

    def test_entities_restrict_and_secrets_add(self):
        record = {"id": 1, "text": f"maria@example.com +1 415 555 2671 {SECRET}"}
        kinds = []
        for args in ([], ["--entities", "EMAIL_ADDRESS"], ["--entities", "EMAIL_ADDRESS", "--secrets"]):
            _, (r,) = lines(record, args=args)
            kinds.append({s["entity_type"] for s in r["spans"]})
        self.assertTrue({"EMAIL_ADDRESS", "PHONE_NUMBER", "SECRET"} <= kinds[0])
        self.assertEqual(kinds[1:], [{"EMAIL_ADDRESS"}, {"EMAIL_ADDRESS", "SECRET"}])

    def test_types_of_word_lists_alone(self):
        for entity, value in (("USERNAME", "anna_k"), ("NRP", "Polish"), ("TITLE", "Dr")):
            text = "Dr. Anna Nowak is Polish, ask @anna_k there"
            _, (r,) = lines({"id": 1, "text": text}, args=["--entities", entity])
            self.assertEqual([(s["entity_type"], text[s["start"]:s["end"]]) for s in r["spans"]], [(entity, value)])

    def test_people_in_queries_of_links(self):
        args = ["--entities", "PERSON", "--map"]
        for link, who in (("https://x.example/find?q=Anna%20Schmidt&lang=en", {"Anna%20Schmidt"}),
                          ("see https://x.example/?to=Anna+Schmidt for it", {"Anna+Schmidt"}),
                          ("https://x.example/?first_name=Hamza&last_name=Yilmaz", {"Hamza", "Yilmaz"}),
                          ("https://x.example/search?q=best+pizza+in+town&lang=English", set()),
                          ("https://x.example/Anna/Schmidt.html", set())):
            _, (r,) = lines({"id": 1, "text": link}, args=args)
            self.assertEqual({v for v in r["map"].values() if v in link}, who, link)
            back = r["masked"]
            for token, value in r["map"].items():
                back = back.replace(token, value)
            self.assertEqual(back, link)

    def test_what_formats_do_to_values_hides_none(self):
        for text, values in (
                ("LOCATION:12 Grafton Street\\, Dublin 2", ("Grafton", "Dublin")),
                ("user=\x1b[1mJohn Smithfield\x1b[0m password=\x1b[31mhunter2Blue!x\x1b[0m", ("John", "Smithfield", "hunter2")),
                ("name=J%C3%BCrgen+M%C3%BCller&phone=%2B49+30+90182045", ("rgen", "ller", "90182045")),
                ("<p>Call <b>John</b> <b>Smith<i>field</i></b> at 415-<i>555</i>-2671</p>", ("John", "Smith", "field", "2671"))):
            _, (r,) = lines({"id": 1, "text": text}, args=["--map"])
            for value in values:
                self.assertIn(value, text)
                self.assertNotIn(value, r["masked"])
            back = r["masked"]
            for token, value in r["map"].items():
                back = back.replace(token, value)
            self.assertEqual(back, text)

    def test_a_key_in_base64_is_no_form(self):
        key = "1pv28UfhWHk7h4my1M+DL6WiAKgNDA7lsOUTpq/l"
        text = f"export AWS_ACCESS_KEY_ID=ASIAWKTQIX6FIRIRTIVF\nexport AWS_SECRET_ACCESS_KEY={key}\n"
        _, (r,) = lines({"id": 1, "text": text})
        self.assertIn((text.index(key), text.index(key) + len(key)), [(s["start"], s["end"]) for s in r["spans"]])

    def test_bad_lines_are_named_and_the_others_done(self):
        status, out = lines("oops", {"id": 2, "text": "x"}, {"id": 3}, {"id": 4, "text": 5},
                            '{"id":5,"text":"a","text":"b"}', '{"id":6,"text":null}', "")
        self.assertEqual(status, 2)
        self.assertEqual([r.get("line") for r in out], [1, None, 3, 4, 5, 6, 7])
        self.assertTrue(all(r["error"] for r in out if "line" in r))
        self.assertEqual(out[1], {"id": 2, "spans": [], "masked": "x"})

    def test_wrong_usage(self):
        for args in (["--entities", "NOBODY"], ["--threshold", "2"], ["--threshold", "x"], ["--nope"]):
            self.assertEqual(mask(*args).returncode, 64, args)

    def test_the_config_counts(self):
        with tempfile.TemporaryDirectory() as d:
            config = os.path.join(d, "sanctum.yaml")
            registry = os.path.join(d, "registry.yaml")
            with open(registry, "w", encoding="utf-8") as f:
                f.write("recognizers:\n  - name: zip\n    supported_entity: ZIP\n    supported_languages:\n"
                        "      - {language: en, context: [zip]}\n    patterns:\n"
                        "      - {name: zip, regex: \"(?<!\\\\d)\\\\d{5}(?!\\\\d)\", score: 0.4}\n")
            with open(config, "w", encoding="utf-8") as f:
                f.write(f"version: 1\nrecogniser_files: [{registry}]\nrecognisers:\n"
                        "  - {name: staff, entity: EMPLOYEE_ID, patterns: ['0.9 EMP[0-9]{5}']}\n"
                        "masking:\n  deny: [Hush]\n  allow: [jo@allowed.org]\n  thresholds: {EMAIL_ADDRESS: 1}\n"
                        "  operators: {EMPLOYEE_ID: \"replace [staff]\"}\n")
            text = "EMP00417 Hush zip 12345, maria@example.com"
            _, (r,) = lines({"id": 1, "text": text}, args=["--config", config, "--map"])
            self.assertTrue(r["masked"].startswith("[staff] <SECRET_"), r)
            self.assertRegex(r["masked"], r"zip <ZIP_\w{8}>, maria@example\.com$")
            self.assertEqual({s["entity_type"] for s in r["spans"]}, {"EMPLOYEE_ID", "SECRET", "ZIP"})
            self.assertNotIn("EMP00417", json.dumps(r["map"]))
            env = dict(os.environ, SANCTUM_CONFIG=config)
            out = subprocess.run([SANCTUM, "mask"], input=b"EMP00417", capture_output=True, check=True, env=env,
                                 timeout=60)
            self.assertEqual(out.stdout, b"[staff]")
            with open(config, "a", encoding="utf-8") as f:
                f.write("  nonsense: 1\n")
            out = mask("--config", config, text="x")
            self.assertEqual((out.returncode, out.stdout), (2, b""))
            self.assertIn(b"sanctum.yaml:10: ", out.stderr)

    def test_a_bad_pattern_of_presidios_names_its_own_line(self):
        form = "recognizers:\n  - name: n\n    supported_entity: X\n    patterns:\n" \
               "      - name: p\n        regex: '%s'\n        score: %s\n"
        for regex, score, line, said in ((r"ab(", "0.5", 6, "character 3: group without"),
                                         (r"(a)\1", "0.5", 6, "character 4: back-references"),
                                         ("a*", "0.5", 6, "where there is nothing"), ("ab", "2", 7, "a score from 0 to 1")):
            with tempfile.TemporaryDirectory() as d:
                for name, text in (("r.yaml", form % (regex, score)),
                                   ("c.yaml", f"version: 1\nrecogniser_files: [{d}/r.yaml]\n")):
                    with open(os.path.join(d, name), "w", encoding="utf-8") as f:
                        f.write(text)
                out = mask("--config", os.path.join(d, "c.yaml"), text="x")
            self.assertEqual((out.returncode, out.stdout), (2, b""))
            self.assertIn(f"r.yaml:{line}: ", out.stderr.decode())
            self.assertIn(said, out.stderr.decode())

    def test_half_a_surrogate_pair_is_one_character(self):
        _, (r,) = lines(r'{"id": 1, "text": "\ud800 to anna.k@example.org"}')
        self.assertEqual([(x["entity_type"], x["start"], x["end"]) for x in r["spans"]], [("EMAIL_ADDRESS", 5, 23)])
        self.assertTrue(r["masked"].startswith("\ud800 to <EMAIL_ADDRESS_"), r)

    def test_a_terminal_gets_each_answer_at_once(self):
        """While the next line is awaited: with a buffer of its own length it would come at the end."""
        ours, theirs = os.openpty()
        with subprocess.Popen([SANCTUM, "mask", "--jsonl", "--entities", "EMAIL_ADDRESS"], stdin=subprocess.PIPE,
                              stdout=theirs) as tool:
            os.close(theirs)
            tool.stdin.write(b'{"id":1,"text":"a@example.com"}\n')
            tool.stdin.flush()
            self.assertTrue(select.select([ours], [], [], 60)[0])
            self.assertIn(b"<EMAIL_ADDRESS_", os.read(ours, 65536))
            tool.stdin.close()
        os.close(ours)

    def test_half_a_surrogate_pair_comes_back(self):
        text = r'"\ud83d to maria@example.com \ude00\ud800 \uD83D\uDE00 \udc00"'
        out = mask("--jsonl", "--map", text='{"id":1,"text":%s}\n' % text)
        self.assertIn(rb"\ud83d to <EMAIL", out.stdout)
        back = subprocess.run([SANCTUM, "restore", "--jsonl"], input=out.stdout, capture_output=True, check=True)
        self.assertEqual(json.loads(back.stdout)["text"], json.loads(text))

    def test_types_of_the_owner_can_be_asked_for(self):
        with tempfile.TemporaryDirectory() as d:
            config = os.path.join(d, "sanctum.yaml")
            with open(config, "w", encoding="utf-8") as f:
                f.write("version: 1\nrecognisers:\n  - {name: staff, entity: EMPLOYEE_ID, patterns: ['0.9 \\bEMP\\d{5}\\b']}\n")
            _, (r,) = lines({"id": 1, "text": "badge EMP00417, anna.k@example.org"},
                            args=["--config", config, "--entities", "EMPLOYEE_ID"])
            self.assertEqual([x["entity_type"] for x in r["spans"]], ["EMPLOYEE_ID"])
            out = mask("--config", config, "--entities", "EMPLOYEE", text="x")
            self.assertEqual(out.returncode, 64)

    def test_operators_and_the_way_back(self):
        text = b"Maria Jensen, joe@acme-corp.com, +1 415 555 2671, 4111 1111 1111 1111\n"
        with tempfile.TemporaryDirectory() as d:
            path, key = os.path.join(d, "map.json"), os.path.join(d, "key")
            for operator in ("token", "surrogate", "encrypt"):
                args = ["--operator", f"DEFAULT={operator}", "--key-file", key, "--save-map", path]
                out = mask(*args, text=text.decode())
                self.assertEqual(out.returncode, 0, out.stderr)
                for value in (b"Maria", b"joe@", b"555 2671", b"4111 1111"):
                    self.assertNotIn(value, out.stdout)
                self.assertEqual(mask(*args, text=text.decode()).stdout, out.stdout)
                back = subprocess.run([SANCTUM, "restore", "--map", path], input=out.stdout, capture_output=True,
                                      check=True, timeout=60)
                self.assertEqual(back.stdout, text)
            self.assertEqual(os.stat(key).st_mode & 0o777, 0o600)
            os.chmod(key, 0o644)
            self.assertEqual(mask("--key-file", key, text="x").returncode, 2)
        out = mask("--operator", "CREDIT_CARD=mask 4", "--operator", "PERSON=redact", text=text.decode())
        self.assertTrue(out.stdout.startswith(b", <EMAIL_ADDRESS_") and out.stdout.endswith(b"**** **** **** 1111\n"))
        out = mask("--operator", "keep", "--operator", "CREDIT_CARD=redact", text=text.decode())
        self.assertEqual(out.stdout, text.replace(b"4111 1111 1111 1111", b""))
        self.assertEqual(mask("--operator", "PERSON=shred").returncode, 64)
        self.assertEqual(mask("--operator", "shred").returncode, 64)

    def test_plain_text_with_a_map_beside(self):
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "map.json")
            out = mask("--save-map", path, text="mail maria@example.com\n")
            self.assertEqual(out.returncode, 0)
            self.assertNotIn(b"maria@", out.stdout)
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            back = subprocess.run([SANCTUM, "restore", "--map", path], input=out.stdout,
                                  capture_output=True, check=True, timeout=60)
            self.assertEqual(back.stdout, b"mail maria@example.com\n")

    def test_more_values_than_stand_ins(self):
        """The first have stand-ins that begin alike, the others tokens; all come back, and soon."""
        text = "".join(f"call +1 {201 + i % 700} {200 + i % 800} {1000 + i} now\n" for i in range(5000))
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "map.json")
            out = mask("--save-map", path, "--operator", "surrogate", text=text)
            self.assertEqual((out.returncode, out.stderr), (0, b""))
            self.assertGreater(out.stdout.count(b"<PHONE_NUMBER_"), 500)
            self.assertGreater(out.stdout.count(b" 555 01"), 500)
            back = subprocess.run([SANCTUM, "restore", "--map", path], input=out.stdout,
                                  capture_output=True, check=True, timeout=60)
            self.assertTrue(back.stdout == text.encode())

    def test_a_file_may_be_named(self):
        with tempfile.TemporaryDirectory() as d:
            path, saved = os.path.join(d, "in"), os.path.join(d, "map")
            for args, text in (([], "to anna@example.org\n"), (["--jsonl"], '{"id":1,"text":"to anna@example.org"}\n')):
                with open(path, "w", encoding="utf-8") as f:
                    f.write(text)
                out = mask(*args, path, text="from bob@example.org")
                self.assertEqual((out.returncode, out.stderr), (0, b""))
                self.assertIn(b"to <EMAIL_ADDRESS_", out.stdout)
            out = mask("--save-map", saved, "-", text="to anna@example.org")
            with open(path, "wb") as f:
                f.write(out.stdout)
            back = subprocess.run([SANCTUM, "restore", "--map", saved, path], capture_output=True, check=True, timeout=60)
            self.assertEqual(back.stdout, b"to anna@example.org")
            for args, status, why in (([path, path], 64, b"one file at a time"), ([path + "x"], 2, b"No such file"), ([""], 2, b"No such file"), ([d], 2, b"directory")):
                out = mask(*args, text="to anna@example.org")
                self.assertEqual((out.returncode, out.stdout), (status, b""))
                self.assertIn(why, out.stderr)
        for command in (["status"], ["serve"], ["key", "list"], ["ledger", "show"], ["config", "reference"]):
            out = subprocess.run([SANCTUM, *command, "more"], capture_output=True, check=False, timeout=60)
            self.assertEqual((out.returncode, out.stdout), (64, b""))
            self.assertIn(b"takes no operands", out.stderr)

    def test_a_file_may_be_large(self):
        """More text than a request may have, and more values."""
        values = 140000
        text = "".join(f"u{i}@corp-mail.net\n" for i in range(values)) + "nothing of anybody's here\n" * 1300000
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "map.json")
            out = mask("--save-map", path, "--entities", "EMAIL_ADDRESS", text=text)
            self.assertEqual((out.returncode, out.stderr), (0, b""))
            self.assertEqual((out.stdout.count(b"<EMAIL_ADDRESS_"), out.stdout.count(b"@")), (values, 0))
            back = subprocess.run([SANCTUM, "restore", "--map", path], input=out.stdout,
                                  capture_output=True, check=True, timeout=60)
            self.assertTrue(back.stdout == text.encode())


if __name__ == "__main__":
    unittest.main()
