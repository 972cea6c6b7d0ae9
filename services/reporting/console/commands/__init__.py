"""Commands in the console: forms made from what a service's own OpenAPI says it takes."""
