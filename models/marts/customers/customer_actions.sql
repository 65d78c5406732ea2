with

customers as (

    select * from {{ ref('int_customers') }}

),

reasons as (

    select * from {{ ref('int_segment_reasons') }}

),

archetypes as (

    select * from {{ ref('segment_archetypes') }}

),

strategies as (

    select * from {{ ref('int_customer_strategies') }}

),

previous_segments as (

    select * from {{ ref('int_previous_segments') }}

),

due_days as (

    select * from {{ ref('int_due_days') }}

),

forecasts as (

    select * from {{ ref('int_customer_value') }}

),

categories as (

    select * from {{ ref('int_categories_to_feature') }}

),

category_names as (

    select * from {{ ref('int_product_category_names') }}

),

-- three at most; texts joined in order would hold those of all customers in memory
products as (

    select
        customer_id,
        concat_ws(
            ' | '
            {%- for place in [1, 2, 3] %},
            max(case when place = {{ place }} then stock_code || ' ' || description end)
            {%- endfor %}
        ) as products_to_feature
    from {{ ref('int_products_to_feature') }}
    group by customer_id

),

do_not_contact as (

    select * from {{ ref('int_do_not_contact') }}

),

-- ranked before the texts come, which would have to be sorted along
ranked as (

    select
        customers.customer_id,
        customers.buyer_type,
        forecasts.order_probability,
        forecasts.expected_spend,
        cast(row_number() over (
            order by forecasts.expected_spend desc nulls last, customers.monetary desc, customers.customer_id asc
        ) as bigint) as priority
    from customers
    left join forecasts on customers.customer_id = forecasts.customer_id
    left join do_not_contact on customers.customer_id = do_not_contact.customer_id
    where do_not_contact.customer_id is null

)

select
    ranked.customer_id,
    strategies.segment_key,
    previous_segments.segment_key as previous_segment_key,
    previous_segments.segment_key is not null and previous_segments.segment_key <> strategies.segment_key as has_moved,
    ranked.priority,
    ranked.buyer_type,
    strategies.treatment,
    strategies.action,
    strategies.channel,
    strategies.contact_by,
    strategies.offer,
    strategies.timing,
    due_days.due_on,
    due_days.is_due,
    due_days.due_reason,
    categories.category_key as category_to_feature,
    products.products_to_feature,
    ranked.order_probability,
    ranked.expected_spend,
    {{ var('horizon_days') | int }} as horizon_days,
    {{ hash_bucket('ranked.customer_id', 10) }} = 0 as is_control,
    concat_ws(
        '',
        archetypes.segment_name, ': ', reasons.segment_reason, '.',
        case
            when strategies.strategy_key <> strategies.segment_key
                then ' Not welcomed as new: the first order is too old.'
        end,
        coalesce(' ' || category_names.category_name || ': ' || categories.category_reason || '.', ''),
        coalesce(
            ' Orders within {{ var("horizon_days") }} days with a chance of '
            || {{ chance('ranked.order_probability') }} || '.', ''
        )
    ) as why
from ranked
inner join strategies on ranked.customer_id = strategies.customer_id
inner join due_days on ranked.customer_id = due_days.customer_id
inner join reasons on ranked.customer_id = reasons.customer_id
left join previous_segments on ranked.customer_id = previous_segments.customer_id
left join archetypes on strategies.segment_key = archetypes.segment_key
left join categories on ranked.customer_id = categories.customer_id
left join category_names on categories.category_key = category_names.category_key
left join products on ranked.customer_id = products.customer_id
