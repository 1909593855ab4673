"""Parts of the Backprop page: the tabs of its controls, the view, and what can be studied below it."""
