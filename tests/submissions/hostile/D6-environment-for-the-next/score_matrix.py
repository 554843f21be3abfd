"""Sets the variables that Python and the loader obey, ends the process, and looks whether the next one has them."""
import os
import site

NAMES = ("PYTHONSTARTUP", "PYTHONPATH", "LD_PRELOAD", "PYTHONINSPECT", "PYTHONBREAKPOINT")


def stack_rows(vectors):
    for name in NAMES:
        os.environ[name] = "/scratch/evil.so"
    folder = site.getusersitepackages()
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "evil.pth"), "w") as file:
        file.write("import os; print('BREACH a .pth file was run', flush=True)")
    os._exit(0)


for name in NAMES:
    if name in os.environ:
        print(f"BREACH {name} is set: {os.environ[name]}")
if os.path.exists(os.path.join(site.getusersitepackages(), "evil.pth")):
    print("BREACH a .pth file of the last worker is still here")


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
