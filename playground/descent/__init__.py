"""The Descent view: a component that plays a race, what it is sent, and the routes it asks."""
