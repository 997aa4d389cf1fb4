{{ config(materialized='table', cluster_by=['day']) }}

select segments.name as segment, days.day, sum(days.usage_kwh) as usage_kwh, count(*) as meters
from {{ ref('meter_days') }} as days
join {{ ref('segments') }} as segments using (customer_segment_id)
group by all
