"""Not torch."""
print("BREACH the submission's own torch was imported")
