with

baskets as (

    select * from {{ ref('int_basket_categories') }}

),

examples as (

    select * from {{ ref('int_category_of_interest_examples') }}
    where not is_serving

),

-- the test is judged by what is known today, the choice by what was known at the test cutoff
judged as (

    select cutoff_date from {{ ref('int_cutoffs') }}
    where split in ('serving', 'test')

),

-- the models learn from what is known on the first day of a block, and today
cutoffs as (

    select trained_before as cutoff_date from examples
    where is_tested
    union
    select cutoff_date from judged

),

-- what is known at a cutoff: baskets ordered since the customer's forecast and before it, less what
-- came back before it
later_spend as (

    select
        cutoffs.cutoff_date as known_at,
        baskets.customer_id,
        baskets.category_key,
        sum(baskets.amount) as net_spend
    from baskets
    inner join cutoffs on baskets.happened_on < cutoffs.cutoff_date
    inner join examples
        on
            baskets.customer_id = examples.customer_id
            and baskets.ordered_on >= examples.cutoff_date
    group by 1, 2, 3

),

ranked as (

    select
        *,
        sum(net_spend) over (partition by known_at, customer_id) as later_net_spend,
        row_number() over (partition by known_at, customer_id order by net_spend desc, category_key asc) as place
    from later_spend
    where net_spend > 0

)

-- what a model learns from is the category that leads; what it is judged by is all that followed
select
    ranked.known_at,
    ranked.customer_id,
    ranked.category_key,
    cast(ranked.place as integer) as place,
    cast(ranked.net_spend as double) / cast(ranked.later_net_spend as double) as spend_share
from ranked
left join judged on ranked.known_at = judged.cutoff_date
where ranked.place = 1 or judged.cutoff_date is not null
