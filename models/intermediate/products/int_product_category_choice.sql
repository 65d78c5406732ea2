-- The words name what they match; the rest is left to the model where, one phrase of the seed left out at a time, it
-- beats what the words' other phrases say by more than chance (its interval lies above); else it stays `other`.
with

metrics as (

    select * from {{ ref('product_category_model') }}
    where part = 'metric' and metric = 'accuracy'

),

compared as (

    select
        max(value) filter (where candidate = 'words_alone') as words_accuracy,
        max(value) filter (where candidate = 'words_then_model') as model_accuracy,
        max(ci_low) filter (where candidate = 'words_then_model') as model_accuracy_low
    from metrics

)

select
    words_accuracy,
    model_accuracy,
    coalesce(model_accuracy_low > words_accuracy, false) as is_model_used
from compared
