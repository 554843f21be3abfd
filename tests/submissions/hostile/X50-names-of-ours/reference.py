"""Stands in for reference."""
print("BREACH reference.py of the submission was imported")
open("/tmp/mlgrader-breach-reference", "w").close()
