# SPDX-License-Identifier: Apache-2.0
"""Where the reference tools are that tools/install-clients fetched, and why one is not there."""
import os
import shutil

CLIENTS = os.path.join(os.environ.get("SANCTUM_BUILD", "build"), "clients")


def program(name):
    """The program's path: from $NAME_REFERENCE, the fetched ones, or the search path; None where it is nowhere."""
    named = os.environ.get(name.upper().replace("-", "_") + "_REFERENCE")
    for path in (named, os.path.join(CLIENTS, "bin", name), os.path.join(CLIENTS, "references", "bin", name)):
        if path and os.access(path, os.X_OK):
            return path
    return shutil.which(name)


def python():
    """The interpreter that knows the reference packages, or None."""
    path = os.path.join(CLIENTS, "references", "bin", "python")
    return path if os.access(path, os.X_OK) else None


def missing(*names):
    """One line that says which tools are not here and why."""
    try:
        with open(os.path.join(CLIENTS, "skipped"), encoding="utf-8") as f:
            why = dict(line.rstrip("\n").split(": ", 1) for line in f if ": " in line)
    except OSError:
        why = {}
    return "; ".join(f"{name} is not here ({why.get(name, 'run make check-deps')})" for name in names)
