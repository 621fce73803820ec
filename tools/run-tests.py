#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run every test of a build folder and close with the line `N passed, N failed, N skipped`.

Cases are counted, not programs: cmocka's and unittest's own closing lines are added up; any other
test counts as one. A program that fails without naming a failed case counts as one failure."""
import json
import os
import re
import subprocess
import sys


def cases(test):
    """(passed, failed, skipped) of one entry of Meson's testlog.json."""
    out = (test.get("stdout") or "") + "\n" + (test.get("stderr") or "")
    bad = test["result"] not in ("OK", "SKIP", "EXPECTEDFAIL")
    if test["result"] == "SKIP":
        return 0, 0, 1
    ran = [int(n) for n in re.findall(r"^Ran (\d+) tests? in", out, re.M)]
    if ran:
        tail = " ".join(re.findall(r"^(?:OK|FAILED)(?: \(.*\))?$", out, re.M))
        count = {w: sum(int(n) for n in re.findall(w + r"=(\d+)", tail))
                 for w in ("failures", "errors", "skipped")}
        wrong = count["failures"] + count["errors"]
        return sum(ran) - wrong - count["skipped"], max(wrong, 1 if bad else 0), count["skipped"]
    passed = sum(int(n) for n in re.findall(r"\[  PASSED  \] (\d+) test", out))
    failed = sum(int(n) for n in re.findall(r"\[  FAILED  \] (\d+) test", out))
    skipped = sum(int(n) for n in re.findall(r"\[  SKIPPED \] (\d+) test", out))
    if passed + failed + skipped == 0:
        return (0, 1, 0) if bad else (1, 0, 0)
    return passed, max(failed, 1 if bad else 0), skipped


def run_build(build, options):
    """Run one build folder's tests; returns [passed, failed, skipped]. Two for each processor: many wait for the
    programs they drive."""
    most = str(2 * len(os.sched_getaffinity(0)))
    status = subprocess.run(["meson", "test", "-C", build, "--no-rebuild", "--print-errorlogs", "--num-processes", most,
                             *options], check=False).returncode
    total = [0, 0, 0]
    with open(os.path.join(build, "meson-logs", "testlog.json"), encoding="utf-8") as f:
        for line in f:
            total = [a + b for a, b in zip(total, cases(json.loads(line)))]
    if status and total[1] == 0:
        total[1] = 1
    return total


def main():
    """usage: run-tests.py BUILD [OPTION...] [-- BUILD [OPTION...]]..."""
    groups, total = [[]], [0, 0, 0]
    for word in sys.argv[1:] or ["build"]:
        if word == "--":
            groups.append([])
        else:
            groups[-1].append(word)
    for build, *options in groups:
        try:
            total = [a + b for a, b in zip(total, run_build(build, options))]
        except (OSError, ValueError) as e:
            print(f"run-tests: cannot read the test log of {build}: {e}", file=sys.stderr)
            return 2
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    return 1 if total[1] or total[0] == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
