from pathlib import Path


def build(folder: Path) -> Path:
    """Right answers in a file of ten megabytes."""
    work = folder / "student"
    work.mkdir()
    lines = ["import torch", "stack_rows = torch.stack", "def score_matrix(Q, K):", f'    """{"words " * 200_000}"""',
             "    return Q @ K.T", "def favourite_movie(S, user):", "    return int(S[user].argmax())"]
    (work / "score_matrix.py").write_text("\n".join(lines) + "\n" + ("# comment " * 20 + "\n") * 45_000)
    return work
