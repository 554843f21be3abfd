"""A class with written answers for the tests of the marking desk, and a desk that is open for it."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import msgspec
import uvicorn
from gradebook_examples import graded, make_class, person

from grader.desk.app import make_app
from grader.desk.desk import Desk
from grader.desk.saving import begin_rubrics
from grader.desk.work import read_work
from grader.gradebook.database import Database
from grader.gradebook.place import FILE
from grader.gradebook.scores import scores
from grader.gradebook.take_in import take_in
from grader.records.record import WrittenRecord
from grader.written.questions import Question, RubricLine

TOKEN = "token-of-the-tests"
HOST = "testserver"
WHY = Question(
    name="why",
    title="Why it works",
    text="Why is the rank at most $2$?",
    points=6,
    model_answer="MODEL-7431: because $U$ has two columns.",
    rubric=(RubricLine(words="RUBRIC-7431 right idea", points=4), RubricLine(words="with an example", points=2)),
)
HOW = Question(name="how", title="How it ends", text="How does it end?", points=4)
LONG = "Gradient descent ends near the smallest loss that a matrix of rank two can have, and never below it."
ANSWERS = {
    "Ada": (LONG, "Well."),
    "Bo": (LONG.replace("smallest", "lowest"), "Badly, in my opinion, because the step was far too long."),
    "Cy": (f"{LONG} ", "With a *plot*."),
    "Di": ("Because of $\\sigma_3$.", ""),
    "Eve": ("", ""),
}


def handed_in(name, *answers, questions=(WHY, HOW), **fields):
    """The record of a submission with an answer to each question."""
    written = tuple(
        WrittenRecord(
            name=question.name,
            title=question.title,
            question=question.text,
            points=question.points,
            answer=text,
            source="answers.md" if text else "",
        )
        for question, text in zip(questions, answers, strict=True)
    )
    return msgspec.structs.replace(graded(name, 10, 5, **fields), written=written)


def make_written_class(folder, answers=ANSWERS, **fields):
    """Store the records of a class; everybody's id is their name with ``id-`` before it."""
    records = [handed_in(name, *texts, **fields) for name, texts in answers.items()]
    return make_class(folder, *records, people=[person(name, id=f"id-{name}") for name in answers])


def open_desk(folder, *, by="tess", names=False, questions=(WHY, HOW), url=None):
    """Open a desk for the records in a folder, as `grader mark` does."""
    database = Database(url or f"sqlite:///{folder / FILE}")
    with database.session() as session:
        assignment = take_in(session, folder).assignment
        work = read_work(folder, assignment.title, scores(session, assignment), questions)
        assignment_id = assignment.id
    desk = Desk.opened(work, database, assignment_id, by=by, names=names)
    with database.session() as session:
        begin_rubrics(session, desk)
    return desk


def code_of(desk, name):
    """The code that the desk has for a person."""
    return next(one.code for one in desk.work.students.values() if one.names == name)


def finals(desk):
    """Everybody's final scores, by the name of the submission."""
    with desk.database.session() as session:
        return {one.submission.name: one.final for one in scores(session, desk.assignment(session))}


@contextmanager
def served(desk, port=0):
    """Serve a desk in a thread, on this port (0: a free one); yield the address with its token."""
    server = None
    config = uvicorn.Config(lambda *_: None, port=port, log_level="error", lifespan="off", ws="none")
    listening = config.bind_socket()
    listening.listen()  # so that who asks before the thread has begun waits for it
    host = f"127.0.0.1:{listening.getsockname()[1]}"
    config.app = make_app(desk, TOKEN, host)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://{host}/{TOKEN}/"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
