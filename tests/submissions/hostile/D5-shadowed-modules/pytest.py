"""Stands in for pytest, if it is ever imported."""
print("BREACH pytest.py of the submission was imported")
open("/tmp/mlgrader-breach-pytest", "w").close()
