with

metrics as (

    {{ prediction_metrics(ref('int_customer_value_predictions')) }}

),

deciding as (

    select
        model,
        max(value) filter (where candidate in ('logistic_regression', 'poisson_regression')) as of_regression,
        max(value) filter (where candidate in ('base_rate', 'monetary_rank')) as of_baseline
    from metrics
    where
        (model = 'customer_value_order' and metric = 'log_loss_choosing' and candidate in ('logistic_regression', 'base_rate'))
        or (
            model = 'customer_value_spend' and metric = 'top20_spend_share_choosing'
            and candidate in ('poisson_regression', 'monetary_rank')
        )
    group by model

),

models as (

    select 'customer_value_order' as model
    union all
    select 'customer_value_spend' as model

)

-- the order model must have a lower log-loss than the base rate, the spend model capture no less of the spend than
-- the monetary rank; where nothing could be compared the baseline is used
select
    models.model,
    case
        when models.model = 'customer_value_order' and deciding.of_regression < deciding.of_baseline
            then 'logistic_regression'
        when models.model = 'customer_value_spend' and deciding.of_regression >= deciding.of_baseline
            then 'poisson_regression'
        when models.model = 'customer_value_order' then 'base_rate'
        else 'monetary_rank'
    end as used_candidate,
    deciding.of_regression,
    deciding.of_baseline
from models
left join deciding on models.model = deciding.model
