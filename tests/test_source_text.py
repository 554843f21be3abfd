"""`grader.worker.source_text`: what is code, in which encoding, and notebooks without their magics."""

import ast
import codecs
import json
import sys
from pathlib import Path

import pytest

from grader.worker.source_text import Unreadable, read

TEXT = 'import torch\n\n\ndef f():\n    return "Größe"\n'


def notebook(*cells, **fields):
    made = [{"cell_type": "code", "source": cell} if isinstance(cell, str) else cell for cell in cells]
    return json.dumps({"cells": made, "nbformat": 4, "nbformat_minor": 5, "metadata": {}} | fields).encode()


def code_of(*cells):
    source = read("n.ipynb", notebook(*cells))
    ast.parse(source.text)
    return source


def run(*cells):
    space = {"get_ipython": lambda: None}
    source = code_of(*cells)
    exec(source.text, space)
    return space


ENCODED = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with a mark": codecs.BOM_UTF8 + TEXT.encode(),
    "Windows line ends": TEXT.replace("\n", "\r\n").encode(),
    "old Mac line ends": TEXT.replace("\n", "\r").encode(),
    "UTF-16": TEXT.encode("utf-16"),
    "UTF-16, the other way round": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    "UTF-16 without a mark": TEXT.encode("utf-16-le"),
    "UTF-16 without a mark, the other way round": TEXT.encode("utf-16-be"),
    "UTF-32": TEXT.encode("utf-32"),
}


@pytest.mark.parametrize("content", ENCODED.values(), ids=ENCODED)
@pytest.mark.parametrize("path", ["a.py", "b/A.PY", "a.py.txt", "a.pyw"])
def test_a_script_is_read_in_any_encoding(path, content):
    source = read(path, content)
    assert source.text == TEXT
    assert source.notices == ()
    assert source.place_of(4) == (0, 4)


@pytest.mark.parametrize("content", ENCODED.values(), ids=ENCODED)
def test_a_notebook_is_read_in_any_encoding(content):
    encoding = "utf-16" if b"\0" in content and not content.startswith(codecs.BOM_UTF32_LE) else "utf-8"
    escaped = json.dumps(json.loads(notebook(TEXT)), ensure_ascii=False)
    assert read("n.ipynb", escaped.encode(encoding)).text == TEXT


def test_a_declared_encoding_holds():
    assert read("a.py", "# coding: cp1252\nx = 'é'\n".encode("cp1252")).text.endswith("'é'\n")
    assert read("a.py", "#!/usr/bin/python\n# -*- coding: cp1251 -*-\nx = 'я'\n".encode("cp1251")).text.endswith(
        "'я'\n"
    )


@pytest.mark.parametrize("head", [b"", b"# coding: nonsense\n", b"# coding: hex\n", b"# coding: utf-8\n"])
def test_what_is_not_utf8_is_read_as_windows_writes_it_and_said(head):
    source = read("a.py", head + "x = 'é'\n".encode("cp1252"))
    assert source.text.endswith("x = 'é'\n")
    assert source.notices == (
        "a.py is not saved as UTF-8. It was read as Windows-1252, so some characters may be wrong.",
    )


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("notes.txt", b"x = 1"),
        ("data.json", b'{"cells": [1]}'),
        ("a.pyc", b"x"),
        ("a.ipynb.bak", b"x"),
        ("report.pdf", b"%PDF"),
        ("a.qmd", b"x"),
    ],
)
def test_other_files_are_no_code(path, content):
    assert read(path, content) is None


@pytest.mark.parametrize("path", ["n.ipynb", "N.IPYNB", "score_matrix.py", "n.ipynb.json", "n.ipynb.txt", "n"])
def test_a_notebook_is_told_by_its_content(path):
    assert read(path, b" \n" + notebook("x = 1")).text == "x = 1"
    assert read(path, notebook("x = 1").decode().encode("utf-16")).text == "x = 1"


FORMAT_3 = {
    "nbformat": 3,
    "worksheets": [
        {
            "cells": [
                {"cell_type": "heading", "level": 1, "source": "x"},
                {"cell_type": "code", "language": "python", "input": ["x = 1\n", "y = 2"], "outputs": []},
            ]
        }
    ],
}


