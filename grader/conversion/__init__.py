"""Assignments of Otter-Grader and nbgrader, turned into the files of parts (``grader import``).

A reader (`otter`, `nbgrader`) takes a notebook apart into a `Worksheet`: code, tests and written questions.
`definitions` and `reference` make a reference of the code, `check_code` makes a check of each test, and `skeleton` puts
the files of an assignment together, with a line for everything that was taken over and that was not.
"""
