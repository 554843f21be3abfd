"""The sample class in lab1: every student's verdicts and scores are those in tests/goldens."""

from sample_class import SampleClass


class TestLab1(SampleClass):
    assignment = "lab1"
