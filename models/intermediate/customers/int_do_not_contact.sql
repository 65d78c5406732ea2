with

lines as (

    select * from {{ ref('int_invoice_lines_classified') }}
    where may_contact is not null and customer_id is not null

),

-- the latest word counts, whatever became of its line; of two at one time the no
words as (

    select
        customer_id,
        max_by(may_contact, (coalesce(invoiced_at, cast('0001-01-01' as timestamp)), not may_contact)) as may_contact
    from lines
    group by customer_id

)

select customer_id
from words
where not may_contact
union
select customer_id from {{ ref('stg_do_not_contact') }}
