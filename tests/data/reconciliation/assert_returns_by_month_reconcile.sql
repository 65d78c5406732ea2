-- What the months say was handed back is what customers returned in all.
with

wrong as (

    select
        months.refunded_amount,
        months.unmatched_amount,
        returns_reconciliation.refunded_amount as expected_refunded_amount,
        returns_reconciliation.unmatched_amount as expected_unmatched_amount
    from (
        select
            sum(refunded_amount) as refunded_amount,
            sum(unmatched_amount) as unmatched_amount
        from {{ ref('sales_by_month') }}
    ) as months
    cross join {{ ref('returns_reconciliation') }} as returns_reconciliation
    where
        months.refunded_amount <> returns_reconciliation.refunded_amount
        or months.unmatched_amount <> returns_reconciliation.unmatched_amount

)

{{ none_in('wrong') }}
