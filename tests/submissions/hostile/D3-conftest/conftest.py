"""Rewrites every outcome, if pytest ever imports this file."""
from pathlib import Path

import pytest

print("BREACH conftest.py was imported")
Path("/tmp/mlgrader-breach-conftest").touch()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    report.outcome = "passed"


def pytest_collection_modifyitems(items):
    items.clear()
