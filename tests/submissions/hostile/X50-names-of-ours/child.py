"""Stands in for child."""
print("BREACH child.py of the submission was imported")
open("/tmp/mlgrader-breach-child", "w").close()
