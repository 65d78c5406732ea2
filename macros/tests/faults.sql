{#- The end of a test: nothing where `relation` is empty, else an error with the message (an aggregate over it), which is
    the number of rows and one of them where none is given. Of a test that returns rows dbt would print the name alone. -#}
{% macro none_in(relation, message=none) -%}
select count(*) as rows_found
from {{ relation }}
having
    case
        when count(*) = 0 then false
        else {{ raise_error(message or number_and_example('count(*)', row_as_text(relation))) }} is null
    end
{%- endmacro %}

{% macro number_and_example(number, example) -%}
    {{ counted(number, 'row') }} || coalesce(', for example ' || left(min({{ example }}), 400), '')
{%- endmacro %}

{#- What an example shows: the columns of the grain, and those described in the yml that the conditions name. -#}
{% macro columns_shown(described, grain, conditions) -%}
    {%- set text = (grain + conditions | list) | join(' ') -%}
    {%- set shown = grain | select('in', modules.re.findall('\\w+', text)) | list -%}
    {%- for column in described if column not in grain and modules.re.search('\\b' ~ column ~ '\\b', text) -%}
        {%- do shown.append(column) -%}
    {%- endfor -%}
    {{ shown | join(', ') }}
{%- endmacro %}

{#- The end of a test of what people edit: the `faults` (columns seed, fault), each with the file to fix. -#}
{% macro seed_faults() -%}
{{ none_in('faults', joined("'seeds/' || seed || '.csv: ' || fault", '; ', 'seed asc, fault asc')) }}
{%- endmacro %}

{#- The faults of a seed's blank cells, one for each; key is the SQL text that names the row. -#}
{% macro blank_cells(seed, key, cells) -%}
{% for cell in cells -%}
select
    '{{ seed }}' as seed,
    {{ key }} || ' has no {{ cell }}' as fault
from {{ ref(seed) }}
where {{ clean_text('cast(' ~ cell ~ ' as string)') }} is null
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
{%- endmacro %}
