"""The sample class in activity1: every student's verdicts and scores are those in tests/goldens.

Day to day one student waits, whose functions never return: each must run into its deadline.
"""

import pytest
from sample_class import SampleClass


class TestActivity1(SampleClass):
    assignment = "activity1"
    without = frozenset({"grace_mbeki"})


@pytest.mark.slow
class TestActivity1Whole(SampleClass):
    assignment = "activity1"
