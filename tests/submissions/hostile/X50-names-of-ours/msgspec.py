"""Stands in for msgspec."""
print("BREACH msgspec.py of the submission was imported")
open("/tmp/mlgrader-breach-msgspec", "w").close()
