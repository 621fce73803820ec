# SPDX-License-Identifier: Apache-2.0
"""The fuzz targets, as their sources describe them, and the table of what was measured of them
(bench/results/fuzz.txt). Used by fuzz-coverage, fuzz-planted and check.py.

A target fuzz/<folder>/fuzz_NAME.c says in comments of its own, each of them one or more times or wrapped:
    covers: FILE…                       what it is for: the sources that read the bytes from outside
    planted: FILE | TEXT | INSTEAD      once: the bug it must find; TEXT is in FILE once"""
import glob
import os
import re
import time

RESULT = os.path.join("bench", "results", "fuzz.txt")


class Broken(Exception):
    """What was asked could not be done."""


class Target:
    def __init__(self, source):
        self.source, self.folder = source, os.path.dirname(source)
        self.name = os.path.basename(source)[len("fuzz_"):-len(".c")]
        self.corpus = os.path.join(self.folder, "corpus_" + self.name)
        with open(source, encoding="utf-8") as f:
            text = re.sub(r"\n \* +", " ", f.read())  # a wrapped comment is one line
        self.covers = " ".join(re.findall(r"/\* covers: (.+?)\s+\*/", text)).split()
        found = re.findall(r"/\* planted: (\S+) \| (.+?) \| (.+?)\s+\*/", text)
        self.planted = found[0] if len(found) == 1 else None
        with open(os.path.join(self.folder, "meson.build"), encoding="utf-8") as f:
            own = f"executable('fuzz_{self.name}'" in f.read()  # built by its folder, not by the table
        self.program = os.path.join(self.folder, "fuzz_" + self.name) if own else "fuzz_" + self.name


def every(root="."):
    found = glob.glob(os.path.join(root, "fuzz", "**", "fuzz_*.c"), recursive=True)
    return sorted((Target(os.path.normpath(p)) for p in found), key=lambda t: t.name)


def pick(names):
    """The targets of these names; all of them for none."""
    known = {t.name: t for t in every()}
    for n in names:
        if n not in known:
            raise Broken(f"no target called {n}")
    return [known[n] for n in names or known]


def results():
    """name -> {column: (value, day)} of the table as it stands."""
    table = {}
    if os.path.exists(RESULT):
        with open(RESULT, encoding="utf-8") as f:
            for words in (line.split() for line in f if line.strip() and line[0] != "#"):
                row = table.setdefault(words[0], {})
                for i, column in ((1, "reached"), (4, "planted")):
                    if words[i] != "-":
                        row[column] = tuple(words[i:i + 3 - (column == "planted")])
    return table


def record(column, new):
    """Puts `new` (name -> words, without the day) into a column of the table; rows of targets that are no more go."""
    day, table = time.strftime("%Y-%m-%d"), results()
    for name, words in new.items():
        table.setdefault(name, {})[column] = (*words, day)
    with open(RESULT, "w", encoding="utf-8") as f:
        f.write("# Written by tools/fuzz-coverage and tools/fuzz-planted: of the sources that a target covers, the\n"
                "# lines that its committed corpus reaches, and how long the fuzzer, starting from that corpus, took\n"
                "# to find the bug planted for it.\n"
                f"# {'target':14} {'reached':>8} {'of lines':>9}  {'measured':10}  {'bug found':>10}  measured\n")
        for t in every():
            row = table.get(t.name, {})
            reached, of, on = row.get("reached", ("-", "-", "-"))
            found, when = row.get("planted", ("-", "-"))
            f.write(f"{t.name:16} {reached:>8} {of:>9}  {on:10}  {found:>10}  {when}\n")
