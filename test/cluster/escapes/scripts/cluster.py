"""A server of the cluster, by HTTP: cluster.py URL [token]. Reached when one that is not Weir answers, with whatever status."""

import os
import ssl
import sys
import urllib.error
import urllib.request

from common import *

url = sys.argv[1]
for name in ("CANARY", "NODE", "NAMESPACE", "PEER"):
    url = url.replace(name, os.environ[name])
headers = {}
if "token" in sys.argv[2:]:
    with open("/var/run/secrets/kubernetes.io/serviceaccount/token", encoding="ascii") as file:
        headers["Authorization"] = f"Bearer {file.read()}"
trusting = ssl.create_default_context()
trusting.check_hostname = False
trusting.verify_mode = ssl.CERT_NONE
opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trusting), urllib.request.ProxyHandler({}))


def ask():
    try:
        with opener.open(urllib.request.Request(url, headers=headers), timeout=3) as answer:
            return answer.status, answer.read(2000).decode("latin-1")
    except urllib.error.HTTPError as error:
        return error.code, error.read(2000).decode("latin-1")


answer = attempt(url, ask)
if answer:
    notes.append(f"{answer[0]} {answer[1][:200]}")
# Weir's own answers are JSON with these two, and say so.
finish(answer is not None and not ('"error"' in answer[1] and '"help"' in answer[1]))
