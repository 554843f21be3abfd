open("/tmp/mlgrader-breach-usercustomize", "w").close()
print("BREACH usercustomize.py was run")
