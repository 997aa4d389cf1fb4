{{ config(materialized='incremental', unique_key='meter_day', on_schema_change='append_new_columns') }}

select
    meter_id || ' ' || to_varchar(timestamp::date) as meter_day,
    meter_id,
    timestamp::date as day,
    any_value(customer_segment_id) as customer_segment_id,
    sum(usage_kwh) as usage_kwh
from {{ source('ami', 'AMI_INTERVAL_READINGS') }}
{% if is_incremental() %}
-- The last day may have got more readings since.
where timestamp >= (select coalesce(max(day), '1970-01-01') from {{ this }})
{% endif %}
group by all
