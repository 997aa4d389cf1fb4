-- Fails where a meter used more in a day than the connection lets through.
select * from {{ ref('meter_days') }} where usage_kwh > 100
