"""The desk as a web application: routes, pages, and what becomes of a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from grader.desk import class_pages, forms
from grader.desk.answer_page import answer_page
from grader.desk.desk import Desk
from grader.desk.guard import Guard
from grader.desk.safe_html import render, spans
from grader.desk.saving import Newer
from grader.desk.words import points_in_words, when
from grader.errors import UsageError
from grader.gradebook.rubric import signed
from grader.records.record import SubmissionRecord
from grader.reports.cleaning import one_line, printable
from grader.reports.html import render_report
from grader.reports.item_words import percentage
from grader.reports.jinja import make_environment
from grader.reports.wording import points

# A report has its own style inside, and nothing else: no script of any kind runs in it.
_REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"
View = Callable[[Session, Desk, Mapping[str, str], Mapping[str, str]], dict[str, Any]]


def make_app(desk: Desk, token: str, host: str) -> Guard:
    """Return the application: it answers at ``http://HOST/TOKEN/``, and nowhere else."""
    pages = _Pages(desk, f"/{token}", _environment(desk))
    routes = [
        pages.get("/", "overview.html.j2", _overview),
        pages.get("/s", "students.html.j2", _students),
        pages.get("/s/{code}", "student.html.j2", _student),
        Route("/s/{code}/report", pages.report),
        pages.get("/q/{question}", "answers.html.j2", _answers),
        pages.get("/q/{question}/{code}", "answer.html.j2", _answer),
        *(pages.post("/q/{question}/{code}", name, action) for name, action in forms.OF_AN_ANSWER.items()),
        *(pages.post("/s/{code}", name, action) for name, action in forms.OF_A_STUDENT.items()),
        Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
    ]
    return Guard(Starlette(routes=[Mount("/{token}", routes=routes)]), token, host)


def _overview(session: Session, desk: Desk, _path: Mapping[str, str], _query: Mapping[str, str]) -> dict[str, Any]:
    return class_pages.overview(session, desk)


def _students(session: Session, desk: Desk, _path: Mapping[str, str], query: Mapping[str, str]) -> dict[str, Any]:
    page = query.get("page", "1")
    return class_pages.student_list(session, desk, query.get("find", "").strip(), int(page) if page.isdecimal() else 1)


def _student(session: Session, desk: Desk, path: Mapping[str, str], _query: Mapping[str, str]) -> dict[str, Any]:
    return class_pages.student_page(session, desk, desk.student(path["code"]))


def _answers(session: Session, desk: Desk, path: Mapping[str, str], query: Mapping[str, str]) -> dict[str, Any]:
    return class_pages.answer_list(session, desk, path["question"], query.get("only", ""))


def _answer(session: Session, desk: Desk, path: Mapping[str, str], _query: Mapping[str, str]) -> dict[str, Any]:
    return answer_page(session, desk, path["question"], path["code"])


class _Pages:
    """Makes the answers to requests; each request has a transaction of its own."""

    def __init__(self, desk: Desk, base: str, environment: Environment) -> None:
        self._desk, self._base, self._environment = desk, base, environment

    def get(self, path: str, template: str, view: View) -> Route:
        """Return the route of a page."""

        async def answer(request: Request) -> Response:
            return await run_in_threadpool(self._shown, template, view, request)

        return Route(path, answer, methods=["GET"])

    def post(self, path: str, name: str, action: forms.Action) -> Route:
        """Return the route of a form, which belongs to the page at ``path``."""

        async def answer(request: Request) -> Response:
            try:
                form = await forms.read_form(request)
            except UsageError as error:
                return self._wrong(error)
            return await run_in_threadpool(self._done, request, name, action, form)

        return Route(f"{path}/{name}", answer, methods=["POST"])

    def report(self, request: Request) -> Response:
        """Return a student's report, as instructors see it; without names if the desk shows none."""
        try:
            student = self._desk.student(request.path_params["code"])
        except UsageError as error:
            return self._wrong(error, 404)
        record = self._desk.work.record_of(student)
        if not self._desk.names:
            nobody = SubmissionRecord(name=student.code, sha256=record.submission.sha256)
            record = msgspec.structs.replace(record, submission=nobody)
        page = render_report(record, audience="instructor").encode(errors="replace")
        return Response(page, media_type="text/html", headers={"Content-Security-Policy": _REPORT_POLICY})

    def _shown(self, template: str, view: View, request: Request) -> Response:
        try:
            with self._desk.database.session() as session:
                shown = view(session, self._desk, request.path_params, request.query_params)
                return self._page(template, shown)
        except UsageError as error:
            return self._wrong(error, 404)

    def _done(self, request: Request, name: str, action: forms.Action, form: forms.Form) -> Response:
        """Do what a form says, and show its page again; or, if somebody decided since, what they decided."""
        path = request.path_params
        here = request.url.path.removesuffix(f"/{name}")
        try:
            with self._desk.database.session() as session:
                action(session, self._desk, path, form)
        except Newer as newer:
            return self._conflict(newer, here, name, path)
        except UsageError as error:
            return self._wrong(error)
        except SQLAlchemyError as error:
            return self._wrong(UsageError(f"the gradebook cannot be written: {error}"), 500)
        return RedirectResponse(here, 303)

    def _conflict(self, newer: Newer, here: str, name: str, path: Mapping[str, str]) -> Response:
        again = newer.again | {"flag_seen" if name == "flag" else "seen": str(newer.seen)}
        if "question" in path:
            with self._desk.database.session() as session:
                entry = answer_page(session, self._desk, path["question"], path["code"])["entry"]
            again["members"] = ",".join(entry.codes)
        shown = {"newer": newer, "again": again, "action": f"{here}/{name}", "here": here}
        return self._page("conflict.html.j2", shown, 409)

    def _wrong(self, error: UsageError, status: int = 400) -> Response:
        heading = "There is no such page" if status == 404 else "Nothing was saved"
        why = str(error)
        return self._page("wrong.html.j2", {"heading": heading, "why": f"{why[:1].upper()}{why[1:]}."}, status)

    def _page(self, template: str, shown: Mapping[str, Any], status: int = 200) -> Response:
        context = {"base": self._base, "desk": self._desk, **shown}
        return HTMLResponse(self._environment.get_template(template).render(context), status)


def _environment(desk: Desk) -> Environment:
    filters: dict[str, Callable[..., Any]] = {
        "markdown": lambda text: Markup(render(printable(text))),  # noqa: S704 -- it is cleaned
        "spans": lambda text: Markup(spans(printable(text))),  # noqa: S704 -- it is escaped
        "one_line": one_line,
        "percentage": percentage,
        "points": points,
        "in_words": points_in_words,
        "when": when,
        "signed": signed,
    }
    return make_environment("grader.desk", names={"title": desk.work.title, "named": desk.named}, filters=filters)
