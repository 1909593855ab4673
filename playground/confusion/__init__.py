"""The confusion matrix whose cells are clicked."""
