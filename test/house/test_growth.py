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


def measurable():
    """So many units that a processor of any speed is busy well over the floor."""
    units = 250_000
    while growth.cpu(lambda: spend(units)) < 3 * growth.FLOOR:
        units *= 2
    return units


class Growth(unittest.TestCase):
    def setUp(self):
        self.units = measurable()

    def test_what_grows_as_its_input_passes(self):
        self.assertLess(growth.growth(lambda: spend(self.units), lambda: spend(growth.BY * self.units)), growth.BAD)

    def test_what_grows_faster_is_seen(self):
        quadratic = growth.growth(lambda: spend(self.units), lambda: spend(growth.BY ** 2 * self.units), rounds=1)
        self.assertGreaterEqual(quadratic, growth.BAD)


if __name__ == "__main__":
    unittest.main()
