"""The trusted side of the sandbox: levels open slots, slots start workers, and checks call functions in a worker.

The levels, strongest first: ``bubblewrap`` (namespaces), ``uid`` (an unprivileged user), ``process`` (an ordinary
process) and ``direct`` (no sandbox, for debugging only). Each is a :class:`~grader.sandbox.slot.Level`; one contract
suite, ``tests/sandbox/``, runs against all of them.
"""
