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
