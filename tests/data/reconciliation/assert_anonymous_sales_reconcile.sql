-- What nobody in particular bought and returned stands in full in each table that has columns for it.
with

expected as (

    select
        coalesce(sum(amount - discount_amount) filter (where line_class = 'anonymous_sale'), 0) as gross_amount,
        coalesce(sum(discount_amount - amount) filter (where line_class = 'anonymous_return'), 0)
        + coalesce(sum(refunded_amount) filter (where line_class = 'anonymous_sale'), 0) as returned_amount
    from {{ ref('cleaning_ledger') }}
    where before_as_of

),

totals as (

    {% for table in ['sales_by_month', 'sales_by_weekday_hour', 'sales_by_country'] -%}
    select
        '{{ table }}' as table_name,
        coalesce(sum(anonymous_gross_amount), 0) as gross_amount,
        coalesce(sum(anonymous_returned_amount), 0) as returned_amount
    from {{ ref(table) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

wrong as (

    select
        totals.*,
        expected.gross_amount as expected_gross_amount,
        expected.returned_amount as expected_returned_amount
    from totals
    cross join expected
    where
        totals.gross_amount <> expected.gross_amount
        or totals.returned_amount <> expected.returned_amount

)

{{ none_in('wrong') }}
