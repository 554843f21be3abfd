"""Stands in for random, if it is ever imported."""
print("BREACH random.py of the submission was imported")
open("/tmp/mlgrader-breach-random", "w").close()
