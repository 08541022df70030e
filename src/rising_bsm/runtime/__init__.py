"""A verified bundle becomes a running plugin: loader, host API, dispatch of routes and hooks, storage, log."""
