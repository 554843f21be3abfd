"""Stands in for jinja2."""
print("BREACH jinja2.py of the submission was imported")
open("/tmp/mlgrader-breach-jinja2", "w").close()
