-- Who loads without the engine: has the loader's role and nothing else. To be run after the first `up`.
USE ROLE ACCOUNTADMIN;
CREATE USER IF NOT EXISTS FLUX_PROD_LOADER TYPE = SERVICE DEFAULT_ROLE = FLUX_PROD_LOADER DEFAULT_SECONDARY_ROLES = ()
  RSA_PUBLIC_KEY = '<public key>';
GRANT ROLE FLUX_PROD_LOADER TO USER FLUX_PROD_LOADER;
