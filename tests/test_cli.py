"""The command line: what it says, how it ends, and what it leaves behind."""

import ast
import csv
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import pytest

from grader.cli import COMMANDS, cli
from grader.commands.options import RunOptions, drawn_seed
from grader.records.record import from_json
from grader.records.store import Store
from grader.reports.pages import write_report_page
from grader.verification.invariants import Finding
from grader.written.questions import QuestionSheet

ROOT = Path(__file__).resolve().parents[1]
SLOW = "import time\n\n\ndef double(x):\n    time.sleep(600)\n    return 2 * x\n"
RIGHT = "def double(x):\n    return 2 * x\n"


def run(*arguments, cwd=None):
    """`grader ARGUMENTS` in a process of its own."""
    command = [sys.executable, "-m", "grader", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=cwd)


def refused(outcome, code, *words):
    """The command ended with this code and one line on stderr that says these words."""
    assert outcome[0] == code, outcome
    assert outcome[1] == ""
    lines = outcome[2].splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("grader: ")
    for word in words:
        assert word in lines[0]


# A command keeps the help option of its first context: one that a test makes must have the names of the real one.
HELP = ["-h", "--help"]


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)], ids=lambda c: " ".join(c) or "grader")
def test_every_help_has_an_example_that_begins_with_the_command(ended, command):
    code, out, err = ended(*command, "--help")
    assert (code, err) == (0, "")
    assert "Example" in out
    assert re.search(rf"^ +grader {' '.join(command)}", out, re.MULTILINE)
    assert ended(*command, "-h")[1] == out


def below(command, *path):
    """The paths of all commands below a group."""
    for name in command.list_commands(click.Context(command)):
        one = command.get_command(click.Context(command), name)
        yield from below(one, *path, name) if isinstance(one, click.Group) else [(one, (*path, name))]


def test_every_command_of_a_group_has_an_example_too():
    found = list(below(cli))
    assert len(found) > 40
    without = [path for one, path in found if f"  grader {' '.join(path)}" not in (one.help or "")]
    assert without == []


def helps(command):
    """What `--help` prints of a command and of all below it, without line breaks."""
    yield " ".join(command.get_help(click.Context(command, help_option_names=HELP)).split())
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            yield from helps(command.get_command(click.Context(command), name))


def test_a_variable_that_help_or_readme_names_is_one_that_is_read():
    modules = [ast.parse(path.read_text()) for path in (ROOT / "grader").rglob("*.py")]
    read = {node.value for module in modules for node in ast.walk(module) if isinstance(node, ast.Constant)}
    named = set(re.findall(r"GRADER\w+", " ".join(helps(cli)) + (ROOT / "README.md").read_text()))
    assert {"GRADER_DB", "GRADER_COURSE", "GRADER_DATA"} <= named
    assert named <= read


@pytest.mark.parametrize("arguments", ["--help", "--version", "grade --help", "new --help"])
def test_help_waits_for_no_large_library(arguments):
    code = (
        "import sys\nfrom grader.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as end:\n    assert end.code == 0, end.code\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code, *arguments.split()], capture_output=True, text=True, check=True)
    loaded = set(ended.stderr.split())
    assert "click" in loaded
    assert not loaded & {"torch", "numpy", "pandas", "jinja2", "rich", "pytest", "_pytest", "scipy", "safetensors"}


def test_the_list_of_commands_is_the_folder_of_commands():
    modules = {path.stem for path in (ROOT / "grader/commands").glob("*.py")}
    shared = {
        "__init__",
        "attack_table",
        "audit_table",
        "class_line",
        "options",
        "outcome_table",
        "progress",
        "run_setting",
    }
    shared |= {"class_options", "class_progress", "class_run", "reference_figures", "right_assignment", "terminal"}
    shared |= {"gradebook_book", "gradebook_decisions", "gradebook_differences", "gradebook_output", "gradebook_total"}
    shared |= {
        "cluster_run",
        "desk_work",
        "item_tables",
        "near_copies",
        "export_autograder",
        "export_github",
        "page_templates",
        "printing",
    }
    named = {"data": "datasets", "import": "imports"}  # Python keeps the word `import` for itself
    assert {named.get(name, name.replace("-", "_")) for name in COMMANDS} == modules - shared
    assert all(isinstance(cli.get_command(None, name), click.Command) for name in COMMANDS)
    assert cli.get_command(None, "options") is None


def documented():
    """Every `grader …` in the README and the page about Gradescope: in code blocks and in backticks."""
    text = "\n".join((ROOT / page).read_text() for page in ("README.md", "docs/gradescope.md"))
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()] + re.findall(r"`(grader [^`]*)`", text)
    found = [re.search(r"(?:^|[ /&])grader ([a-z].*)", line.partition("#")[0].strip()) for line in lines]
    return sorted({match[1] for match in found if match})


