# SPDX-License-Identifier: Apache-2.0
"""Numbers people have, made from the public facts of each format: an oracle independent of src/scan.

`MAKE[type](rng)` returns one valid value as people write it; `LABELS[type]` is what stands before it.
Check digits are computed here, from the rules as their issuers publish them, never by the code under
test."""
import string

UP = string.ascii_uppercase
NO_IOU = "ABCDEFGHJKLMNPRSTVWXYZ"


def digits(r, n, first="0123456789"):
    return r.choice(first) + "".join(r.choice("0123456789") for _ in range(n - 1))


def weighted(s, weights):
    return sum(int(c) * w for c, w in zip(s, weights, strict=True))


def luhn_digit(s):
    total = 0
    for i, c in enumerate(reversed(s)):
        d = int(c) * (2 - i % 2)
        total += d - 9 if d > 9 else d
    return str(-total % 10)


def luhn(s):
    return s + luhn_digit(s)


def group(s, sizes, sep):
    out, at = [], 0
    for n in sizes:
        out.append(s[at:at + n])
        at += n
    return sep.join(out)


def date(r, low=1940, high=2004):
    return r.randint(low, high), r.randint(1, 12), r.randint(1, 28)


def until(r, make):
    """The first value of make() that is not None."""
    while True:
        v = make()
        if v is not None:
            return v


# ---- cards and accounts ----

SCHEMES = [("4", 16), ("51", 16), ("53", 16), ("55", 16), ("2221", 16), ("2550", 16), ("2720", 16), ("34", 15),
           ("37", 15), ("6011", 16), ("65", 16), ("3528", 16), ("3589", 16), ("36", 14), ("300", 14), ("62", 16),
           ("2202", 16)]


def card(r):
    prefix, n = r.choice(SCHEMES)
    s = luhn(prefix + digits(r, n - 1 - len(prefix)))
    sizes = {16: (4, 4, 4, 4), 15: (4, 6, 5), 14: (4, 6, 4)}[n]
    return r.choice([s, group(s, sizes, " "), group(s, sizes, "-")])


IBANS = {"DE": "n18", "GB": "a4n14", "FR": "n10c11n2", "NL": "a4n10", "ES": "n20", "IT": "a1n10c12", "PL": "n24",
         "BE": "n12", "CH": "n5c12", "AT": "n16", "PT": "n21", "SE": "n20", "NO": "n11", "DK": "n14", "FI": "n14",
         "IE": "a4n14", "CZ": "n20", "RO": "a4c16", "TR": "n5n1c16", "SA": "n2c18", "MT": "a4n5c18", "BR": "n23a1c1"}


def iban(r):
    import re
    country = r.choice(list(IBANS))
    body = ""
    for kind, n in re.findall(r"([nac])(\d+)", IBANS[country]):
        alphabet = {"n": string.digits, "a": UP, "c": string.digits + UP}[kind]
        body += "".join(r.choice(alphabet) for _ in range(int(n)))
    rest = int("".join(str(int(c, 36)) for c in body + country + "00")) % 97
    s = "%s%02d%s" % (country, 98 - rest, body)
    return r.choice([s, " ".join(s[i:i + 4] for i in range(0, len(s), 4))])


def aba(r):
    head = "%02d" % r.choice([*range(1, 13), *range(21, 33), *range(61, 73)])
    s = head + digits(r, 6)
    return s + str(-weighted(s, [3, 7, 1, 3, 7, 1, 3, 7]) % 10)


def phone(r):
    a, x, y = "%d%02d" % (r.randint(2, 9), r.choice([1, 2, 4, 12, 15, 37, 46, 50, 67, 75])), r.randint(200, 910), r.randint(0, 9999)
    if x % 100 == 11:
        x += 1
    n = digits(r, 8)
    return r.choice(["+1 %s %d %04d" % (a, x, y), "(%s) %d-%04d" % (a, x, y), "%s-%d-%04d" % (a, x, y),
                     "+1-%s-%d-%04d" % (a, x, y), "+49 30 " + digits(r, 7, "123456789"), "+44 7911 " + digits(r, 6),
                     "+33 6 %s %s %s %s" % (n[:2], n[2:4], n[4:6], n[6:]), "+81 90-%s-%s" % (n[:4], n[4:]),
                     "+39 333 " + digits(r, 7), "+34 612 %s %s" % (digits(r, 3), digits(r, 3)),
                     "+91 98%s %s" % (digits(r, 3), digits(r, 5)), "+1%s%d%04d" % (a, x, y)])


def ssn(r):
    area = until(r, lambda: (lambda a: a if a != 666 else None)(r.randint(1, 899)))
    return "%03d-%02d-%04d" % (area, r.randint(1, 99), r.randint(1, 9999))


