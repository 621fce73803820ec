# SPDX-License-Identifier: Apache-2.0
"""growth.h for whole programs: eight times the input, about eight times the CPU time of the process.

Both sizes are run by turns and the best of each counts; what looks too slow is measured again, and one good round is
enough, so that a busy machine fails nothing. The bound lies halfway, in powers, between linear and quadratic."""
import os
import resource

BY, BAD, TURNS, ROUNDS = 8, 22, 3, 8
FLOOR = 0.01  # CPU seconds that a program may take for nothing


def cpu(run):
    """CPU seconds of the processes that `run` started and waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def growth(small, large, rounds=ROUNDS):
    """How many times the time of `small` the call `large` takes."""
    best = float("inf")
    for _ in range(rounds):
        took = [(cpu(small), cpu(large)) for _ in range(TURNS)]
        best = min(best, min(t[1] for t in took) / max(min(t[0] for t in took), FLOOR))
        if best < BAD:
            break
    return best


def grown(folder, make, read, n):
    """The growth of `read` over files in `folder` that `make` filled for n and eight times n."""
    paths = [os.path.join(folder, f"grown-{k}") for k in (1, BY)]
    for path, k in zip(paths, (1, BY)):
        with open(path, "wb") as f:
            f.write(make(k * n))
    return growth(lambda: read(paths[0]), lambda: read(paths[1]))
