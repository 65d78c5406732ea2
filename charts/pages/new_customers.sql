-- name: totals
select count(*) as customers
from new_customers;

-- name: customers
select
    new_customers.customer_id,
    new_customers.first_order_at,
    new_customers.orders_so_far,
    new_customers.predicted_segment_key,
    coalesce(segments.segment_name, new_customers.predicted_segment_key) as predicted_segment,
    new_customers.predicted_segment_probability,
    new_customers.category_of_interest_key,
    coalesce(first_choice.category_name, new_customers.category_of_interest_key) as category_of_interest,
    new_customers.category_probability,
    coalesce(second_choice.category_name, new_customers.second_category_key) as second_category,
    coalesce(third_choice.category_name, new_customers.third_category_key) as third_category,
    new_customers.reason
from new_customers
left join segments on new_customers.predicted_segment_key = segments.segment_key
left join product_categories as first_choice on new_customers.category_of_interest_key = first_choice.category_key
left join product_categories as second_choice on new_customers.second_category_key = second_choice.category_key
left join product_categories as third_choice on new_customers.third_category_key = third_choice.category_key
order by new_customers.first_order_at desc, new_customers.customer_id asc
limit 20000;

-- name: categories
select
    coalesce(categories.category_name, new_customers.category_of_interest_key) as category_name,
    new_customers.category_of_interest_key as category_key,
    count(*) as customers,
    avg(new_customers.category_probability) as probability
from new_customers
left join product_categories as categories
    on new_customers.category_of_interest_key = categories.category_key
where new_customers.category_of_interest_key is not null
group by 1, 2
order by 3 desc, 2 asc;

-- name: segments
select
    coalesce(segments.segment_name, new_customers.predicted_segment_key) as segment_name,
    new_customers.predicted_segment_key as segment_key,
    count(*) as customers,
    avg(new_customers.predicted_segment_probability) as probability
from new_customers
left join segments on new_customers.predicted_segment_key = segments.segment_key
where new_customers.predicted_segment_key is not null
group by 1, 2;

-- name: calibration
select
    model,
    candidate,
    decile,
    n,
    predicted,
    actual,
    ci_low,
    ci_high
from calibration
where is_used and model in ('category_of_interest', 'segment_transition')
order by model, decile;

-- name: metrics
select
    model,
    candidate,
    metric,
    value,
    ci_low,
    ci_high,
    n,
    is_baseline,
    is_used
from model_metrics
where
    value is not null
    and (
        (model = 'category_of_interest' and metric = 'top3_spend_share')
        or (model = 'segment_transition' and metric = 'accuracy')
    )
order by model asc, value desc, candidate asc;
