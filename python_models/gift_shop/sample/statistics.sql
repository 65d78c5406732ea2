-- One row: twenty figures of how a shop's customers come and go, from the tables of a build. statistics.py says what
-- each means. What customers do next is seen from the cutoffs that clusters are chosen at.
with

orders as (

    select
        *,
        row_number() over (partition by customer_id order by ordered_at, invoice_no) as order_no,
        row_number() over (partition by customer_id, cast(ordered_at as date) order by ordered_at, invoice_no) as order_of_day
    from int_orders

),

customers as (

    select
        *,
        row_number() over (order by monetary desc, customer_id asc) <= count(*) over () / 10 as is_top_tenth
    from int_customers

),

-- each customer at each validation cutoff, and whether an order came within the horizon
seen as (

    select
        snapshots.*,
        outcomes.orders > 0 as ordered
    from int_customer_snapshots as snapshots
    inner join int_cutoffs as cutoffs
        on
            snapshots.cutoff_date = cutoffs.cutoff_date
            and cutoffs.is_cluster
            and cutoffs.split = 'validation'
    inner join int_customer_outcomes as outcomes
        on
            snapshots.cutoff_date = outcomes.cutoff_date
            and snapshots.customer_id = outcomes.customer_id

),

ranked_customers as (

    select
        rank() over (order by frequency) + count(*) over (partition by frequency) / 2 as place_by_orders,
        rank() over (order by avg_order_value) as place_by_order_value
    from customers

),

first_two_orders as (

    select
        min(gross_amount) filter (where order_no = 1) as first_amount,
        min(gross_amount) filter (where order_no = 2) as second_amount
    from orders
    group by customer_id
    having max(order_no) > 1

),

ranked_orders as (

    select
        rank() over (order by first_amount) as place_of_first,
        rank() over (order by second_amount) as place_of_second
    from first_two_orders

),

scores as (

    select
        cutoff_date,
        ordered,
        frequency,
        unnest(['recency', 'orders', 'money']) as score,
        unnest([-recency_days, frequency, monetary]) as value
    from seen

),

scores_of_interest as (

    select * from scores
    union all by name
    select * replace ('money after one order' as score) from scores
    where
        score = 'money'
        and frequency = 1

),

ranked_scores as (

    select
        *,
        rank() over (partition by score, cutoff_date order by value)
        + (count(*) over (partition by score, cutoff_date, value) - 1) / 2 as place
    from scores_of_interest

),

aucs_by_cutoff as (

    select
        score,
        cutoff_date,
        count(*) filter (where ordered) as events,
        (sum(place) filter (where ordered) - events * (events + 1) / 2) / (events * (count(*) - events)) as auc
    from ranked_scores
    group by score, cutoff_date

),

aucs as (

    select
        avg(auc) filter (where score = 'recency') as auc_recency,
        avg(auc) filter (where score = 'orders') as auc_orders,
        avg(auc) filter (where score = 'money') as auc_money,
        avg(auc) filter (where score = 'money after one order') as auc_money_after_one_order
    from aucs_by_cutoff

),

of_customers as (

    select
        avg(cast(frequency = 1 as integer)) as one_order,
        avg(cast(frequency >= 10 as integer)) as ten_orders,
        median(median_days_between_orders) as days_between_orders,
        sum(monetary) filter (where is_top_tenth) / sum(monetary) as money_of_top_tenth,
        avg(cast(buyer_type = 'wholesale' as integer)) as wholesale,
        sum(monetary) filter (where buyer_type = 'wholesale') / sum(monetary) as money_of_wholesale,
        avg(frequency) filter (where buyer_type = 'wholesale')
        / avg(frequency) filter (where buyer_type = 'retail') as orders_of_wholesale,
        sum(units_returned) / sum(units_bought) as returned_units,
        avg(cast(units_returned > 0 as integer)) as returners
    from customers

),

of_orders as (

    select avg(cast(order_of_day > 1 as integer)) as again_that_day
    from orders

),

orders_and_their_value as (

    select corr(place_by_orders, place_by_order_value) as orders_with_value
    from ranked_customers

),

first_and_second_order as (

    select corr(place_of_first, place_of_second) as first_with_second
    from ranked_orders

),

of_those_seen as (

    select
        avg(cast(ordered as integer)) as again,
        avg(cast(ordered as integer)) filter (where frequency >= 10) as again_after_ten_orders,
        avg(cast(ordered as integer)) filter (where frequency >= 3 and recency_days >= 91) as again_after_silence,
        avg(cast(ordered as integer)) filter (where frequency = 1 and recency_days >= 91) as again_after_one_order
    from seen

)

select
    of_customers.*,
    of_orders.*,
    orders_and_their_value.*,
    first_and_second_order.*,
    of_those_seen.*,
    aucs.*
from of_customers
cross join of_orders
cross join orders_and_their_value
cross join first_and_second_order
cross join of_those_seen
cross join aucs
