select *
from {{ ref('int_sales') }}
where returned_units > units or returned_amount > gross_amount or returned_units < 0
