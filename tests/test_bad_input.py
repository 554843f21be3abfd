"""Whatever is handed in: a verdict, no points, a sentence that a student understands, and the class is graded.

The course is a copy with low limits, so that what never ends ends soon.
"""

import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from class_runs import processes
from course_examples import make_course

from grader.course.catalog import Course, find_course
from grader.grading.grade import GradeOptions, grade
from grader.intake.submission import take_in
from grader.records.record import CheckRecord, ResultRecord, Standing, Verdict, from_json, to_json
from grader.sandbox import levels
from grader.sandbox.slot import SlotSettings

LIMITS = """
[limits]
call_seconds = 2.0
load_seconds = 4.0
part_seconds = 30.0
cpu_seconds = 5.0
memory_mb = 300
processes = 12
file_mb = 4
reply_mb = 16
"""
ASSIGNMENT, PART = "activity1", "score_matrix"
RIGHT = """
import torch

def stack_rows(vectors):
    return torch.stack(vectors)

def score_matrix(Q, K):
    return Q @ K.T

def favourite_movie(S, user):
    return int(S[user].argmax())
"""


@dataclass(frozen=True)
class Bad:
    """A submission: how `score_matrix` goes wrong, the verdict, and a pattern that the message must match."""

    files: dict[str, bytes]
    verdict: Verdict
    says: str
    whole_file: bool = False  # nothing in the file runs: every check has this verdict


def wrong(body: str, verdict: Verdict, says: str, *, first: str = "", parameters: str = "Q, K") -> Bad:
    """The right file with another `score_matrix`; the rest of it must keep its points."""
    function = f"def score_matrix({parameters}):\n" + textwrap.indent(textwrap.dedent(body).strip(), "    ")
    source = RIGHT.replace("def score_matrix(Q, K):\n    return Q @ K.T", function)
    return Bad({"score_matrix.py": (textwrap.dedent(first) + source).encode()}, verdict, says)


def unusable(content: bytes, verdict: Verdict, says: str, name: str = "score_matrix.py") -> Bad:
    return Bad({name: content}, verdict, says, whole_file=True)


def frame(header: object) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack(">4sIQ", b"mlg1", len(text), 0) + text


FAILED, CRASHED, LATE = Verdict.failed, Verdict.crashed, Verdict.timed_out
STUB, MISSING, HOG = Verdict.not_implemented, Verdict.missing, Verdict.out_of_memory
EQUAL_TO_ALL = """
    import torch
    class Anything:
        def __eq__(self, other): return True
        def __len__(self): return 3
        def __getattr__(self, name): return Anything()
        def __float__(self): return 1.0
    class Agreeing(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None): return torch.tensor(True)
"""
EXTRA = b"".join(frame({"id": number, "ok": {"value": 0}}) for number in range(60))

