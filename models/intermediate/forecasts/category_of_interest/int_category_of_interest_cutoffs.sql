{#- Walk-forward in blocks: on each of these days the models are trained anew on what was known before it. They are
    counted back from the as-of date; the choice rests on what was known at the test cutoff. -#}
{%- set block_days = var('category_of_interest_block_days') | int -%}

with

as_of as (

    select * from {{ ref('int_as_of') }}

),

days as (

    select distinct ordered_on from {{ ref('int_basket_categories') }}

),

blocks as (

    select
        as_of.as_of_date - {{ block_days }} * cast(
            floor({{ days_between('days.ordered_on', 'as_of.as_of_date') }} / {{ block_days }}) as integer
        ) as cutoff_date
    from days
    cross join as_of
    union
    select cutoffs.cutoff_date
    from {{ ref('int_cutoffs') }} as cutoffs
    where cutoffs.split in ('serving', 'test')

)

select blocks.cutoff_date
from blocks
cross join as_of
where
    -- customers first seen before this much history may be old ones of a file that begins late
    blocks.cutoff_date > as_of.first_line_on + {{ var('min_history_days_new_customers') | int - block_days }}
    or blocks.cutoff_date = as_of.as_of_date
