"""Many gradings: jobs, the processes that run them, the device they use, and how an interrupted run resumes."""