def test_format_3_is_read():
    source = read("n.ipynb", json.dumps(FORMAT_3).encode())
    assert source.text == "x = 1\ny = 2"
    assert source.place_of(2) == (2, 2)


def test_a_line_of_a_notebook_is_told_by_cell_and_line():
    source = code_of("x = 1\n%matplotlib inline", {"cell_type": "markdown", "source": "# text"}, "y = (\n  2)")
    assert [source.place_of(line) for line in range(1, 5)] == [(1, 1), (1, 2), (3, 1), (3, 2)]


# What is typed, and what must hold when it has been run.
MAGICS = {
    "a line magic": ("%matplotlib inline\nx = 1", "x == 1"),
    "a shell line": ("!pip install torch\nx = 1", "x == 1"),
    "two shell signs": ("!!ls\nx = 1", "x == 1"),
    "a continued shell line": ("!pip install \\\n  torch \\\n  numpy\nx = 1", "x == 1"),
    "a command's output": ("x = !ls -l", "x == []"),
    "two targets of a command": ("x, *y = [1], *[]\nx = !ls\ny[0:0] = !ls", "x == [] and y == []"),
    "a magic's result": ("x = %timeit -o 1 + 1", "x is None"),
    "a timed assignment": ("%time x = 1", "x == 1"),
    "a timed result": ("x = %time 1", "x == 1"),
    "a timed cell": ("%%time\nx = 1", "x == 1"),
    "a timed cell with a comment before": ("# timing\n%%time\nx = 1", "x == 1"),
    "a captured cell with a shell line": ("%%capture out\n!pip install x\nx = 1", "x == 1"),
    "two cell magics": ("%%capture\n%%time\nx = 1", "x == 1"),
    "in a function": ("def f():\n    %matplotlib inline\n    return 1\nx = f()", "x == 1"),
    "alone in a block": ("if True:\n    !ls\nx = 1", "x == 1"),
    "help before": ("?print\nx = 1", "x == 1"),
    "help after": ("print?\nstr.join??\nx = 1", "x == 1"),
    "without the sign": ("pip install torch\ncd ..\nx = 1", "x == 1"),
    "in a string that only looks like one": ('!ls\nx = """\n%d items\n!ls\n"""', r"x == '\n%d items\n!ls\n'"),
    "in a bracket that only looks like one": ("!ls\nx = (7\n% 4)", "x == 3"),
    "on a continued line that only looks like one": ("!ls\nx = 7 \\\n% 4", "x == 3"),
    "a quote in a comment": ("# don't\n!ls\nx = 1", "x == 1"),
    "a bracket in a string": ("s = '('\n!ls\nx = 1", "x == 1"),
    "an escaped quote": ("s = 'it\\'s'\n!ls\nx = 1", "x == 1"),
    "a long string with a quote": ("s = '''it's'''\n!ls\nx = 1", "x == 1"),
    "an indented cell": ("    x = 1\n    !ls\n    y = 2", "x + y == 3"),
    "an exported line magic": ("get_ipython().run_line_magic('time', 'x = 1')", "x == 1"),
    "an exported cell magic": ("get_ipython().run_cell_magic('time', '', 'y = 1\\nx = y\\n')", "x == 1"),
    "an old exported magic": ("get_ipython().magic('time x = 1')", "x == 1"),
    "an exported shell cell": ("x = 1\nget_ipython().run_cell_magic('sh', '', 'rm -r x\\n')", "x == 1"),
    "a matrix product": ("import torch\n!ls\nx = (torch.eye(2) @ torch.eye(2)).sum()", "x == 2"),
    "a modulo": ("!ls\na = 7\nx = a %4", "x == 3"),
    "a comparison": ("!ls\na = 7\nx = a != 4", "x"),
}


@pytest.mark.parametrize(("text", "holds"), MAGICS.values(), ids=MAGICS)
def test_magics_are_removed_line_by_line(text, holds):
    assert eval(holds, run(text))


@pytest.mark.parametrize(
    "name", ["sh", "bash", "html", "javascript", "latex", "script bash", "R", "timeit", "writefile a.txt"]
)
def test_a_cell_in_another_language_is_no_python(name):
    source = read("n.ipynb", notebook("x = 1", f"%%{name}\nx = 2\nrm -rf x"))
    space = {}
    exec(source.text, space)
    assert space["x"] == 1
    assert source.notices == ()