@pytest.mark.parametrize("line", documented())
def test_every_documented_command_exists_with_its_options(line):
    name, *words = shlex.split(line.partition("&&")[0].partition("|")[0])
    command = cli.get_command(None, name)
    if isinstance(command, click.Group):
        command = command.get_command(None, words.pop(0))
    assert command is not None
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word.partition("=")[0] for word in words if word.startswith("-")} <= known


@pytest.mark.parametrize("command", ["grade", "reference"])
def test_the_seed_of_any_run_can_be_given_back(command, monkeypatch):
    monkeypatch.setattr("secrets.randbits", lambda bits: 2**bits - 1)
    arguments = ["demo", *(["x"] if command == "grade" else []), "--seed"]
    made = cli.get_command(None, command)
    parsed = made.make_context(command, [*arguments, str(drawn_seed())], help_option_names=HELP)
    assert parsed.params["seed"] == drawn_seed() == 2**63 - 1
    with pytest.raises(click.BadParameter):
        made.make_context(command, [*arguments, str(2**63)], help_option_names=HELP)


def test_usage_errors_are_one_line_that_says_what_there_is(ended, demo, tmp_path, monkeypatch):
    work = tmp_path / "ann.py"
    work.write_text(RIGHT)
    refused(ended("grade", "lab9", work), 2, "lab9", "there are: demo")
    refused(ended("grade", "demo", work, "--part", "x"), 2, "'x'", "there are: warm_up")
    refused(ended("grade", "demo/warm-up", work), 2, "demo has no part 'warm-up'; did you mean 'warm_up'?")
    refused(ended("reference", "demmo"), 2, "no assignment 'demmo'; did you mean 'demo'?")
    refused(ended("verify", "demo/x"), 2, "there are: warm_up")
    refused(ended("new", "demo"), 2, "ASSIGNMENT/PART")
    refused(ended("new", "Demo/Part!"), 2, "ASSIGNMENT/PART")
    refused(ended("new", "../x/y"), 2, "ASSIGNMENT/PART")
    refused(ended("new", "demo/warm_up"), 2, "already exists")
    refused(ended("report", tmp_path / "nowhere"), 2, "grader grade")
    (tmp_path / "empty").mkdir()
    refused(ended("report", tmp_path / "empty"), 2, "no records")
    (tmp_path / "class").mkdir()
    monkeypatch.setattr("grader.running.devices.nvidia_devices", list)
    refused(ended("grade", "demo", work, "--device", "cuda"), 2, "--device cpu")
    monkeypatch.setenv("GRADER_COURSE", "/")
    refused(ended("stubs"), 2, "--course or GRADER_COURSE")


def test_what_click_refuses_is_a_usage_error_too(ended, demo):
    for arguments in (
        ("mark",),
        ("grade", "demo"),
        ("grade", "demo", "x", "--jobs", "0"),
        ("grade", "demo", "x", "--sandbox", "glass"),
        ("--no-such-option",),
    ):
        code, out, err = ended(*arguments)
        assert (code, out) == (2, "")
        assert "Error: " in err
        assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("gade", "lab1"), "no command 'gade'; did you mean 'grade'?"),
        (("gradebook", "shwo", "x"), "'show'"),
        (("grade", "lab1", "x", "--jsn"), "--json"),
    ],
)
def test_a_command_or_an_option_with_a_typo_is_told_what_was_meant(ended, arguments, words):
    code, out, err = ended(*arguments)
    assert (code, out) == (2, "")
    assert words in err


def test_faults_of_the_course_are_one_line_and_exit_code_1(ended, demo):
    (part,) = demo.parts("demo")
    toml = part.fixture_folder / "part.toml"
    toml.write_text(toml.read_text() + "colour = 3\n")
    refused(ended("fixtures"), 1, "part.toml", "colour")
    toml.write_text('title = "T"\n')
    part.reference.write_text("def double(x:\n")
    refused(ended("stubs"), 1, "does not parse")


