"""The database: tables, store, history queries, migrations."""
