#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The measure of growth.py itself: linear passes, quadratic is seen."""
import os
import unittest

import growth


def spend(units):
    """A process that counts so far."""
    pid = os.fork()
    if pid == 0:
        for _ in range(units):
            pass
        os._exit(0)
    os.waitpid(pid, 0)


class Growth(unittest.TestCase):
    def test_what_grows_as_its_input_passes(self):
        self.assertLess(growth.growth(lambda: spend(1_000_000), lambda: spend(8_000_000)), growth.BAD)

    def test_what_grows_faster_is_seen(self):
        self.assertGreaterEqual(growth.growth(lambda: spend(600 ** 2), lambda: spend(4800 ** 2)), growth.BAD)


if __name__ == "__main__":
    unittest.main()
