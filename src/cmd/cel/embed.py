# SPDX-License-Identifier: Apache-2.0
"""Turns a file into a C array: embed.py IN OUT NAME."""
import sys

data = open(sys.argv[1], "rb").read()
with open(sys.argv[2], "w", encoding="ascii") as out:
    out.write("#include \"suite_int.h\"\nconst unsigned char %s[] = {\n" % sys.argv[3])
    for i in range(0, len(data), 32):
        out.write(",".join(str(b) for b in data[i:i + 32]) + ",\n")
    out.write("};\nconst unsigned long %s_size = %d;\n" % (sys.argv[3], len(data)))
