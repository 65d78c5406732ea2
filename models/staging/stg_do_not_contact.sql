with

objectors as (

    select {{ customer_key('customer_id') }} as customer_key from {{ ref('do_not_contact') }}

),

addresses as (

    select * from {{ ref('customer_addresses') }}

)

select distinct
    coalesce(addresses.customer_id, objectors.customer_key) as customer_id,
    objectors.customer_key as written_id
from objectors
left join addresses on objectors.customer_key = addresses.address
where objectors.customer_key is not null
