open("/tmp/mlgrader-breach-init", "w").close()
print("BREACH __init__.py was run")
