"""The commands, one module each: options, the steps as function calls, and what is printed."""
