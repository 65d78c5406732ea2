with

nobody as (

    select lower({{ customer_key('customer_id') }}) as customer_key from {{ ref('nobody_ids') }}

),

addresses as (

    select * from {{ ref('customer_addresses') }}

)

select distinct coalesce(addresses.customer_id, nobody.customer_key) as customer_id
from nobody
left join addresses on nobody.customer_key = addresses.address
where nobody.customer_key is not null
