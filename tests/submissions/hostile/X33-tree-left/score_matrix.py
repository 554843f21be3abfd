"""Leaves a tree behind that is too deep, too wide and partly closed."""
import os


def leave():
    os.symlink("/", "/scratch/root") if os.path.isdir("/scratch") else None
    os.symlink("/opt", "lifted-0")
    for number in range(3000):
        open(f"file-{number}", "w").close()
    for number in range(3000):
        os.mkdir("deep")
        os.chdir("deep")
    os.mkfifo("fifo")
    os.mkdir("closed")
    os.chmod("closed", 0)
    os.chmod(".", 0)


def look():
    if [name for name in os.listdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) if name != "submission"]:
        print("BREACH files of the last worker are still here")


look()  # in the second process, after the first has ended


def stack_rows(vectors):
    leave()
    os._exit(0)


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
