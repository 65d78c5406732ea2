{%- set fields = raw_columns().split(', ') -%}
{#- numbers and dates have extremes as such, not as text -#}
{%- set typed = {'quantity': 'quantity', 'unit_price': 'unit_price', 'invoice_date': 'invoiced_at'} -%}

with

raw_lines as (

    select * from {{ ref('raw_invoice_lines') }}

),

typed_lines as (

    select * from {{ ref('stg_invoice_lines') }}

),

{% for column in fields -%}
{{ column }}_values as (

    select
        {{ column }} as value,
        count(*) as lines,
        row_number() over (order by count(*) desc, {{ column }} asc) as place
    from raw_lines
    where {{ column }} is not null
    group by {{ column }}

),

{% endfor -%}

total as (

    select count(*) as lines from raw_lines

),

extremes as (

    {% for column in fields %}
    select
        '{{ column }}' as column_name,
        {%- set least = 'min(' ~ typed.get(column, 'value') ~ ')' %}
        {%- set most = 'max(' ~ typed.get(column, 'value') ~ ')' %}
        {%- if column == 'quantity' %}
        {{ units_in_words(least) }} as minimum,
        {{ units_in_words(most) }} as maximum
        {%- else %}
        cast({{ least }} as string) as minimum,
        cast({{ most }} as string) as maximum
        {%- endif %}
    from {{ 'typed_lines' if column in typed else column ~ '_values' }}
    {{- ' union all' if not loop.last }}
    {%- endfor %}

),

counts as (

    {% for column in fields %}
    select
        {{ loop.index }} as column_no,
        '{{ column }}' as column_name,
        cast(coalesce(sum(lines), 0) as bigint) as present,
        count(*) as distinct_values,
        {{ joined("value || ' (' || lines || ')'", ', ', 'place', where='place <= 3') }} as examples
    from {{ column }}_values
    {{- ' union all' if not loop.last }}
    {%- endfor %}

)

select
    counts.column_no,
    counts.column_name,
    total.lines - counts.present as missing,
    counts.distinct_values,
    extremes.minimum,
    extremes.maximum,
    counts.examples
from counts
cross join total
inner join extremes on counts.column_name = extremes.column_name