def test_the_caller_has_its_own_sigterm_handler_back(ended, monkeypatch):
    def mine(*_):
        pass

    before = signal.signal(signal.SIGTERM, mine)
    try:
        for arguments in (("--version",), ("mark",), ("report", "nowhere")):
            ended(*arguments)
            assert signal.getsignal(signal.SIGTERM) is mine
    finally:
        signal.signal(signal.SIGTERM, before)


def test_sigterm_while_a_command_runs_ends_it_in_order(ended, monkeypatch):
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("grader.cli.cli.main", lambda *_, **__: signal.raise_signal(signal.SIGTERM))
    code, _, err = ended("grade", "demo", "x")
    assert (code, err) == (143, "ended; what was finished is kept: run the same command to resume\n")
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize(
    ("number", "word", "code"), [(signal.SIGTERM, "ended", 143), (signal.SIGINT, "interrupted", 130)]
)
def test_an_error_that_a_signal_caused_is_no_error(ended, monkeypatch, number, word, code):
    """A signal may come while a lock is held, and then the lock's own error comes out."""

    def interrupted(*_, **__):
        try:
            signal.raise_signal(number)
        finally:
            raise RuntimeError("release unlocked lock")

    monkeypatch.setattr("grader.cli.cli.main", interrupted)
    assert ended("grade", "demo", "x")[::2] == (
        code,
        f"{word}; what was finished is kept: run the same command to resume\n",
    )
    monkeypatch.setattr("grader.cli.cli.main", lambda *_, **__: {}["what is not there"])
    with pytest.raises(KeyError):
        ended("grade", "demo", "x")


def test_debug_shows_our_own_traceback(ended, demo, monkeypatch):
    monkeypatch.setenv("GRADER_DEBUG", "")  # put back afterwards
    code, _, err = ended("--debug", "verify", "demo/x")
    assert code == 2
    assert "Traceback" in err
    assert err.splitlines()[-1].startswith("grader: ")