def itin(r):
    return "9%02d-%02d-%04d" % (r.randint(0, 99), r.choice([*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)]), r.randint(1, 9999))


def mail(r):
    word = lambda a, b: "".join(r.choice(string.ascii_lowercase) for _ in range(r.randint(a, b)))
    return "%s%s%s@%s.%s" % (word(3, 8), r.choice([".", "_", "+", "-", ""]), word(2, 7), word(4, 9), r.choice(["com", "de", "co.uk", "io", "org", "fr", "app"]))


def ip4(r):
    return "%d.%d.%d.%d" % (r.randint(11, 223), r.randint(0, 255), r.randint(0, 255), r.randint(1, 254))


def mac(r):
    sep = r.choice([":", "-"])
    return sep.join("%02x" % r.randint(1, 254) for _ in range(6))


def day(r):
    y, m, d = date(r, 1950, 2025)
    return r.choice(["%04d-%02d-%02d" % (y, m, d), "%02d/%02d/%04d" % (m, d, y), "%02d.%02d.%04d" % (d, m, y)])


# ---- North America ----

def npi(r):
    s = digits(r, 9, "12")
    return s + luhn_digit("80840" + s)


def dea(r):
    s = digits(r, 6)
    total = int(s[0]) + int(s[2]) + int(s[4]) + 2 * (int(s[1]) + int(s[3]) + int(s[5]))
    return r.choice("ABFGM") + r.choice(UP) + s + str(total % 10)


def mbi(r):
    letter, either = "ACDEFGHJKMNPQRTUVWXY", "ACDEFGHJKMNPQRTUVWXY0123456789"
    s = r.choice("123456789") + r.choice(letter) + r.choice(either) + digits(r, 1) + r.choice(letter) + \
        r.choice(either) + digits(r, 1) + r.choice(letter) + r.choice(letter) + digits(r, 2)
    return r.choice([s, s[:4] + "-" + s[4:7] + "-" + s[7:]])


def vin(r):
    alphabet = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
    s = r.choice("12345JKWZSV") + "".join(r.choice(alphabet) for _ in range(10)) + digits(r, 6)
    value = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9], strict=True))
    weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]
    rest = sum((int(c) if c.isdigit() else value[c]) * w for c, w in zip(s, weights, strict=True)) % 11
    return s[:8] + ("X" if rest == 10 else str(rest)) + s[9:]


def curp(r):
    y, m, d = date(r)
    cons = "BCDFGHJKLMNPQRSTVWXYZ"
    s = r.choice(UP) + r.choice("AEIOU") + r.choice(UP) + r.choice(UP) + "%02d%02d%02d" % (y % 100, m, d) + \
        r.choice("HM") + r.choice(["DF", "JC", "NL", "MC", "PL", "VZ", "OC"]) + "".join(r.choice(cons) for _ in range(3)) + \
        (digits(r, 1) if y < 2000 else r.choice("ABC"))
    symbols = "0123456789ABCDEFGHIJKLMN\u00d1OPQRSTUVWXYZ"
    return s + str(-sum(symbols.index(c) * (18 - i) for i, c in enumerate(s)) % 10)


def imei(r):
    s = luhn("35" + digits(r, 12))
    return r.choice([s, "%s-%s-%s-%s" % (s[:2], s[2:8], s[8:14], s[14])])


def sin(r):
    s = luhn(digits(r, 8, "1234567"))
    return r.choice([s, group(s, (3, 3, 3), " "), group(s, (3, 3, 3), "-")])


# ---- Britain, Australia ----

def nhs(r):
    def one():
        s = digits(r, 9, "4679")
        c = 11 - weighted(s, range(10, 1, -1)) % 11
        return None if c == 10 else s + str(c % 11)
    s = until(r, one)
    return r.choice([s, group(s, (3, 3, 4), " "), group(s, (3, 3, 4), "-")])


def nino(r):
    s = r.choice(["AB", "CE", "JG", "JN", "PW", "SR", "WL", "YZ", "HH"]) + digits(r, 6) + r.choice("ABCD")
    return r.choice([s, group(s, (2, 2, 2, 2, 1), " ")])


def abn(r):
    weights = [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]
    body = digits(r, 9)
    for head in range(11, 100):
        s = str(head) + body
        if (weighted(s, weights) - 10) % 89 == 0:
            return r.choice([s, group(s, (2, 3, 3, 3), " ")])
    return abn(r)


def tfn(r):
    def one():
        s = digits(r, 8, "123456789")
        c = weighted(s, [1, 4, 3, 7, 5, 8, 6, 9]) % 11  # 10 * c is -c modulo 11
        return None if c == 10 else s + str(c)
    s = until(r, one)
    return r.choice([s, group(s, (3, 3, 3), " ")])


