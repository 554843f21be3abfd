"""Audit a part's checks: with known mistakes, systematic mutants of the reference, and right solutions.

``operators`` and ``mutants`` make the mutants, ``tasks`` lists what to grade, ``runs`` grades it, ``kept`` stores the
gradings, ``findings`` judges them, ``summary`` is the result that the course keeps.
"""
