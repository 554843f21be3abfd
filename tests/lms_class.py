"""A small class of lab1 as each LMS gives it: made here, kept in tests/submissions/lms, and expected in tests.

``python tests/lms_class.py`` writes the folder again. Five people hand in right work in five forms: separate files, a
zip, a notebook, one file with everything, and a wrong file that is handed in again, right.
"""

import io
import json
import shutil
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

KEPT = Path(__file__).parent / "submissions" / "lms"
ZIPS = ("canvas", "moodle", "gradescope")  # kept as zips; the others as folders

HEAD = "# Lab 1 - {name}\nimport torch\n\n\n"
FACTORISE = """\
def sgd_factorise(A, rank, num_epochs=1000, lr=0.01):
    m, n = A.shape
    U, V = torch.rand(m, rank), torch.rand(n, rank)
    for _ in range(num_epochs):
        for r in range(m):
            for c in range(n):
                e = A[r, c] - U[r] @ V[c]
                U[r], V[c] = U[r] + lr * e * V[c], V[c] + lr * e * U[r]
    return U, V


def reconstruction_loss(A, U, V):
    return ((A - U @ V.T) ** 2).sum()
"""
COMPLETE = """\
def sgd_factorise_masked(A, M, rank, num_epochs=1000, lr=0.01):
    m, n = A.shape
    U, V = torch.rand(m, rank), torch.rand(n, rank)
    for _ in range(num_epochs):
        for r in range(m):
            for c in range(n):
                if M[r, c]:
                    e = A[r, c] - U[r] @ V[c]
                    U[r], V[c] = U[r] + lr * e * V[c], V[c] + lr * e * U[r]
    return U, V
"""
RATE = """\
def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    m, n = A.shape
    U, V = torch.rand(m, rank), torch.rand(n, rank)
    for _ in range(num_epochs):
        E = (A - U @ V.T) * M
        U, V = U + lr * (E @ V), V + lr * (E.T @ U)
    return U, V


def masked_sse(A, M, U, V):
    return (((A - U @ V.T) * M) ** 2).sum()


def predict_rating(U, V, movie, user):
    return (U[movie] @ V[user]).item()
"""
SVD = """\
def truncated_svd(A, rank):
    U, S, Vh = torch.linalg.svd(A, full_matrices=False)
    return U[:, :rank], S[:rank], Vh[:rank].T


def svd_reconstruct(A, rank):
    U, S, V = truncated_svd(A, rank)
    return (U * S) @ V.T
"""
PARTS = {"factorise.py": FACTORISE, "complete.py": COMPLETE, "rate.py": RATE, "truncated_svd.py": SVD}
WRONG = RATE.replace("* M\n", "\n").replace(" * M)", ")")
TYPED = "<p>I handed in a notebook.</p>\n"


def files_of(name, parts=None):
    """The separate files of a person."""
    return {path: (HEAD.format(name=name) + code).encode() for path, code in (parts or PARTS).items()}


def whole(name):
    """All functions in one file."""
    return (HEAD.format(name=name) + "\n\n".join(PARTS.values())).encode()


def notebook(name):
    """All functions in the cells of a notebook, which was run."""
    cells = [{"cell_type": "markdown", "metadata": {}, "source": [f"# Lab 1 - {name}"]}]
    for number, code in enumerate(["import torch\n", *PARTS.values()], 1):
        cells.append(
            {
                "cell_type": "code",
                "execution_count": number,
                "metadata": {},
                "outputs": [],
                "source": code.splitlines(keepends=True),
            }
        )
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return (
        json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 4}, indent=1) + "\n"
    ).encode()