def au_medicare(r):
    s = digits(r, 8, "23456")
    s += str(weighted(s, [1, 3, 7, 9, 1, 3, 7, 9]) % 10) + r.choice("123456789")
    return r.choice([s, group(s, (4, 5, 1), " ")])


# ---- Europe ----

def mod_11_10(s):
    p = 10
    for c in s:
        x = (int(c) + p) % 10 or 10
        p = 2 * x % 11
    return str((11 - p) % 10)


def de_tax_id(r):
    def one():
        order = r.sample("0123456789", 9)
        s = order + [r.choice(order)]
        r.shuffle(s)
        s = "".join(s)
        return None if s[0] == "0" else s
    s = until(r, one)
    s += mod_11_10(s)
    return r.choice([s, group(s, (2, 3, 3, 3), " ")])


def de_rvnr(r):
    y, m, d = date(r)
    letter = r.choice(NO_IOU)
    head = "%02d%02d%02d%02d" % (r.choice([12, 13, 15, 17, 18, 53, 65]), d, m, y % 100)
    serial = "%02d" % r.randint(0, 99)
    total = 0
    for c, w in zip(head + "%02d" % (ord(letter) - 64) + serial, [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1], strict=True):
        total += sum(map(int, str(int(c) * w)))
    s = head + letter + serial + str(total % 10)
    return r.choice([s, "%s %s %s %s" % (s[:2], s[2:8], s[8], s[9:])])


def de_kvnr(r):
    letter, s = r.choice(UP), digits(r, 8)
    total = 0
    for i, c in enumerate("%02d" % (ord(letter) - 64) + s):
        total += sum(map(int, str(int(c) * (1 + i % 2))))
    return letter + s + str(total % 10)


def icao(s):
    return str(sum(int(c, 36) * (7, 3, 1)[i % 3] for i, c in enumerate(s)) % 10)


def de_card(r):
    alphabet = "CFGHJKLMNPRTVWXYZ0123456789"
    s = r.choice("LMNPRTVWXY") + "".join(r.choice(alphabet) for _ in range(7))
    return s + icao(s)


def de_passport(r):
    s = r.choice("CFGHJK") + "".join(r.choice("CFGHJKLMNPRTVWXYZ0123456789") for _ in range(7))
    return s + icao(s)


def de_vat(r):
    s = digits(r, 8, "123456789")
    return "DE" + s + mod_11_10(s)


def at_svnr(r):
    def one():
        y, m, d = date(r)
        n = digits(r, 3, "123456789")
        day_ = "%02d%02d%02d" % (d, m, y % 100)
        c = (weighted(n, [3, 7, 9]) + weighted(day_, [5, 8, 4, 2, 1, 6])) % 11
        return None if c == 10 else n + str(c) + " " + day_
    return until(r, one)


def ch_ahv(r):
    s = "756" + digits(r, 9)
    s += str(-sum(int(c) * (1 + 2 * (i % 2)) for i, c in enumerate(s)) % 10)
    return r.choice(["%s.%s.%s.%s" % (s[:3], s[3:7], s[7:11], s[11:]), s])


def es_nif(r):
    n = r.randint(1000000, 99999999)
    return "%08d%s%s" % (n, r.choice(["", "", "-"]), "TRWAGMYFPDXBNJZSQVHLCKE"[n % 23])


def es_nie(r):
    i, n = r.randrange(3), r.randint(0, 9999999)
    c = "TRWAGMYFPDXBNJZSQVHLCKE"[(i * 10000000 + n) % 23]
    return r.choice(["%s%07d%s", "%s-%07d-%s", "%s%07d-%s"]) % ("XYZ"[i], n, c)


def it_fiscal(r):
    y, m, d = date(r)
    cons = "BCDFGLMNPRSTVZ"
    s = "".join(r.choice(cons) for _ in range(6)) + "%02d" % (y % 100) + "ABCDEHLMPRST"[m - 1] + \
        "%02d" % (d + r.choice([0, 40])) + r.choice("ABCDEFGHIL") + digits(r, 3)
    odd = dict(zip(string.digits + UP, [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18,
                                        20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23], strict=True))
    total = sum(odd[c] if i % 2 == 0 else (int(c) if c.isdigit() else ord(c) - 65) for i, c in enumerate(s))
    return s + UP[total % 26]


def it_vat(r):
    return luhn(digits(r, 10, "01234"))


def fr_nir(r):
    y, m, _ = date(r)
    s = "%d%02d%02d%02d%03d%03d" % (r.choice([1, 2]), y % 100, m, r.randint(1, 95), r.randint(1, 600), r.randint(1, 300))
    s += "%02d" % (97 - int(s) % 97)
    return r.choice([s, group(s, (1, 2, 2, 2, 3, 3, 2), " ")])


