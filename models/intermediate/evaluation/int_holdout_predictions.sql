{{ config(materialized='view') }}

{{ model_outputs('holdout') }}
