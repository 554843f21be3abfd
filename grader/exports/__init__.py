"""Fill in the files of learning management systems: only the grades of one assignment, and nothing else in them."""
