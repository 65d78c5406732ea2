-- name: findings
select
    finding_no,
    topic,
    finding
from key_findings
order by finding_no;

-- name: countries
select
    country,
    orders,
    customers,
    net_amount,
    net_amount / nullif(sum(net_amount) over (), 0) as share
from sales_by_country
where customers > 0
order by net_amount desc, country asc;

-- name: hours
select
    weekday_no,
    weekday,
    hour,
    orders,
    net_amount
from sales_by_weekday_hour
where orders > 0;

-- name: sizes
select
    band_no,
    size_band,
    orders,
    net_amount
from order_sizes
order by band_no;

-- name: best
select
    stock_code,
    description,
    revenue,
    units_sold,
    customers
from products
where revenue > 0
order by revenue desc, stock_code asc
limit 15;

-- name: returned
select
    stock_code,
    description,
    units_sold,
    units_returned,
    return_rate
from products
where units_returned > 0
order by units_returned desc, stock_code asc
limit 15;

-- name: gaps
with bands (from_days, to_days) as (
    values (0, 7), (8, 14), (15, 30), (31, 60), (61, 90), (91, 180), (181, null), (null, null)
)

select
    bands.from_days,
    bands.to_days,
    count(*) as customers,
    count(*) / sum(count(*)) over () as share
from customers
inner join bands
    on
        ceil(customers.median_days_between_orders) between bands.from_days
        and coalesce(bands.to_days, customers.median_days_between_orders + 1)
        or (customers.median_days_between_orders is null and bands.from_days is null)
group by bands.from_days, bands.to_days
order by bands.from_days nulls last;

-- name: cohorts
select
    cohort_month,
    months_since,
    is_complete_month,
    cohort_customers,
    customers,
    retention_rate
from cohort_retention
order by cohort_month, months_since;
