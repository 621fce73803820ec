#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Numbers made by number_facts.py, an oracle independent of the scanner: found in every context, two
in a row found both and wholly, and with a wrong check digit not found at all."""
import collections
import os
import random
import re
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "tools"))
import eval_scan  # noqa: E402
from number_facts import LABELS, MAKE  # noqa: E402

SPANS = os.path.join(os.environ.get("SANCTUM_BUILD", "build"), "bench_scan_spans")


def scan(texts):
    return eval_scan.run_spans(SPANS, texts, [])


def key(label):
    return re.sub(r"\W+", "_", label).strip("_").lower()


CONTEXTS = {
    "form": lambda l, v: f"{l}: {v}",
    "plain": lambda l, v: f"{l} {v}",
    "json": lambda l, v: '{"id": 17, "%s": "%s", "ok": true}' % (key(l), v),
    "sentence": lambda l, v: f"Hi there, my {l} is {v}, thanks",
    "behind": lambda l, v: f"{v} is my {l}",
    "csv": lambda l, v: f"name,{key(l)},city\nanna,{v},rome\n",
    "tsv": lambda l, v: f"id\t{l}\tnote\n1\t{v}\tnew",
    "yaml": lambda l, v: f"person:\n  {key(l)}: {v}\n",
    "log": lambda l, v: f"INFO updated {key(l)}={v} status=ok",
    "capitals": lambda l, v: f"{l.upper()} {v} ON FILE",
    "html": lambda l, v: f"<tr><td>{l}</td><td>{v}</td></tr>",
    "markdown": lambda l, v: f"| {l} | {v} |",
    "next line": lambda l, v: f"{l}:\n{v}\n",
    "sql": lambda l, v: f"UPDATE people SET {key(l)} = '{v}' WHERE id = 4;",
    "chat": lambda l, v: f"hey so its {v} thats my {l.lower()} ok?",
}
# Types whose form is sure without a label, and what may stand between two values.
SURE = ["CREDIT_CARD", "IBAN_CODE", "PHONE_NUMBER", "US_SSN", "EMAIL_ADDRESS", "IP_ADDRESS", "MAC_ADDRESS",
        "DATE_TIME", "ES_NIE", "IT_FISCAL_CODE", "BR_CPF", "CH_AHV", "KR_RRN", "CN_RESIDENT_ID", "BR_CNPJ",
        "IN_GSTIN", "MX_CURP", "PK_CNIC", "AE_EMIRATES_ID", "TH_TNIN", "FR_NIR"]
BETWEEN = [" ", ", ", ",", "; ", ";", "\t", "\n", " | ", "|", " / ", "  ", " and ", " - "]
# The last character is a check digit: any other is wrong.
CHECKED = ["CREDIT_CARD", "IBAN_CODE", "US_NPI", "MEDICAL_LICENSE", "CA_SIN", "UK_NHS", "AU_ABN", "AU_TFN",
           "DE_TAX_ID", "DE_HEALTH_INSURANCE", "CH_AHV", "ES_NIF", "IT_FISCAL_CODE", "IT_VAT_CODE", "FR_NIR",
           "NL_BSN", "PT_NIF", "PL_PESEL", "NO_FODSELSNUMMER", "FI_PERSONAL_IDENTITY_CODE", "RO_CNP", "HU_TAJ",
           "BG_EGN", "GR_AMKA", "RU_SNILS", "RU_INN", "UA_RNOKPP", "TR_NATIONAL_ID", "IL_ID_NUMBER",
           "AE_EMIRATES_ID", "ZA_ID_NUMBER", "NG_NIN", "IN_AADHAAR", "KR_BRN", "JP_MY_NUMBER", "CN_RESIDENT_ID",
           "SG_NRIC_FIN", "TH_TNIN", "BR_CPF", "BR_CNPJ", "CL_RUT", "AR_CUIT", "MX_CURP", "TW_ID", "IMEI"]


def sure(r, entity):
    """A value that needs no word: written with its signs where it has some."""
    while True:
        v = MAKE[entity](r)
        if not (entity in ("CH_AHV", "TH_TNIN", "BR_CPF", "FR_NIR") and v.isdigit()):
            return v


def wrong(r, value):
    """The value with another last character of its kind."""
    last = value[-1]
    alphabet = "0123456789" if last.isdigit() else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return value[:-1] + r.choice([c for c in alphabet if c != last])


class Numbers(unittest.TestCase):
    def test_every_context(self):
        r = random.Random(7)
        items = []
        for entity, make in MAKE.items():
            for context in CONTEXTS.values():
                for label in LABELS[entity]:
                    value = make(r)
                    items.append((entity, value, context(label, value)))
        missed, false, by = [], 0, collections.defaultdict(lambda: [0, 0])
        for (entity, value, text), spans in zip(items, scan([t for _, _, t in items]), strict=True):
            at = text.index(value)
            hit = (entity, at, at + len(value)) in spans
            by[entity][hit] += 1
            false += sum(1 for n, _, _ in spans if n != entity)
            if not hit:
                missed.append((entity, text, spans))
        self.assertGreater(len(items), 3000)
        self.assertLess(len(missed), len(items) * 0.01, missed[:10])
        self.assertLess(false, len(items) * 0.005)
        for entity, (no, yes) in by.items():
            self.assertGreater(yes, (yes + no) * 0.9, entity)

    def test_two_in_a_row(self):
        r = random.Random(3)
        items = []
        for a in SURE:
            for b in SURE:
                for sign in BETWEEN:
                    x, y = sure(r, a), sure(r, b)
                    items.append((f"got {x}{sign}{y} end", (a, 4, 4 + len(x)),
                                  (b, 4 + len(x) + len(sign), 4 + len(x) + len(sign) + len(y))))
        bad = [(t, s) for (t, x, y), s in zip(items, scan([t for t, _, _ in items]), strict=True)
               if x not in s or y not in s]
        # "+39 333 1234567 1 2345 …": where a phone number ends is open there.
        self.assertLessEqual(len(bad), len(items) // 1000, bad[:10])

    def test_card_behind_phone(self):
        text = "+1 212 555 0123 4111 1111 1111 1111"
        self.assertEqual(scan([text])[0], [("PHONE_NUMBER", 0, 15), ("CREDIT_CARD", 16, 35)])

    def test_wrong_check_digit(self):
        r = random.Random(11)
        items = []
        for entity in CHECKED:
            for _ in range(40):
                value = wrong(r, MAKE[entity](r))
                items.append((entity, value, f"{LABELS[entity][0]}: {value} end"))
        for (entity, value, text), spans in zip(items, scan([t for _, _, t in items]), strict=True):
            self.assertNotIn((entity, text.index(value), text.index(value) + len(value)), spans, text)

    def test_the_test_can_fail(self):
        """A value nothing announces and no form betrays is not found: contexts do count."""
        self.assertEqual(scan(["the value was 219054684 yesterday"])[0], [])


if __name__ == "__main__":
    unittest.main()
