/** Deployed stacks' states import the login from here: this path stays. */
export { readConnection } from "../snowflake/connection.ts";
