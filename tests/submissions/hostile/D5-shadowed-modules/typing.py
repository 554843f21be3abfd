"""Stands in for typing, if it is ever imported."""
print("BREACH typing.py of the submission was imported")
open("/tmp/mlgrader-breach-typing", "w").close()
