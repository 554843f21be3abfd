"""What Alembic runs to migrate: on the connection that `grader.gradebook.database` gives it."""

from alembic import context

from grader.gradebook.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,  # SQLite cannot alter a table in place
)
context.run_migrations()
