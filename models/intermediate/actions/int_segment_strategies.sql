{#- When to act is written from the rules that decide who is due, so that the words are what is done. -#}
with

strategies as (

    select * from {{ strategies_seed() }}

),

rules as (

    select
        strategy_key,
        rule_no,
        due_rule,
        {{ joined('due_in_words', ', ', 'due_number asc, due_date asc') }} as due_at
    from {{ ref('int_due_rules') }}
    group by 1, 2, 3

),

sentences as (

    select
        strategy_key,
        rule_no,
        case due_rule
            when 'days' then due_at || ' days after the last order.'
            when 'gaps' then 'Once ' || due_at || ' has passed since the last order.'
            when 'anniversary' then 'From ' || due_at || ' days before the anniversary of the last order.'
            when 'orders' then 'After every ' || due_at || ' orders.'
            when 'dates' then 'Each year from ' || due_at || '.'
        end as sentence
    from rules

),

timings as (

    select
        strategy_key,
        {{ joined('sentence', ' ', 'rule_no') }} as sentences
    from sentences
    group by strategy_key

)

select
    strategies.*,
    case
        when strategies.contact_by = 'none' then 'Never.'
        else coalesce(timings.sentences || ' For ' || {{ counted('strategies.due_for_days', 'day') }} || '.', 'At any time.')
    end as timing
from strategies
left join timings on strategies.segment_key = timings.strategy_key