def test_a_script_may_hold_magics_and_keeps_its_line_numbers():
    source = read("a.py", b"%matplotlib inline\n!pip install \\\n  torch\nx = 1\n")
    ast.parse(source.text)
    assert source.text.split("\n")[3] == "x = 1"
    assert source.place_of(4) == (0, 4)


def test_a_file_that_a_cell_writes_is_written_and_its_definitions_count():
    source = code_of("%%writefile model.py\ndef f(): return 1", "from model import f")
    assert "run_cell_magic('writefile', 'model.py', 'def f(): return 1')" in source.text
    assert "\ndef f(): return 1\n" in source.text


def test_what_another_file_defines_is_imported():
    assert code_of("%run utils.py\n%run -i lib/more.ipynb").text == "from utils import *\nfrom more import *"


def test_a_cell_that_does_not_parse_is_left_out_and_named():
    source = read("n.ipynb", notebook("x = 1", "My answer: the scores", "y = 2", "type Matrix = list"))
    assert source.text == "x = 1\ny = 2"
    first, second = source.notices
    assert first == "Cell 2 of n.ipynb is not valid Python (line 1: invalid syntax) and was left out."
    if sys.version_info < (3, 12):
        assert "Cell 4 of n.ipynb uses a `type` statement in line 1. It needs Python 3.12" in second


def test_many_cells_that_do_not_parse_are_counted():
    notices = read("n.ipynb", notebook(*["is python"] * 9)).notices
    assert len(notices) == 6
    assert notices[-1] == "4 more cells are not valid Python and were left out."


def test_future_imports_of_any_cell_come_first():
    source = code_of("x = 1", "from __future__ import annotations\ny = 2")
    exec(compile(source.text, "n", "exec"), {})
    assert [source.place_of(line) for line in range(1, 5)] == [(2, 1), (1, 1), (2, 1), (2, 2)]


def test_lone_surrogates_do_not_stop_the_rest():
    assert (
        read("n.ipynb", b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = \'\\ud800\'"}]}').text
        == "x = '?'"
    )


def test_an_ordinary_mistake_in_the_syntax_is_left_to_python():
    source = read("a.py", b"x = 1\ndef f(:\n    pass\n")
    with pytest.raises(SyntaxError):
        ast.parse(source.text)


NEWER = {
    "a type statement": (b"x = 1\ntype Matrix = list[float]\n", "3.12", "line 2"),
    "type parameters": (b"def f[T](x: T) -> T:\n    return x\n", "3.12", "line 1"),
    "a class's type parameters": (b"class C[T]:\n    pass\n", "3.12", "line 1"),
    "quotes in an f-string": (b"""d = {'a': 1}\nprint(f"{d["a"]}")\n""", "3.12", "line 2"),
    "more quotes in an f-string": (b"""print(f'{x} and {y['a']:.2f} of {d['b']}')\n""", "3.12", "line 1"),
    "a backslash in an f-string": (b"""print(f"{'\\n'.join(x)}")\n""", "3.12", "line 1"),
    "a t-string": (b'x = t"{y}"\n', "3.14", "line 1"),
    "except without brackets": (b"try:\n    pass\nexcept A, B, C:\n    pass\n", "3.14", "line 3"),
}


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python knows more")
@pytest.mark.parametrize(("text", "version", "where"), NEWER.values(), ids=NEWER)
def test_newer_python_is_named_with_both_versions(text, version, where):
    with pytest.raises(Unreadable, match=f"{where}.* needs Python {version}, and is graded with Python 3.11"):
        read("a.py", text)


@pytest.mark.parametrize(
    "text",
    [
        b"print 'done'\n",
        b"print x\n",
        b"exec code\n",
        b"raise Error, 'no'\n",
        b"try:\n    f()\nexcept E, e:\n    pass\n",
    ],
)
def test_python_2_is_named(text):
    with pytest.raises(Unreadable, match="is written for Python 2"):
        read("a.py", text)


@pytest.mark.parametrize(
    "text", [b'print(f"{x")\n', b'f"{a b}"\n', b"x = f'{\n", b"x = 'it's'\n", b'format"a"\n', b"print(x\n"]
)
def test_other_mistakes_are_not_taken_for_newer_or_older_python(text):
    assert read("a.py", text) is not None


