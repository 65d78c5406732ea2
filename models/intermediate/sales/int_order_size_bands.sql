{#- The seed's bands where it has some. Else the shop's own: where an eighth of its orders ends, rounded down to a round
    amount, and kept as long as the working file is, so that months compare. -#}
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='shop') }}

with

seed as (

    select * from {{ ref('order_size_bands') }}

),

shops as (

    select * from {{ ref('stg_shop') }}

),

kept as (

    {% if is_incremental() -%}
    select * from {{ this }}
    where is_of_the_shop and shop in (select shops.shop from shops)
    {%- else -%}
    select
        cast(null as string) as shop,
        cast(null as boolean) as is_of_the_shop,
        cast(null as integer) as band_no,
        cast(null as decimal(18, 4)) as from_amount
    where false
    {%- endif %}

),

eighths as (

    select
        ntile(8) over (order by gross_amount, invoice_no) as eighth,
        gross_amount
    from {{ ref('int_orders') }}

),

limits as (

    select min(gross_amount) as amount
    from eighths
    where eighth > 1
    group by eighth

),

round_amounts as (

    -- no half of a hundredth, which words cannot tell from the next
    select cast(cast(steps.step * powers.power as decimal(18, 2)) as decimal(18, 4)) as amount
    from (values (1.0), (1.5), (2.0), (3.0), (4.0), (5.0), (7.0)) as steps (step)
    cross join (
        values
        {%- for power in ['0.01', '0.1', '1', '10', '100', '1000', '10000', '100000', '1000000', '10000000'] %}
        (cast({{ power }} as decimal(12, 2))){{ '' if loop.last else ',' }}
        {%- endfor %}
    ) as powers (power)

),

beginnings as (

    select cast(0 as decimal(18, 4)) as from_amount
    union
    select max(round_amounts.amount) as from_amount
    from limits
    inner join round_amounts on limits.amount >= round_amounts.amount
    group by limits.amount

),

bands as (

    select from_amount from kept
    union all
    select from_amount from beginnings
    where not exists (select 1 from kept)

),

numbered as (

    select
        from_amount,
        lead(from_amount) over (order by from_amount) as below_amount,
        row_number() over (order by from_amount) as band_no
    from bands

),

in_words as (

    select
        cast(band_no as integer) as band_no,
        from_amount,
        below_amount,
        {{ amount_in_words('from_amount') }} as from_words,
        {{ amount_in_words('below_amount') }} as below_words
    from numbered

)

select
    shops.shop,
    false as is_of_the_shop,
    seed.band_no,
    seed.size_band,
    seed.from_amount,
    seed.below_amount
from seed
cross join shops
union all
select
    shops.shop,
    true as is_of_the_shop,
    in_words.band_no,
    case
        when in_words.below_amount is null then in_words.from_words || ' and above'
        when in_words.from_amount = 0 then 'below ' || in_words.below_words
        else in_words.from_words || ' to ' || in_words.below_words
    end as size_band,
    in_words.from_amount,
    in_words.below_amount
from in_words
cross join shops
where not exists (select 1 from seed)
