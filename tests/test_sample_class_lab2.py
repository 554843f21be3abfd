"""The sample class in lab2: every student's verdicts and scores are those in tests/goldens."""

from sample_class import SampleClass


class TestLab2(SampleClass):
    assignment = "lab2"
