"""The README of a handout: what to do and to hand in, what may be imported, limits, grading, feedback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.course import packages
from grader.course.catalog import Course
from grader.course.part_toml import MINI_CPU
from grader.handout.datasets_at_home import DataAtHome
from grader.handout.part_at_home import PartAtHome
from grader.written.questions import Question, QuestionSheet

_START = """\
Install what you need once, in this folder:

    pip install -r requirements.txt

Then write your code where a file raises `NotImplementedError`.{notebook} Leave the folder `checks/` as it is.

    grader check                    # run the visible checks of all parts
    grader check {part}{gap}# of one part
    grader check --watch            # again each time you save

In a notebook a cell can check the functions that you have just run:

    from grader import practice
    practice.check("{part}")

In Google Colab first upload the zip of this folder, then run in a cell:

    !unzip -q {assignment}.zip
    !pip install -q mlgrader
"""
_HAND_IN = """\
Hand in {files}. Leave out `checks/` and `data/`.

Only what your functions need is run: imports, definitions, and the values that they use. Training loops, plots and
`input()` outside of them do no harm.
"""
_COUNTS = """\
`grader check` is practice. It runs your code without a sandbox and without its limits, and it gives no grade. When
your work is graded, the same visible checks run with other random numbers, and more checks run whose code you do not
have: they try other inputs. Two things help: do what the docstrings say, and do not write code that only fits the
numbers of the visible checks.
"""
_FEEDBACK = """\
Every check has a sentence that says what it asks. If it fails, you read what is wrong, where the first difference is,
and your own traceback. Small matrices are shown as *expected*, *yours* and *difference*. *Skipped* means that another
check must pass first: begin with that one. *Missing* means that the function is in no file: keep the template's names.
"""


@dataclass(frozen=True)
class Readme:
    """Writes the page for an assignment and its parts; ``notebook`` is the name of its notebook, if it has one."""

    course: Course
    assignment: str
    homes: Sequence[PartAtHome]
    data: DataAtHome
    notebook: str

    @cached_property
    def _questions(self) -> tuple[Question, ...]:
        return QuestionSheet(self.course.root, self.assignment).questions

    def text(self) -> str:
        """Return the page as Markdown."""
        sections = {
            "How to work": self._start(),
            "What to hand in": _HAND_IN.format(files=self._files()),
            "The parts": "\n".join(self._parts()) + "\n",
            "What you may import": self._imports(),
            "Data": "\n".join(self._data()) + "\n",
            "Limits and devices": "\n".join(self._limits()) + "\n",
            "How it is graded": _COUNTS + "".join(f"\n{words}\n" for words in self._graded()),
            "How to read feedback": _FEEDBACK,
        }
        pages = [f"## {title}\n\n{text}" for title, text in sections.items() if text.strip()]
        return "\n".join([f"# {self.course.title_of(self.assignment)}\n", *pages])

    def _start(self) -> str:
        part = self.homes[0].part.name
        place = "`answers.md` or in the notebook" if self.notebook else "`answers.md`"
        answers = f"\nWrite your answers in {place}, below each question.\n"
        gap = " " * max(1, 19 - len(part))
        notebook = f" Work in the `.py` files, or in the notebook\n`{self.notebook}`." if self.notebook else ""
        words = _START.format(notebook=notebook, assignment=self.assignment, part=part, gap=gap)
        return words + (answers if self._questions else "")

    def _files(self) -> str:
        """Return in words which files are handed in."""
        code = " and ".join(f"`{home.part.name}.py`" for home in self.homes[-2:])
        code = ", ".join([*(f"`{home.part.name}.py`" for home in self.homes[:-2]), code])
        if self._questions:
            code += ", and `answers.md`"
        if not self.notebook:
            return code
        beside = " (your answers may be in it)" if self._questions else ""
        return f"{code}; or the notebook `{self.notebook}`{beside} instead of the `.py` files, but not both"

    def _parts(self) -> Iterator[str]:
        for home in self.homes:
            names = ", ".join(f"`{entry.name}`" for entry in home.part.entry_points)
            points, at_home = home.points
            worth = f"{points:g} points, {at_home:g} of them for checks that you can run here"
            yield f"- `{home.part.name}.py`: {home.part.config.title}. You write {names} ({worth})."

    def _imports(self) -> str:
        told = packages.told(self.course.config.packages)
        return f"{told} Other packages are not installed where your work is graded.\n" if told else ""

    def _data(self) -> Iterator[str]:
        for name in self.data.names:
            about, values = self.data.about(name), self.data.values.get(name, {})
            files = ", ".join(f"`data/{name}/{value}{ending}`" for value, (ending, _) in values.items())
            yield f"- {files or name}: a small stand-in of the same form for {about.title}."
            yield f"  The real data are at <{about.download.url}>. Terms: {about.terms}"
        if any(ending == ".npy" for values in self.data.values.values() for ending, _ in values.values()):
            yield ""
            yield 'Read a `.npy` file with `torch.from_numpy(numpy.load("data/..."))`, a table with `pandas.read_csv`.'

    def _limits(self) -> Iterator[str]:
        yield "When your work is graded, and not here:"
        yield ""
        for home in self.homes:
            limits, devices = home.part.config.limits.on(MINI_CPU), " or ".join(home.part.config.devices)
            yield (
                f"- `{home.part.name}`: each call has {limits.call_seconds:g} seconds, the part "
                f"{limits.part_seconds:g} seconds and {limits.memory_mb} MB of memory, on {devices}."
            )

    def _graded(self) -> Iterator[str]:
        if self._questions:
            worth = sum(question.points for question in self._questions)
            yield f"A person reads and marks your written answers, which are worth {worth:g} points."
        names = [f"`{home.part.name}/{name}`" for home in self.homes for name in home.only_graded]
        if names:
            told = "You see the results of these checks, but they run only when your work is graded"
            yield f"{told}: {', '.join(names)}."
