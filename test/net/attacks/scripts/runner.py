"""Runs many attacks inside one attacker's environment: runner.py FILE

FILE holds {"parallel": N, "positive": ARGV, "patience": SECONDS, "attacks": [{name, argv, env, timeout, alone}]}. Prints one line `@@JSON` an
attack; what must work is run before and after them all, as `(before)` and `(after)`."""

import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

output = threading.Lock()


def run(attack):
    started = time.monotonic()
    try:
        outcome = subprocess.run(
            attack["argv"],
            env={**os.environ, **attack["env"]},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=attack["timeout"],
            check=False,
        )
        status, text, error = outcome.returncode, outcome.stdout.decode("latin-1"), outcome.stderr.decode("latin-1")
    except subprocess.TimeoutExpired:
        status, text, error = None, "", "time is up"
    except OSError as failure:
        status, text, error = None, "", str(failure)
    lines = text.strip().splitlines()
    line = {
        "attack": attack["name"],
        "status": status,
        "output": lines[-1] if lines else "",
        "error": error[-500:],
        "ms": round((time.monotonic() - started) * 1000),
    }
    with output:
        print("@@" + json.dumps(line), flush=True)


with open(sys.argv[1], encoding="utf-8") as file:
    plan = json.load(file)
positive = {"argv": plan["positive"], "env": {}, "timeout": plan.get("patience", 15)}
run({**positive, "name": "(before)"})
with ThreadPoolExecutor(plan["parallel"]) as pool:
    list(pool.map(run, [attack for attack in plan["attacks"] if not attack["alone"]]))
for attack in plan["attacks"]:
    if attack["alone"]:
        run(attack)
run({**positive, "name": "(after)"})
