"""The sample class in assignment2: every student's verdicts and scores are those in tests/goldens."""

from sample_class import SampleClass


class TestAssignment2(SampleClass):
    assignment = "assignment2"
