"""Run by Alembic inside the transaction that `printstd.adapters.migrating` began."""

from alembic import context

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    version_table=attributes["version_table"],
    transactional_ddl=False,
)
context.run_migrations()
