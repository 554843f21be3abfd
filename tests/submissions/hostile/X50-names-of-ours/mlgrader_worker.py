"""Stands in for mlgrader_worker."""
print("BREACH mlgrader_worker.py of the submission was imported")
open("/tmp/mlgrader-breach-mlgrader_worker", "w").close()
