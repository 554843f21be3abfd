"""The untrusted side: what runs inside the sandbox beside the student's code.

Nothing here judges. It imports the standard library, torch, numpy and pandas, and its own modules by relative import,
so that the sandbox needs this one folder of ours and no other.
"""
