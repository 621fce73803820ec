# SPDX-License-Identifier: Apache-2.0
"""The one header of libsanctum-cel: the engine's own with the few of base it needs, in order."""
import re
import sys

out = ["/* SPDX-License-Identifier: Apache-2.0 */",
       "/* Generated from sanctum's sources: the whole interface of libsanctum-cel. */"]
for path in sys.argv[2:]:
    with open(path, encoding="utf-8") as f:
        text = f.read()
    out.append(re.sub(r'^#include ".*"\n', "", text, flags=re.M))
with open(sys.argv[1], "w", encoding="utf-8") as f:
    f.write("\n".join(out))
