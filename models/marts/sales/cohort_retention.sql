with

orders as (

    select
        customer_id,
        net_amount,
        {{ month_of('ordered_at') }} as order_month
    from {{ ref('int_orders') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

cohorts as (

    select
        customer_id,
        min(order_month) as cohort_month
    from orders
    group by customer_id

),

cohort_sizes as (

    select
        cohort_month,
        count(*) as cohort_customers
    from cohorts
    group by cohort_month

),

months as (

    {{ month_series('(select min(order_month) from orders)', '(select max(order_month) from orders)') }}

),

-- a month in which nobody of a cohort came back is a zero, not a gap
cells as (

    select
        cohort_sizes.cohort_month,
        cohort_sizes.cohort_customers,
        months.month as order_month
    from cohort_sizes
    inner join months on cohort_sizes.cohort_month <= months.month

),

activity as (

    select
        cohorts.cohort_month,
        orders.order_month,
        count(distinct orders.customer_id) as customers,
        sum(orders.net_amount) as revenue
    from orders
    inner join cohorts on orders.customer_id = cohorts.customer_id
    group by 1, 2

)

select
    cells.cohort_month,
    cast({{ months_between('cells.cohort_month', 'cells.order_month') }} as integer) as months_since,
    cells.order_month,
    cells.order_month + interval 1 month <= as_of.as_of_date as is_complete_month,
    cells.cohort_customers,
    coalesce(activity.customers, 0) as customers,
    {{ figure('coalesce(activity.customers, 0) / cells.cohort_customers') }} as retention_rate,
    cast(coalesce(activity.revenue, 0) as decimal(38, 4)) as revenue
from cells
cross join as_of
left join activity
    on
        cells.cohort_month = activity.cohort_month
        and cells.order_month = activity.order_month