def test_a_folder_that_cannot_be_written_is_one_line(ended, demo, tmp_path, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("grader.commands.report.write_report_page", full)
    records_of_one(tmp_path / "out")
    refused(ended("report", tmp_path / "out"), 1, "No space left on device")


def records_of_one(folder):
    from record_examples import score_matrix_part

    from grader.records.record import EnvironmentRecord, ResultRecord, SubmissionRecord

    record = ResultRecord(
        assignment="demo",
        submission=SubmissionRecord(name="ann", sha256=""),
        environment=EnvironmentRecord(sandbox="process"),
        parts=(score_matrix_part(),),
    )
    store = Store(folder)
    return store.path_of(store.append(record))


def test_reports_are_rendered_again_from_records_alone(ended, tmp_path):
    path = records_of_one(tmp_path / "out")
    code, out, _ = ended("report", tmp_path / "out")
    assert code == 0
    assert out.startswith("1 reports: ")
    page = (path.parent / "report.html").read_text()
    assert "Scoring every movie for every user" in page
    assert "ann/staff.html" in (tmp_path / "out" / "index.html").read_text()
    assert 'href="report.html"' in (path.parent / "staff.html").read_text()
    code, out, _ = ended("report", tmp_path / "out", "--text")
    assert code == 0
    assert "Scoring every movie for every user" in out
    path.write_text("{}")
    for options in ((), ("--text",)):
        code, _, err = ended("report", tmp_path / "out", *options)
        assert code == 1, "a person must look"
        assert f"{path} cannot be read as a record: " in err
        assert "move it away, or grade again" in err
    assert "ann/attempt-001.json" in (tmp_path / "out" / "index.html").read_text()


def test_doctor_attacks_nobody_without_a_sandbox(ended, monkeypatch):
    fought = []
    monkeypatch.setattr("grader.commands.doctor._attack", lambda level: fought.append(level) or 0)
    code, _, err = ended("doctor", "--attack", "--sandbox", "direct")
    assert (code, fought) == (2, [])
    assert "attacks would succeed without a sandbox" in err


def test_doctor_says_what_this_machine_gives(ended):
    code, out, err = ended("doctor")
    assert (code, err) == (0, "")
    assert all(line.startswith(("ok   ", "MISS ")) for line in out.splitlines())
    for word in ("torch", "pytest", "sandbox bubblewrap", "sandbox process", "protection", "cores", "device"):
        assert word in out


def test_doctor_says_what_a_killed_grader_left_and_cleans_it_on_demand(ended, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("grader.sandbox.left_behind._FRESH_SECONDS", -1.0)
    left, not_ours = tmp_path / "mlgrader-slot-abcd1234", tmp_path / "mlgrader-slot-of-another"
    for folder in (left, not_ours):
        (folder / "home").mkdir(parents=True)
    link = tmp_path / "mlgrader-slot-abcd5678"
    link.symlink_to(not_ours)
    said = ended("doctor")[1]
    assert f"MISS left behind          the folder {left}: `grader doctor --clean` removes it" in said
    assert said.count("MISS left behind") == 1
    assert left.exists(), "only on demand"
    assert "ok   left behind" in ended("doctor", "--clean")[1]
    assert sorted(tmp_path.iterdir()) == [link, not_ours]


def test_doctor_says_what_students_may_import_and_what_of_it_is_missing(ended, demo):
    assert "course " not in ended("doctor")[1]
    with (demo.root / "course.toml").open("a") as file:
        file.write('[packages]\nPIL = "pillow"\nodd = "no-such-package-of-anyone"\n')
    code, out, _ = ended("doctor")
    assert code == 0
    assert re.search(r"^ok   course pillow +\d\S*: students may import PIL$", out, re.MULTILINE)
    missing = r"^MISS course no-such-package-of-anyone +not installed: pip install no-such-package-of-anyone$"
    assert re.search(missing, out, re.MULTILINE)


def test_doctor_works_outside_a_course(ended, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADER_COURSE", raising=False)
    code, out, _ = ended("doctor")
    assert code == 0
    assert "torch" in out


@pytest.fixture
def graded_class(demo, tmp_path):
    """Two submissions, one of them not readable, and where they are graded to."""
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "ann").mkdir()
    (folder / "ann" / "warm_up.py").write_text(RIGHT)
    (folder / "bob.zip").write_bytes(b"no zip")
    return folder, tmp_path / "out"


def test_a_class_is_graded_and_marked_again(graded_class):
    folder, out = graded_class
    table = run("grade", "demo", folder, "--out", out, "--jobs", "1")
    assert table.returncode == 3, table.stderr
    assert table.stderr == "Folder of submissions: 2 students\n"
    assert re.search(r"^ann +10 +10 ", table.stdout, re.MULTILINE)
    assert re.search(r"^bob +- +- .*refused", table.stdout, re.MULTILINE)
    assert str(out / "index.html") in table.stdout.replace("\n", "")
    first = (out / "ann" / "attempt-001.json").read_bytes()
    assert (out / "ann" / "report.html").is_file()
    index = (out / "index.html").read_text()
    assert "ann/staff.html" in index
    assert (out / "ann" / "staff.html").is_file()
    assert set(json.loads((out / "fingerprints.json").read_bytes())["submissions"]) == {"ann"}
    assert json.loads((out / "analysis.json").read_bytes())["left_out"] == {"refused": 1}
    assert "bob" in index

    again = run("grade", "demo", folder, "--out", out, "--jobs", "1", "--json", "--seed", "7")
    assert again.returncode == 3
    assert again.stderr == ""
    lines = {line["submission"]["name"]: line for line in map(json.loads, again.stdout.splitlines())}
    assert set(lines) == {"ann", "bob"}
    assert "damaged" in lines["bob"]["refused"]
    stored = from_json((out / "ann" / "attempt-002.json").read_bytes())
    assert stored == from_json(json.dumps(lines["ann"]).encode())
    assert (stored.score, stored.max_score, stored.seed, stored.attempt) == (10, 10, 7, 2)
    assert (out / "ann" / "attempt-001.json").read_bytes() == first


def test_a_class_again_grades_only_what_is_new_and_loses_nobody(ended, graded_class, monkeypatch):
    folder, out = graded_class
    monkeypatch.setenv("COLUMNS", "200")
    grade = ("grade", "demo", folder, "--out", out, "--jobs", "1")
    assert ended(*grade)[0] == 3
    first = (out / "ann" / "attempt-001.json").read_bytes()
    (folder / "zoe").mkdir()
    (folder / "zoe" / "warm_up.py").write_text(RIGHT)

    code, table, err = ended(*grade)  # one late arrival
    assert code == 3, "bob still needs somebody"
    assert "1 of 3 submissions are already graded and unchanged; grading 1 refused before, 1 new" in err
    assert re.search(r"^ann +10 +10 .*unchanged", table, re.MULTILINE)
    assert "1 of 3 needs a look: bob" in table
    assert len({record.seed for record in Store(out).latest() if not record.refused}) == 1
    assert {path.name for path in out.glob("*/attempt-*.json")} == {"attempt-001.json"}

    code, lines, _ = ended(*grade, "--again", "--json")
    assert len(lines.splitlines()) == 3
    names = sorted(str(path.relative_to(out)) for path in out.glob("*/attempt-*.json"))
    assert names == [
        f"{name}/attempt-00{n}.json" for name, n in (("ann", 1), ("ann", 2), ("bob", 1), ("zoe", 1), ("zoe", 2))
    ]
    assert (out / "ann" / "attempt-001.json").read_bytes() == first
    assert not (out / "run.jsonl").exists()


def test_one_part_is_graded_by_its_path_as_practice(ended, graded_class):
    """As `--part` does it: a grade stays what it is."""
    folder, out = graded_class
    assert ended("new", "demo/cool_down")[0] == 0
    ended("grade", "demo", folder / "ann", "--out", out, "--jobs", "1")
    (grade,) = Store(out).latest()
    code, told, _ = ended("grade", "demo/warm_up/", folder / "ann", "--out", out, "--jobs", "1")
    assert code == 0
    assert told.startswith("ann: 10 of 10\nNot a grade.\n")
    assert list(Store(out).latest()) == [grade]
    attempts = {"attempt-001.json", "attempt-001.answers", "attempt-002.json", "attempt-002.html"}
    assert {path.name for path in (out / "ann").iterdir()} == {*attempts, "report.html", "staff.html"}
    assert RunOptions(part=("cool_down",)).on("demo/warm_up") == ("demo", RunOptions(part=("warm_up", "cool_down")))
    assert RunOptions().on("demo") == ("demo", RunOptions())


def test_of_one_submission_the_terminal_tells_what_failed_and_where_the_page_is(ended, demo, tmp_path):
    (tmp_path / "ann.py").write_text("def double(x):\n    return 3 * x\n")
    out = tmp_path / "out"
    code, told, err = ended("grade", "demo", tmp_path / "ann.py", "--out", out, "--jobs", "1")
    assert (code, err) == (0, "")
    assert told.startswith("ann: 0 of 10\n")
    assert "  Not right yet, 0 of 10: " in told
    assert "    `double(x)` has wrong values.\n" in told
    assert f"the student's page: {out / 'ann' / 'report.html'}\n" in told
    assert ended("grade", "demo", tmp_path / "ann.py", "--out", out, "--jobs", "1")[1].startswith("unchanged since")


def test_who_was_refused_stays_on_every_page(ended, graded_class):
    folder, out = graded_class
    assert ended("grade", "demo", folder, "--out", out, "--jobs", "1")[0] == 3
    assert ended("grade", "demo", folder / "ann", "--out", out, "--jobs", "1")[0] == 0
    assert ended("report", out)[0] == 0
    assert "Not graded" in (out / "bob" / "report.html").read_text()
    page = (out / "index.html").read_text()
    assert page.index("Needs a look") < page.index("damaged") < page.index("How the scores are spread")
    rows = list(csv.DictReader(io.StringIO((out / "scores.csv").read_text(encoding="utf-8-sig"))))
    assert [(row["name"], row["score"], row["standing"]) for row in rows] == [
        ("ann", "10.0", "final"),
        ("bob", "", "refused"),
    ]
    assert "damaged" in rows[1]["reason"]

    (folder / "bob.zip").unlink()
    (folder / "ann" / "warm_up.py").rename(folder / "ann" / "notes.txt")
    assert ended("grade", "demo", folder / "ann", "--out", out, "--jobs", "1")[0] == 3
    (ann, _) = Store(out).latest()
    assert (ann.attempt, ann.score) == (1, 10), "a later one that is refused takes no grade away"
    assert "Attempt 2 was refused" in (out / "index.html").read_text()
    assert "Not graded" in (out / "ann" / "attempt-002.html").read_text()


def test_a_class_of_another_assignment_is_asked_about_before_anything_is_graded(ended, demo, tmp_path):
    for name in ("ann", "bob", "cy"):
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "other.py").write_text("def triple(x):\n    return 3 * x\n")
    grade = ("grade", "demo", tmp_path / "class", "--out", tmp_path / "out", "--jobs", "1")
    code, out, err = ended(*grade)
    told = err.splitlines()[-1]  # after what was found
    assert (code, out) == (2, "")
    for words in ("grader: none of the 3 submissions", "is this the right assignment?", "other.py"):
        assert words in told
    assert not (tmp_path / "out").exists()
    (tmp_path / "class" / "cy" / "cy.py").write_text("def double(x):\n    return 2 * x\n")
    assert ended(*grade)[0] in (0, 3), "one of them has something"


def test_a_folder_with_records_of_another_assignment_is_a_usage_error(ended, demo, tmp_path):
    records_of_one(tmp_path / "out")
    (tmp_path / "out" / "ann" / "attempt-001.json").write_bytes(
        (tmp_path / "out" / "ann" / "attempt-001.json").read_bytes().replace(b'"demo"', b'"lab7"')
    )
    refused(ended("grade", "demo", tmp_path, "--out", tmp_path / "out"), 2, "records of lab7", "--out")


def test_no_name_of_a_student_stops_the_class_or_paints_the_terminal(demo, tmp_path):
    names = (b"latin-\xe9", b"red\x1b[31m", "gpj.\u202etxt".encode(), b"[bold]x")
    for name in names:
        folder = tmp_path / "class" / os.fsdecode(name)
        folder.mkdir(parents=True)
        (folder / "warm_up.py").write_text(RIGHT)
    graded = run("grade", "demo", tmp_path / "class", "--out", tmp_path / "out", "--jobs", "1")
    assert graded.returncode == 0, graded.stderr
    said = graded.stdout + graded.stderr
    assert not {"\x1b", "\u202e"} & set(said)
    for shown in (r"latin-\udce9", r"red\x1b[31m", r"gpj.\u202etxt", "[bold]x"):
        assert re.search(rf"^{re.escape(shown)} +10 +10 ", said, re.MULTILINE), said


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_page_that_cannot_be_written_stops_nobody_else(ended, graded_class, monkeypatch, options):
    folder, out = graded_class
    (folder / "zoe").mkdir()
    (folder / "zoe" / "warm_up.py").write_text(RIGHT)
    monkeypatch.setenv("COLUMNS", "200")
    with monkeypatch.context() as broken:

        def write(store, record, made):
            if record.submission.name == "ann":
                raise ValueError("no such template")
            return write_report_page(store, record, made)

        broken.setattr("grader.commands.class_run.write_report_page", write)
        code, table, err = ended("grade", "demo", folder, "--out", out, "--jobs", "1", *options)
    assert code == 1
    assert [record.score for record in Store(out).latest() if not record.refused] == [10, 10]
    assert (out / "zoe" / "report.html").is_file()
    assert not (out / "ann" / "report.html").exists()
    assert "the record is stored, but its answers or its page could not be written: ValueError: no such template" in (
        table if not options else err
    )
    assert "the grader failed on 1 of 3 submissions" in err
    code, _, err = ended("grade", "demo", folder, "--out", out, "--jobs", "1", *options)
    assert code == 3
    assert "2 of 3 submissions are already graded" in err, "the record is there"
    assert (out / "ann" / "report.html").is_file()


@pytest.mark.slow
def test_a_new_part_verifies_and_its_reference_earns_full_marks(demo):
    verified = run("verify", "--jobs", "1")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert verified.stdout.count("ok  ") == 9
    assert "all invariants hold" in verified.stdout
    reference = run("reference", "demo", "--seed", "5")
    assert reference.returncode == 0
    assert "demo: 10 of 10 (seed 5" in reference.stdout


@pytest.mark.parametrize(
    "arguments", [("grade", "demo", "reference"), ("reference", "demo"), ("audit", "demo")], ids=lambda a: a[0]
)
def test_nothing_is_run_of_a_part_that_its_author_left_broken(ended, demo, monkeypatch, arguments):
    """A class must not be graded by checks that are known to be wrong; the sentence is that of `grader verify`."""
    (part,) = demo.parts("demo")
    part.check_file.write_text(part.check_file.read_text().replace("expected.doubled", "expected.dubbled"))
    monkeypatch.chdir(demo.root)
    sentence = "checks/demo/check_warm_up.py:9: make.py makes no value 'dubbled'; did you mean 'doubled'?"
    refused(ended(*arguments), 1, sentence)
    assert not (demo.root / "build").exists()
    code, out, _ = ended("verify", "--jobs", "1")
    assert code == 1
    assert sentence in out
    assert out.count("FAIL") == 1
    assert out.rstrip().endswith("1 problems")


def test_verify_prints_what_is_broken_with_its_repair(ended, demo, monkeypatch):
    found = [Finding(2, "demo/warm_up", "the template is old", "grader stubs demo/warm_up")]
    monkeypatch.setattr("grader.commands.verify.verify", lambda *_: found)
    code, out, _ = ended("verify", "demo/warm_up")
    assert code == 1
    assert re.search(
        r"^FAIL 2 .*\n +demo/warm_up: the template is old\n +repair: grader stubs demo/warm_up$", out, re.MULTILINE
    )
    assert out.count("ok  ") == 8
    assert out.rstrip().endswith("1 problems")


def test_stubs_are_checked_without_being_written(ended, demo):
    (part,) = demo.parts("demo")
    text = part.template.read_text()
    part.template.write_text("")
    assert ended("stubs", "--check")[:2] == (1, "out of date: student_template/demo/warm_up.py\n")
    assert part.template.read_text() == ""
    assert ended("stubs")[:2] == (0, "student_template/demo/warm_up.py\n")
    assert part.template.read_text() == text
    assert ended("stubs", "--check")[:2] == (0, "")


def test_stubs_make_the_answers_file_of_an_assignment_with_questions(ended, demo):
    sheet = QuestionSheet(demo.root, "demo")
    sheet.source.write_text('[[question]]\nname = "why"\ntitle = "Why"\npoints = 5\ntext = "Say why."\n')
    files = ("student_template/demo/answers.md", "student_template/demo/demo.ipynb")
    assert ended("stubs", "--check")[:2] == (1, "".join(f"out of date: {file}\n" for file in files))
    assert not sheet.template.exists()
    assert ended("stubs", "demo/warm_up")[:2] == (0, "".join(f"{file}\n" for file in files))
    assert sheet.is_current()
    assert "Say why." in demo.notebook("demo").read_text()
    assert ended("stubs", "--check")[:2] == (0, "")


def children_of(pid):
    """The processes below `pid` now: pid and start time, which together are never used twice."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(stat.parent.name)] = (int(fields[1]), fields[19])
    found = set()
    for candidate, (_, started) in parents.items():
        above = candidate
        while above in parents:
            above = parents[above][0]
            if above == pid:
                found.add((candidate, started))
                break
    return found


@pytest.mark.parametrize("ended_by", [signal.SIGINT, pytest.param(signal.SIGKILL, marks=pytest.mark.slow)])
def test_an_interruption_keeps_what_was_graded_and_leaves_no_process(demo, tmp_path, ended_by):
    folder, out = tmp_path / "class", tmp_path / "out"
    for name, source in (("a_quick", RIGHT), ("b_slow", SLOW), ("c_slow", SLOW), ("d_slow", SLOW)):
        (folder / name).mkdir(parents=True)
        (folder / name / "warm_up.py").write_text(source)
    (part,) = demo.parts("demo")
    (part.fixture_folder / "part.toml").write_text('title = "T"\n[limits]\ncall_seconds = 600\n')
    command = [sys.executable, "-m", "grader", "grade", "demo", str(folder), "--out", str(out), "--jobs", "2"]
    grading = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 60
        while not (out / "index.html").is_file():
            assert grading.poll() is None, grading.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(0.5)  # the slow ones are sleeping in their sandboxes now
        below = children_of(grading.pid)
        assert len(below) >= 4
        grading.send_signal(ended_by)
        _, words = grading.communicate(timeout=60)  # it does not wait for the slow ones
    finally:
        grading.kill()
        grading.wait()
    if ended_by == signal.SIGINT:
        assert grading.returncode == 130
        said, *_, interrupted = filter(None, words.splitlines())  # between them a line now and then
        assert said == "Folder of submissions: 4 students"
        assert interrupted == "interrupted; what was finished is kept: run the same command to resume"
    deadline = time.monotonic() + 5
    while (left := below & children_of(1)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left
    assert [record.submission.name for record in Store(out).latest()] == ["a_quick"]
    assert [record.score for record in Store(out).latest()] == [10]
    assert "3 of 4 submissions are" in (out / "index.html").read_text(), "the page tells who is still to be graded"
    assert "b_slow, c_slow, d_slow</details>" in (out / "index.html").read_text()
