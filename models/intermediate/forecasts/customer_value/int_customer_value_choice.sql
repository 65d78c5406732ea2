with

output as (

    select * from {{ ref('customer_value_model') }}

),

candidates as (

    {{ model_output('output', 'candidates') | indent(4) }}

),

-- an order regression must have a lower log-loss than its reference, a spend regression capture no less of the spend
contenders as (

    select
        contenders.model,
        contenders.candidate as regression,
        baselines.candidate as baseline,
        case contenders.model
            when 'customer_value_order' then 'log_loss_validation'
            else 'top20_spend_share_validation'
        end as decided_by
    from candidates as contenders
    inner join candidates as baselines on contenders.model = baselines.model
    where
        contenders.role = 'contender'
        and baselines.role = 'reference'

),

-- what decides, not the other candidates and dates: most of the work is ranking rows
deciding_rows as (

    select output.*
    from output
    inner join candidates
        on
            output.model = candidates.model
            and output.candidate = candidates.candidate
    where
        output.part = 'holdout'
        and output.split = 'validation'
        and candidates.role in ('contender', 'reference')

),

metrics as (

    {{ prediction_metrics('deciding_rows') }}

),

deciding as (

    select
        contenders.model,
        contenders.regression,
        contenders.baseline,
        max(metrics.value) filter (
            where metrics.candidate = contenders.regression and metrics.metric = contenders.decided_by
        ) as of_regression,
        max(metrics.value) filter (
            where metrics.candidate = contenders.baseline and metrics.metric = contenders.decided_by
        ) as of_baseline,
        max(metrics.n) filter (where metrics.candidate = contenders.regression) as n,
        max(metrics.value) filter (
            where metrics.candidate = contenders.regression and metrics.metric = 'total_error_validation'
        ) as total_error
    from contenders
    left join metrics on contenders.model = metrics.model
    group by
        contenders.model,
        contenders.regression,
        contenders.baseline

),

compared as (

    select
        *,
        case model
            when 'customer_value_order' then of_regression < of_baseline
            else of_regression >= of_baseline
        end as is_better
    from deciding

),

-- of two that beat the baseline, the one whose totals were nearer; the plain one where both were as near
ranked as (

    select
        *,
        row_number() over (
            partition by model
            order by coalesce(is_better, false) desc, total_error asc nulls last, regression desc
        ) as place
    from compared

)

-- where nothing could be compared, or on customers too few to tell, the baseline is used
select
    model,
    regression as candidate,
    case
        when is_better and n >= {{ var('min_customers_to_choose') | int }} then regression
        else baseline
    end as used_candidate,
    of_regression,
    of_baseline,
    n,
    {{ too_few_to_choose('n', "replace(baseline, '_', ' ')") }} as note
from ranked
where place = 1
