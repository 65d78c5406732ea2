{#- The same season of the year before, in days: whole weeks, so that it has the same weekdays. -#}
{% macro season_ago_days() -%}
    364
{%- endmacro %}
