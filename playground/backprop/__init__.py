"""The Backprop view: a component that steps through one traced pass, and what it is sent."""
