{#- The category to show a customer: of a new one what they are likely to want next, of others their favourite, and
    where everything came back what their segment buys most. -#}
with

segments as (

    select
        customer_id,
        segment_key
    from {{ ref('int_customer_segments') }}
    where split = 'serving'

),

spend as (

    select * from {{ ref('int_customer_category_spend') }}
    where category_key <> 'other' and revenue > 0

),

favourites as (

    select
        customer_id,
        category_key
    from (
        select
            customer_id,
            category_key,
            row_number() over (partition by customer_id order by category_rank asc) as place
        from spend
    ) as ranked
    where place = 1

),

interests as (

    select
        customer_id,
        predicted_class as category_key
    from {{ ref('int_category_of_interest_forecasts') }}
    where class_rank = 1 and predicted_class <> 'other'

),

segment_favourites as (

    select
        segment_key,
        category_key
    from (
        select
            segments.segment_key,
            spend.category_key,
            row_number() over (
                partition by segments.segment_key
                order by sum(spend.revenue) desc, spend.category_key asc
            ) as place
        from spend
        inner join segments on spend.customer_id = segments.customer_id
        group by
            segments.segment_key,
            spend.category_key
    ) as ranked
    where place = 1

)

select
    segments.customer_id,
    segments.segment_key,
    coalesce(interests.category_key, favourites.category_key, segment_favourites.category_key) as category_key,
    case
        when interests.category_key is not null then 'most likely to be wanted next'
        when favourites.category_key is not null then 'bought most so far'
        when segment_favourites.category_key is not null then 'bought most in this segment'
    end as category_reason
from segments
left join interests on segments.customer_id = interests.customer_id
left join favourites on segments.customer_id = favourites.customer_id
left join segment_favourites on segments.segment_key = segment_favourites.segment_key
