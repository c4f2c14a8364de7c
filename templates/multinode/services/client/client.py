"""Calls the web service every few seconds and prints its answer."""

import os
import time
from urllib.request import urlopen

target = os.environ["TARGET"]
while True:
    try:
        with urlopen(target, timeout=5) as answer:
            print(target, "says:", answer.read().decode().strip())
    except OSError as error:
        print(target, "does not answer:", error)
    time.sleep(5)
