"""The exploit suite: grade hostile submissions in this machine's own sandbox, and report whether each was stopped."""
