"""Reports are pure functions from records to text: the student's page, the class page, the terminal summary.

Nothing here reads a file other than its own templates, looks at a clock, or draws a random number, so the
same record always gives the same bytes.
"""
