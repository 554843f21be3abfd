"""The ways in which a class arrives: one module for each layout, with the layout's pattern in that one place.

Every source reads a `Node` tree of names, which looks the same for a folder and for a zip, and opens no submission.
"""
