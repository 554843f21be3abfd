"""How sharp a part's checks are: known mistakes, systematic mutants of the reference, and right solutions.

``operators`` and ``mutants`` make the mutants, ``plan`` says what is to be graded, ``kept`` remembers what was graded,
``findings`` judges it, ``summary`` is what the course keeps.
"""
