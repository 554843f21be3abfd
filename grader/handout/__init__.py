"""What students get for an assignment: stubs, questions, data, and the visible checks with their expected values."""
