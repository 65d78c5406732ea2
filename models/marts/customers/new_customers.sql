with

customers as (

    select customers.*
    from {{ ref('int_customers') }} as customers
    where {{ is_new_customer('customers.tenure_days') }}

),

names as (

    select * from {{ ref('int_product_category_names') }}

),

serving as (

    {{ model_output(ref('category_of_interest_model'), 'serving') | indent(4) }}

),

choice as (

    select * from {{ ref('int_category_of_interest_choice') }}
    where is_used

),

interests as (

    select
        forecasts.customer_id,
        max(forecasts.predicted_class) filter (where forecasts.class_rank = 1) as first_key,
        max(forecasts.probability) filter (where forecasts.class_rank = 1) as first_probability,
        max(forecasts.predicted_class) filter (where forecasts.class_rank = 2) as second_key,
        max(forecasts.probability) filter (where forecasts.class_rank = 2) as second_probability,
        max(forecasts.predicted_class) filter (where forecasts.class_rank = 3) as third_key,
        max(forecasts.probability) filter (where forecasts.class_rank = 3) as third_probability
    from {{ ref('int_category_of_interest_forecasts') }} as forecasts
    group by forecasts.customer_id

),

untried as (

    select min(note) as note
    from {{ ref('int_model_notes') }}
    where model = 'category_of_interest' and metric = 'not_tried'

),

-- where the regression has a say: what the shares alone would say
by_shares as (

    select
        serving.customer_id,
        serving.predicted_class as category_key
    from serving
    inner join choice on choice.candidate in ('logistic_regression', 'half_and_half')
    where serving.candidate = 'blend' and serving.class_rank = 1

),

segments as (

    select
        customer_id,
        predicted_class as segment_key,
        probability
    from {{ ref('int_segment_transition_forecasts') }}
    where class_rank = 1

),

-- the facts beside a forecast are those that other tables show, of all products; the forecast itself reads only
-- products that words or people have named
own_shares as (

    select
        customer_id,
        category_key,
        revenue_share
    from {{ ref('int_customer_category_spend') }}

),

recent_shares as (

    select * from {{ ref('int_recent_category_shares') }}

)

select
    customers.customer_id,
    customers.first_order_at,
    customers.frequency as orders_so_far,
    segments.segment_key as predicted_segment_key,
    segments.probability as predicted_segment_probability,
    {{ var('horizon_days') | int }} as horizon_days,
    interests.first_key as category_of_interest_key,
    interests.first_probability as category_probability,
    interests.second_key as second_category_key,
    interests.second_probability as second_category_probability,
    interests.third_key as third_category_key,
    interests.third_probability as third_category_probability,
    coalesce(
        names.category_name || ': '
        || case
            when customers.monetary = 0 then 'all that this customer bought came back'
            when own_shares.revenue_share > 0
                then {{ percent('own_shares.revenue_share') }} || ' of what this customer has bought'
            else 'not bought by this customer so far'
        end
        || case
            when recent_shares.revenue_share > 0
                then ', ' || {{ percent('recent_shares.revenue_share') }}
                    || ' of what everybody bought in the last {{ var("prior_days") | int }} days'
            else ''
        end
        || case
            when by_shares.category_key <> interests.first_key
                then '; by such shares it would be ' || names_by_shares.category_name
                    || ', but earlier customers with such baskets went on to this one'
            else ''
        end,
        'no forecast: ' || coalesce(untried.note, 'nothing is known yet to train on')
    ) as reason
from customers
left join interests on customers.customer_id = interests.customer_id
left join segments on customers.customer_id = segments.customer_id
left join names on interests.first_key = names.category_key
left join own_shares
    on
        customers.customer_id = own_shares.customer_id
        and interests.first_key = own_shares.category_key
left join recent_shares on interests.first_key = recent_shares.category_key
left join by_shares on customers.customer_id = by_shares.customer_id
left join names as names_by_shares on by_shares.category_key = names_by_shares.category_key
cross join untried
