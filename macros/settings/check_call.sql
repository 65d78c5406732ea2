{#- On-run-start: what dbt would answer with somebody else's words. -#}
{% macro check_call() -%}
    {%- if invocation_args_dict.get('empty') -%}
        {{ exceptions.raise_compiler_error(
            "--empty leaves the seeds without rows, and no table here can be built without them: call dbt without it"
        ) }}
    {%- endif -%}
    {%- set folder = env_var('DBT_PROJECT_DIR', '') or invocation_args_dict.get('project_dir') | string -%}
    {%- if "'" in folder -%}
        {{ exceptions.raise_compiler_error(
            folder ~ ": dbt-duckdb cannot load seeds from a folder with an apostrophe in its path. Move or rename the folder"
        ) }}
    {%- endif -%}
{%- endmacro %}
