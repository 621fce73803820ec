#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A client of Presidio's two services against a running sanctum: shapes, offsets, operators, every error."""
import base64
import hashlib
import json
import os
import re
import select
import socket
import sys
import threading
import time
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import harness  # noqa: E402

GUIDE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "docs", "guides", "presidio.md")
MAIL = "write to jane.roe@corp-mail.net today"
STOCK = {"CREDIT_CARD", "CRYPTO", "DATE_TIME", "EMAIL_ADDRESS", "IBAN_CODE", "IP_ADDRESS", "LOCATION", "MAC_ADDRESS",
         "MEDICAL_LICENSE", "NRP", "PERSON", "PHONE_NUMBER", "UK_NHS", "URL", "US_BANK_NUMBER", "US_DRIVER_LICENSE",
         "US_ITIN", "US_PASSPORT", "US_SSN"}
ZIP = {"name": "Zip code", "supported_language": "en", "supported_entity": "ZIP",
       "patterns": [{"name": "zip", "regex": r"(\b\d{5}(?:\-\d{4})?\b)", "score": 0.01}], "context": ["zip", "code"]}


class Presidio(harness.Served):
    def call(self, path, body=None, raw=None, key=True):
        """(status, decoded answer) of a POST."""
        status, headers, out = self.s.post(path, body, raw=raw, key=key)
        self.assertEqual(headers["content-type"], "application/json")
        return status, json.loads(out)

    def get(self, path):
        req = urllib.request.Request(self.s.url + path, headers={"authorization": f"Bearer {self.s.key}"})
        try:
            with urllib.request.urlopen(req, timeout=60) as r:
                return r.status, json.loads(r.read())
        except urllib.error.HTTPError as e:
            return e.code, json.loads(e.read())

    def analyze(self, text, **more):
        status, out = self.call("/analyze", {"text": text, "language": "en", **more})
        self.assertEqual(status, 200, out)
        return out

    def anonymize(self, text, results, anonymizers=None):
        body = {"text": text, "analyzer_results": results}
        if anonymizers is not None:
            body["anonymizers"] = anonymizers
        return self.call("/anonymize", body)

    def refused(self, answer, status, text):
        self.assertEqual(answer[0], status, answer)
        self.assertEqual(list(answer[1]), ["error"])
        self.assertIn(text, answer[1]["error"])

    # --- the analyzer ---

    def test_a_dear_pattern_does_not_stop_the_gate(self):
        body = {"text": "abcdefghij" * 40000, "language": "en", "entities": ["X"], "ad_hoc_recognizers": [{
            "name": "n", "supported_language": "en", "supported_entity": "X",
            "patterns": [{"name": "p", "regex": "[a-z]{1,1000}9", "score": 0.9}]}]}
        answer, served = [], 0
        asking = threading.Thread(target=lambda: answer.append(self.call("/analyze", body)))
        asking.start()
        while asking.is_alive():
            self.assertEqual(self.get("/ready")[1]["ready"] in (True, False), True)
            served += 1
        asking.join()
        self.refused(answer[0], 400, "take too long")
        self.assertGreater(served, 3)

    def test_shape(self):
        out = self.analyze(MAIL, entities=["EMAIL_ADDRESS"])
        self.assertEqual(len(out), 1)
        self.assertEqual(list(out[0]), ["analysis_explanation", "end", "entity_type", "score", "start"])
        self.assertIsNone(out[0]["analysis_explanation"])
        self.assertIsInstance(out[0]["score"], float)
        self.assertEqual(MAIL[out[0]["start"]:out[0]["end"]], "jane.roe@corp-mail.net")

    def test_offsets_are_code_points(self):
        for before in ("é ", "日本 ", "😀😀 ", "\u0000 "):
            text = before + MAIL
            hit = self.analyze(text, entities=["EMAIL_ADDRESS"])[0]
            self.assertEqual(text[hit["start"]:hit["end"]], "jane.roe@corp-mail.net", before)
        # Half a surrogate pair counts one.
        raw = b'{"language":"en","entities":["EMAIL_ADDRESS"],"text":"\\ud83d jane.roe@corp-mail.net"}'
        status, out = self.call("/analyze", raw=raw)
        self.assertEqual((status, out[0]["start"], out[0]["end"]), (200, 2, 24))
        raw = rb'{"text":"\ude00 Jane \ud83d Doe","analyzer_results":[{"start":9,"end":12,"score":1,"entity_type":"X"}]}'
        status, out = self.call("/anonymize", raw=raw)
        self.assertEqual((status, out["text"]), (200, "\ude00 Jane \ud83d <X>"))
        self.assertEqual((out["items"][0]["start"], out["items"][0]["end"]), (9, 12))

    def test_batch(self):
        texts = [MAIL, "nothing here", "card 4111 1111 1111 1111", ""]
        out = self.analyze(texts)
        self.assertEqual(len(out), 4)
        self.assertEqual(out[1], [])
        self.assertEqual(out[3], [])
        self.assertIn("CREDIT_CARD", [h["entity_type"] for h in out[2]])
        # A text answers the same alone and in a batch, whatever stands before it.
        for text, hits in zip(texts[:3], out):
            self.assertEqual(self.analyze(text), hits)

    def test_large_batch(self):
        out = self.analyze([f"cell {i} a{i}@corp-mail.net" for i in range(500)], entities=["EMAIL_ADDRESS"])
        self.assertEqual([len(x) for x in out], [1] * 500)

    def test_others_are_served_beside_a_batch(self):
        """A long batch goes on in slices: /health does not wait for it. And a client may leave in between."""
        body = json.dumps({"language": "en", "text": [f"cell {i}: Margaret Thornbury, a{i}@corp-mail.net"
                                                      for i in range(30000)]}).encode()
        head = (f"POST /analyze HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {self.s.key}\r\n"
                f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n").encode()
        for leave in (False, True):
            with socket.create_connection(("127.0.0.1", self.s.port), timeout=60) as c:
                c.sendall(head + body)
                began, served = time.monotonic(), 0
                while not select.select([c], [], [], 0)[0] and not (leave and served):
                    with urllib.request.urlopen(self.s.url + "/health", timeout=120) as r:
                        self.assertEqual(r.status, 200)
                    served += 1
                    self.assertLess(time.monotonic() - began, harness.PATIENCE)
            self.assertGreater(served, 0 if leave else 3)
        self.test_batch()

    def test_entities_and_threshold(self):
        text = MAIL + " or call +1 212 555 0123"
        kinds = {h["entity_type"] for h in self.analyze(text)}
        self.assertLessEqual({"EMAIL_ADDRESS", "PHONE_NUMBER"}, kinds)
        self.assertEqual({h["entity_type"] for h in self.analyze(text, entities=["PHONE_NUMBER"])}, {"PHONE_NUMBER"})
        for least in (0.3, 0.7, 1.0):
            for hit in self.analyze(text, score_threshold=least):
                self.assertGreaterEqual(hit["score"], least)
        # What is beyond doubt has exactly 1, and nothing has more.
        sure = self.analyze(MAIL + ", paid with 4111 1111 1111 1111", score_threshold=1)
        self.assertEqual({h["entity_type"]: h["score"] for h in sure}, {"EMAIL_ADDRESS": 1, "CREDIT_CARD": 1})
        self.assertEqual(self.analyze(text, score_threshold=1.01), [])

    def test_people(self):
        text = "My name is Margaret Thornbury and I live in Leeds."
        hits = self.analyze(text, entities=["PERSON"])
        self.assertIn("Margaret Thornbury", [text[h["start"]:h["end"]] for h in hits])

    def test_order(self):
        out = self.analyze(MAIL + " 4111 1111 1111 1111 call 212-555-0123, Margaret Thornbury")
        key = [(-h["score"], h["start"], h["start"] - h["end"]) for h in out]
        self.assertEqual(key, sorted(key))

    def test_ad_hoc_pattern(self):
        hits = self.analyze("ship to 10023", ad_hoc_recognizers=[ZIP], entities=["ZIP"])
        self.assertEqual([(h["start"], h["end"], h["score"]) for h in hits], [(8, 13, 0.01)])
        hits = self.analyze("my zip code is 10023", ad_hoc_recognizers=[ZIP], entities=["ZIP"],
                            return_decision_process=True)
        self.assertEqual(hits[0]["score"], 0.4)
        why = hits[0]["analysis_explanation"]
        self.assertEqual(list(why), ["original_score", "pattern", "pattern_name", "recognizer", "regex_flags", "score",
                                     "score_context_improvement", "supportive_context_word", "textual_explanation",
                                     "validation_result"])
        self.assertEqual((why["recognizer"], why["pattern_name"], why["pattern"], why["supportive_context_word"]),
                         ("Zip code", "zip", ZIP["patterns"][0]["regex"], "code"))
        # Words of the request count as context too; without any the score stays.
        hits = self.analyze("ship to 10023", ad_hoc_recognizers=[ZIP], entities=["ZIP"], context=["zip"])
        self.assertEqual(hits[0]["score"], 0.4)
        # Not asked for: not told.
        self.assertEqual(self.analyze("ship to 10023", ad_hoc_recognizers=[ZIP], entities=["EMAIL_ADDRESS"]), [])
        # Another language's: not used.
        self.refused(self.call("/analyze", {"text": "a", "language": "en", "entities": ["ZIP"],
                                            "ad_hoc_recognizers": [{**ZIP, "supported_language": "de"}]}),
                     500, "No matching recognizers")

    def test_ad_hoc_pattern_as_written_for_python(self):
        def own(regex, score=0.6, **more):
            return {"name": "n", "supported_language": "en", "supported_entity": "X",
                    "patterns": [{"name": "p", "regex": regex, "score": score}], **more}

        def found(text, *recognisers, **more):
            hits = self.analyze(text, entities=["X"], ad_hoc_recognizers=list(recognisers), **more)
            return [text[h["start"]:h["end"]] for h in sorted(hits, key=lambda h: h["start"])]
        # Look-around of a piece that has an end.
        self.assertEqual(found("id 12345, 1234567, x12345", own(r"(?<=id )\d{5}(?!\d)")), ["12345"])
        # Letters, digits and blanks of every script, unless the flag says ASCII.
        place = own(r"\b\w+straße\s\d+\b")
        self.assertEqual(found("die Kölner-Höhenstraße\u00a0١٢, Höhenstraße 3é", place), ["Höhenstraße\u00a0١٢"])
        self.assertEqual(found("Höhenstraße 12", own(r"\w+straße", global_regex_flags=256)), ["henstraße"])
        self.assertEqual(found("Höhenstraße 12", own(r"(?a)\w+straße")), ["henstraße"])
        # A recogniser has flags of its own; those of the request are the allow list's.
        self.assertEqual(found("abc ABC", own("abc")), ["abc", "ABC"])
        self.assertEqual(found("abc ABC", own("abc", global_regex_flags=0)), ["abc"])
        self.assertEqual(found("abc ABC", own("abc"), regex_flags=0), ["abc", "ABC"])
        # What scores nothing is not raised by words.
        self.assertEqual(found("zip 12345", own(r"\d{5}", 0, context=["zip"])), [])
        self.assertEqual(found("12345", own(r"\d{5}", 0.1, context=["zip"]), context=["the zip code"],
                               score_threshold=0.4), ["12345"])
        # However the words are put.
        for words in (["zip "] * 6000, ["zip " * 10001]):
            self.refused(self.call("/analyze", {"text": "zip 12345", "language": "en", "context": words}), 400,
                         "too many words")
        # A list of types with one in it.
        plural = {**own("abc"), "supported_entities": ["X"], "country_code": "us"}
        del plural["supported_entity"]
        self.assertEqual(found("abc", plural), ["abc"])

    def test_dear_look_around_is_cut_off(self):
        own = {"name": "slow", "supported_language": "en", "supported_entity": "X", "patterns": [
            {"name": "p", "regex": "(?:a(?=(?:a|aa|aaa){1,10}b|a))*b", "score": 0.5}]}
        self.refused(self.call("/analyze", {"text": "a" * 3000000, "language": "en", "entities": ["X"],
                                            "ad_hoc_recognizers": [own]}), 400, "take too long")

    def test_ad_hoc_deny_list(self):
        own = {"name": "Titles", "supported_language": "en", "supported_entity": "HONORIFIC",
               "deny_list": ["Mr.", "Mrs.", "Mr"]}
        hits = self.analyze("Mr. Hull and mr Bell met Mrs. Mrozek", ad_hoc_recognizers=[own], entities=["HONORIFIC"])
        self.assertEqual(sorted((h["start"], h["end"], h["score"]) for h in hits),
                         [(0, 3, 1), (13, 15, 1), (25, 29, 1)])
        why = self.analyze("Mr Bell", ad_hoc_recognizers=[own], entities=["HONORIFIC"],
                           return_decision_process=True)[0]["analysis_explanation"]
        self.assertEqual(why["pattern"], r"(?:^|(?<=\W))(Mr\.|Mrs\.|Mr)(?:(?=\W)|$)")

    def test_contained_hits_of_one_type_go(self):
        own = [{"name": n, "supported_language": "en", "supported_entity": "X",
                "patterns": [{"name": n, "regex": r, "score": s}]} for n, r, s in
               (("long", "abcd", 0.5), ("short", "bc", 0.5), ("better", "cd", 0.9))]
        hits = self.analyze("abcd", ad_hoc_recognizers=own, entities=["X"])
        self.assertEqual([(h["start"], h["end"], h["score"]) for h in hits], [(2, 4, 0.9), (0, 4, 0.5)])

    def test_slow_patterns_are_cut_off(self):
        own = {"name": "slow", "supported_language": "en", "supported_entity": "X",
               "patterns": [{"name": "p", "regex": "a.*b|a", "score": 0.5}]}
        self.refused(self.call("/analyze", {"text": "a" * 300000, "language": "en", "entities": ["X"],
                                            "ad_hoc_recognizers": [own]}), 400, "take too long")

    def test_allow_list(self):
        text = MAIL + " and info@corp-mail.net"
        def found(**more):
            return [text[h["start"]:h["end"]] for h in self.analyze(text, entities=["EMAIL_ADDRESS"], **more)]
        self.assertEqual(len(found()), 2)
        self.assertEqual(found(allow_list=["info@corp-mail.net"]), ["jane.roe@corp-mail.net"])
        self.assertEqual(len(found(allow_list=["INFO@corp-mail.net", "info"])), 2)
        self.assertEqual(found(allow_list=["^info@"], allow_list_match="regex"), ["jane.roe@corp-mail.net"])
        self.assertEqual(found(allow_list=["ROE"], allow_list_match="regex"), ["info@corp-mail.net"])
        self.assertEqual(len(found(allow_list=["ROE"], allow_list_match="regex", regex_flags=0)), 2)

    def test_decision_process(self):
        why = self.analyze(MAIL, entities=["EMAIL_ADDRESS"], return_decision_process=True)[0]["analysis_explanation"]
        self.assertEqual(why["recognizer"], "EmailRecognizer")
        self.assertEqual((why["original_score"], why["score_context_improvement"], why["validation_result"]),
                         (1.0, 0, True))
        self.assertEqual(len(why), 10)

    def test_which_word_raised_a_score(self):
        for text, context, word in (("John Smith license is AC432223", [], "license"),
                                    ("John Smith D.L. is AC432223", ["Driver license"], "license"),
                                    ("ring 555-0123 tomorrow", [], "ring"),
                                    ("Größe XL, Ausweis Nr. L01X00T47", [], "ausweis"),
                                    ("944 of them; passport: 512345678 (passport)", [], "passport"),
                                    ("a " * 100 + "passport 512345678" + " b" * 50, [], "passport"),
                                    ("his \u201cpassport\u201d\u00a0512345678", [], "passport"),
                                    ("card 4111 1111 1111 1111", [], ""),
                                    ("on 1985-03-12", [], "")):
            hits = self.analyze(text, context=context, return_decision_process=True)
            hit = [h for h in hits if h["entity_type"] != "PERSON"][0]
            why = hit["analysis_explanation"]
            self.assertEqual((text, why["supportive_context_word"]), (text, word))
            self.assertEqual(why["score"], hit["score"])
            self.assertAlmostEqual(why["original_score"] + why["score_context_improvement"], why["score"])
            self.assertEqual(why["original_score"] < why["score"], word != "")

    def test_ignored_keys(self):
        self.assertEqual(len(self.analyze(MAIL, entities=["EMAIL_ADDRESS"], trace="x", correlation_id="7")), 1)

    def test_analyzer_errors(self):
        good = {"text": "x", "language": "en"}
        own = {"supported_entity": "X", "supported_language": "en", "patterns": [{"name": "n", "regex": "x", "score": 1}]}
        parse = "Failed to parse /analyze request for AnalyzerEngine.analyze()."
        rows = [
            ({"language": "en"}, 500, "No text provided"),
            ({"text": "", "language": "en"}, 500, "No text provided"),
            ({"text": [], "language": "en"}, 500, "No text provided"),
            ({"text": "x"}, 500, "No language provided"),
            ({"text": "x", "language": ""}, 500, "No language provided"),
            ({"text": "x", "language": "xx"}, 500, "No matching recognizers were found to serve the request."),
            ({**good, "entities": ["NO_SUCH"]}, 500, "No matching recognizers were found to serve the request."),
            ({**good, "ad_hoc_recognizers": [{**own, "colour": 1}]}, 400, parse),
            ({**good, "ad_hoc_recognizers": [{"patterns": own["patterns"]}]}, 400, parse),
            ({**good, "ad_hoc_recognizers": [{**own, "patterns": [{"name": "n", "score": 1}]}]}, 400, parse),
            ({**good, "ad_hoc_recognizers": [{**own, "patterns": [{"name": "n", "regex": "(", "score": 1}]}]}, 400,
             "pattern 'n'"),
            ({**good, "ad_hoc_recognizers": [{**own, "patterns": [{"name": "n", "regex": "x(?=.*y)", "score": 1}]}]}, 400,
             "pattern 'n'"),
            ({**good, "ad_hoc_recognizers": [{**own, "global_regex_flags": "i"}]}, 400, parse),
            ({**good, "ad_hoc_recognizers": [{**own, "patterns": []}]}, 500, "patterns or with deny list"),
            ({**good, "allow_list": ["x"], "allow_list_match": "fuzzy"}, 500, "'exact' or 'regex'"),
            ({**good, "score_threshold": "high"}, 400, parse),
            ({**good, "text": ["a", 1]}, 400, parse),
        ]
        for body, status, text in rows:
            self.refused(self.call("/analyze", body), status, text)
        for raw in (b"", b"{", b'{"text":"x"} x', b"\xff"):
            self.refused(self.call("/analyze", raw=raw), 400, "could not understand")

    # --- the anonymizer ---

    def test_example(self):
        text = "hello world, my name is Jane Doe. My number is: 034453334"
        status, out = self.anonymize(text, [
            {"start": 24, "end": 32, "score": 0.8, "entity_type": "NAME"},
            {"start": 24, "end": 28, "score": 0.8, "entity_type": "FIRST_NAME"},
            {"start": 29, "end": 32, "score": 0.6, "entity_type": "LAST_NAME"},
            {"start": 48, "end": 57, "score": 0.95, "entity_type": "PHONE_NUMBER"}],
            {"DEFAULT": {"type": "replace", "new_value": "ANONYMIZED"},
             "PHONE_NUMBER": {"type": "mask", "masking_char": "*", "chars_to_mask": 4, "from_end": True}})
        self.assertEqual(status, 200)
        self.assertEqual(out, {"text": "hello world, my name is ANONYMIZED. My number is: 03445****", "items": [
            {"start": 50, "end": 59, "entity_type": "PHONE_NUMBER", "text": "03445****", "operator": "mask"},
            {"start": 24, "end": 34, "entity_type": "NAME", "text": "ANONYMIZED", "operator": "replace"}]})

    def one(self, text, operator, start=0, end=None):
        """The text after one operator on one span."""
        status, out = self.anonymize(text, [{"start": start, "end": len(text) if end is None else end, "score": 1,
                                             "entity_type": "T"}], {"T": operator})
        self.assertEqual(status, 200, out)
        item = out["items"][0]
        self.assertEqual(out["text"][item["start"]:item["end"]], item["text"])
        self.assertEqual(item["operator"], operator["type"])
        return out["text"]

    def test_operators(self):
        text = "日本 Jané 😀 end"
        self.assertEqual(self.one(text, {"type": "replace"}, 3, 7), "日本 <T> 😀 end")
        self.assertEqual(self.one(text, {"type": "replace", "new_value": ""}, 3, 7), "日本 <T> 😀 end")
        self.assertEqual(self.one(text, {"type": "replace", "new_value": "ß"}, 3, 7), "日本 ß 😀 end")
        self.assertEqual(self.one(text, {"type": "redact"}, 3, 8), "日本 😀 end")
        self.assertEqual(self.one(text, {"type": "keep"}, 3, 8), text)
        for n, from_end, want in ((2, False, "**né"), (2, True, "Ja**"), (99, False, "****"), (0, True, "Jané"),
                                  (-3, False, "Jané"), (10 ** 30, True, "****")):
            op = {"type": "mask", "masking_char": "*", "chars_to_mask": n, "from_end": from_end}
            self.assertEqual(self.one(text, op, 3, 7), f"日本 {want} 😀 end", op)
        op = {"type": "mask", "masking_char": "😀", "chars_to_mask": 1, "from_end": False}
        self.assertEqual(self.one("ab", op), "😀b")

    def test_hash(self):
        salt = "0123456789abcdef"
        for kind in ("sha256", "sha512"):
            want = hashlib.new(kind, ("Jané" + salt).encode()).hexdigest()
            self.assertEqual(self.one("Jané", {"type": "hash", "hash_type": kind, "salt": salt}), want)
        want = hashlib.sha256(("Jané" + salt).encode()).hexdigest()
        self.assertEqual(self.one("Jané", {"type": "hash", "salt": salt}), want)
        first, second = (self.one("Jané", {"type": "hash"}) for _ in range(2))
        self.assertEqual((len(first), first == second), (64, False))

    def test_encrypt_and_back(self):
        text, key = "call Jané 😀 now", "k" * 16
        for key in ("k" * 16, "k" * 24, "k" * 32):
            status, out = self.anonymize(text, [{"start": 5, "end": 11, "score": 1, "entity_type": "T"}],
                                         {"DEFAULT": {"type": "encrypt", "key": key}})
            self.assertEqual(status, 200)
            sealed = out["items"][0]["text"]
            self.assertEqual(len(base64.urlsafe_b64decode(sealed)) % 16, 0)
            self.assertNotIn("Jané", out["text"])
            for spelt in (sealed, base64.b64encode(base64.urlsafe_b64decode(sealed)).decode()):
                whole = out["text"].replace(sealed, spelt)
                status, back = self.call("/deanonymize", {
                    "text": whole, "anonymizer_results": out["items"],
                    "deanonymizers": {"T": {"type": "decrypt", "key": key}}})
                self.assertEqual((status, back["text"]), (200, text))
                self.assertEqual(back["items"], [{"start": 5, "end": 11, "entity_type": "T", "text": "Jané 😀",
                                                  "operator": "decrypt"}])
            status, back = self.call("/deanonymize", {
                "text": out["text"], "anonymizer_results": out["items"],
                "deanonymizers": {"DEFAULT": {"type": "decrypt", "key": "x" * 16}}})
            self.assertNotEqual(back.get("text"), text)

    def test_decrypts_what_others_sealed(self):
        # AES-128-CBC of "plain", key and IV 16 zero characters '0' and zero bytes, by OpenSSL's enc.
        sealed = base64.urlsafe_b64encode(bytes(16) + bytes.fromhex("abefd4bcd8056f71d9b93241021b3fbe")).decode()
        status, out = self.call("/deanonymize", {
            "text": sealed, "anonymizer_results": [{"start": 0, "end": len(sealed), "entity_type": "T"}],
            "deanonymizers": {"T": {"type": "decrypt", "key": "0" * 16}}})
        self.assertEqual((status, out.get("text")), (200, "plain"))

    def test_deanonymize_without(self):
        self.assertEqual(self.call("/deanonymize", {"text": "as it is"}), (200, {"text": "as it is", "items": []}))
        self.assertEqual(self.call("/deanonymize", {"deanonymizers": {}}), (200, {"text": "", "items": []}))
        text = "ab cd"
        status, out = self.call("/deanonymize", {"text": text, "anonymizer_results": [
            {"start": 0, "end": 2, "entity_type": "T"}], "deanonymizers": {"T": {"type": "deanonymize_keep"}}})
        self.assertEqual((status, out["text"], out["items"][0]["operator"]), (200, text, "deanonymize_keep"))

    def test_conflicts(self):
        def places(text, *spans):
            results = [{"start": a, "end": b, "entity_type": t, "score": s} for a, b, t, s in spans]
            status, out = self.anonymize(text, results)
            self.assertEqual(status, 200, out)
            return out["text"]
        self.assertEqual(places("abcdefgh", (0, 4, "X", .5), (2, 6, "X", .9)), "<X>gh")
        self.assertEqual(places("abcdefgh", (0, 6, "X", .5), (2, 4, "Y", .9)), "<X>gh")
        self.assertEqual(places("abcdefgh", (0, 4, "X", .5), (0, 4, "Y", .9)), "<Y>efgh")
        self.assertEqual(places("abcdefgh", (0, 4, "X", .5), (2, 6, "Y", .9)), "<X><Y>gh")
        self.assertEqual(places("Jane  Doe x", (0, 4, "X", .5), (6, 9, "X", .9)), "<X> x")
        self.assertEqual(places("Jane\nDoe x", (0, 4, "X", .5), (5, 9, "X", .9)), "<X>\n<X>x")
        self.assertEqual(places("Jane Doe x", (0, 4, "X", .5), (5, 8, "Y", .9)), "<X> <Y> x")
        # Each character has one owner: nothing appears twice.
        status, out = self.anonymize("abcdefgh", [{"start": 0, "end": 4, "entity_type": "X", "score": 1},
                                                  {"start": 2, "end": 6, "entity_type": "Y", "score": 1}],
                                     {"DEFAULT": {"type": "keep"}})
        self.assertEqual(out["text"], "abcdefgh")

    def test_what_analyze_found_goes_into_anonymize(self):
        text = MAIL + ", Margaret Thornbury, 4111 1111 1111 1111"
        found = self.analyze(text, score_threshold=0.5, return_decision_process=True)
        status, out = self.anonymize(text, found)
        self.assertEqual(status, 200)
        for gone in ("jane.roe", "Thornbury", "4111"):
            self.assertNotIn(gone, out["text"])
        for item in out["items"]:
            self.assertEqual(out["text"][item["start"]:item["end"]], f"<{item['entity_type']}>")
        self.assertEqual([i["start"] for i in out["items"]], sorted((i["start"] for i in out["items"]), reverse=True))

    def test_a_list_of_texts(self):
        place = {"start": 0, "end": 4, "entity_type": "X", "score": 1}
        body = {"text": ["Jane 😀", "", "Doe"], "analyzer_results": [[place], [], []]}
        status, out = self.call("/anonymize", body)
        self.assertEqual((status, [x["text"] for x in out], [len(x["items"]) for x in out]),
                         (200, ["<X> 😀", "", "Doe"], [1, 0, 0]))
        self.assertEqual(self.call("/anonymize", {"text": ["a", "b"]}),
                         (200, [{"text": "a", "items": []}, {"text": "b", "items": []}]))
        self.assertEqual(self.call("/anonymize", {"text": [], "analyzer_results": []}), (200, []))
        self.refused(self.call("/anonymize", {**body, "text": ["a"]}), 422,
                     "Invalid input, 'analyzer_results' must contain one list of results per item in 'text' when 'text' "
                     "is a list (1 text items, 3 'analyzer_results' items)")
        key = {"X": {"type": "encrypt", "key": "k" * 16}}
        status, out = self.call("/anonymize", {**body, "anonymizers": key})
        status, back = self.call("/deanonymize", {
            "text": [x["text"] for x in out], "anonymizer_results": [x["items"] for x in out],
            "deanonymizers": {"X": {"type": "decrypt", "key": "k" * 16}}})
        self.assertEqual((status, [x["text"] for x in back]), (200, body["text"]))

    def test_empty_text(self):
        results = [{"start": 0, "end": 3, "entity_type": "X", "score": 1}]
        self.assertEqual(self.anonymize("", results), (200, {"text": "", "items": []}))
        self.assertEqual(self.anonymize("abc", []), (200, {"text": "abc", "items": []}))

    def test_anonymizer_errors(self):
        place = {"start": 0, "end": 3, "entity_type": "X", "score": 1}
        mask = {"type": "mask", "masking_char": "*", "chars_to_mask": 2, "from_end": False}

        def results(**change):
            one = {**place, **change}
            return {"text": "0123456789", "analyzer_results": [{k: v for k, v in one.items() if v is not None}]}

        def operator(**change):
            one = {**mask, **change}
            return {**results(), "anonymizers": {"X": {k: v for k, v in one.items() if v is not None}}}
        rows = [
            ({}, 400, "Invalid request json"),
            ({**results(), "anonymizers": {"X": {"type": "custom", "lambda": "lambda x: x"}}}, 400,
             "Custom type anonymizer is not supported"),
            ({"text": "x"}, 422, "Invalid input, request must contain analyzer results"),
            ({"text": "x", "analyzer_results": None}, 422, "Invalid input, request must contain analyzer results"),
            (results(start=None), 422, "Invalid input, result must contain start"),
            (results(end=None), 422, "Invalid input, result must contain end"),
            (results(entity_type=None), 422, "Invalid input, result must contain entity_type"),
            (results(score=None), 422, "Invalid input, analyzer result must contain score"),
            (results(start=-1), 422, "Invalid input, result start and end must be positive"),
            (results(start=9, end=3), 422, "Invalid input, start index '9' must be smaller than end index '3'"),
            (results(start=3, end=99), 422, "Invalid analyzer result, start: 3 and end: 99, while text length is only 10."),
            (results(start="0"), 422, "Invalid parameter value for start. Expecting 'number', but got 'string'."),
            (operator(masking_char=7), 422,
             "Invalid parameter value for masking_char. Expecting 'string', but got 'number'."),
            (operator(chars_to_mask="7"), 422,
             "Invalid parameter value for chars_to_mask. Expecting 'number', but got 'string'."),
            (operator(from_end=1), 422, "Invalid parameter value for from_end. Expecting 'boolean', but got 'number'."),
            (operator(masking_char=None), 422, "Expected parameter masking_char"),
            (operator(chars_to_mask=None), 422, "Expected parameter chars_to_mask"),
            (operator(from_end=None), 422, "Expected parameter from_end"),
            (operator(masking_char="**"), 422, "Invalid input, masking_char must be a character"),
            (operator(type="encrypt"), 422, "Expected parameter key"),
            (operator(type="encrypt", key="short"), 422, "Invalid input, key must be of length 128, 192 or 256 bits"),
            (operator(type="hash", salt="short"), 422,
             "Salt must be at least 16 bytes (128 bits). Provided salt is 5 bytes."),
            (operator(type="hash", hash_type="md5"), 422, "hash_type"),
            (operator(type="replace", new_value=5), 422,
             "Invalid parameter value for new_value. Expecting 'string', but got 'number'."),
            (operator(type="blur"), 422, "Invalid operator class 'blur'."),
            (operator(type=None), 422, "operator_name"),
            (operator(type=""), 422, "operator_name"),
            (operator(type=7), 422, "Invalid operator class '7'."),
            ({**results(), "text": 5}, 500, "Internal server error"),
            ({**results(), "analyzer_results": "x"}, 500, "Internal server error"),
        ]
        for body, status, text in rows:
            self.refused(self.call("/anonymize", body), status, text)
        self.refused(self.call("/anonymize", raw=b""), 400, "Invalid request json")
        self.refused(self.call("/deanonymize", {}), 400, "Invalid request json")
        for path in ("/anonymize", "/deanonymize"):
            self.refused(self.call(path, raw=b"{"), 400,
                         "The browser (or proxy) sent a request that this server could not understand.")
        undo = {"text": "0123456789", "anonymizer_results": [{"start": 0, "end": 4, "entity_type": "X"}]}
        rows = [
            ({**undo, "deanonymizers": {"X": {"type": "decrypt"}}}, 422, "Expected parameter key"),
            ({**undo, "deanonymizers": {"X": {"type": "decrypt", "key": "x"}}}, 422, "128, 192 or 256"),
            ({**undo, "deanonymizers": {"X": {"type": "decrypt", "key": "x" * 16}}}, 500, "Internal server error"),
            ({**undo, "deanonymizers": {"X": {"type": "hash"}}}, 422, "Invalid operator class 'hash'."),
            ({**undo, "anonymizer_results": [{"start": 0, "end": 40, "entity_type": "X"}],
              "deanonymizers": {"X": {"type": "deanonymize_keep"}}}, 422, "while text length is only 10."),
        ]
        for body, status, text in rows:
            self.refused(self.call("/deanonymize", body), status, text)

    # --- lists, and what every path does ---

    def test_lists(self):
        status, entities = self.get("/supportedentities?language=en")
        self.assertEqual((status, STOCK - set(entities)), (200, set()))
        self.assertEqual(self.get("/supportedentities"), (200, entities))
        self.assertEqual(self.get("/supportedentities?language=xx")[0], 500)
        status, names = self.get("/recognizers?language=en")
        self.assertEqual(status, 200)
        self.assertLessEqual({"CreditCardRecognizer", "UsSsnRecognizer", "EmailRecognizer"}, set(names))
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(self.get("/recognizers?language=xx")[0], 500)
        status, names = self.get("/anonymizers")
        self.assertLessEqual({"hash", "mask", "redact", "replace", "encrypt", "keep"}, set(names))
        self.assertEqual(self.get("/deanonymizers"), (200, ["decrypt", "deanonymize_keep"]))

    def test_content_types(self):
        bodies = {"/analyze": {"text": "x", "language": "en"}, "/anonymize": {"text": "x", "analyzer_results": []},
                  "/deanonymize": {"text": "x"}}
        for path, body in bodies.items():
            for kind, good in (("application/json", True), ("Application/JSON; charset=utf-8", True),
                               ("application/vnd.x+json", True), ("text/plain", False), ("", True),
                               ("application/x-www-form-urlencoded", False)):
                status, _, out = self.s.post(path, body, headers={"content-type": kind})
                self.assertEqual(status, 200 if good else 400 if path == "/analyze" else 415, (path, kind))
                self.assertEqual(good, "error" not in json.loads(out))

    def test_paths(self):
        self.assertEqual(self.call("/analyze", {"text": "x", "language": "en"}, key=False)[0], 401)
        self.assertEqual(self.get("/analyze")[0], 405)
        self.assertEqual(self.s.post("/recognizers", {})[0], 405)
        self.assertEqual(self.s.post("/analyse", {})[0], 404)
        with urllib.request.urlopen(self.s.url + "/health", timeout=120) as r:
            self.assertEqual(r.status, 200)

    def test_guide(self):
        """Every call in the guide answers as the guide says."""
        with open(GUIDE, encoding="utf-8") as f:
            examples = re.findall(r"curl -s \S*?(/[a-z/]+) [^']*'(.*)'\n\n    (.*)", f.read())
        self.assertEqual([path for path, _, _ in examples], ["/analyze", "/guard/outbound"])
        for path, body, answer in examples:
            self.assertEqual(self.call(path, raw=body.encode()), (200, json.loads(answer)))

    def test_key_in_the_url(self):
        """As a client sends it that knows nothing but a URL: http://x:KEY@host."""
        asked = {"text": MAIL, "language": "en", "entities": ["EMAIL_ADDRESS"]}
        for key, status in (self.s.key, 200), ("wrong", 401):
            basic = base64.b64encode(f"x:{key}".encode()).decode()
            self.assertEqual(self.s.post("/analyze", asked, key=False, headers={"authorization": f"Basic {basic}"})[0], status)

    def test_nothing_goes_upstream(self):
        self.analyze(MAIL)
        self.assertEqual(self.s.stub.requests, [])


if __name__ == "__main__":
    unittest.main()
