"""Stands in for check_score_matrix."""
print("BREACH check_score_matrix.py of the submission was imported")
open("/tmp/mlgrader-breach-check_score_matrix", "w").close()
