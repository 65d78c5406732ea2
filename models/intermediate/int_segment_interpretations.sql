{#- Sentences from numbers: nothing here is typed that the data could contradict. -#}
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

category_names as (

    select * from {{ ref('int_product_category_names') }}

),

category_spend as (

    select
        segments.segment_key,
        spend.category_key,
        sum(spend.revenue) as revenue
    from {{ ref('int_customer_category_spend') }} as spend
    inner join {{ ref('int_customer_segments') }} as segments on spend.customer_id = segments.customer_id
    where segments.days_before_as_of = 0 and spend.revenue > 0
    group by 1, 2

),

-- favourites are what the segment buys more of than everybody does, among what it buys at all
affinities as (

    select
        category_spend.segment_key,
        category_names.category_name,
        row_number() over (
            partition by category_spend.segment_key
            order by category_spend.revenue desc, category_spend.category_key asc
        ) as place
    from category_spend
    inner join category_names on category_spend.category_key = category_names.category_key

),

favourites as (

    select
        segment_key,
        string_agg(category_name, ', ' order by place) as category_list
    from affinities
    where place <= 3
    group by segment_key

),

everybody as (

    select
        median(recency_days) as recency_days,
        median(frequency) as frequency,
        cast(median(monetary) as double) as monetary
    from customers

)

select
    profiles.segment_key,
    concat(
        case
            when profiles.segment_source = 'rfm_groups'
                then 'Grouped by RFM scores, not by clusters: ' || coalesce(choice.note, 'no model') || '. '
            else ''
        end,
        {{ thousands('profiles.customers') }}, ' customers (', {{ percent('profiles.customer_share') }}, ') bring ',
        {{ percent('coalesce(profiles.revenue_share, 0)') }}, ' of the revenue. Half of them ordered within the last ',
        {{ thousands('profiles.median_recency_days') }}, ' days (all customers: ',
        {{ thousands('everybody.recency_days') }}, '), placed ', {{ thousands('profiles.median_frequency') }},
        ' or more orders (', {{ thousands('everybody.frequency') }}, ') and spent ',
        {{ thousands('profiles.median_monetary') }}, ' or more (', {{ thousands('everybody.monetary') }}, '). ',
        case
            when profiles.customers_then > 0
                then 'Of the ' || {{ thousands('profiles.customers_then') }}
                    || ' customers who stood here {{ var("horizon_days") | int }} days ago '
                    || {{ percent('profiles.order_again_rate_70d') }} || ' have ordered since. '
            else ''
        end,
        coalesce('They spend most on ' || favourites.category_list || '. ', ''),
        {{ percent('profiles.wholesale_share') }}, ' of them buy wholesale.'
    ) as interpretation
from profiles
cross join everybody
cross join choice
left join favourites on profiles.segment_key = favourites.segment_key
