open("/tmp/mlgrader-breach-sitecustomize", "w").close()
print("BREACH sitecustomize.py was run")
