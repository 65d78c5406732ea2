{#- The end of a test of what people edit: nothing where there are no `faults` (columns seed, fault), else an error that
    says which file to mend and what in it. Of a test that returns rows dbt would print the name alone. -#}
{% macro seed_faults() -%}
select count(*) as faults_found
from faults
having
    case
        when count(*) = 0 then false
        else {{ raise_error("string_agg('seeds/' || seed || '.csv: ' || fault, '; ' order by seed asc, fault asc)") }} is null
    end
{%- endmacro %}

{#- The faults of a seed's blank cells, one for each; key is the SQL text that names the row. -#}
{% macro blank_cells(seed, key, cells) -%}
{% for cell in cells -%}
select
    '{{ seed }}' as seed,
    {{ key }} || ' has no {{ cell }}' as fault
from {{ ref(seed) }}
where {{ clean_text('cast(' ~ cell ~ ' as varchar)') }} is null
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
{%- endmacro %}
