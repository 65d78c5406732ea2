{#- On-run-start: note what dbt was asked for, so that the publish model can tell a whole build from a part of one.
    `refusal` is null for a whole `dbt build`, else the reason why its results are not to be published. Unit tests may
    be left out: their rows are fixed, so that they judge the code and never the data of this build. -#}
{% macro record_build_invocation() -%}
    {%- set args = invocation_args_dict -%}
    {%- set parts = [] -%}
    {%- for name in [
        'select', 'models', 'exclude', 'selector', 'resource_types', 'exclude_resource_types', 'empty', 'sample',
    ] -%}
        {%- set given = args.get(name) or [] -%}
        {%- set without_unit_tests = name == 'exclude_resource_types' and given | list == ['unit_test'] -%}
        {%- if given and not without_unit_tests -%}{%- do parts.append('--' ~ name | replace('_', '-')) -%}{%- endif -%}
    {%- endfor -%}
    {%- if args.which != 'build' -%}
        {%- set refusal = "this was 'dbt " ~ args.which ~ "'; only a whole 'dbt build' publishes" -%}
    {%- elif parts -%}
        {%- set refusal = "this build was partial (" ~ parts | join(', ') ~ "); only a whole 'dbt build' publishes" -%}
    {%- else -%}
        {%- set refusal = none -%}
    {%- endif -%}
    {%- set text = "'" ~ refusal | replace("'", "''") ~ "'" if refusal else 'null' -%}
    {{ replace_table('quality', 'build_invocation', 'select cast(' ~ text ~ ' as string) as refusal') }}
{%- endmacro %}
