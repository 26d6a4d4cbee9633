"""An address in some spelling, with curl: address.py URL [HOST]"""

import subprocess
import sys

from common import *

url = sys.argv[1].replace("CANARY", CANARY).replace("V4", DESTINATIONS[("any", 4)])
for key in ("decimal", "hexadecimal", "octal", "short"):
    numbers = [int(part) for part in DESTINATIONS[("any", 4)].split(".")]
    value = int.from_bytes(bytes(numbers), "big")
    spelled = {
        "decimal": str(value),
        "hexadecimal": hex(value),
        "octal": ".".join(f"0{part:o}" for part in numbers),
        "short": f"{numbers[0]}.{value & 0xFFFFFF}",
    }
    url = url.replace(f"<{key}>", spelled[key])
argv = ["curl", "-gksS", "-m", "2", "--noproxy", "*", url]
if len(sys.argv) > 2:
    argv[1:1] = ["-H", f"Host: {sys.argv[2]}"]
outcome = subprocess.run(argv, capture_output=True, text=True, check=False)
notes.append(outcome.stdout[:200] + outcome.stderr[:200])
finish()
