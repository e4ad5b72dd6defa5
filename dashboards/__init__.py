"""The pages: a Dash app over a store, for one machine or behind a proxy."""
