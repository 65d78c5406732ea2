with

output as (

    select * from {{ ref('customer_value_model') }}

),

candidates as (

    {{ model_output('output', 'candidates') | indent(4) }}

),

-- the order model must have a lower log-loss than its reference, the spend model capture no less of the spend
models as (

    select
        model,
        max(candidate) filter (where role = 'contender') as regression,
        max(candidate) filter (where role = 'reference') as baseline,
        case model
            when 'customer_value_order' then 'log_loss_validation'
            else 'top20_spend_share_validation'
        end as decided_by
    from candidates
    group by model

),

-- what decides, not the other candidates and dates: most of the work is ranking rows
deciding_rows as (

    select output.*
    from output
    inner join models
        on
            output.model = models.model
            and output.candidate in (models.regression, models.baseline)
    where
        output.part = 'holdout'
        and output.split = 'validation'

),

metrics as (

    {{ prediction_metrics('deciding_rows') }}

),

deciding as (

    select
        models.model,
        models.regression,
        models.baseline,
        max(metrics.value) filter (where metrics.candidate = models.regression) as of_regression,
        max(metrics.value) filter (where metrics.candidate = models.baseline) as of_baseline,
        max(metrics.n) filter (where metrics.candidate = models.regression) as n
    from models
    left join metrics
        on
            models.model = metrics.model
            and models.decided_by = metrics.metric
    group by
        models.model,
        models.regression,
        models.baseline

),

compared as (

    select
        *,
        case model
            when 'customer_value_order' then of_regression < of_baseline
            else of_regression >= of_baseline
        end as is_better
    from deciding

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
from compared
