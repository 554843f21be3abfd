"""Run many gradings: jobs, the processes that run them, their device, and resuming after an interruption."""
