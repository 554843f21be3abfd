"""A pytest plugin that must never be loaded."""
open("/tmp/mlgrader-breach-entry-point", "w").close()
print("BREACH an entry-point plugin was loaded")
