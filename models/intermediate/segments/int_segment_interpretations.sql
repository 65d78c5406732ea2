{#- Sentences from numbers: nothing here is typed that the data could contradict. A percentage of a group needs twenty
    members (group_members). -#}
with

profiles as (

    select * from {{ ref('int_segment_profiles') }}

),

customers as (

    select * from {{ ref('int_customers') }}

),

choice as (

    select * from {{ ref('int_customer_segment_choice') }}

),

shops as (

    select * from {{ ref('stg_shop') }}

),

category_names as (

    select * from {{ ref('int_product_category_names') }}

),

category_spend as (

    select * from {{ ref('int_segment_category_spend') }}

),

-- what the segment buys more of than everybody does; of small categories a few orders would decide it
affinities as (

    select
        category_spend.segment_key,
        category_names.category_name || ' (' || {{ percent('category_spend.revenue_share') }} || ' against '
        || {{ percent('category_spend.overall_share') }} || ')' as category,
        row_number() over (
            partition by category_spend.segment_key
            order by category_spend.affinity desc, category_spend.category_key asc
        ) as place
    from category_spend
    inner join category_names on category_spend.category_key = category_names.category_key
    where
        category_spend.revenue_share >= 0.05
        and category_spend.affinity >= 1.05
        and category_spend.category_key <> 'other'

),

favourites as (

    select
        segment_key,
        {{ joined('category', ', ', 'place') }} as categories
    from affinities
    where place <= 3
    group by segment_key

),

everybody as (

    select
        count(*) as customers,
        median(recency_days) as recency_days,
        median(frequency) as frequency,
        {{ median_amount('monetary') }} as monetary
    from customers

)

select
    profiles.segment_key,
    concat_ws(
        '',
        case
            when profiles.segment_source = 'rfm_groups'
                then 'Grouped by RFM scores, not by clusters: ' || coalesce(choice.note, 'no model') || '. '
            else ''
        end,
        {{ counted('profiles.customers', 'customer') }}, ' of ', {{ thousands('everybody.customers') }},
        case
            when everybody.customers >= {{ group_members() }}
                then ' (' || {{ percent('profiles.customer_share') }} || '), with '
                    || {{ percent('coalesce(profiles.revenue_share, 0)') }} || ' of the net revenue'
            else ''
        end,
        '. Typically: last order ',
        {{ counted('profiles.median_recency_days', 'day') }}, ' ago (all customers: ',
        {{ halves('everybody.recency_days') }}, '), ', {{ counted('profiles.median_frequency', 'order') }}, ' (',
        {{ halves('everybody.frequency') }}, '), ', {{ money_in_words('profiles.median_monetary') }}, ' spent (',
        {{ money_in_words('everybody.monetary') }}, '). ',
        case
            when profiles.customers_then >= {{ group_members() }}
                then 'Ordered since: ' || {{ percent('profiles.order_again_rate') }} || ' of the '
                    || {{ counted('profiles.customers_then', 'customer') }}
                    || ' who stood here {{ var("horizon_days") | int }} days ago. '
            else ''
        end,
        case
            when profiles.customers >= {{ group_members() }}
                then coalesce('More of their money than of everybody''s goes to ' || favourites.categories || '. ', '')
            else ''
        end,
        case
            when profiles.wholesale_share = 0 then 'Nobody here buys wholesale.'
            when profiles.customers < {{ group_members() }} then 'Some buy wholesale.'
            else {{ percent('profiles.wholesale_share') }} || ' of them are wholesale buyers.'
        end
    ) as interpretation
from profiles
cross join everybody
cross join choice
cross join shops
left join favourites on profiles.segment_key = favourites.segment_key
