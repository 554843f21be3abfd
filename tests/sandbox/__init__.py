"""The contract of every sandbox level. Each test is a student's file, good or hostile.

After every hostile one the same slot must serve the next student, who sees nothing of it.
"""