BROKEN = {
    "empty": (b"", "is empty"),
    "cut short": (notebook("x = 1")[:-20], "its end is missing"),
    "cut in a string": (notebook("x = 1")[:50], "its end is missing"),
    "a git merge": (b'{"cells": [\n<<<<<<< HEAD\n=======\n>>>>>>> theirs\n]}', "git merge"),
    "not JSON": (b"{'cells': []}\n\n\n}", "not valid JSON in line 1"),
    "no cells": (b'{"nbformat": 4}', "has no cells"),
    "a list": (b"[1, 2]", "has no cells"),
    "half UTF-16": (codecs.BOM_UTF16_LE + b"{\0}", "begins as UTF-16"),
    "another language": (notebook("x <- 1", metadata={"kernelspec": {"language": "R"}}), "a notebook in R,"),
    "null bytes": (notebook("x").replace(b"x", b"x\0"), "null bytes"),
    "deep JSON": (b"[" * 10**6, "too deeply nested"),
    "a long number": (b'{"nbformat": ' + b"9" * 10**5 + b"}", "damaged notebook"),
    "a million cells": (b'{"cells": [' + b'{"cell_type":"code"},' * 10**5 + b"{}]}", "too many to read"),
    "much code": (notebook(*["x = 1\n" * 100_000] * 2), "more than 1 MB of code"),
}


@pytest.mark.parametrize(("content", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_notebook_ends_in_a_sentence(content, words):
    with pytest.raises(Unreadable, match=words) as caught:
        read("n.ipynb", content)
    assert str(caught.value).startswith("n.ipynb ")
    assert str(caught.value).endswith(".")


CODE = b'{"cell_type": "code", "source": "x = 1"}'
ODD = {
    "cells that are no cells": b'{"cells": [1, null, [], %s, {"cell_type": {}}]}',
    "source that is no text": b'{"cells": [{"cell_type": "code", "source": 5}, %s]}',
    "lines that are no text": b'{"cells": [{"cell_type": "code", "source": ["y = 1", 7]}, %s]}',
    "metadata that is none": b'{"metadata": [], "cells": [%s]}',
    "language that is none": b'{"metadata": {"language_info": {"name": 7}}, "cells": [%s]}',
    "a null byte in a cell": b'{"cells": [%s, {"cell_type": "code", "source": "\\u0000"}]}',
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_odd_fields_cost_only_themselves(content):
    assert "x = 1" in read("n.ipynb", content % CODE).text


LARGE = {
    "large outputs": lambda: notebook("x = 1", {"cell_type": "code", "source": "y = 2", "outputs": ["A" * (50 << 20)]}),
    "many cells": lambda: notebook(*["x = 1"] * 15_000),
    "nested brackets": lambda: notebook("x = 1", "[" * 10**6),
    "many magics": lambda: notebook("x = 1", "!ls\n" * 10**5 + "y ="),
    "a long magic": lambda: notebook("x = 1\n!" + "a" * 10**6),
    "many quotes": lambda: notebook("x = 1", "!a\n" + "'\"" * 10**5 + "\n" + '"""' * 10**5),
    "backslashes": lambda: notebook("x = 1\n!" + "\\\n" * 10**5),
    "question marks": lambda: notebook("x = 1", "a" * 10**5 + "?" * 10**5 + "!"),
    "many cell magics": lambda: notebook("x = 1", "%%time\n" * 10**5),
    "many equal signs": lambda: notebook("x = 1", "a, " * 10**5 + "=" * 10**5),
}


@pytest.mark.parametrize("make", LARGE.values(), ids=LARGE)
@pytest.mark.timeout(60)
def test_a_large_notebook_is_read(make):
    assert "x = 1" in read("n.ipynb", make()).text


def test_the_notebooks_of_the_sample_classes_are_read():
    """What is read of each is Python; one is damaged on purpose."""
    found = list((Path(__file__).parent / "submissions").rglob("*.ipynb"))
    damaged = 0
    for path in found:
        try:
            ast.parse(read(path.name, path.read_bytes()).text)
        except Unreadable:
            damaged += 1
    assert len(found) > damaged == 1
