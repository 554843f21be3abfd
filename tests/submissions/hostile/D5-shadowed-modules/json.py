"""Stands in for json, if it is ever imported."""
print("BREACH json.py of the submission was imported")
open("/tmp/mlgrader-breach-json", "w").close()
