-- Nothing lost: the ledger's lines, units and amount are the raw file's, exactly.
with

raw_totals as (

    select
        (select count(*) from {{ ref('raw_invoice_lines') }}) as lines,
        coalesce(sum(quantity), 0) as units,
        coalesce(sum(coalesce(line_total, cast({{ units_at('quantity', 'unit_price') }} as decimal(38, 4)))), 0) as amount
    from {{ ref('stg_invoice_lines') }}

),

ledger_totals as (

    select
        sum(lines) as lines,
        sum(units) as units,
        sum(amount) as amount
    from {{ ref('cleaning_ledger') }}

),

wrong as (

    select
        raw_totals.*,
        ledger_totals.lines as ledger_lines,
        ledger_totals.units as ledger_units,
        ledger_totals.amount as ledger_amount
    from raw_totals
    cross join ledger_totals
    where
        raw_totals.lines <> ledger_totals.lines
        or raw_totals.units <> ledger_totals.units
        or raw_totals.amount <> ledger_totals.amount

)

{{ none_in('wrong') }}
