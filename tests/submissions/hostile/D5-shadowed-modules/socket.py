"""Stands in for socket, if it is ever imported."""
print("BREACH socket.py of the submission was imported")
open("/tmp/mlgrader-breach-socket", "w").close()
