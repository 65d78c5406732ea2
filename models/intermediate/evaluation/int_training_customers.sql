-- Drawn by hash, so that the draw neither moves from run to run nor follows the order of the ids.
with

customers as (

    select distinct customer_id from {{ ref('int_orders') }}

),

drawn as (

    select
        customer_id,
        row_number() over (order by md5(customer_id) asc, customer_id asc) as draw
    from customers

)

select customer_id
from drawn
where draw <= {{ var('max_training_customers') | int }}
