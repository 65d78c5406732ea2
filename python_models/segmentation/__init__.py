"""Plain Python behind the dbt models: one module a job, importable without dbt."""
