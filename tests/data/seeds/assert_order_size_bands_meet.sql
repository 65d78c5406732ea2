-- Each band begins where the one before it ends, the first at 0 and the last without end: every order is in one.
with

bands as (

    select
        *,
        lag(below_amount, 1, 0) over (order by from_amount, band_no) as ends_before,
        lead(band_no) over (order by from_amount, band_no) is null as is_last
    from {{ ref('order_size_bands') }}

),

faults as (

    {{ blank_cells('order_size_bands', "'band ' || band_no", ['size_band', 'from_amount']) | indent(4) }}
    union all
    select
        'order_size_bands' as seed,
        'band ' || band_no || ' begins at ' || {{ halves('from_amount') }} || ', the one before it ends at '
        || coalesce({{ halves('ends_before') }}, 'no amount') as fault
    from bands
    where from_amount is distinct from ends_before
    union all
    select
        'order_size_bands' as seed,
        'band ' || band_no || ' is the last and ends at ' || {{ halves('below_amount') }}
        || ': leave below_amount empty' as fault
    from bands
    where is_last and below_amount is not null

)

{{ seed_faults() }}
