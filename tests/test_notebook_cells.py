"""`written.notebook_cells`: the cells of a notebook as Jupyter stores them, and one sentence for all that is none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.written.notebook_cells import UnreadableNotebook, read_cells


def notebook(*cells, **fields):
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)} | fields).encode()


def cell(source, kind="markdown", **fields):
    return {"cell_type": kind, "metadata": {}, "source": source} | fields


def test_cells_come_in_order_whether_their_source_is_one_string_or_lines():
    content = notebook(cell("# A\ntext"), cell(["x = 1\n", "y = 2"], "code", outputs=[{"data": 1}]), cell("r", "raw"))
    cells = read_cells(content)
    assert [(c.cell_type, c.text) for c in cells] == [("markdown", "# A\ntext"), ("code", "x = 1\ny = 2"), ("raw", "r")]
    assert read_cells(b"\xef\xbb\xbf" + content) == cells
    assert read_cells(notebook()) == []


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\xff\xfe", b"# not JSON", b"[]", b"{}", b"null"),
        notebook(nbformat=3),
        notebook(cells={}),
        notebook({"source": "no type"}),
        notebook(cell(["a", 1])),
        notebook(cell("a"))[:-3],
        notebook(cell("a")).replace(b'"a"', b'"\xff"'),
        notebook(cell("a")).replace(b'"a"', b'"\\ud800"'),  # would break every file that it is written to
        b'{"cells": [], "nbformat": 4, "x": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    ],
)
def test_what_is_no_notebook_is_one_kind_of_error(content):
    with pytest.raises(UnreadableNotebook):
        read_cells(content)


@given(st.binary(max_size=200) | st.text(max_size=50).map(lambda text: notebook(cell(text))[: len(text) * 3]))
def test_any_bytes_are_cells_or_that_error(content):
    try:
        cells = read_cells(content)
    except UnreadableNotebook:
        return
    assert all(isinstance(c.text, str) for c in cells)
