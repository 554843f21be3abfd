"""Stands in for wire."""
print("BREACH wire.py of the submission was imported")
open("/tmp/mlgrader-breach-wire", "w").close()
