{#- Every recomputable metric of a table of held-out predictions (those of all models or of one):
    model, candidate, metric, value, n. Metrics of the validation rows end in _validation and are means over their
    cutoffs; those of customers whom the choice has not seen end in _test_unseen. Values are summed as decimals, as sums
    of doubles differ from run to run. Equal predictions count half in the auc; those at the border of the top fifth
    are split evenly. gift_shop/evaluation/intervals.py holds the same formulas for the intervals; a pytest compares them. -#}
{% macro prediction_metrics(relation) -%}
with

scopes as (

    select
        *,
        '' as suffix,
        cast(null as date) as scope_date
    from {{ relation }}
    where split in ('test', 'test_unseen')
    union all
    select
        *,
        '_test_unseen' as suffix,
        cast(null as date) as scope_date
    from {{ relation }}
    where split = 'test_unseen'
    union all
    select
        *,
        '_validation' as suffix,
        cutoff_date as scope_date
    from {{ relation }}
    where split = 'validation'

),

kinds as (

    select
        *,
        case
            when actual_class in ('0', '1') then 'event'
            when actual_class is not null then 'class'
            else 'none'
        end as kind,
        coalesce(probability, predicted_value) as score
    from scopes

),

placed as (

    select
        *,
        count(*) over in_scope as n,
        rank() over (partition by model, candidate, suffix, scope_date order by predicted_value desc) - 1 as n_before,
        count(*) over (partition by model, candidate, suffix, scope_date, predicted_value) as n_tied,
        rank() over (partition by model, candidate, suffix, scope_date order by score nulls last)
        + (count(*) over (partition by model, candidate, suffix, scope_date, score) - 1) / 2 as score_rank
    from kinds
    window in_scope as (partition by model, candidate, suffix, scope_date)

),

totals as (

    select
        model,
        candidate,
        suffix,
        scope_date,
        kind,
        count(*) as n,
        count(probability_of_actual) as n_with_probability,
        count(rank_of_actual) as n_with_rank,
        count(top3_spend_share) as n_with_top3,
        avg(cast(-ln(greatest(probability_of_actual, 1e-15)) as decimal(18, 12))) as log_loss,
        avg(case when rank_of_actual = 1 then 1 else 0 end) as accuracy,
        avg(case when rank_of_actual <= 3 then 1 else 0 end) as top3_accuracy,
        avg(cast(top3_spend_share as decimal(18, 12))) as top3_spend_share,
        count(*) filter (where actual_class = '1') as events,
        sum(score_rank) filter (where actual_class = '1') as event_ranks,
        count(actual_value + predicted_value) as n_with_amounts,
        sum(cast(actual_value as decimal(38, 6))) as actual,
        sum(cast(predicted_value as decimal(38, 6))) as predicted,
        sum(
            cast(actual_value as decimal(20, 6))
            * cast(least(greatest(cast(0.2 * n - n_before as double) / n_tied, 0), 1) as decimal(18, 12))
        ) as actual_of_top
    from placed
    group by model, candidate, suffix, scope_date, kind

),

by_scope as (

    select model, candidate, suffix, n, 'log_loss' as metric, log_loss as value
    from totals where kind <> 'none' and n = n_with_probability
    union all
    select model, candidate, suffix, n, 'accuracy' as metric, accuracy as value
    from totals where kind = 'class'
    union all
    select model, candidate, suffix, n, 'top3_accuracy' as metric, top3_accuracy as value
    from totals where kind = 'class' and n = n_with_rank
    union all
    select model, candidate, suffix, n, 'top3_spend_share' as metric, top3_spend_share as value
    from totals where n = n_with_top3
    union all
    select
        model, candidate, suffix, n, 'auc' as metric,
        (event_ranks - events * (events + 1) / 2) / (events * (n - events)) as value
    from totals where kind = 'event' and events > 0 and events < n
    union all
    select model, candidate, suffix, n, 'top20_spend_share' as metric, cast(actual_of_top as double) / cast(actual as double) as value
    from totals where n = n_with_amounts and actual > 0
    union all
    select model, candidate, suffix, n, 'total_ratio' as metric, cast(predicted as double) / cast(actual as double) as value
    from totals where kind = 'none' and n = n_with_amounts and actual > 0
    union all
    select model, candidate, suffix, n, 'total_error' as metric, abs(cast(predicted as double) / cast(actual as double) - 1) as value
    from totals where kind = 'none' and n = n_with_amounts and actual > 0

)

select
    model,
    candidate,
    metric || suffix as metric,
    {{ figure('avg(cast(value as decimal(18, 12)))') }} as value,
    cast(sum(n) as bigint) as n
from by_scope
group by model, candidate, metric, suffix
{%- endmacro %}

{#- Each candidate of one model against its reference, customer by customer at the validation cutoffs: model, candidate,
    n, advantage (mean; positive = the candidate is better) and its standard error. output: the long table of the model;
    metric: log_loss or accuracy. -#}
{% macro paired_advantages(output, metric) -%}
with

scored as (

    select
        model,
        candidate,
        cutoff_date,
        customer_id,
        {% if metric == 'log_loss' -%}
        cast(ln(greatest(probability_of_actual, 1e-15)) as decimal(18, 12)) as score
        {%- else -%}
        cast(case when rank_of_actual = 1 then 1 else 0 end as decimal(18, 12)) as score
        {%- endif %}
    from {{ output }}
    where
        part = 'holdout'
        and split = 'validation'
        {% if metric == 'log_loss' -%}
        and probability_of_actual is not null
        {%- endif %}

),

reference as (

    select scored.*
    from scored
    inner join {{ output }} as candidates
        on
            scored.model = candidates.model
            and scored.candidate = candidates.candidate
            and candidates.part = 'candidates'
            and candidates.role = 'reference'

),

differences as (

    select
        scored.model,
        scored.candidate,
        scored.score - reference.score as difference
    from scored
    inner join reference
        on
            scored.model = reference.model
            and scored.cutoff_date = reference.cutoff_date
            and scored.customer_id = reference.customer_id

),

sums as (

    select
        model,
        candidate,
        count(*) as n,
        cast(sum(difference) as double) as total,
        cast(sum(cast(difference * difference as decimal(18, 12))) as double) as total_of_squares
    from differences
    group by model, candidate

)

select
    model,
    candidate,
    n,
    total / n as advantage,
    case when n > 1 then sqrt(greatest(total_of_squares - total * total / n, 0) / (n - 1) / n) end as standard_error
from sums
{%- endmacro %}

{#- Predicted beside observed, by tenth of what was predicted: model, candidate, decile, n, predicted, actual.
    Equal predictions share a decile. -#}
{% macro prediction_calibration(relation) -%}
with

paired as (

    select
        model,
        candidate,
        coalesce(probability, case when actual_class is null then predicted_value end) as predicted,
        case
            when actual_class is null then actual_value
            when actual_class in ('0', '1') then cast(actual_class as double)
            when rank_of_actual = 1 then 1
            else 0
        end as actual
    from {{ relation }}
    where split in ('test', 'test_unseen')

),

placed as (

    select
        *,
        1 + cast(floor((rank() over (partition by model, candidate order by predicted) - 1) * 10
            / count(*) over (partition by model, candidate)) as integer) as decile
    from paired
    where predicted is not null

)

select
    model,
    candidate,
    decile,
    count(*) as n,
    {{ figure('avg(cast(predicted as decimal(38, 12)))') }} as predicted,
    {{ figure('avg(cast(actual as decimal(38, 12)))') }} as actual
from placed
group by model, candidate, decile
{%- endmacro %}
