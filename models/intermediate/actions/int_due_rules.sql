with

strategies as (

    select * from {{ strategies_seed() }}

),

parts as (

    {% for rule, column in [
        ('days', 'due_days'), ('gaps', 'due_gaps'), ('anniversary', 'due_anniversary'), ('orders', 'due_orders'),
        ('dates', 'due_dates'),
    ] -%}
    select
        segment_key as strategy_key,
        {{ loop.index }} as rule_no,
        '{{ rule }}' as due_rule,
        {{ each_part(clean_text('cast(' ~ column ~ ' as string)')) }} as due_at,
        cast(due_for_days as integer) as due_for_days
    from strategies
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}

),

rules as (

    select
        *,
        case when due_rule <> 'dates' then cast(due_at as double) end as due_number,
        -- of a leap year: it has all days
        case when due_rule = 'dates' then cast('2000-' || due_at as date) end as due_date
    from parts

)

select
    strategy_key,
    rule_no,
    due_rule,
    due_number,
    due_date,
    due_for_days,
    case
        when due_rule = 'dates' then {{ day_in_words('due_date', false) }}
        when due_rule <> 'gaps' then due_at
        when due_number = 1 then 'the usual gap'
        when due_number = 2 then 'twice the usual gap'
        else {{ percent('due_number') }} || ' of the usual gap'
    end as due_in_words
from rules
