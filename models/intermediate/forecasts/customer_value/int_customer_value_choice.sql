with

-- the order model must have a lower log-loss than the base rate, the spend model capture no less of the spend than
-- the monetary rank
models as (

    select
        'customer_value_order' as model,
        'logistic_regression' as regression,
        'base_rate' as baseline,
        'log_loss_validation' as decided_by
    union all
    select
        'customer_value_spend' as model,
        'poisson_regression' as regression,
        'monetary_rank' as baseline,
        'top20_spend_share_validation' as decided_by

),

-- what decides, not the other candidates and dates: most of the work is ranking rows
deciding_rows as (

    select predictions.*
    from {{ ref('int_customer_value_predictions') }} as predictions
    inner join models
        on
            predictions.model = models.model
            and predictions.candidate in (models.regression, models.baseline)
    where predictions.split = 'validation'

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
