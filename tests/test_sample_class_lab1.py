"""The sample class in lab1: every student's verdicts and scores are those in tests/goldens.

Day to day nobody's mistakes are looked for, which takes half as long again.
"""

import pytest
from sample_class import SampleClass


class TestLab1(SampleClass):
    assignment = "lab1"
    to_look_at = frozenset({"kavya_nair"})
    recognise = False


@pytest.mark.slow
class TestLab1WithHints(SampleClass):
    assignment = "lab1"
    to_look_at = frozenset({"kavya_nair"})
