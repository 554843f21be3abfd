"""The weights of assignment2 are those of its source: movies and images count the same, 40 : 40."""

import ast

from grader.written.questions import QuestionSheet

MOVIES, IMAGES = {"cooccurrence", "embedding", "recommend"}, {"cnn_features", "cnn_finetune"}


def points_of(path):
    """The points of a check file, all checks together."""
    keywords = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.keyword)]
    return sum(keyword.value.value for keyword in keywords if keyword.arg == "points")


def test_the_two_halves_of_assignment2_count_the_same(course):
    parts = course.parts("assignment2")
    assert {part.name for part in parts} == MOVIES | IMAGES
    questions = QuestionSheet(course.root, "assignment2").questions
    assert {question.part for question in questions} <= MOVIES | IMAGES
    for half in (MOVIES, IMAGES):
        assert sum(points_of(part.check_file) for part in parts if part.name in half) == 40
        assert sum(question.points for question in questions if question.part in half) == 10


def test_each_assignment_has_a_hundred_points(course):
    for assignment in ("activity1", "lab1", "lab2", "assignment2"):
        checks = sum(points_of(part.check_file) for part in course.parts(assignment))
        assert checks + sum(question.points for question in QuestionSheet(course.root, assignment).questions) == 100
