"""`grader.worker.stand_ins`: notebooks, Colab, screens and keyboards that are not there harm nothing.

Each program runs in a process of its own, because the stand-ins change it.
"""

import subprocess
import sys
import textwrap

import pytest

BEGIN = """
import sys
sys.path.append({folder!r})  # a module that only some machines have must not decide
from grader.worker import stand_ins
stand_ins.install()
stand_ins.install  # nothing more of ours is used from here on
"""
PROGRAMS = {
    "magics of an exported notebook": """
        get_ipython().run_line_magic("matplotlib", "inline")
        get_ipython().system("ls")
        assert get_ipython().getoutput("ls") == []
        get_ipython().magic("pip install x")
        assert "google.colab" not in str(get_ipython())
        """,
    "a file that a cell writes": """
        get_ipython().run_cell_magic("writefile", "theirs.py", "K = 3")
        import theirs
        assert theirs.K == 3
        """,
    "Colab": """
        from google.colab import drive, files, userdata
        import google.colab.output
        drive.mount("/content/drive", force_remount=True)
        for name in files.upload(): raise SystemExit(name)
        files.download("x")
        from google.colab.patches import cv2_imshow
        cv2_imshow(3)
        """,
    "display": """
        display(3, "x")
        from IPython.display import display, HTML, clear_output
        from IPython import get_ipython
        import IPython
        clear_output(wait=True); display(HTML("<b>"))
        IPython.display.Image("x.png")
        from IPython.core.interactiveshell import InteractiveShell
        InteractiveShell.ast_node_interactivity = "all"
        """,
    "widgets": """
        from ipywidgets import interact, IntSlider
        @interact(x=IntSlider(1, 2))
        def f(x): return x
        assert f(3) == 3
        assert interact(f)(4) == 4
        """,
    "a breakpoint": "breakpoint()",
    "input": """
        try:
            input("Which user? ")
        except EOFError as error:
            assert "nobody is there" in str(error)
        else:
            raise SystemExit("somebody typed")
        """,
    "other modules are still missing": """
        try:
            import no_such_module_at_all
        except ModuleNotFoundError as error:
            assert error.name == "no_such_module_at_all"
        else:
            raise SystemExit("found")
        """,
    "a backend before pyplot": """
        import matplotlib
        matplotlib.use("TkAgg")
        import matplotlib.pyplot as plt
        plt.plot([1, 2]); plt.show(); plt.pause(60); plt.show(block=True)
        assert matplotlib.get_backend().lower() == "agg"
        plt.savefig("p.png")
        """,
    "a backend after pyplot": """
        import matplotlib.pyplot as plt
        import matplotlib
        matplotlib.use("Qt5Agg", force=True)
        plt.switch_backend("WebAgg")
        plt.figure().show()
        matplotlib.use("svg")
        assert matplotlib.get_backend().lower() == "svg"
        """,
    "a backend by its parameter": """
        import matplotlib
        matplotlib.rcParams["backend"] = "TkAgg"
        import matplotlib.pyplot as plt
        plt.figure(); plt.show()
        """,
    "pyplot that is loaded already": """
        stand_ins.screenless.install()
        import matplotlib.pyplot as plt
        plt.switch_backend("GTK4Agg"); plt.show(); plt.ion()
        """,
    "pyplot beside an IPython that is not there": """
        import IPython
        import matplotlib.pyplot as plt
        plt.plot([1]); plt.show(); plt.savefig("p.png")
        """,
    "a library keeps its own loader": """
        import matplotlib.pyplot
        assert type(matplotlib.pyplot.__loader__).__name__ == "SourceFileLoader"
        import inspect
        assert inspect.getsource(matplotlib.pyplot)
        """,
}


def run(program, tmp_path):
    begin = BEGIN.format(folder=str(tmp_path))
    code = begin + textwrap.dedent(program)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(autouse=True)
def ours(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", ":".join(path for path in sys.path if path))
    monkeypatch.setenv("PYTHONWARNINGS", "error::UserWarning:__main__")
    monkeypatch.delenv("MPLBACKEND", raising=False)


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_what_is_not_there_harms_nothing(program, tmp_path):
    run(program, tmp_path)


def test_a_progress_bar_of_a_notebook_is_one_of_a_terminal(tmp_path):
    pytest.importorskip("tqdm")
    program = """
        from tqdm.notebook import tqdm, trange
        assert list(tqdm([1, 2])) == [1, 2] and list(trange(2)) == [0, 1]
        from tqdm.auto import tqdm
        assert list(tqdm([1, 2])) == [1, 2]
        """
    run(program, tmp_path)
