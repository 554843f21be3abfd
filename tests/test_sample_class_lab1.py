"""The sample class in lab1: every student's verdicts and scores are those in tests/goldens.

Day to day nobody's mistakes are looked for, and three students whose code is slow wait: half the time is theirs.
"""

import pytest
from sample_class import SampleClass


class TestLab1(SampleClass):
    assignment = "lab1"
    to_look_at = frozenset({"kavya_nair"})
    without = frozenset({"grace_mbeki", "mei_chen", "nils_berg"})
    recognise = False


@pytest.mark.slow
class TestLab1Whole(SampleClass):
    assignment = "lab1"
    to_look_at = frozenset({"kavya_nair"})
