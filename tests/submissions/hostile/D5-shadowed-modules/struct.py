"""Stands in for struct, if it is ever imported."""
print("BREACH struct.py of the submission was imported")
open("/tmp/mlgrader-breach-struct", "w").close()
