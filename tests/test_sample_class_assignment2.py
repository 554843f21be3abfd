"""The sample class in assignment2: every student's verdicts and scores are those in tests/goldens.

Four students trained networks, which takes minutes for each. Day to day one of them is graded, whose networks fail in
several ways, and nobody's mistakes are looked for: to replay training takes longer than all the rest.
"""

import pytest
from sample_class import SampleClass

NO_NETWORKS = frozenset({"elif_yilmaz", "farid_haddad", "grace_mbeki", "ines_carvalho", "jonas_keller"})


class TestAssignment2(SampleClass):
    assignment = "assignment2"
    to_look_at = NO_NETWORKS
    without = frozenset({"amara_okafor", "bo_lindqvist", "chiara_russo"})
    recognise = False


@pytest.mark.slow
@pytest.mark.timeout(3600)
class TestAssignment2Whole(SampleClass):
    assignment = "assignment2"
    to_look_at = NO_NETWORKS
