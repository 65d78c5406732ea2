-- Sales after discounts less matched returns are net sales, and every table of money adds up to them, to the last digit.
with

sold as (

    select
        coalesce(sum(units), 0) as units,
        coalesce(sum(amount - discount_amount), 0) as amount
    from {{ ref('cleaning_ledger') }}
    where line_class = 'sale' and before_as_of

),

returned as (

    select
        matched_units as units,
        matched_amount as amount
    from {{ ref('returns_reconciliation') }}

),

net as (

    select
        sold.units,
        sold.units - returned.units as net_units,
        sold.amount - returned.amount as net_amount
    from sold
    cross join returned

),

totals as (

    select
        'int_sales' as table_name,
        sum(units) as units,
        sum(net_amount) as net_amount
    from {{ ref('int_sales') }}
    union all
    select
        'int_orders',
        sum(units),
        sum(net_amount)
    from {{ ref('int_orders') }}
    union all
    select
        'customers',
        sum(units_bought),
        sum(monetary)
    from {{ ref('customers') }}
    union all
    select
        'products',
        sum(units_sold),
        sum(revenue)
    from {{ ref('products') }}
    union all
    select
        'sales_by_month',
        sum(units),
        sum(net_amount)
    from {{ ref('sales_by_month') }}
    union all
    select
        'sales_by_weekday_hour',
        sum(units),
        sum(net_amount)
    from {{ ref('sales_by_weekday_hour') }}
    union all
    select
        'sales_by_country',
        sum(units),
        sum(net_amount)
    from {{ ref('sales_by_country') }}
    union all
    select
        'order_sizes',
        sum(units),
        sum(net_amount)
    from {{ ref('order_sizes') }}
    union all
    select
        'cohort_retention',
        (select net.units from net),
        sum(revenue)
    from {{ ref('cohort_retention') }}

),

wrong as (

    select
        totals.*,
        net.units as expected_units,
        net.net_amount as expected_net_amount
    from totals
    cross join net
    where
        coalesce(totals.units, 0) <> net.units
        or coalesce(totals.net_amount, 0) <> net.net_amount

)

{{ none_in('wrong') }}
