"""Stands in for grader/__init__."""
print("BREACH grader/__init__.py of the submission was imported")
open("/tmp/mlgrader-breach-grader-__init__", "w").close()
