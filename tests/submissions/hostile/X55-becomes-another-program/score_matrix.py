"""Replaces itself by another program, which keeps the channel."""
import os
import sys

ANSWER = "import os, struct; text = b'{\"id\":2,\"ok\":{\"value\":0}}'; os.write(3, struct.pack('>4sIQ', b'mlg1', len(text), 0) + text)"


def stack_rows(vectors):
    os.set_inheritable(3, True)
    os.execv(sys.executable, [sys.executable, "-c", ANSWER])


def score_matrix(Q, K):
    os.execv("/bin/true", ["true"])


def favourite_movie(S, user):
    os.execv("/bin/sh", ["sh", "-c", "kill -SEGV $$"])
