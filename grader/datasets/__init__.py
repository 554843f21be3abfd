"""The data sets of the course: where they are looked for, how they are read, and the ``mini`` ones that we make."""
