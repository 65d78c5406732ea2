-- Segments, categories and the history of today hold every customer and all their money.
with

everybody as (

    select
        count(*) as customers,
        sum(monetary) as revenue
    from {{ ref('customers') }}

),

totals as (

    select
        'segments' as table_name,
        sum(customers) as customers,
        sum(revenue) as revenue
    from {{ ref('segments') }}
    union all
    select
        'customer_category_spend',
        count(distinct customer_id),
        sum(revenue)
    from {{ ref('customer_category_spend') }}
    union all
    select
        'product_categories',
        (select everybody.customers from everybody),
        sum(revenue)
    from {{ ref('product_categories') }}
    union all
    select
        'segment_category_spend',
        (select everybody.customers from everybody),
        sum(revenue)
    from {{ ref('segment_category_spend') }}
    union all
    select
        'customer_map',
        count(*),
        (select everybody.revenue from everybody)
    from {{ ref('customer_map') }}

),

wrong as (

    select
        totals.*,
        everybody.customers as expected_customers,
        everybody.revenue as expected_revenue
    from totals
    cross join everybody
    where totals.customers <> everybody.customers or totals.revenue <> everybody.revenue

)

{{ none_in('wrong') }}