BAD = {
    # nothing to run
    "missing file": unusable(b"x = 1", MISSING, r"There is no score_matrix\.py in the submission\.", name="other.py"),
    "empty file": unusable(b"", MISSING, r"Your file score_matrix\.py has no function `\w+`"),
    "syntax error": unusable(b"def score_matrix(Q, K)\n    return Q\n", CRASHED, r"Your file is not valid Python.*':'"),
    "exits while loading": unusable(b"exit()\n", CRASHED, r"Loading score_matrix\.py called exit\(\)"),
    "never loads": unusable(b"while True: pass", LATE, r"Loading score_matrix\.py did not finish within 4 seconds"),
    "a null byte": unusable(RIGHT.encode() + b"\0", CRASHED, r"Your file cannot be read"),
    # the function
    "missing function": Bad(
        {"score_matrix.py": RIGHT.replace("score_matrix", "my_matrix").encode()}, MISSING, r"has no function `score_ma"
    ),
    "stub": wrong("raise NotImplementedError", STUB, r"`score_matrix` is not written yet"),
    "too few parameters": wrong("return Q", CRASHED, r"no parameter for K; its", parameters="Q"),
    "too many parameters": wrong("return Q @ K.T", CRASHED, r"Nothing is given for d;", parameters="Q, K, d"),
    "an exception": wrong("return Q @ K.T / {}['é']", CRASHED, r"raised KeyErr"),
    "half a surrogate": wrong(r"raise ValueError('half a pair: \ud800')", CRASHED, r"`score_matrix` raised ValueError"),
    "endless recursion": wrong("return score_matrix(Q, K)", CRASHED, r"raised RecursionError"),
    # what it returns
    "none": wrong("Q @ K.T", FAILED, r"`S` is None.*return"),
    "a string": wrong("return 'the scores'", FAILED, r"`S` is a str, expected a torch.Tensor"),
    "a list": wrong("return (Q @ K.T).tolist()", FAILED, r"`S` is a list, expected a torch.Tensor"),
    "numpy": wrong("return (Q @ K.T).numpy()", FAILED, r"`S` is a numpy.*, expected a torch.Tensor"),
    "meta": wrong("return (Q @ K.T).to('meta')", FAILED, r"`S` is a .*meta.*, expected one with values"),
    "nan": wrong("return Q @ K.T * float('nan')", FAILED, r"`S` contains nan"),
    "infinity": wrong("return Q @ K.T / 0", FAILED, r"`S` contains -?(inf|nan)"),
    "complex": wrong("return (Q @ K.T) * 1j", FAILED, r"`S` is a .*complex.*, expected one of real numbers"),
    "sparse": wrong("return (Q @ K.T).to_sparse()", FAILED, r"`S` is a sparse .*, expected a dense one"),
    "bool": wrong("return Q @ K.T > 0", FAILED, r"`S` .*bool"),
    "wrong shape": wrong("return (Q @ K.T)[None]", FAILED, r"`S` has shape \(1, .*expected"),
    "equal to everything": wrong("return Anything()", FAILED, r"`S` is .*Anything", first=EQUAL_TO_ALL),
    "agreeing tensor": wrong("return Q.as_subclass(Agreeing)", FAILED, r"`S` is .*Agreeing", first=EQUAL_TO_ALL),
    "a generator": wrong("yield Q @ K.T", FAILED, r"`S` is .*generator"),
    "a module": wrong("import torch\nreturn torch.nn.Linear(2, 2)", FAILED, r"`S` is .*Linear"),
    "itself": wrong("a = []\na.append(a)\nreturn a", FAILED, r"`S` is a list"),
    "too large": wrong("import torch\nreturn torch.zeros(1 << 23)", CRASHED, r"the value is too large to hand back"),
    "a million items": wrong("return [0] * 1_000_000", CRASHED, r"the value is too large to hand back"),
    # what it does
    "prints 100 MB": wrong(
        "for _ in range(100): print('x' * (1 << 20))\nreturn 'printed'",
        FAILED,
        r"`S` is a str, expected a torch.Tensor",
    ),
    "sleeps": wrong("import time\ntime.sleep(10_000)", LATE, r"`score_matrix` did not finish within 2 seconds"),
    "loops": wrong("while True: pass", LATE, r"`score_matrix` did not finish within 2 seconds"),
    "eats memory": wrong(
        "kept = []\nwhile True: kept.append(bytearray(b'x') * (1 << 22))", HOG, r"`score_matrix` .* memory"
    ),
    "forks": wrong(
        """
        import os, time
        while True:
            try: os.fork() or time.sleep(600)
            except OSError: time.sleep(600)
        """,
        CRASHED,
        r"`score_matrix` started more than 12 processes and was stopped",
    ),
    "exits": wrong("import sys\nsys.exit(0)", CRASHED, r"`score_matrix` called exit\(\)\. Return a value instead"),
    "exits at once": wrong("import os\nos._exit(0)", CRASHED, r"ended the whole Python process.* exit status was 0"),
    "is killed": wrong("import os\nos.kill(os.getpid(), 9)", CRASHED, r"ended by signal SIGKILL"),
    "segfault": wrong("import ctypes\nctypes.string_at(0)", CRASHED, r"ended by signal SIGSEGV"),
    "closes its descriptors": wrong(
        "import os\nos.closerange(0, 4096)\nreturn Q @ K.T", CRASHED, r"`score_matrix`: your"
    ),
    "half a frame": wrong(
        f"import os\nos.write(3, {frame({'id': 2})[:-3]!r})\nos._exit(0)", CRASHED, r"`score_matrix`: your code"
    ),
    "garbage": wrong(
        "import os\nos.write(3, b'{\"score\": 100}' * 9)\nreturn Q @ K.T", CRASHED, r"connection to the gr"
    ),
    "another answer": wrong(
        f"import os\nos.write(3, {frame({'id': 99, 'ok': {'value': 1}})!r})", CRASHED, r"another question than the one"
    ),
    "extra answers": wrong(
        f"import os\nos.write(3, {EXTRA!r})\nreturn Q @ K.T", CRASHED, r"another question|before it was asked"
    ),
}

