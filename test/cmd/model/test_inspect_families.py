#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Families of model files made on the spot, each with the verdict and the rule it must be found by: calls
spelled in every opcode that can spell them, hidden in containers inside containers, and their clean twins.
Nothing is ever loaded: the bytes are written by hand."""
import bz2
import gzip
import io
import itertools
import json
import lzma
import os
import pickle
import struct
import subprocess
import tarfile
import tempfile
import unittest
import warnings
import zipfile
import zlib

SANCTUM = os.path.join(os.environ["SANCTUM_BUILD"], "sanctum")


def text(kind, s):
    """Push a text, spelled in one of the opcodes that can."""
    b = s.encode()
    return {"S": lambda: b"S'" + b + b"'\n", "Sx": lambda: b"S'" + b"".join(b"\\x%02x" % c for c in b) + b"'\n",
            "So": lambda: b"S'" + b"".join(b"\\%03o" % c for c in b) + b"'\n",
            "V": lambda: b"V" + b + b"\n", "Vu": lambda: b"V" + b"".join(b"\\u%04x" % c for c in b) + b"\n",
            "T": lambda: b"T" + struct.pack("<i", len(b)) + b, "U": lambda: b"U" + bytes([len(b)]) + b,
            "X": lambda: b"X" + struct.pack("<I", len(b)) + b, "8c": lambda: b"\x8c" + bytes([len(b)]) + b,
            "8d": lambda: b"\x8d" + struct.pack("<Q", len(b)) + b}[kind]()


SPELLINGS = ["S", "Sx", "So", "V", "Vu", "T", "U", "X", "8c", "8d"]


def imports(module, name):
    """Ways to put module.name on the stack."""
    yield "GLOBAL", b"c" + module.encode() + b"\n" + name.encode() + b"\n"
    for a, b in itertools.product(SPELLINGS, SPELLINGS):
        yield f"STACK_GLOBAL {a} {b}", text(a, module) + text(b, name) + b"\x93"
    m, n = text("X", module), text("X", name)
    yield "memo BINPUT", m + b"q\x07" + b"0" + n + b"q\x09" + b"0h\x07h\x09\x93"
    yield "memo PUT", m + b"p7\n0" + n + b"p9\n0g7\ng9\n\x93"
    yield "memo LONG", m + b"r\x07\x00\x01\x000" + n + b"r\x09\x00\x01\x000j\x07\x00\x01\x00j\x09\x00\x01\x00\x93"
    yield "memo MEMOIZE", m + b"\x940" + n + b"\x940h\x00h\x01\x93"
    yield "memo overwritten", text("X", "json") + b"q\x01" + b"0" + m + b"q\x01" + b"0h\x01" + n + b"\x93"
    yield "POP_MARK", b"(" + text("X", "collections") + b"1" + m + n + b"\x93"
    yield "DUP", m + b"20" + n + b"20\x93"
    yield "frame", b"\x95" + struct.pack("<Q", len(m + n) + 1) + m + n + b"\x93"


CALLS = {"REDUCE": lambda g: g + b"(tR", "REDUCE empty": lambda g: g + b")R", "NEWOBJ": lambda g: g + b")\x81",
         "NEWOBJ_EX": lambda g: g + b")}\x92", "OBJ": lambda g: b"(" + g + b"o", "BUILD": lambda g: g + b"}b",
         "none": lambda g: g}


def evil(module="os", name="system"):
    return b"\x80\x04c" + module.encode() + b"\n" + name.encode() + b"\n)R."


CLEAN = pickle.dumps({"layers": [1, 2, 3], "name": "os.system"}, 4)


def zipped(*members, how=zipfile.ZIP_STORED, prefix=b""):
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(out, "w", how) as z:
            for name, data in members:
                z.writestr(name, data)
    return prefix + out.getvalue()


def tarred(*members, link=None):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as t:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
        if link:
            info = tarfile.TarInfo(link[0])
            info.type, info.linkname = tarfile.SYMTYPE, link[1]
            t.addfile(info)
    return out.getvalue()


def npy(descr, data, shape="(3,)"):
    head = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    head += b" " * (63 - (10 + len(head)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + data


def encrypted(data):
    """The same zip with the encryption bit set everywhere: loaders that ignore it read on."""
    b = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        i = b.find(mark)
        while i >= 0:
            b[i + at] |= 1
            i = b.find(mark, i + 4)
    return bytes(b)


TORCH = (("archive/version", b"3\n"), ("archive/byteorder", b"little"))
STORE = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000"
STORE += b"X\x03\x00\x00\x00cpuK\x04tQK\x00K\x04\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR."
BEYOND = STORE.replace(b"K\x04\x85K\x01\x85", b"K\x05\x85K\x01\x85")  # CVE-2026-24747: five of four elements
STRIDE = STORE.replace(b"K\x04\x85K\x01\x85", b"K\x04\x85J\xff\xff\xff\xff\x85")
ITEM = STORE[:-1] + b"K\x00K\x01s."  # SETITEM on a tensor
SYMLINK = zipfile.ZipInfo("archive/data.pkl")
SYMLINK.external_attr = 0o120777 << 16


def commented(comment):
    out = io.BytesIO(zipped(("a.txt", b"text")))
    with zipfile.ZipFile(out, "a") as z:
        z.comment = comment
    return out.getvalue()


def containers():
    """(name, content, verdicts allowed, a rule that must be named or None)"""
    bad, member = {"malicious"}, "pickle-global"
    for name, pack in (("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress), ("zlib", zlib.compress),
                       ("lzma", lambda d: lzma.compress(d, lzma.FORMAT_ALONE)),
                       ("tar", lambda d: tarred(("a/data.pkl", d))), ("zip", lambda d: zipped(("a/data.pkl", d))),
                       ("zip deflate", lambda d: zipped(("x.bin", d), how=zipfile.ZIP_DEFLATED)),
                       ("zip bzip2", lambda d: zipped(("x.bin", d), how=zipfile.ZIP_BZIP2)),
                       ("zip lzma", lambda d: zipped(("x.bin", d), how=zipfile.ZIP_LZMA)),
                       ("tar.gz", lambda d: gzip.compress(tarred(("data.pkl", d)))),
                       ("zip in zip", lambda d: zipped(("inner.zip", zipped(("data.pkl", d))))),
                       ("zip in tar", lambda d: tarred(("inner", zipped(("data.pkl", d))))),
                       ("gz in zip", lambda d: zipped(("weights.gz", gzip.compress(d)))),
                       ("gz thrice", lambda d: gzip.compress(gzip.compress(gzip.compress(d))))):
        yield name, pack(evil()), bad, member
        yield name + " clean", pack(CLEAN), {"ok"}, None
    yield "torch", zipped(*TORCH, ("archive/data.pkl", evil())), bad, member
    yield "torch clean", zipped(*TORCH, ("archive/data.pkl", STORE), ("archive/data/0", bytes(16))), {"ok"}, None
    yield "torch storage too short", zipped(*TORCH, ("archive/data.pkl", STORE), ("archive/data/0", bytes(4))), \
        bad, "torch-storage"
    for name, data, rule in (("beyond", BEYOND, "torch-tensor"), ("stride", STRIDE, "torch-tensor"),
                             ("item", ITEM, "pickle-items")):
        yield "torch " + name, zipped(*TORCH, ("archive/data.pkl", data), ("archive/data/0", bytes(16))), bad, rule
    yield "torch tar", tarred(("pickle", evil()), ("tensors", b""), ("storages", b"")), bad, member  # CVE-2025-32434
    yield "torch storage missing", zipped(*TORCH, ("archive/data.pkl", STORE), ("archive/data/1", bytes(16))), \
        {"ok"}, "torch-storage"
    yield "torch empty pickle", zipped(*TORCH, ("archive/data.pkl", b"")), {"malformed"}, "empty"
    yield "lists in lists", b"]" * 1500 + b"a" * 1499 + b".", {"suspicious"}, "pickle-depth"
    yield "tuples in tuples", b")" + b"\x85q\x01" * 1500 + b".", {"suspicious"}, "pickle-depth"
    yield "900 lists in lists", b"]" * 900 + b"a" * 899 + b".", {"ok"}, None
    for codec, verdict in (("latin1", "ok"), ("UTF-8", "ok"), ("../x", "suspicious")):
        yield "codec " + codec, b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aU%c%s\x86R." % (len(codec), codec.encode()), {verdict}, None
    for number, verdict in ((100, "ok"), (2**31 - 1, "malformed"), (-1, "malformed")):
        yield f"bytearray {number}", b"\x80\x02c__builtin__\nbytearray\nJ" + struct.pack("<i", number) + b"\x85R.", {verdict}, None
    yield "zip comment", commented(b"made by hand\n"), {"ok"}, None
    yield "zip comment of bytes", commented(evil()), {"suspicious"}, "zip-comment"
    other = zipfile.ZipInfo("a.txt")
    other.extra = struct.pack("<HHBI", 0x7075, 10, 1, 0) + b"b.pkl"
    yield "zip other name", zipped((other, b"text")), {"malformed"}, "zip-name"
    disks = bytearray(zipped(("a.txt", b"text")))
    disks[disks.rindex(b"PK\5\6") + 4] = 1
    yield "zip of disks", bytes(disks), {"malformed"}, "zip-end"
    yield "zip said to be encrypted", encrypted(zipped(("a.txt", b"text"))), {"suspicious"}, "zip-encrypted"
    for kind, width, verdict in (("<z9", 9, "malformed"), ("<M8[ns]", 8, "ok"), ("<M8[ns", 8, "malformed"), ("f4", 4, "ok"), ("<U2", 8, "ok")):
        yield "npy of " + kind, npy(kind, bytes(3 * width)), {verdict}, None
    yield "npy brackets", npy("x", b"").replace(b"'x'", b"[[["), {"malformed"}, None
    yield "ar", b"!<arch>\nx/              0           0     0     644     4         `\ntext", {"suspicious"}, None
    yield "small message", b"\x08\x01\x12\x14\x0a\x12\x0a\x04\x0a\x02ab\x12\x0a\x12\x08ReadFile", {"suspicious"}, "unknown-format"
    yield "bz2 twice", bz2.compress(CLEAN) + bz2.compress(evil()), bad, member
    yield "xz twice", lzma.compress(CLEAN) + lzma.compress(evil()), bad, member
    yield "gz twice", gzip.compress(CLEAN) + gzip.compress(evil()), bad, member
    yield "torch script", zipped(*TORCH, ("archive/data.pkl", CLEAN), ("archive/code/__torch__.py", b"def f(): pass")), \
        {"suspicious"}, "torchscript"
    yield "prefix", zipped(("data.pkl", evil()), prefix=b"\x00" * 64), {"malicious", "malformed"}, None
    yield "gguf and zip", b"GGUF" + struct.pack("<IQQ", 3, 0, 0) + bytes(8) + zipped(("data.pkl", evil())), \
        {"malicious", "malformed"}, None
    yield "encrypted flag", encrypted(zipped(("data.pkl", evil()))), bad, member
    yield "duplicate", zipped(("data.pkl", CLEAN), ("data.pkl", evil())), bad, member
    yield "traversal", zipped(("../../x.pkl", CLEAN)), {"malformed"}, None
    yield "backslash traversal", zipped(("..\\x.pkl", CLEAN)), {"malformed"}, None
    yield "symlink", zipped((SYMLINK, b"/etc/passwd")), {"malformed"}, None
    yield "tar link", tarred(("data.pkl", CLEAN), link=("x", "/etc/passwd")), {"malformed", "suspicious"}, None
    yield "tar traversal", tarred(("../x.pkl", CLEAN)), {"malformed"}, None
    yield "bomb", zipped(("x", bytes(64 << 20)), how=zipfile.ZIP_DEFLATED), {"malformed"}, "bomb"
    yield "gz bomb", gzip.compress(bytes(64 << 20)), {"malformed"}, "bomb"
    yield "five deep", zipped(("a", zipped(("a", zipped(("a", zipped(("a", zipped(("a", evil()))))))))),
                              ), {"suspicious", "malicious"}, None
    yield "npy object", npy("|O", evil(), "(1,)"), bad, member
    yield "npy clean objects", npy("|O", b"\x80\x02]K\x01a.", "(1,)"), {"ok"}, None
    yield "whole zip behind another", zipped(("a.txt", b"x")) + zipped(("data.pkl", evil())), bad, member
    both = bytearray(zipped(("data.pkl", evil())))
    both[both.index(b"PK\x01\x02") + 10] = 8  # deflated in the directory, stored in the header
    yield "two methods", bytes(both), bad, member
    for kind in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        for name, verdict in (("b" * 90 + "/" + "c" * 60, "ok"), ("../" + "b" * 90 + "/" + "c" * 60, "malformed")):
            b, info = io.BytesIO(), tarfile.TarInfo(name)
            with tarfile.open(fileobj=b, mode="w", format=kind) as t:
                t.addfile(info)
            yield f"tar {kind} {verdict}", b.getvalue(), {verdict}, None
    for name, key, verdict in (("surrogate pair", "\\ud83d\\ude00", "ok"), ("half a pair", "\\ud83d", "malformed")):
        head = ('{"' + key + '":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}').encode()
        yield f"safetensors {name}", struct.pack("<Q", len(head)) + head + bytes(4), {verdict}, None
    for name, verdict in ((b"w\xc3\xa4", "ok"), (b"w\xff", "malformed")):
        head = b"GGUF" + struct.pack("<IQQQ", 3, 1, 0, len(name)) + name + struct.pack("<IQIQ", 1, 8, 0, 0)
        yield f"gguf tensor {name}", head + bytes(-len(head) % 32) + bytes(32), {verdict}, None
    for name, dims, floats, verdict in (("all", 2, 2, "ok"), ("few", 3, 2, "malformed"), ("no", 2, 0, "malformed")):
        tensor = proto(1, dims) + proto(2, 1) + (proto(4, bytes(4 * floats)) if floats else b"")
        yield f"onnx {name} floats", onnx(proto(1, proto(4, b"Relu")), proto(5, tensor)), {verdict}, None
    yield "npy", npy("<f4", bytes(12)), {"ok"}, None
    yield "npy short", npy("<f4", bytes(8)), {"malformed"}, None
    yield "npz", zipped(("w.npy", npy("|O", evil(), "(1,)"))), bad, member
    yield "npz clean", zipped(("w.npy", npy("<f4", bytes(12)))), {"ok"}, None
    yield "second pickle", CLEAN + evil(), bad, member
    yield "7z", b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(64), {"suspicious", "malformed"}, None
    yield "keras lambda", zipped(("config.json", json.dumps({"class_name": "Sequential", "config": {"layers": [
        {"class_name": "Lambda", "module": "keras.layers", "config": {"function": "x"}}]}}))), bad, "keras-lambda"
    yield "keras module", zipped(("config.json", json.dumps({"class_name": "X", "module": "os", "config": {}}))), \
        bad, "keras-module"
    for name, layer, rule in (
            ("get_file", {"module": "keras.utils", "class_name": "get_file", "config": {"origin": "http://x"}}, "keras-function"),
            ("vocabulary", {"module": "keras.layers", "class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}},
             "keras-file")):
        yield "keras " + name, zipped(("config.json", json.dumps({"class_name": "Sequential", "module": "keras", "config": {
            "layers": [layer]}}))), {"malicious", "suspicious"}, rule
    yield "keras clean", zipped(("config.json", json.dumps({"class_name": "Sequential", "module": "keras", "config": {
        "layers": [{"class_name": "Dense", "module": "keras.layers", "config": {"units": 3}}]}}))), {"ok"}, None


def proto(number, value):
    """One protobuf field: an integer, or bytes."""
    def varint(v):
        out = b""
        while v > 127:
            out, v = out + bytes([v & 127 | 128]), v >> 7
        return out + bytes([v])
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def onnx(*graph, functions=b""):
    return proto(1, 8) + proto(7, b"".join(graph)) + functions


def external(location, offset, length, dims=4):
    entries = ((b"location", location), (b"offset", b"%d" % offset), (b"length", b"%d" % length))
    return proto(5, proto(1, dims) + proto(2, 1) + proto(8, b"w") + b"".join(
        proto(13, proto(1, k) + proto(2, v)) for k, v in entries) + proto(14, 1))


CUSTOM = proto(1, proto(1, b"x") + proto(2, b"y") + proto(4, b"Mine") + proto(7, b"custom"))
FUNCTION = proto(25, proto(1, b"Mine") + proto(7, proto(4, b"Relu")) + proto(10, b"custom"))


class Families(unittest.TestCase):
    def look(self, files):
        """{name: content} judged in one run; {name: (verdict, rules)}."""
        with tempfile.TemporaryDirectory() as folder:
            names = list(files)
            for i, name in enumerate(names):
                with open(os.path.join(folder, f"{i:05d}"), "wb") as f:
                    f.write(files[name])
            out = subprocess.run([SANCTUM, "model", "inspect", "--json", folder], capture_output=True, check=False,
                                 timeout=250)
            found = {}
            for line in out.stdout.splitlines():
                r = json.loads(line)
                found[names[int(os.path.basename(r["path"]))]] = (r["verdict"], {f["rule"] for f in r["findings"]})
            self.assertEqual(set(found), set(names), out.stderr)
            return found

    def test_spellings(self):
        """Whatever opcode spells and calls it, a dangerous name is found by its name."""
        files = {}
        for (way, g), (call, use) in itertools.product(imports("posix", "system"), CALLS.items()):
            for proto in (b"", b"\x80\x02", b"\x80\x05"):
                files[f"{way}, {call}, {proto}"] = proto + use(g) + b"."
        files["INST"] = b"(iposix\nsystem\n."
        found = self.look(files)
        wrong = {n: f for n, f in found.items() if f[0] != "malicious" or "pickle-global" not in f[1]}
        self.assertEqual(wrong, {})

    def test_names(self):
        """Callables that scanners have missed one by one: by what they do, not by a list alone."""
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "callables.txt"), encoding="ascii") as f:
            lines = [s.split() for s in f if s.strip() and not s.startswith("#")]
        files = {f"{m} {n}": evil(m, n).replace(b")R", b"(tR") for _, m, n in lines}
        found = self.look(files)
        wrong = [(want, m, n, found[f"{m} {n}"][0]) for want, m, n in lines if found[f"{m} {n}"][0] != want]
        self.assertEqual(wrong, [])
        self.assertGreater(len(lines), 150)

    def test_containers(self):
        cases = list(containers())
        found = self.look({name: data for name, data, _, _ in cases})
        wrong = [(name, found[name]) for name, _, verdicts, rule in cases
                 if verdicts and found[name][0] not in verdicts or rule and rule not in found[name][1]]
        self.assertEqual(wrong, [])

    def test_joblib(self):
        """Arrays whose bytes stand between the opcodes: what is behind them, within them, and the other reading."""
        want = {"mixed": "ok", "protocol-2": "ok", "after-array": "malicious", "in-objects-zlib": "malicious",
                "opcodes-for-bytes": "malicious", "tail": "malformed", "short": "malformed"}
        files = {}
        for name in want:
            with open(f"test/machine/weights/data/joblib/{name}.joblib", "rb") as f:
                files[name] = f.read()
        files["no state"] = b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}b."
        found = self.look(files)
        self.assertEqual({n: f[0] for n, f in found.items()}, want | {"no state": "suspicious"})

    def test_large_values(self):
        """A tuple of a million members, and what stands before, under and behind it."""
        big = tuple(x for i in range(300_000) for x in (i, str(i), None, 1.5))
        big += tuple(frozenset(range(i, i + 3)) for i in range(50_000))
        clean = [pickle.dumps(v, p) for p in (0, 2, 4) for v in (big, frozenset(big), {"a": big, "b": [big, big]})]
        found = self.look({str(i): data for i, data in enumerate(clean)})
        self.assertEqual({f[0] for f in found.values()}, {"ok"})
        junk = b"".join(b"K%c" % (i & 255) for i in range(200_000))
        bad = {"behind": b"\x80\x02(" + junk + b"t0cposix\nsystem\n)R.", "under": b"\x80\x02cposix\nsystem\n(" + junk + b"tR.",
               "reserved": b"\x80\x02ccollections\nOrderedDict\n)R}(X\x09\x00\x00\x00__class__K\x01" + junk + b"ub."}
        found = self.look(bad)
        self.assertEqual({f[0] for f in found.values()}, {"malicious"}, found)
        found = self.look({"name": b"\x80\x02X\x05\x00\x00\x00posixX\x06\x00\x00\x00system" + junk + b"0" * 200_000 + b"\x93)R.",
                           "odd": b"\x80\x02}(" + junk + b"K\x01u.", "key": b"\x80\x02}(]K\x01" + junk + b"u.",
                           "set": b"\x80\x04\x8f(]" + junk + b"\x90."})
        self.assertEqual({n: f[0] for n, f in found.items()}, {"name": "suspicious", "odd": "malformed", "key": "suspicious",
                                                            "set": "malformed"})

    def test_onnx_functions(self):
        """An operator that the model itself defines needs no native library."""
        other = FUNCTION.replace(b"Mine", b"Nine")
        python = FUNCTION.replace(b"Relu", b"PyOp")
        found = self.look({"own": onnx(CUSTOM, functions=FUNCTION), "none": onnx(CUSTOM),
                           "other": onnx(CUSTOM, functions=other), "python": onnx(CUSTOM, functions=python)})
        self.assertEqual({n: f[0] for n, f in found.items()},
                         {"own": "ok", "none": "suspicious", "other": "suspicious", "python": "malicious"})

    def test_onnx_external(self):
        """Numbers in a file of their own belong to the model beside them, and only what lies in the folder does."""
        cases = {"whole": (b"w.bin", 0, 16), "behind": (b"w.bin", 16, 16), "beyond": (b"w.bin", 24, 16),
                 "huge": (b"w.bin", 1 << 62, 16), "link": (b"link.bin", 0, 16), "through": (b"up/w.bin", 0, 16),
                 "hard": (b"hard.bin", 0, 16), "folder": (b"sub", 0, 16), "missing": (b"not.bin", 0, 16),
                 "dotted": (b"./w.bin", 0, 16), "below": (b"sub/v.bin", 0, 16)}
        want = dict.fromkeys(cases, "suspicious") | dict.fromkeys(("whole", "behind", "missing", "dotted", "below"), "ok")
        want |= dict.fromkeys(("beyond", "huge"), "malformed")
        with tempfile.TemporaryDirectory() as top:
            for name, (location, offset, length) in cases.items():
                folder = os.path.join(top, name)
                os.makedirs(os.path.join(folder, "sub"))
                numbers = b"\x91\x03\xfe\x07" * 8
                for file in ("w.bin", "other", os.path.join("sub", "v.bin")):
                    with open(os.path.join(folder, file), "wb") as f:
                        f.write(numbers)
                os.symlink("w.bin", os.path.join(folder, "link.bin"))
                os.symlink(".", os.path.join(folder, "up"))
                os.link(os.path.join(folder, "other"), os.path.join(folder, "hard.bin"))
                with open(os.path.join(folder, "m.onnx"), "wb") as f:
                    f.write(onnx(external(location, offset, length)))
            out = subprocess.run([SANCTUM, "model", "inspect", "--json", top], capture_output=True, check=False)
            alone = subprocess.run([SANCTUM, "model", "inspect", "--json", os.path.join(top, "whole", "w.bin")],
                                   capture_output=True, check=False)
            lines = [json.loads(line) for line in out.stdout.splitlines()]
            found = {os.path.relpath(r["path"], top): r for r in lines}
        self.assertEqual({n: found[f"{n}/m.onnx"]["verdict"] for n in cases}, want)
        self.assertEqual([found[f"{n}/w.bin"]["format"] for n in ("whole", "dotted")], ["onnx-data"] * 2)
        self.assertEqual(found["below/sub/v.bin"]["verdict"], "ok")
        self.assertEqual(found["missing/w.bin"]["verdict"], "suspicious")  # nobody speaks for it
        self.assertEqual(json.loads(alone.stdout)["verdict"], "suspicious")

    def test_clean(self):
        """What Python's own pickler writes of plain data is clean in every protocol."""
        import collections
        import datetime
        import decimal
        values = [None, True, 1 << 70, 1.5, "é" * 300, b"x" * 300, [1] * 3000, {"a": {"b": (1, 2, 3, 4)}}, {1, 2},
                  frozenset("ab"), bytearray(b"q"), complex(1, 2), collections.OrderedDict(a=1), datetime.datetime(2026, 1, 1),
                  decimal.Decimal("1.5"), collections.defaultdict(None, a=[1]), ["os", "system", "eval"] * 50, b"",
                  collections.defaultdict(list, a=[1]), collections.defaultdict(int), "\ud800 alone \udfff"]
        files = {f"{i} {p}": pickle.dumps(v, p) for i, v in enumerate(values) for p in range(6)}
        found = self.look(files)
        self.assertEqual({n: f for n, f in found.items() if f[0] != "ok"}, {})


if __name__ == "__main__":
    unittest.main()
