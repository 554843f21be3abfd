from pathlib import Path


def build(folder: Path) -> Path:
    """A notebook with fifty megabytes of output."""
    work = folder / "student"
    work.mkdir()
    (work / "activity1.ipynb").write_text('{"nbformat": 4, "cells": [{"outputs": ["' + "x" * (50 << 20) + '"]}]}')
    return work
