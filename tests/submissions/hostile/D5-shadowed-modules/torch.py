"""Stands in for torch, if it is ever imported."""
print("BREACH torch.py of the submission was imported")
open("/tmp/mlgrader-breach-torch", "w").close()
