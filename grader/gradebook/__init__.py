"""The gradebook: people, attempts, marks and overrides in a database, and the final score that follows from them."""
