"""What check authors import: ``check``, ``expect``, gates, partial credit, and evidence for the report."""
