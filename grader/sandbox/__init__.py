"""The trusted side of the sandbox: slots that start workers, and the calls a check may make of them.

Levels, strongest first: ``bubblewrap`` (namespaces), ``process`` (rlimits and a clean environment), ``direct`` (no
sandbox, for debugging only). All are used through :class:`~grader.sandbox.slot.Slot` and
:class:`~grader.sandbox.slot.Worker`, and one contract suite runs against each.
"""