def zipped(files):
    """The bytes of a zip, the same every time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path, (2026, 11, 27, 23, 59, 10)), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


ADA = files_of("Ada Brix")
BELA = files_of("Bela Kis")
CID = {"Lab 1 - Cid Ono.ipynb": notebook("Cid Ono")}
DORA = {"lab1.py": whole("Dora Fuchs")}
EVE_FIRST = files_of("Eve Lang", PARTS | {"rate.py": WRONG})
EVE = files_of("Eve Lang")
BELAS_ZIP = zipped({f"lab1/{path}": content for path, content in BELA.items()})


@dataclass
class Layout:
    """A class in one layout: the files, and what must be found in them."""

    tree: dict[str, bytes]
    people: dict[str, dict[str, bytes]]  # by name, the files of their submission
    said: str
    keys: dict[str, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    again: tuple[str, ...] = ()


def below(folder, files):
    return {f"{folder}/{path}": content for path, content in files.items()}


def flat(prefix, files):
    return {f"{prefix}{path}": content for path, content in files.items()}


def canvas():
    eve_again = {"evelang_75_9930_rate-1.py": EVE["rate.py"]}
    eve = {path.replace(".py", "-1.py") if path == "rate.py" else path: content for path, content in EVE.items()}
    return Layout(
        tree={
            **flat("brixada_71_9901_", ADA),
            "kisbela_LATE_72_9911_lab1-1.zip": BELAS_ZIP,
            "kisbela_LATE_72_9902_lab1.zip": b"the first attempt",
            **flat("onocid_73_9903_", CID),
            "onocid_73_text.html": TYPED.encode(),
            **flat("fuchsdora_74_9904_", DORA),
            **flat("langeve_75_9905_", EVE_FIRST),
            **{path.replace("evelang", "langeve"): content for path, content in eve_again.items()},
        },
        people={
            "brixada": ADA,
            "kisbela": BELA,
            "onocid": {**CID, "text.html": TYPED.encode()},
            "fuchsdora": DORA,
            "langeve": eve,
        },
        said="Canvas bulk download: 5 students, 1 late, 2 resubmitted: the latest counts",
        keys={"brixada": "71", "kisbela": "72", "onocid": "73", "fuchsdora": "74", "langeve": "75"},
        late=("kisbela",),
        again=("kisbela", "langeve"),
    )


def moodle():
    typed = {"onlinetext/onlinetext.html": TYPED.encode()}
    return Layout(
        tree={
            **below("Ada Brix_4711_assignsubmission_file_", ADA),
            "Bela Kis_4712_assignsubmission_file_/lab1.zip": BELAS_ZIP,
            **below("Cid Ono_4713_assignsubmission_file_", CID),
            "Cid Ono_4713_assignsubmission_onlinetext_/onlinetext.html": TYPED.encode(),
            **below("Dora O'Fuchs, Jr._4714_assignsubmission_file_", DORA),
            **below("李小龙_4715_assignsubmission_file_", EVE),
        },
        people={"Ada Brix": ADA, "Bela Kis": BELA, "Cid Ono": CID | typed, "Dora O'Fuchs, Jr.": DORA, "李小龙": EVE},
        said="Moodle download: 5 students",
        keys={"Ada Brix": "4711", "李小龙": "4715"},
    )


def moodle_flat():
    prefix = "_assignsubmission_file_"
    return Layout(
        tree={
            **flat(f"Ada Brix_4711{prefix}", ADA),
            f"Bela Kis_4712{prefix}lab1.zip": BELAS_ZIP,
            **flat(f"Cid Ono_4713{prefix}", CID),
            "Cid Ono_4713_assignsubmission_onlinetext_onlinetext.html": TYPED.encode(),
        },
        people={"Ada Brix": ADA, "Bela Kis": BELA, "Cid Ono": CID | {"onlinetext.html": TYPED.encode()}},
        said="Moodle download: 3 students",
        keys={"Cid Ono": "4713"},
    )


def gradescope():
    def who(folder, when, *people):
        lines = [f"{folder}:", "  :submitters:"]
        for name, sid in people:
            lines += [f"  - :name: {json.dumps(name)}", f"    :sid: '{sid}'", f"    :email: {sid}@example.edu"]
        results = ["  :results:", "    tests:", "    - name: 'a: b'", "      score: 1.0"]
        return "\n".join([*lines, f"  :created_at: {when}", *results, ""])

    metadata = who("submission_777", "2026-11-27 22:10:00.000000000 Z", ("Ada Brix", "ab12"), ("Flo Grün", "fg34"))
    metadata += who("submission_778", "2026-11-27 22:11:00.000000000 Z", ("Bela Kis", "bk56"))
    metadata += who("submission_779", "2026-11-27 22:12:00.000000000 Z", ("Cid: “Ono”", "co78"))
    metadata += who("submission_801", "2026-11-27 23:12:00.000000000 Z", ("Eve Lang", "el90"))
    metadata += who("submission_780", "2026-11-27 22:13:00.000000000 Z", ("Eve Lang", "el90"))
    export = "assignment_555_export"
    return Layout(
        tree={
            f"{export}/submission_metadata.yml": f"---\n{metadata}".encode(),
            **below(f"{export}/submission_777", ADA),
            f"{export}/submission_778/lab1.zip": BELAS_ZIP,
            **below(f"{export}/submission_779", CID),
            **below(f"{export}/submission_780", EVE_FIRST),
            **below(f"{export}/submission_801", EVE),
        },
        people={"Ada Brix & Flo Grün": ADA, "Bela Kis": BELA, "Cid: “Ono”": CID, "Eve Lang": EVE},
        said="Gradescope export: 4 submissions of 5 students, 1 resubmitted: the latest counts",
        keys={"Bela Kis": "bk56"},
        again=("Eve Lang",),
    )


def classroom():
    top = "lab1-submissions"
    return Layout(
        tree={
            f"{top}/grades.csv": b"assignment_name,github_username,roster_identifier\nlab1,adabrix,Ada Brix\n",
            **below(f"{top}/lab1-adabrix", ADA),
            f"{top}/lab1-bela-kis/lab1.zip": BELAS_ZIP,
            **below(f"{top}/lab1-cidono", CID),
            **below(f"{top}/lab1-cidono/.github", {"workflows/classroom.yml": b"on: push\n"}),
        },
        people={
            "adabrix": ADA,
            "bela-kis": BELA,
            "cidono": CID | {".github/workflows/classroom.yml": b"on: push\n"},
        },
        said="GitHub Classroom: 3 students; left aside: grades.csv",
    )


def blackboard():
    def attempt(user, name, when, files):
        prefix = f"Lab_1_{user}_attempt_{when}"
        about = f"Name: {name} ({user})\r\nAssignment: Lab 1\r\nDate Submitted: {when}\r\n".encode()
        return {f"{prefix}.txt": about, **flat(f"{prefix}_", files)}, {"attempt.txt": about}

    ada, ada_about = attempt("abrix", "Ada Brix", "2026-11-27-22-00-00", ADA)
    bela, bela_about = attempt("bkis", "Bela Kis", "2026-11-27-23-59-10", {"lab1.zip": BELAS_ZIP})
    first, _ = attempt("elang", "Eve Lang", "2026-11-26-09-00-00", EVE_FIRST)
    again, eve_about = attempt("elang", "Eve Lang", "2026-11-27-10-00-00", EVE)
    # A zip beside a text is opened into a folder of its own.
    bela_files = {f"lab1/lab1/{path}": content for path, content in BELA.items()}
    return Layout(
        tree={**ada, **bela, **first, **again},
        people={"Ada Brix": ADA | ada_about, "Bela Kis": bela_files | bela_about, "Eve Lang": EVE | eve_about},
        said="Blackboard download: 3 students, 1 resubmitted: the latest counts",
        keys={"Ada Brix": "abrix"},
        again=("Eve Lang",),
    )


def brightspace():
    return Layout(
        tree={
            "index.html": b"<html></html>\n",
            **below("101-4001 - Ada Brix - Nov 27, 2026 1159 PM", ADA),
            "102-4001 - Bela Kis - Nov 27, 2026 900 AM/lab1.zip": BELAS_ZIP,
            **below("103-4001 - Eve Lang-Kim - Nov 9, 2026 1000 AM", EVE_FIRST),
            **below("103-4001 - Eve Lang-Kim - Nov 27, 2026 100 PM", EVE),
        },
        people={"Ada Brix": ADA, "Bela Kis": BELA, "Eve Lang-Kim": EVE},
        said="Brightspace download: 3 students, 1 resubmitted: the latest counts; left aside: index.html",
        keys={"Eve Lang-Kim": "103"},
        again=("Eve Lang-Kim",),
    )


def nbgrader():
    stamp = b"2026-11-27 22:00:00.000000 UTC\n"
    return Layout(
        tree={
            **below("submitted/adabrix/lab1", ADA | {"timestamp.txt": stamp}),
            **below("submitted/cidono/lab1", CID | {"timestamp.txt": stamp}),
            **below("submitted/cidono/lab0", {"warm up.ipynb": notebook("Cid Ono"), "timestamp.txt": stamp}),
            **below("submitted/dorafuchs/lab0", {"warm up.ipynb": notebook("Dora Fuchs"), "timestamp.txt": stamp}),
        },
        people={"adabrix": ADA | {"timestamp.txt": stamp}, "cidono": CID | {"timestamp.txt": stamp}},
        said="nbgrader's submitted folder: 2 students",
        absent=("dorafuchs",),
    )


def autolab():
    return Layout(
        tree={
            "abrix@example.edu_1_lab1.py": DORA["lab1.py"],
            "bkis@example.edu_2_lab1.zip": BELAS_ZIP,
            "elang@example.edu_9_lab1.py": b"# the ninth attempt\n",
            "elang@example.edu_10_lab1.py": whole("Eve Lang"),
        },
        people={"abrix": DORA, "bkis": BELA, "elang": {"lab1.py": whole("Eve Lang")}},
        said="Autolab download: 3 students, 1 resubmitted: the latest counts",
        keys={"abrix": "abrix@example.edu"},
        again=("elang",),
    )


LAYOUTS = {
    "canvas": canvas,
    "moodle": moodle,
    "moodle_flat": moodle_flat,
    "gradescope": gradescope,
    "classroom": classroom,
    "blackboard": blackboard,
    "brightspace": brightspace,
    "nbgrader": nbgrader,
    "autolab": autolab,
}


def main():
    """Write tests/submissions/lms again."""
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir()
    for name, made in LAYOUTS.items():
        tree = made().tree
        if name in ZIPS:
            (KEPT / f"{name}.zip").write_bytes(zipped(tree))
        elif name != "moodle_flat":
            for path, content in tree.items():
                (KEPT / name / path).parent.mkdir(parents=True, exist_ok=True)
                (KEPT / name / path).write_bytes(content)


if __name__ == "__main__":
    main()
