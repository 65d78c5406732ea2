{#- What the exploration found, in words written from the numbers. A finding that the data cannot support (no outcome
    yet, one month, too few customers to take a tenth of) or that has nothing to tell (no returns) is left out.
    A percentage of customers, orders, products or lines needs twenty of them (group_members). Sums are decimals, since
    sums of doubles differ from run to run; ties go by name. -#}
{%- set second_order_days = 90 -%}

with

customers as (

    select
        *,
        percent_rank() over (order by monetary desc) as money_rank
    from {{ ref('int_customers') }}

),

orders as (

    select
        *,
        {{ month_of('ordered_at') }} as order_month,
        {{ weekday_no('ordered_at') }} as weekday_no,
        row_number() over (partition by customer_id order by ordered_at asc, invoice_no asc) as order_no,
        lead(ordered_at) over (partition by customer_id order by ordered_at asc, invoice_no asc) as next_ordered_at
    from {{ ref('int_orders') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

products as (

    select
        products.*,
        names.category_key,
        names.category_name,
        percent_rank() over (order by products.revenue desc) as revenue_rank
    from {{ ref('int_products') }} as products
    inner join {{ ref('int_product_categories') }} as labels on products.stock_code = labels.stock_code
    inner join {{ ref('int_product_category_names') }} as names on labels.category_key = names.category_key

),

lines as (

    select * from {{ ref('int_product_lines') }}

),

concentration as (

    select cast(sum(monetary) filter (where money_rank < 0.1) as double) / cast(sum(monetary) as double) as share
    from customers
    having count(*) >= {{ group_members() }} and sum(monetary) > 0

),

one_timers as (

    select
        avg(case when frequency = 1 then 1 else 0 end) as share,
        cast(coalesce(sum(monetary) filter (where frequency = 1), 0) as double)
        / nullif(cast(sum(monetary) as double), 0) as revenue_share
    from customers
    having count(*) >= {{ group_members() }}

),

-- of those who have had ninety days for it
second_orders as (

    select
        avg(
            case
                when orders.next_ordered_at < orders.ordered_at + interval {{ second_order_days }} day then 1 else 0
            end
        ) as share
    from orders
    cross join as_of
    where orders.order_no = 1 and orders.ordered_at < as_of.as_of_date - {{ second_order_days }}
    having count(*) >= {{ group_members() }}

),

months as (

    select
        orders.order_month,
        sum(orders.net_amount) as revenue
    from orders
    cross join as_of
    where orders.order_month >= as_of.first_line_on and orders.order_month + interval 1 month <= as_of.as_of_date
    group by orders.order_month

),

best_month as (

    select
        max_by(order_month, (revenue, order_month)) as best,
        count(*) * cast(max(revenue) as double) / nullif(cast(sum(revenue) as double), 0) as times_the_mean
    from months
    having count(*) > 1

),

weekdays as (

    select
        weekday_no,
        count(*) as orders
    from orders
    group by weekday_no

),

best_weekday as (

    select
        max_by(weekday_no, (orders, -weekday_no)) as best,
        max(orders) / sum(orders) as share,
        7 - count(*) as silent_days
    from weekdays
    having sum(orders) >= {{ group_members() }}

),

countries as (

    select
        country,
        sum(net_amount) as revenue
    from orders
    group by 1

),

home as (

    select
        max_by(country, (revenue, country)) as country,
        cast(max(revenue) as double) / nullif(cast(sum(revenue) as double), 0) as share,
        count(*) filter (where revenue > 0) - 1 as other_countries
    from countries

),

best_products as (

    select sum(revenue) filter (where revenue_rank < 0.2) / nullif(cast(sum(revenue) as double), 0) as share
    from products
    having count(*) >= {{ group_members() }}

),

categories as (

    select
        category_name,
        category_key = 'other' as is_other,
        sum(revenue) as revenue
    from products
    group by 1, 2

),

best_category as (

    select
        max_by(category_name, (revenue, category_name)) filter (where not is_other) as category_name,
        cast(max(revenue) filter (where not is_other) as double) / nullif(cast(sum(revenue) as double), 0) as share
    from categories

),

returns as (

    select
        cast(sum(returned_amount) as double) / nullif(cast(sum(gross_amount) as double), 0) as share,
        (select avg(case when customers.units_returned > 0 then 1 else 0 end) from customers) as customer_share
    from orders
    where (select count(*) from customers) >= {{ group_members() }}

),

anonymous as (

    select
        cast(count(*) filter (where line_class = 'anonymous_sale') as double) / nullif(count(*), 0) as line_share,
        cast(coalesce(sum(amount) filter (where line_class = 'anonymous_sale'), 0) as double)
        / nullif(cast(sum(amount) as double), 0) as amount_share
    from lines
    where line_class in ('sale', 'anonymous_sale')
    having count(*) >= {{ group_members() }}

),

wholesale as (

    select
        avg(case when buyer_type = 'wholesale' then 1 else 0 end) as share,
        cast(coalesce(sum(monetary) filter (where buyer_type = 'wholesale'), 0) as double)
        / nullif(cast(sum(monetary) as double), 0) as revenue_share
    from customers
    having count(*) >= {{ group_members() }}

),

habits as (

    select
        avg(case when outcomes.orders > 0 then 1 else 0 end) filter (where snapshots.frequency = 1) as after_one,
        avg(case when outcomes.orders > 0 then 1 else 0 end) filter (where snapshots.frequency >= 5) as after_five
    from {{ ref('int_customer_outcomes') }} as outcomes
    inner join {{ ref('int_customer_snapshots') }} as snapshots
        on
            outcomes.cutoff_date = snapshots.cutoff_date
            and outcomes.customer_id = snapshots.customer_id
    inner join {{ ref('int_cutoffs') }} as cutoffs on outcomes.cutoff_date = cutoffs.cutoff_date
    where cutoffs.split = 'test'
    having
        count(*) filter (where snapshots.frequency = 1) >= {{ group_members() }}
        and count(*) filter (where snapshots.frequency >= 5) >= {{ group_members() }}

),

findings as (

    select
        1 as finding_no,
        'customers' as topic,
        'The tenth of customers who spend most bring ' || {{ percent('share') }} || ' of the net revenue.' as finding,
        share as figure
    from concentration
    union all
    select
        2,
        'customers',
        {{ percent('share') }} || ' of the customers have ordered once; together they bring '
        || {{ percent('revenue_share') }} || ' of the net revenue.',
        share
    from one_timers
    union all
    select
        3,
        'loyalty',
        'Of the customers who have had {{ second_order_days }} days for it, ' || {{ percent('share') }}
        || ' placed a second order within {{ second_order_days }} days of the first.',
        share
    from second_orders
    union all
    select
        4,
        'loyalty',
        'In the last {{ var("horizon_days") | int }} days ' || {{ percent('after_five') }}
        || ' of the customers with five or more orders ordered again, of those with one order '
        || {{ percent('after_one') }} || '.',
        after_five
    from habits
    union all
    select
        5,
        'season',
        'The strongest complete month is ' || {{ month_in_words('best') }} || ', with '
        || {{ number_text('times_the_mean', 1) }} || ' times the net revenue of an average month.',
        times_the_mean
    from best_month
    -- months alike have no strongest
    where times_the_mean >= 1.05
    union all
    select
        6,
        'season',
        {{ percent('share') }} || ' of the orders come on a '
        || {{ weekday_name('best') }}
        || case
            when silent_days > 0 then '; on ' || {{ counted('silent_days', 'day') }} || ' of the week there are none.'
            else '.'
        end,
        share
    from best_weekday
    union all
    select
        7,
        'countries',
        case
            when other_countries = 0 then 'All of the net revenue comes from ' || country || '.'
            else country || ' brings ' || {{ percent('share') }} || ' of the net revenue, '
                || {{ counted('other_countries', 'other country', 'other countries') }} || ' the rest.'
        end,
        share
    from home
    union all
    select
        8,
        'products',
        'A fifth of the products brings ' || {{ percent('share') }} || ' of the net revenue.',
        share
    from best_products
    union all
    select
        9,
        'products',
        'The largest named product category is ' || category_name || ', with ' || {{ percent('share') }}
        || ' of the net revenue.',
        share
    from best_category
    union all
    select
        10,
        'returns',
        {{ percent('share') }} || ' of the amount that known customers buy comes back; '
        || {{ percent('customer_share') }} || ' of them have returned something.',
        share
    from returns
    union all
    select
        11,
        'customers',
        {{ percent('share') }} || ' of the customers buy like a shop (several times the usual units on most lines); '
        || 'they bring ' || {{ percent('revenue_share') }} || ' of the net revenue.',
        revenue_share
    from wholesale
    union all
    select
        12,
        'data',
        {{ percent('line_share') }} || ' of the sale lines, ' || {{ percent('amount_share') }}
        || ' of their amount, name no customer: no segment can hold them.',
        amount_share
    from anonymous

)

select
    finding_no,
    topic,
    finding,
    {{ figure('figure') }} as figure
from findings
where finding is not null and figure > 0
