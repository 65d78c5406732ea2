-- name: totals
select count(*) as products
from products;

-- name: sources
select
    category_source,
    sum(greatest(revenue, 0)) / nullif(sum(sum(greatest(revenue, 0))) over (), 0) as share
from products
group by category_source
order by category_source;

-- name: categories
select
    category_key,
    category_name,
    products,
    units_sold,
    revenue,
    revenue_share,
    customers,
    top_products
from product_categories
where products > 0
order by revenue desc, category_key asc;

-- name: affinities
select
    spend.segment_key,
    coalesce(segments.segment_name, spend.segment_key) as segment_name,
    spend.category_key,
    spend.revenue,
    spend.revenue_share,
    spend.affinity
from segment_category_spend as spend
left join segments on spend.segment_key = segments.segment_key
where spend.affinity is not null;

-- name: products
select
    stock_code,
    description,
    category_name,
    category_source,
    revenue,
    units_sold,
    units_returned,
    return_rate,
    orders,
    customers,
    last_sold_at
from products
order by revenue desc, stock_code asc
limit 20000;