# Their `score_matrix` is wrong, and what else is in the file is right.
AFFECTED = {"scores", "scores_other_sizes", "arguments_unchanged"}
# Words of ours, or of Python's about ours, that no student should meet.
INTERNALS = re.compile(
    r"mlgrader|wire|zygote|worker|Errno|/scratch|/tmp|0x[0-9a-f]{6}|NoneType|grader_error|Traceback", re.IGNORECASE
)


@pytest.fixture(scope="module")
def quick_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A copy of activity1 whose limits are low."""
    root, ours = tmp_path_factory.mktemp("course"), find_course(Path(__file__)).root
    for tree in ("reference", "fixtures", "student_template", "grader/checks"):
        shutil.copytree(ours / tree / ASSIGNMENT, root / tree / ASSIGNMENT)
    make_course(root, checks="grader/checks")
    facts = root / "fixtures" / ASSIGNMENT / PART / "part.toml"
    assert "[limits]" not in facts.read_text()
    facts.write_text(facts.read_text() + LIMITS)
    return Course(root)


@pytest.fixture(scope="module")
def graded(quick_course: Course) -> Iterator[Callable[[Path], ResultRecord]]:
    slot = levels.open_slot(levels.choose("auto"), SlotSettings(preload=("torch",), hidden=(quick_course.root,)))

    def grade_path(path: Path) -> ResultRecord:
        options = GradeOptions(seed=1, recognise=False)
        record = grade(take_in(path), quick_course.parts(ASSIGNMENT), slot, options)
        return from_json(to_json(record))  # as it is kept

    yield grade_path
    slot.close()


def handed_in(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def checks_of(record: ResultRecord) -> dict[str, CheckRecord]:
    return {check.name: check for check in record.parts[0].checks}


def assert_fair(record: ResultRecord, bad: Bad) -> None:
    """No points where the code is wrong, all points where it is right, and only sentences."""
    checks = checks_of(record)
    assert record.standing is (Standing.needs_a_look if record.reasons else Standing.final)
    assert checks["scores"].verdict is bad.verdict, checks["scores"].message
    said = f"{checks['scores'].message} {checks['scores'].detail}"
    assert re.search(bad.says, said), said
    for name, check in checks.items():
        if bad.whole_file or name in AFFECTED:
            assert check.score == 0, f"{name} has points"
            assert check.verdict in (bad.verdict, Verdict.skipped), f"{name}: {check.verdict}, {check.message}"
            assert re.fullmatch(r"[A-Z`.<].+[^.]\.?", check.message, re.DOTALL), f"no sentence: {check.message!r}"
            assert not INTERNALS.search(check.message), check.message
            assert len(check.message) < 400
        elif bad.verdict is not LATE:  # two calls that never end are the end of the part
            assert (check.verdict, check.score) == (Verdict.passed, check.points), f"{name}: {check.message}"


def test_the_file_that_the_bad_ones_are_made_from_is_right(graded, tmp_path):
    record = graded(handed_in(tmp_path / "right", {"score_matrix.py": RIGHT.encode()}))
    assert (record.score, record.max_score) == (90, 90)
    assert set(checks_of(record)) >= AFFECTED


@pytest.mark.parametrize(
    "content",
    [
        RIGHT.encode() + "x = 'café'".encode("latin-1"),
        RIGHT.encode("utf-16"),
        b"import nonesuch\n" + RIGHT.encode(),
        RIGHT.encode() + b"exit()",
        RIGHT.encode() + b"\nscore_matrix = 3",
        RIGHT.replace("(Q, K)", "(users, movies)").replace("Q @ K.T", "users @ movies.T").encode(),
    ],
    ids=["latin-1", "utf-16", "not installed", "exits", "overwritten", "other parameters"],
)
def test_what_is_odd_around_a_right_function_costs_no_point(graded, tmp_path, content):
    record = graded(handed_in(tmp_path / "work", {"score_matrix.py": content}))
    assert (record.score, record.max_score) == (90, 90)


def test_a_syntax_error_is_shown_with_its_line(graded, tmp_path):
    record = graded(handed_in(tmp_path / "work", BAD["syntax error"].files))
    trace = checks_of(record)["scores"].traceback
    assert 'File "score_matrix.py", line 1' in trace
    assert "def score_matrix(Q, K)" in trace


def test_an_exception_is_shown_with_the_students_own_line(graded, tmp_path):
    source = RIGHT.replace("return Q @ K.T", "return Q @ K  # the mistake")
    record = graded(handed_in(tmp_path / "work", {"score_matrix.py": source.encode()}))
    check = checks_of(record)["scores"]
    assert check.message == "`score_matrix` raised RuntimeError."
    assert check.traceback.count("File ") == 1
    assert 'File "score_matrix.py", line 8, in score_matrix' in check.traceback
    assert "# the mistake" in check.traceback


def test_what_floods_the_output_is_capped_in_the_record(graded, tmp_path):
    record = graded(handed_in(tmp_path / "work", BAD["prints 100 MB"].files))
    assert record.parts[0].output_truncated
    assert len(record.parts[0].output) <= 64 << 10
    assert len(to_json(record)) < 200_000


def test_an_integer_result_is_as_right_as_its_values(graded, tmp_path):
    integer = RIGHT.replace("return Q @ K.T", "return (Q @ K.T).round().to(torch.int32)")
    double = RIGHT.replace("return Q @ K.T", "return (Q.double() @ K.double().T)")
    for name, source in (("integer", integer), ("double", double)):
        record = graded(handed_in(tmp_path / name, {"score_matrix.py": source.encode()}))
        assert checks_of(record)["scores"].verdict is Verdict.passed


def test_two_endless_calls_are_enough_and_the_rest_of_the_part_is_still_checked(graded, tmp_path):
    source = RIGHT.replace("return Q @ K.T", "while True: pass")
    checks = checks_of(graded(handed_in(tmp_path / "work", {"score_matrix.py": source.encode()})))
    late = [check.message for check in checks.values() if check.verdict is LATE and "Not run" not in check.message]
    stopped = "`score_matrix` did not finish within 2 seconds and was stopped."
    assert late == [stopped, f"{stopped} (4 users, 4 movies, 4 qualities; 0 of 5 cases are right)"]
    others = {check.verdict for name, check in checks.items() if name not in AFFECTED}
    assert others == {Verdict.passed}


# -- the class -------------------------------------------------------------------------------------------------------


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def grader(course: Course, folder: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader", "--course", str(course.root), "grade", ASSIGNMENT, str(folder)]
    return subprocess.run(
        [*command, "--seed", "1", "--json", "--jobs", str(processes()), "--out", str(out)],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        cwd=folder.parent,
        env=os.environ | {"PYTHONPATH": ""},
    )


def records(output: str) -> dict[str, dict]:
    """The lines of --json by submission."""
    lines = [json.loads(line) for line in output.splitlines()]
    return {line.get("name") or line["submission"]["name"]: line for line in lines}


def scores(record: dict) -> float:
    return sum(check["score"] for part in record["parts"] for check in part["checks"])


@dataclass(frozen=True)
class Graded:
    """What one run of `grader grade` over a class printed and wrote."""

    folder: Path
    out: Path
    result: subprocess.CompletedProcess[str]
    records: dict[str, dict]


RIGHT_ONE = "zz right"


@pytest.fixture(scope="module")
def bad_class(quick_course: Course, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """Everything bad and one right submission in one directory, graded by the command."""
    here = tmp_path_factory.mktemp("bad")
    folder, out = here / "class", here / "out"
    for name, bad in BAD.items():
        handed_in(folder / name, bad.files)
    handed_in(folder / RIGHT_ONE, {"score_matrix.py": RIGHT.encode()})
    result = grader(quick_course, folder, out)
    return Graded(folder, out, result, records(result.stdout))


@pytest.mark.timeout(1000)
def test_a_class_with_everything_bad_in_it_is_graded_to_the_end(bad_class):
    assert bad_class.result.returncode == 3, "some need a look: nothing of a part is in them"
    assert set(bad_class.records) == {*BAD, RIGHT_ONE}
    assert not [record for record in bad_class.records.values() if record.get("fault")]
    for name in bad_class.records:
        assert (bad_class.out / name / "attempt-001.json").is_file()
        assert (bad_class.out / name / "report.html").is_file()
    assert scores(bad_class.records[RIGHT_ONE]) == 90


@pytest.mark.timeout(1000)
@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_its_verdict_no_points_and_a_sentence(bad_class, name):
    kept = (bad_class.out / name / "attempt-001.json").read_bytes()
    assert_fair(from_json(kept), BAD[name])
    assert scores(bad_class.records[name]) < 90


@pytest.mark.timeout(1000)
def test_only_the_archives_that_cannot_be_opened_are_refused(quick_course, tmp_path):
    folder = tmp_path / "class"
    handed_in(folder / "right", {"score_matrix.py": RIGHT.encode()})
    good = zipped({"score_matrix.py": RIGHT.encode()})
    archives = {
        "good": good,
        "corrupt": good[: len(good) // 2],
        "empty": b"",
        "bomb": zipped({"score_matrix.py": RIGHT.encode(), "zeros": bytes(300 << 20)}),
        "escape": zipped({"../../escaped.py": b"x = 1", "score_matrix.py": RIGHT.encode()}),
        "absolute": zipped({"/var/tmp/escaped-from-a-zip.py": b"x = 1", "score_matrix.py": RIGHT.encode()}),
    }
    for name, content in archives.items():
        (folder / f"{name}.zip").write_bytes(content)
    result = grader(quick_course, folder, tmp_path / "out")
    assert result.returncode == 3, result.stderr[-2000:]
    found = records(result.stdout)
    assert set(found) == {"right", *archives}
    refused = {name: record["refused"] for name, record in found.items() if record["refused"]}
    assert set(refused) == set(archives) - {"good"}
    for name, words in refused.items():
        assert re.fullmatch(r"[A-Z“].*\.", words), f"{name}: {words}"
        assert "Error" not in words
        assert not found[name].get("fault")
    assert scores(found["right"]) == scores(found["good"]) == 90
    escaped = [path for path in tmp_path.rglob("*escaped*") if path.is_file()]
    assert escaped == []
    assert not Path("/var/tmp/escaped-from-a-zip.py").exists()
