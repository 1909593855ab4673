"""One file a page, each with a `PAGE`; `playground.page` finds them."""
