"""Parts of the Descent page: the tabs of its controls, and what can be measured under the view."""
