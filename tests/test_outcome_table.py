"""The table of a class on the terminal."""

from grader.commands import outcome_table
from grader.commands.class_line import ClassLine
from grader.commands.outcome_table import show_outcomes
from grader.records.record import Standing
from grader.records.store import Store


def line(name, **values):
    return ClassLine(name, standing=Standing.final, score=3, max_score=4, seconds=1.5, needs_a_look=False, **values)


def test_the_table_of_a_very_large_class_begins_with_who_needs_a_look_and_says_where_all_are(
    monkeypatch, capsys, tmp_path
):
    monkeypatch.setattr(outcome_table, "_MOST_LINES", 3)
    ours = ClassLine("zoe", fault="no space left", is_ours=True)
    show_outcomes([*map(line, ("ann", "bob", "cy", "dan")), ours], Store(tmp_path))
    told = capsys.readouterr().out
    assert [words.split()[0] for words in told.splitlines()[1:4]] == ["zoe", "ann", "bob"]
    assert "dan" not in told
    assert "5 in all" in told
    assert f"not shown: 2 more; everybody is in {tmp_path / 'scores.csv'}" in told.replace("\n", "")


def test_the_table_of_any_other_class_has_everybody(capsys, tmp_path):
    show_outcomes([line("ann"), line("bob")], Store(tmp_path))
    told = capsys.readouterr().out
    assert "bob" in told
    assert "not shown" not in told
