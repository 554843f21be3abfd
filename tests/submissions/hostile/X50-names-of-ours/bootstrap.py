"""Stands in for bootstrap."""
print("BREACH bootstrap.py of the submission was imported")
open("/tmp/mlgrader-breach-bootstrap", "w").close()
