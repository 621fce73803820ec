# SPDX-License-Identifier: Apache-2.0
"""A second writer of tile logs, straight from RFC 6962 and the C2SP pages, for tests. Keys and
signatures come from the openssl program."""
import base64
import hashlib
import os
import subprocess
import tempfile


def leaf(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root(hashes):
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return node(root(hashes[:k]), root(hashes[k:]))


def path(index, hashes):
    """The inclusion proof of RFC 6962, leaf upwards."""
    if len(hashes) == 1:
        return []
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    if index < k:
        return path(index, hashes[:k]) + [root(hashes[k:])]
    return path(index - k, hashes[k:]) + [root(hashes[:k])]


class Key:
    """An Ed25519 key with a name; kind 1 signs notes, kind 4 cosigns."""

    def __init__(self, name, kind=1):
        self.name, self.kind = name, kind
        self.folder = tempfile.TemporaryDirectory()
        self.file = os.path.join(self.folder.name, "key.pem")
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.file], check=True)
        der = subprocess.run(["openssl", "pkey", "-in", self.file, "-pubout", "-outform", "DER"],
                             check=True, capture_output=True).stdout
        self.public = bytes([kind]) + der[-32:]
        self.id = hashlib.sha256(name.encode() + b"\n" + self.public).digest()[:4]
        self.vkey = f"{name}+{self.id.hex()}+{base64.b64encode(self.public).decode()}"

    def __del__(self):
        self.folder.cleanup()

    def sign(self, message):
        text = os.path.join(self.folder.name, "text")
        with open(text, "wb") as f:
            f.write(message)
        return subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.file, "-in", text],
                              check=True, capture_output=True).stdout

    def line(self, text, time=None):
        if self.kind == 4:
            blob = time.to_bytes(8, "big") + self.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
        else:
            blob = self.sign(text.encode())
        return f"— {self.name} {base64.b64encode(self.id + blob).decode()}\n"


def tile_path(level, number, width=256):
    digits = f"{number % 1000:03}"
    number //= 1000
    while number:
        digits = f"x{number % 1000:03}/{digits}"
        number //= 1000
    return f"tile/{level}/{digits}" + (f".p/{width}" if width < 256 else "")


def put(folder, name, data):
    full = os.path.join(folder, name)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "wb") as f:
        f.write(data)


def checkpoint(key, size, head, cosigners=(), origin=None):
    text = f"{origin or key.name}\n{size}\n{base64.b64encode(head).decode()}\n"
    return (text + "\n" + key.line(text) + "".join(k.line(text, t) for k, t in cosigners)).encode()


def write_tiles(folder, entries):
    row, level = [leaf(e) for e in entries], 0
    for at in range(0, len(entries), 256):
        part = entries[at:at + 256]
        put(folder, tile_path("entries", at // 256, len(part)),
            b"".join(len(e).to_bytes(2, "big") + e for e in part))
    while row:
        for at in range(0, len(row), 256):
            part = row[at:at + 256]
            put(folder, tile_path(level, at // 256, len(part)), b"".join(part))
        row = [root(row[at:at + 256]) for at in range(0, len(row) // 256 * 256, 256)]
        level += 1


def write_log(folder, entries, key, cosigners=()):
    write_tiles(folder, entries)
    note = checkpoint(key, len(entries), root([leaf(e) for e in entries]), cosigners)
    put(folder, "checkpoint", note)
    return note


def proof(entries, index, note):
    lines = [base64.b64encode(h).decode() + "\n" for h in path(index, [leaf(e) for e in entries])]
    return ("c2sp.org/tlog-proof@v1\n" + f"index {index}\n" + "".join(lines) + "\n").encode() + note
