"""Leaves a daemon behind that answers in the worker's place when the worker has ended."""
import json
import os
import struct
import time


def stack_rows(vectors):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(0.3)
            for number in range(2, 40):
                text = json.dumps({"id": number, "ok": {"value": 0}}).encode()
                os.write(3, struct.pack(">4sIQ", b"mlg1", len(text), 0) + text)
            open("/tmp/mlgrader-breach-daemon", "w").close()
            time.sleep(60)
        os._exit(0)
    os._exit(0)


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    time.sleep(0.5)
    return -1
