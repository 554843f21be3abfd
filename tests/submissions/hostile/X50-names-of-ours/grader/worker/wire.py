"""Stands in for grader/worker/wire."""
print("BREACH grader/worker/wire.py of the submission was imported")
open("/tmp/mlgrader-breach-grader-worker-wire", "w").close()
