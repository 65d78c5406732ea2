with

orders as (

    select * from {{ ref('int_orders') }}

),

bands as (

    select bands.* from {{ ref('int_order_size_bands') }} as bands
    inner join {{ ref('stg_shop') }} as shops on bands.shop = shops.shop

)

select
    bands.band_no,
    bands.size_band,
    bands.from_amount,
    bands.below_amount,
    count(orders.invoice_no) as orders,
    count(distinct orders.customer_id) as customers,
    cast(coalesce(sum(orders.units), 0) as decimal(18, 3)) as units,
    cast(coalesce(sum(orders.gross_amount), 0) as decimal(38, 4)) as gross_amount,
    cast(coalesce(sum(orders.returned_amount), 0) as decimal(38, 4)) as returned_amount,
    cast(coalesce(sum(orders.net_amount), 0) as decimal(38, 4)) as net_amount
from bands
left join orders
    on
        bands.from_amount <= orders.gross_amount
        and (bands.below_amount > orders.gross_amount or bands.below_amount is null)
group by
    bands.band_no,
    bands.size_band,
    bands.from_amount,
    bands.below_amount