def nl_bsn(r):
    def one():
        s = digits(r, 8, "1234567")
        c = weighted(s, range(9, 1, -1)) % 11
        return None if c == 10 else s + str(c)
    return until(r, one)


def be_nn(r):
    y, m, d = date(r)
    s = "%02d%02d%02d%03d" % (y % 100, m, d, r.randint(1, 997))
    s += "%02d" % (97 - int(("2" if y >= 2000 else "") + s) % 97)
    return r.choice([s, "%s.%s.%s-%s.%s" % (s[:2], s[2:4], s[4:6], s[6:9], s[9:])])


def pt_nif(r):
    s = digits(r, 8, "12")
    c = 11 - weighted(s, range(9, 1, -1)) % 11
    s += str(0 if c > 9 else c)
    return r.choice([s, group(s, (3, 3, 3), " ")])


def pl_pesel(r):
    y, m, d = date(r)
    s = "%02d%02d%02d%s" % (y % 100, m + (20 if y >= 2000 else 0), d, digits(r, 4))
    return s + str(-weighted(s, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)


def se_pnr(r):
    y, m, d = date(r)
    s = luhn("%02d%02d%02d%s" % (y % 100, m, d, digits(r, 3)))
    s = s[:6] + r.choice(["-", ""]) + s[6:]
    return r.choice([s, str(y)[:2] + s])


def se_orgnr(r):
    s = luhn("556" + digits(r, 6))
    return s[:6] + "-" + s[6:]


def no_fnr(r):
    def one():
        y, m, d = date(r)
        s = "%02d%02d%02d%03d" % (d, m, y % 100, r.randint(0, 499) if y < 2000 else r.randint(500, 999))
        k1 = -weighted(s, [3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11
        if k1 == 10:
            return None
        s += str(k1)
        k2 = -weighted(s, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
        return None if k2 == 10 else s + str(k2)
    s = until(r, one)
    return r.choice([s, s[:6] + " " + s[6:]])


def dk_cpr(r):
    y, m, d = date(r)
    return "%02d%02d%02d-%s" % (d, m, y % 100, digits(r, 4, "0123" if y < 2000 else "4567"))


def fi_hetu(r):
    y, m, d = date(r)
    n = "%02d%02d%02d%03d" % (d, m, y % 100, r.randint(2, 899))
    return n[:6] + ("-" if y < 2000 else "A") + n[6:] + "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(n) % 31]


def cz_rc(r):
    def one():
        y, m, d = date(r, 1954, 2004)
        s = "%02d%02d%02d%s" % (y % 100, m + r.choice([0, 50]), d, digits(r, 3))
        c = int(s) % 11
        c = (11 - int(s + "0") % 11) % 11
        return None if c == 10 else s + str(c)
    s = until(r, one)
    return r.choice([s[:6] + "/" + s[6:], s[:6] + "/" + s[6:], s])


def ro_cnp(r):
    y, m, d = date(r)
    s = "%d%02d%02d%02d%02d%03d" % (r.choice([1, 2]) + (4 if y >= 2000 else 0), y % 100, m, d, r.randint(1, 46), r.randint(1, 999))
    c = weighted(s, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11
    return s + str(1 if c == 10 else c)


def hu_taj(r):
    s = digits(r, 8)
    s += str(weighted(s, [3, 7, 3, 7, 3, 7, 3, 7]) % 10)
    return r.choice([s, group(s, (3, 3, 3), " "), group(s, (3, 3, 3), "-")])


def bg_egn(r):
    y, m, d = date(r)
    s = "%02d%02d%02d%s" % (y % 100, m + (40 if y >= 2000 else 0), d, digits(r, 3))
    return s + str(weighted(s, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10)


def gr_amka(r):
    y, m, d = date(r)
    return luhn("%02d%02d%02d%s" % (d, m, y % 100, digits(r, 4)))


def ru_snils(r):
    s = digits(r, 9, "123456789")
    c = weighted(s, range(9, 0, -1)) % 101 % 100
    return "%s-%s-%s %02d" % (s[:3], s[3:6], s[6:], c)


def ru_inn(r):
    s = "77" + digits(r, 8)
    s += str(weighted(s, [7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10)
    return s + str(weighted(s, [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10)


def ua_rnokpp(r):
    s = digits(r, 9, "23")
    return s + str(weighted(s, [-1, 5, 7, 9, 4, 6, 10, 5, 7]) % 11 % 10)


# ---- Near East, Africa, Asia ----

def tr_id(r):
    s = digits(r, 9, "123456789")
    odd, even = sum(int(c) for c in s[::2]), sum(int(c) for c in s[1::2])
    s += str((7 * odd - even) % 10)
    return s + str(sum(map(int, s)) % 10)


def il_id(r):
    return luhn(digits(r, 8, "0123"))


def ae_eid(r):
    s = luhn("784%d%s" % (r.randint(1950, 2005), digits(r, 7)))
    return "%s-%s-%s-%s" % (s[:3], s[3:7], s[7:14], s[14])


def za_id(r):
    y, m, d = date(r)
    return luhn("%02d%02d%02d%s%d8" % (y % 100, m, d, digits(r, 4), r.choice([0, 1])))


def verhoeff(s):
    def d(j, k):
        if j < 5:
            return (j + k) % 5 + (5 if k >= 5 else 0)
        return (j - k) % 5 if k >= 5 else (j - 5 - k) % 5 + 5
    perm, c = "1576283094", 0
    table = ["0123456789"]
    for _ in range(7):
        table.append("".join(perm[int(x)] for x in table[-1]))
    for i, x in enumerate(reversed(s)):
        c = d(c, int(table[i % 8][int(x)]))
    return c


def with_verhoeff(s):
    return next(s + x for x in string.digits if verhoeff(s + x) == 0)


def aadhaar(r):
    s = with_verhoeff(digits(r, 11, "23456789"))
    return r.choice([s, group(s, (4, 4, 4), " "), group(s, (4, 4, 4), "-")])


def ng_nin(r):
    return with_verhoeff(digits(r, 10, "123456789"))


def pan(r):
    return "".join(r.choice(UP) for _ in range(3)) + r.choice("PPPCHF") + r.choice(UP) + digits(r, 4) + r.choice(UP)


def gstin(r):
    s = "%02d" % r.choice([7, 9, 18, 19, 24, 27, 28, 29, 33, 36]) + pan(r) + r.choice("123") + "Z"
    total = 0
    for i, c in enumerate(s):
        q, rest = divmod(int(c, 36) * (1 + i % 2), 36)
        total += q + rest
    return s + (string.digits + UP)[-total % 36]


def kr_rrn(r):
    y, m, d = date(r, 1940, 2004)
    s = "%02d%02d%02d%d%s" % (y % 100, m, d, r.choice([1, 2]) if y < 2000 else r.choice([3, 4]), "%02d" % r.randint(0, 95) + digits(r, 3))
    s += str((11 - weighted(s, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10)
    return s[:6] + "-" + s[6:]


def kr_brn(r):
    s = digits(r, 9, "1234")
    s += str(-(weighted(s, [1, 3, 7, 1, 3, 7, 1, 3, 5]) + int(s[8]) * 5 // 10) % 10)
    return group(s, (3, 2, 5), "-")


def jp_my(r):
    s = digits(r, 11)
    total = sum(int(c) * w for c, w in zip(reversed(s), [2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6], strict=True)) % 11
    s += str(0 if total <= 1 else 11 - total)
    return r.choice([s, group(s, (4, 4, 4), " ")])


def cn_id(r):
    y, m, d = date(r)
    s = "%s%04d%02d%02d%03d" % (r.choice(["110101", "310104", "440305", "330106", "510107"]), y, m, d, r.randint(1, 999))
    return s + "10X98765432"[weighted(s, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11]


def hk_id(r):
    head, n = r.choice("ACDEGHKMPRVYZ"), digits(r, 6)
    total = 36 * 9 + (ord(head) - 55) * 8 + weighted(n, [7, 6, 5, 4, 3, 2])
    c = -total % 11
    return "%s%s(%s)" % (head, n, "A" if c == 10 else c)


def tw_id(r):
    letters = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
    head = r.choice("ABCDEFGH")
    s = r.choice("12") + digits(r, 7)
    v = letters.index(head) + 10
    total = v // 10 + v % 10 * 9 + weighted(s, [8, 7, 6, 5, 4, 3, 2, 1])
    return head + s + str(-total % 10)


def sg_nric(r):
    head, n = r.choice("STFG"), digits(r, 7)
    total = weighted(n, [2, 7, 6, 5, 4, 3, 2]) + (4 if head in "TG" else 0)
    return head + n + ("JZIHGFEDCBA" if head in "ST" else "XWUTRQPNMLK")[total % 11]


def th_id(r):
    s = digits(r, 12, "123")
    s = s[0] + r.choice(["10", "11", "50", "40", "83"]) + s[3:]
    s += str((11 - weighted(s, range(13, 1, -1)) % 11) % 10)
    return r.choice([s, group(s, (1, 4, 5, 2, 1), "-"), group(s, (1, 4, 5, 2, 1), " ")])


def my_nric(r):
    y, m, d = date(r)
    return "%02d%02d%02d-%02d-%s" % (y % 100, m, d, r.randint(1, 16), digits(r, 4))


def pk_cnic(r):
    return "%s-%s-%s" % (digits(r, 5, "34"), digits(r, 7), digits(r, 1, "123456789"))


def id_nik(r):
    y, m, d = date(r)
    return "%02d%02d%02d%02d%02d%02d%04d" % (r.choice([31, 32, 33, 35]), r.randint(1, 30), r.randint(1, 20), d, m, y % 100, r.randint(1, 99))


# ---- South America ----

def br_cpf(r):
    s = digits(r, 9, "123456789")
    s += str(weighted(s, range(10, 1, -1)) * 10 % 11 % 10)
    s += str(weighted(s, range(11, 1, -1)) * 10 % 11 % 10)
    return r.choice(["%s.%s.%s-%s" % (s[:3], s[3:6], s[6:9], s[9:]), s])


def br_cnpj(r):
    s = digits(r, 8) + "0001"
    for w in ([5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2], [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]):
        c = weighted(s, w) % 11
        s += str(0 if c < 2 else 11 - c)
    return "%s.%s.%s/%s-%s" % (s[:2], s[2:5], s[5:8], s[8:12], s[12:])


def cl_rut(r):
    n = str(r.randint(5000000, 25999999))
    c = 11 - sum(int(x) * (2 + i % 6) for i, x in enumerate(reversed(n))) % 11
    c = {11: "0", 10: "K"}.get(c, str(c))
    dots = "%s.%s.%s" % (n[:-6], n[-6:-3], n[-3:])
    return r.choice([dots, n]) + "-" + c


def ar_cuit(r):
    def one():
        s = r.choice(["20", "27", "23", "30"]) + digits(r, 8, "12345")
        c = 11 - weighted(s, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
        return None if c == 10 else s + str(c % 11)
    s = until(r, one)
    return s[:2] + "-" + s[2:10] + "-" + s[10]


MAKE = {
    "CREDIT_CARD": card, "IBAN_CODE": iban, "PHONE_NUMBER": phone, "US_SSN": ssn, "US_ITIN": itin,
    "EMAIL_ADDRESS": mail, "IP_ADDRESS": ip4, "MAC_ADDRESS": mac, "DATE_TIME": day, "ABA_ROUTING_NUMBER": aba,
    "US_NPI": npi, "MEDICAL_LICENSE": dea, "US_MBI": mbi, "VIN": vin, "MX_CURP": curp, "IMEI": imei, "CA_SIN": sin,
    "US_EIN": lambda r: "%02d-%s" % (r.choice([12, 20, 36, 45, 82, 94]), digits(r, 7)),
    "US_PASSPORT": lambda r: r.choice([digits(r, 9, "123456"), r.choice("ABCXY") + digits(r, 8)]),
    "US_BANK_NUMBER": lambda r: digits(r, r.randint(9, 14), "123456789"),
    "US_DRIVER_LICENSE": lambda r: r.choice([r.choice(UP) + digits(r, 7), r.choice(UP) + digits(r, 12), r.choice(UP) + digits(r, 8)]),
    "UK_NHS": nhs, "UK_NINO": nino, "AU_ABN": abn, "AU_TFN": tfn, "AU_MEDICARE": au_medicare,
    "UK_VEHICLE_REGISTRATION": lambda r: "%s%s%02d %s" % (r.choice("ABCDEFGHKLMNPRSTVWXY"), r.choice("ABCDEFGHKLMNPRSTVWXY"), r.choice([5, 12, 18, 21, 23, 54, 66, 71]), "".join(r.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(3))),
    "UK_PASSPORT": lambda r: digits(r, 9, "123456789"),
    "DE_TAX_ID": de_tax_id, "DE_SOCIAL_SECURITY": de_rvnr, "DE_HEALTH_INSURANCE": de_kvnr, "DE_ID_CARD": de_card,
    "DE_PASSPORT": de_passport, "DE_VAT_ID": de_vat, "AT_SVNR": at_svnr, "CH_AHV": ch_ahv, "ES_NIF": es_nif,
    "ES_NIE": es_nie, "IT_FISCAL_CODE": it_fiscal, "IT_VAT_CODE": it_vat, "FR_NIR": fr_nir, "NL_BSN": nl_bsn,
    "BE_NATIONAL_NUMBER": be_nn, "PT_NIF": pt_nif, "PL_PESEL": pl_pesel, "SE_PERSONNUMMER": se_pnr,
    "SE_ORGANISATIONSNUMMER": se_orgnr, "NO_FODSELSNUMMER": no_fnr, "DK_CPR": dk_cpr,
    "FI_PERSONAL_IDENTITY_CODE": fi_hetu, "CZ_RODNE_CISLO": cz_rc, "RO_CNP": ro_cnp, "HU_TAJ": hu_taj, "BG_EGN": bg_egn,
    "GR_AMKA": gr_amka, "RU_SNILS": ru_snils, "RU_INN": ru_inn, "UA_RNOKPP": ua_rnokpp, "TR_NATIONAL_ID": tr_id,
    "IL_ID_NUMBER": il_id, "AE_EMIRATES_ID": ae_eid, "ZA_ID_NUMBER": za_id, "NG_NIN": ng_nin, "IN_AADHAAR": aadhaar,
    "IN_PAN": pan, "IN_GSTIN": gstin, "KR_RRN": kr_rrn, "KR_BRN": kr_brn, "JP_MY_NUMBER": jp_my, "CN_RESIDENT_ID": cn_id,
    "HK_ID_CARD": hk_id, "TW_ID": tw_id, "SG_NRIC_FIN": sg_nric, "TH_TNIN": th_id, "MY_NRIC": my_nric, "PK_CNIC": pk_cnic,
    "ID_NIK": id_nik, "BR_CPF": br_cpf, "BR_CNPJ": br_cnpj, "CL_RUT": cl_rut, "AR_CUIT": ar_cuit,
}

LABELS = {
    "CREDIT_CARD": ["Card", "credit card number", "card no.", "Visa", "kreditkarte", "card_number"],
    "IBAN_CODE": ["IBAN", "account", "bank"], "PHONE_NUMBER": ["Phone", "mobile", "Tel.", "call me at", "contact_phone"],
    "US_SSN": ["SSN", "social security number", "Social Security No.", "ssn"],
    "US_ITIN": ["ITIN", "taxpayer identification number", "itin"], "EMAIL_ADDRESS": ["e-mail", "Email"],
    "IP_ADDRESS": ["IP", "client ip"], "MAC_ADDRESS": ["MAC", "hw address"], "DATE_TIME": ["DOB", "date of birth", "issued"],
    "ABA_ROUTING_NUMBER": ["routing number", "ABA", "Routing #", "routing_number"],
    "US_NPI": ["NPI", "npi number", "National Provider Identifier"], "MEDICAL_LICENSE": ["DEA", "DEA number", "dea_no"],
    "US_MBI": ["MBI", "Medicare number", "medicare id"], "VIN": ["VIN", "chassis number", "vehicle identification number"],
    "MX_CURP": ["CURP", "clave curp"], "IMEI": ["IMEI", "device imei"],
    "CA_SIN": ["SIN", "social insurance number", "Social Insurance No."],
    "US_EIN": ["EIN", "employer identification number", "FEIN", "tax id"],
    "US_PASSPORT": ["US passport", "passport number", "passport no.", "Passport No"],
    "US_BANK_NUMBER": ["account number", "acct no.", "bank account", "checking account", "account_number"],
    "US_DRIVER_LICENSE": ["driver's license", "driver license number", "DL", "drivers_license"],
    "UK_NHS": ["NHS number", "NHS no.", "nhs_number"], "UK_NINO": ["NI number", "National Insurance number", "NINO"],
    "AU_ABN": ["ABN", "Australian Business Number"], "AU_TFN": ["TFN", "tax file number"],
    "AU_MEDICARE": ["Medicare card", "Medicare number", "medicare no"],
    "UK_VEHICLE_REGISTRATION": ["reg", "number plate", "vehicle registration", "VRM"],
    "UK_PASSPORT": ["UK passport", "British passport number", "HMPO passport no"],
    "DE_TAX_ID": ["Steuer-ID", "IdNr.", "Steueridentifikationsnummer", "steuer_id"],
    "DE_SOCIAL_SECURITY": ["Rentenversicherungsnummer", "Sozialversicherungsnummer", "SV-Nummer", "RVNR"],
    "DE_HEALTH_INSURANCE": ["Krankenversichertennummer", "KVNR", "Versichertennummer"],
    "DE_ID_CARD": ["Personalausweis", "Personalausweisnummer", "Ausweisnummer", "Ausweis-Nr."],
    "DE_PASSPORT": ["Reisepass", "Reisepassnummer", "Reisepass-Nr.", "Passnummer"],
    "DE_VAT_ID": ["USt-IdNr.", "Umsatzsteuer-ID", "VAT ID", "UID"], "AT_SVNR": ["SVNR", "Sozialversicherungsnummer", "SV-Nr."],
    "CH_AHV": ["AHV-Nummer", "AHV", "N\u00b0 AVS", "numero AVS"], "ES_NIF": ["DNI", "NIF", "n\u00famero de DNI", "dni"],
    "ES_NIE": ["NIE", "nie"], "IT_FISCAL_CODE": ["codice fiscale", "C.F.", "CF"],
    "IT_VAT_CODE": ["P.IVA", "Partita IVA", "partita_iva"],
    "FR_NIR": ["num\u00e9ro de s\u00e9curit\u00e9 sociale", "NIR", "n\u00b0 s\u00e9cu", "Carte Vitale"],
    "NL_BSN": ["BSN", "burgerservicenummer", "bsn"],
    "BE_NATIONAL_NUMBER": ["rijksregisternummer", "num\u00e9ro national", "NISS", "INSZ"],
    "PT_NIF": ["NIF", "contribuinte", "n\u00famero de contribuinte"], "PL_PESEL": ["PESEL", "numer PESEL", "nr pesel"],
    "SE_PERSONNUMMER": ["personnummer", "Personnr", "pnr"], "SE_ORGANISATIONSNUMMER": ["organisationsnummer", "Org.nr", "orgnr"],
    "NO_FODSELSNUMMER": ["f\u00f8dselsnummer", "f\u00f8dselsnr", "personnummer"], "DK_CPR": ["CPR", "CPR-nummer", "cpr nr"],
    "FI_PERSONAL_IDENTITY_CODE": ["henkil\u00f6tunnus", "HETU", "hetu"],
    "CZ_RODNE_CISLO": ["rodn\u00e9 \u010d\u00edslo", "R\u010c", "rod. \u010d."], "RO_CNP": ["CNP", "cod numeric personal"],
    "HU_TAJ": ["TAJ sz\u00e1m", "TAJ"], "BG_EGN": ["\u0415\u0413\u041d", "EGN"], "GR_AMKA": ["\u0391\u039c\u039a\u0391", "AMKA"],
    "RU_SNILS": ["\u0421\u041d\u0418\u041b\u0421", "SNILS"], "RU_INN": ["\u0418\u041d\u041d", "INN"],
    "UA_RNOKPP": ["\u0420\u041d\u041e\u041a\u041f\u041f", "\u0406\u041f\u041d"],
    "TR_NATIONAL_ID": ["TC Kimlik No", "T.C. Kimlik", "TCKN"], "IL_ID_NUMBER": ["Teudat Zehut", "\u05ea.\u05d6", "\u05ea\u05e2\u05d5\u05d3\u05ea \u05d6\u05d4\u05d5\u05ea", "Israeli ID"],
    "AE_EMIRATES_ID": ["Emirates ID", "EID"], "ZA_ID_NUMBER": ["ID number", "SA ID", "RSA ID number"],
    "NG_NIN": ["NIN", "National Identification Number"], "IN_AADHAAR": ["Aadhaar", "aadhaar no", "UIDAI", "Aadhar"],
    "IN_PAN": ["PAN", "PAN card", "permanent account number"], "IN_GSTIN": ["GSTIN", "GST number", "GST no."],
    "KR_RRN": ["\uc8fc\ubbfc\ub4f1\ub85d\ubc88\ud638", "RRN", "\uc8fc\ubbfc\ubc88\ud638"],
    "KR_BRN": ["\uc0ac\uc5c5\uc790\ub4f1\ub85d\ubc88\ud638", "BRN"], "JP_MY_NUMBER": ["\u30de\u30a4\u30ca\u30f3\u30d0\u30fc", "My Number", "\u500b\u4eba\u756a\u53f7"],
    "CN_RESIDENT_ID": ["\u8eab\u4efd\u8bc1", "\u8eab\u4efd\u8bc1\u53f7", "ID card"], "HK_ID_CARD": ["HKID", "Hong Kong ID"],
    "TW_ID": ["\u8eab\u5206\u8b49\u5b57\u865f", "Taiwan ID"], "SG_NRIC_FIN": ["NRIC", "FIN", "NRIC/FIN"],
    "TH_TNIN": ["\u0e40\u0e25\u0e02\u0e1b\u0e23\u0e30\u0e08\u0e33\u0e15\u0e31\u0e27\u0e1b\u0e23\u0e30\u0e0a\u0e32\u0e0a\u0e19", "Thai ID", "Thai national ID"],
    "MY_NRIC": ["MyKad", "IC number", "No. Kad Pengenalan"], "PK_CNIC": ["CNIC", "cnic no"], "ID_NIK": ["NIK", "KTP", "No. KTP"],
    "BR_CPF": ["CPF", "cpf", "n\u00ba do CPF"], "BR_CNPJ": ["CNPJ", "cnpj"], "CL_RUT": ["RUT", "R.U.T.", "rut"],
    "AR_CUIT": ["CUIT", "CUIL"],
}
