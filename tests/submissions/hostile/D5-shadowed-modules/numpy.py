"""Stands in for numpy, if it is ever imported."""
print("BREACH numpy.py of the submission was imported")
open("/tmp/mlgrader-breach-numpy", "w").close()
