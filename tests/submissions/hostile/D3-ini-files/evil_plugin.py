"""Loaded by nobody, if all is well."""
print("BREACH a pytest plugin of the submission was loaded")
open("/tmp/mlgrader-breach-plugin", "w").close()
