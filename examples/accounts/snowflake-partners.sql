-- Who deploys, once partners get a share of the readings. CREATE SHARE is for whatever the role owns, and MANAGE SHARE TARGET
-- for every share of the account: so they are for those alone who let partners in this way.
USE ROLE ACCOUNTADMIN;
GRANT CREATE SHARE, MANAGE SHARE TARGET ON ACCOUNT TO ROLE FLUX_PROD_DEPLOYER;
