open("/tmp/mlgrader-breach-main", "w").close()
