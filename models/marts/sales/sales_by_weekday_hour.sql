with

orders as (

    select
        *,
        cast(extract(isodow from ordered_at) as integer) as weekday_no,
        cast(extract(hour from ordered_at) as integer) as hour
    from {{ ref('int_orders') }}

)

select
    weekday_no,
    case weekday_no
        when 1 then 'Monday'
        when 2 then 'Tuesday'
        when 3 then 'Wednesday'
        when 4 then 'Thursday'
        when 5 then 'Friday'
        when 6 then 'Saturday'
        else 'Sunday'
    end as weekday,
    hour,
    count(*) as orders,
    count(distinct customer_id) as customers,
    cast(sum(units) as bigint) as units,
    cast(sum(gross_amount) as decimal(38, 4)) as gross_amount,
    cast(sum(returned_amount) as decimal(38, 4)) as returned_amount,
    cast(sum(net_amount) as decimal(38, 4)) as net_amount
from orders
group by
    weekday_no,
    hour
