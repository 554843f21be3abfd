"""The sample class in activity1: every student's verdicts and scores are those in tests/goldens."""

from sample_class import SampleClass


class TestActivity1(SampleClass):
    assignment = "activity1"
