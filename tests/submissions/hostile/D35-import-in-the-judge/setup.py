open("/tmp/mlgrader-breach-setup", "w").close()
