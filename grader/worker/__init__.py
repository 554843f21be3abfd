"""The untrusted side: what runs inside the sandbox, in the same process as the student's code.

Nothing here judges. It imports only the standard library, torch, numpy, pandas and its own modules (by relative
import), so that the sandbox needs no other folder of the grader.
"""
